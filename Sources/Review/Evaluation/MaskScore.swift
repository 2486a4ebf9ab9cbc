package import Foundation
import Ingest
import Media
import Scene

/// Foreground masks against ground truth by the convention of changedetection.net (Wang et al., CVPR Workshops 2014):
/// 0 and 50 are negative, 255 positive, all else not judged. The figures are those of the public scorer.
package struct MaskScore: Sendable, Encodable {
    package struct Row: Sendable, Encodable {
        package let footage: String
        package let frames: Int
        package let precision: Double
        package let recall: Double
        package let f: Double
    }

    package let meanF: Double
    package let rows: [Row]
    /// A sentence for each footage whose masks could not be judged.
    package let problems: [String]

    enum CodingKeys: String, CodingKey {
        case rows
        case meanF = "mean_f"
    }

    /// - Parameter masks: the folder that `evaluate --masks` wrote into.
    package init(_ folders: [CorpusFolder], masks: URL, progress: ProgressBar? = nil) {
        let folders = folders.filter { $0.maskTruth != nil }
        var (rows, problems) = ([Row](), [String]())
        for (index, folder) in folders.enumerated() {
            guard let truth = folder.maskTruth else { continue }
            do {
                let tally = try MaskTally(
                    truth: truth, name: folder.name, masks: masks.appendingPathComponent("\(folder.name).mkv"))
                rows.append(tally.row(folder.name))
            } catch {
                problems.append("\(error)")
            }
            progress?.update(Double(index + 1) / Double(folders.count), note: folder.name)
        }
        self.rows = rows
        self.problems = problems
        meanF = decimal(rows.reduce(0) { $0 + $1.f } / Double(max(1, rows.count)), places: 4)
    }
}

/// Where a footage's true masks are, and which of its frames count.
package struct MaskTruth: Sendable {
    /// Grey video with a mask a frame, or a tar of PNG files named by frame.
    let file: URL
    /// First and last frame that count.
    let frames: ClosedRange<Int>
}

private struct MaskTally {
    private var truePositives = 0
    private var falsePositives = 0
    private var falseNegatives = 0
    private var frames = 0

    /// - Throws: `SessionFailure`, ``CorpusError``.
    init(truth: MaskTruth, name: String, masks: URL) throws {
        let known = try TruthFrames(truth)
        var tally = MaskTally()
        var size: PictureSize?
        let reader = GreyReader { index, luma in
            size = size ?? PictureSize(width: luma.width, height: luma.height)
            guard truth.frames.contains(index), let marked = known[index] else { return }
            tally.add(luma, marked)
        }
        _ = try Footage(path: masks.path).read(into: reader)
        if let size, let other = known.size, other != size {
            throw CorpusError(
                place: truth.file.path,
                detail: "\(name): its masks are \(other), the footage is \(size); give masks of its size")
        }
        self = tally
    }

    private init() {}

    private mutating func add(_ luma: LumaPlane, _ truth: [UInt8]) {
        guard truth.count == luma.width * luma.height else { return }
        frames += 1
        for y in 0..<luma.height {
            for x in 0..<luma.width {
                let isSeen = luma.base[y * luma.stride + x] > 127
                switch truth[y * luma.width + x] {
                case 255: if isSeen { truePositives += 1 } else { falseNegatives += 1 }
                case 0, 50: if isSeen { falsePositives += 1 }
                default: break
                }
            }
        }
    }

    func row(_ footage: String) -> MaskScore.Row {
        let precision = Double(truePositives) / Double(max(1, truePositives + falsePositives))
        let recall = Double(truePositives) / Double(max(1, truePositives + falseNegatives))
        return MaskScore.Row(
            footage: footage, frames: frames, precision: decimal(precision, places: 4),
            recall: decimal(recall, places: 4),
            f: decimal(2 * precision * recall / max(1e-9, precision + recall), places: 4))
    }
}

/// The true masks of the frames that count, one byte a pixel.
private struct TruthFrames {
    private(set) var size: PictureSize?
    private var frames: [Int: [UInt8]] = [:]

    subscript(index: Int) -> [UInt8]? { frames[index] }

    init(_ truth: MaskTruth) throws {
        guard truth.file.pathExtension == "tar" else {
            try read(truth.file.path, numbers: nil, truth.frames)
            return
        }
        // One PNG after another is a stream that FFmpeg reads picture by picture.
        let members = try TarFile(truth.file).pictures
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("snowline-\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: place) }
        try members.reduce(into: Data()) { $0.append($1.bytes) }.write(to: place)
        try read(place.path, numbers: members.map(\.number), truth.frames)
    }

    private mutating func read(_ path: String, numbers: [Int]?, _ wanted: ClosedRange<Int>) throws {
        var (size, frames) = (self.size, self.frames)
        let reader = GreyReader { index, luma in
            size = PictureSize(width: luma.width, height: luma.height)
            let number = numbers.map { index < $0.count ? $0[index] : -1 } ?? index
            guard wanted.contains(number) else { return }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(luma.width * luma.height)
            for y in 0..<luma.height {
                bytes.append(contentsOf: UnsafeBufferPointer(start: luma.base + y * luma.stride, count: luma.width))
            }
            frames[number] = bytes
        }
        _ = try Footage(path: path).read(into: reader)
        (self.size, self.frames) = (size, frames)
    }
}

/// Hands on the luma of every picture with its number from 0.
private final class GreyReader: PictureReceiver {
    private let body: (Int, LumaPlane) -> Void
    private var index = 0

    init(_ body: @escaping (Int, LumaPlane) -> Void) { self.body = body }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}

    func receive(_ picture: inout Picture, at time: MediaTime) {
        picture.withLuma { body(index, $0) }
        index += 1
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

/// PNG files in a tar (POSIX ustar), by the number in their name.
struct TarFile {
    /// Larger archives are refused, in bytes.
    static let limit = 1 << 30
    private static let block = 512

    let pictures: [(number: Int, bytes: Data)]

    /// - Throws: ``CorpusError`` for what is no tar or cut off.
    init(_ file: URL) throws {
        guard let data = FileManager.default.contents(atPath: file.path), data.count <= Self.limit else {
            throw CorpusError(place: file.path, detail: "cannot be read, or has more than \(Self.limit) bytes")
        }
        var pictures: [(number: Int, bytes: Data)] = []
        var offset = 0
        while offset + Self.block <= data.count {
            let head = data[offset..<offset + Self.block]
            guard head.contains(where: { $0 != 0 }) else { break }
            let name = Self.text(head, 0..<100)
            guard let length = Int(Self.text(head, 124..<136).trimmingCharacters(in: .whitespaces), radix: 8),
                length >= 0, offset + Self.block + length <= data.count
            else { throw CorpusError(place: file.path, detail: "\(name): is cut off, or no tar; make it anew") }
            let start = offset + Self.block
            let base = (name as NSString).lastPathComponent
            if base.hasSuffix(".png"), let number = Int(base.filter(\.isWholeNumber)) {
                pictures.append((number, data.subdata(in: start..<start + length)))
            }
            offset = start + (length + Self.block - 1) / Self.block * Self.block
        }
        guard !pictures.isEmpty else { throw CorpusError(place: file.path, detail: "holds no PNG named by its frame") }
        self.pictures = pictures
    }

    private static func text(_ head: Data, _ range: Range<Int>) -> String {
        let bytes = head[head.startIndex + range.lowerBound..<head.startIndex + range.upperBound]
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
