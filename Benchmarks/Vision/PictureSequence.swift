import ArgumentParser
import Ingest
import KernelReference
import Media
import Scene

/// Luma pictures in memory with their times, so that nothing but the analysis runs while it is measured.
final class PictureSequence {
    /// Pictures of one scene never take more than this, in bytes.
    static let memoryLimit = 512 << 20

    let name: String
    let size: PictureSize
    private(set) var times: [MediaTime] = []
    private var pixels: [UnsafeMutablePointer<UInt8>] = []
    /// A multiple of 64, as decoders lay rows out.
    private let stride: Int
    private let limit: Int

    /// - Parameter limit: pictures that are wanted; fewer are kept where they would not fit ``memoryLimit``.
    init(name: String, size: PictureSize, limit: Int) {
        self.name = name
        self.size = size
        stride = (size.width + 63) / 64 * 64
        self.limit = min(limit, Self.memoryLimit / (stride * size.height))
    }

    deinit {
        for picture in pixels { picture.deallocate() }
    }

    var count: Int { pixels.count }
    var isFull: Bool { count >= limit }

    /// One more picture, to be drawn by `draw(base, stride)`; does nothing when the sequence is full.
    func append(at time: MediaTime, draw: (UnsafeMutablePointer<UInt8>, Int) -> Void) {
        guard !isFull else { return }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: stride * size.height, alignment: 64)
        let picture = raw.initializeMemory(as: UInt8.self, repeating: 0, count: stride * size.height)
        draw(picture, stride)
        pixels.append(picture)
        times.append(time)
    }

    func luma(_ index: Int) -> LumaPlane {
        LumaPlane(base: UnsafePointer(pixels[index]), width: size.width, height: size.height, stride: stride)
    }
}

// MARK: Footage

extension PictureSequence {
    /// The first pictures of a file, decoded once.
    static func footage(_ path: String, limit: Int) throws -> PictureSequence {
        let interrupt = Interrupt()
        let receiver = SequenceReceiver(name: path.split(separator: "/").last.map(String.init) ?? path, limit: limit) {
            interrupt.cancel()
        }
        do {
            _ = try Footage(path: path).read(into: receiver, interrupt: interrupt)
        } catch {
            // Cancelled because enough was read: the rest of the file is not wanted.
            guard receiver.sequence?.isFull == true else { throw error }
        }
        guard let sequence = receiver.sequence, sequence.count > 0 else {
            throw ValidationError("\(path): no picture could be read; give footage that ffprobe can read")
        }
        if let other = receiver.otherSize {
            throw ValidationError(
                "\(path): the picture changes from \(sequence.size) to \(other); give footage of one size")
        }
        return sequence
    }
}

/// Copies the luma of decoded pictures until the sequence is full.
private final class SequenceReceiver: PictureReceiver {
    private(set) var sequence: PictureSequence?
    private(set) var otherSize: PictureSize?
    private let name: String
    private let limit: Int
    private let stop: () -> Void

    init(name: String, limit: Int, stop: @escaping () -> Void) {
        self.name = name
        self.limit = limit
        self.stop = stop
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        if let sequence, sequence.size != stream.size { otherSize = stream.size }
        if sequence == nil { sequence = PictureSequence(name: name, size: stream.size, limit: limit) }
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        guard let sequence, otherSize == nil else { return }
        picture.withLuma { luma in
            sequence.append(at: time) { base, stride in
                for y in 0..<luma.height {
                    (base + y * stride).update(from: luma.base + y * luma.stride, count: luma.width)
                }
            }
        }
        if sequence.isFull { stop() }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

// MARK: Drawn scenes

extension PictureSequence {
    /// Drawn figures walk in after this many pictures, at 25 a second: the background is known by then.
    private static let firstWalker = 50
    static let walkers = 6

    /// A textured yard under sensor noise, always the same; people-sized figures cross it where `isBusy`.
    static func drawn(isBusy: Bool, size: PictureSize, limit: Int) -> PictureSequence {
        let sequence = PictureSequence(name: isBusy ? "drawn-busy" : "drawn-empty", size: size, limit: limit)
        var generator = SeededGenerator(seed: 7)
        // Blocks of 8 pixels with their own brightness: enough texture for every stage to have work.
        let columns = size.width / 8 + 1
        let blocks = (0..<columns * (size.height / 8 + 1)).map { _ in UInt8.random(in: 70...150, using: &generator) }
        let noise = (0..<8191).map { _ in UInt8.random(in: 0...6, using: &generator) }
        while !sequence.isFull {
            let index = sequence.count
            let phase = Int.random(in: 0..<noise.count, using: &generator)
            sequence.append(at: MediaTime(microseconds: Int64(index) * 40_000)) { base, stride in
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        let grain = noise[(y * size.width + x + phase) % noise.count]
                        base[y * stride + x] = blocks[y / 8 * columns + x / 8] + grain
                    }
                }
                guard isBusy, index >= firstWalker else { return }
                for walker in 0..<walkers { draw(walker, at: index - firstWalker, size, base, stride) }
            }
        }
        return sequence
    }

    /// A figure of a tenth of the height on a lane of its own, bright above and dark below; it walks in at the left,
    /// out at the right, and again, at its own speed.
    private static func draw(
        _ walker: Int, at step: Int, _ size: PictureSize, _ base: UnsafeMutablePointer<UInt8>, _ stride: Int
    ) {
        let height = size.height / 10
        let width = max(4, height / 2)
        let speed = max(1, size.width * (2 + walker % 3) / 700)
        let lane = size.height * (8 + 15 * walker) / 100
        let left = max(0, step - 8 * walker) * speed % (size.width + width) - width
        let columns = max(0, left)..<max(0, min(left + width, size.width))
        for y in lane..<min(lane + height, size.height) {
            for x in columns { base[y * stride + x] = (y - lane < height / 2 ? 215 : 20) + UInt8((x + y) % 3 * 8) }
        }
    }
}
