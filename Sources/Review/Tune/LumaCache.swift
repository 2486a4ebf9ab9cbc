package import Foundation
import Ingest
import Journal
import Media
import Scene
import Synchronization

/// Decoded luma on disk, so that every further trial reads instead of decodes: bounded, one file a footage.
///
/// A footage that does not fit, or changes its size within, is decoded anew for each trial. What was kept is found again
/// by path, size and time of change of the footage; a file that is not whole is made anew.
package final class LumaCache: Sendable {
    package let folder: URL
    package let limitBytes: Int
    private let usedBytes: Mutex<Int>
    private let isTemporary: Bool

    /// - Parameters:
    ///   - folder: kept for the next time; nil for a temporary one that goes with the cache.
    ///   - limitBytes: of all files in it together; older ones of other footage make room.
    package init(folder: URL?, limitBytes: Int) throws {
        isTemporary = folder == nil
        self.folder =
            folder
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("snowline-luma-\(UUID().uuidString)")
        self.limitBytes = limitBytes
        usedBytes = Mutex(0)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    deinit { if isTemporary { try? FileManager.default.removeItem(at: folder) } }

    /// Clears what other runs left where the bound would be passed, oldest first. Call it once, before the first run.
    package func makeRoom(for footages: [URL]) {
        let own = Set(footages.map { file(of: $0).lastPathComponent })
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys))) ?? []
        var entries = files.filter { $0.pathExtension == "luma" }.compactMap { file -> (URL, Date, Int)? in
            guard let values = try? file.resourceValues(forKeys: keys) else { return nil }
            return (file, values.contentModificationDate ?? .distantPast, values.fileSize ?? 0)
        }.sorted { ($0.1, $0.0.path) < ($1.1, $1.0.path) }
        var total = entries.reduce(0) { $0 + $1.2 }
        while total > limitBytes, let index = entries.firstIndex(where: { !own.contains($0.0.lastPathComponent) }) {
            let entry = entries.remove(at: index)
            try? FileManager.default.removeItem(at: entry.0)
            total -= entry.2
        }
        usedBytes.withLock { $0 = total }
    }

    /// What is kept of a footage; nil where nothing whole is.
    func recording(of footage: URL) -> LumaRecording? { LumaRecording(contentsOf: file(of: footage)) }

    /// Begins to keep a footage; nil where the folder cannot be written.
    func recorder(of footage: URL) -> LumaRecorder? {
        LumaRecorder(file: file(of: footage), cache: self)
    }

    /// - Returns: whether so many more bytes are within the bound; they are counted then.
    fileprivate func take(_ bytes: Int) -> Bool {
        usedBytes.withLock { used in
            guard used + bytes <= limitBytes else { return false }
            used += bytes
            return true
        }
    }

    fileprivate func giveBack(_ bytes: Int) { usedBytes.withLock { $0 -= bytes } }

    private func file(of footage: URL) -> URL {
        let facts = try? FileManager.default.attributesOfItem(atPath: footage.path)
        let changed = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let size = (facts?[.size] as? Int) ?? 0
        let key = Digest.sha256Hex(Data("\(footage.standardizedFileURL.path) \(size) \(changed)".utf8))
        return folder.appendingPathComponent("\(key.prefix(32)).luma")
    }
}

/// One footage's luma as it lies on disk, mapped into memory: planes one after another, then their times, then a
/// trailer of fixed length.
struct LumaRecording: Sendable {
    static let mark: UInt64 = 0x314d_554c_574f_4e53

    let size: PictureSize
    let isTruncated: Bool
    private let bytes: Data
    private let count: Int

    /// Trailer: width, height, pictures, whether the footage was cut off, mark; 8 bytes each.
    static let trailerWords = 5

    init?(contentsOf file: URL) {
        guard let bytes = try? Data(contentsOf: file, options: .alwaysMapped), bytes.count >= Self.trailerWords * 8
        else { return nil }
        let words = bytes.withUnsafeBytes { raw in
            (0..<Self.trailerWords).map {
                raw.loadUnaligned(fromByteOffset: bytes.count - (Self.trailerWords - $0) * 8, as: UInt64.self)
            }
        }
        guard words[4] == Self.mark, words[0] > 0, words[1] > 0, words[0] <= 16_384, words[1] <= 16_384,
            words[2] > 0, words[2] <= UInt64(bytes.count),
            Int(words[0]) * Int(words[1]) * Int(words[2]) + Int(words[2]) * 8 + Self.trailerWords * 8 == bytes.count
        else { return nil }
        size = PictureSize(width: Int(words[0]), height: Int(words[1]))
        count = Int(words[2])
        isTruncated = words[3] != 0
        self.bytes = bytes
    }

    /// Every picture in order.
    func forEach(_ body: (LumaPlane, MediaTime) -> Void) {
        let area = size.width * size.height
        bytes.withUnsafeBytes { raw in
            guard let base = raw.bindMemory(to: UInt8.self).baseAddress else { return }
            for index in 0..<count {
                let time = raw.loadUnaligned(fromByteOffset: area * count + index * 8, as: Int64.self)
                body(
                    LumaPlane(base: base + index * area, width: size.width, height: size.height, stride: size.width),
                    MediaTime(microseconds: time))
            }
        }
    }
}

/// Writes a ``LumaRecording`` while the footage is decoded; nothing is left of one that was not finished.
final class LumaRecorder {
    private let file: URL
    private let partial: URL
    private let handle: FileHandle
    private let cache: LumaCache
    private var size: PictureSize?
    private var times: [Int64] = []
    private var taken = 0
    private var isBroken = false

    init?(file: URL, cache: LumaCache) {
        self.file = file
        self.cache = cache
        partial = file.deletingPathExtension().appendingPathExtension("part-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: partial.path, contents: nil),
            let handle = try? FileHandle(forWritingTo: partial)
        else { return nil }
        self.handle = handle
    }

    deinit {
        try? handle.close()
        try? FileManager.default.removeItem(at: partial)
        cache.giveBack(taken)
    }

    func append(_ luma: LumaPlane, at time: MediaTime) {
        guard !isBroken else { return }
        let own = PictureSize(width: luma.width, height: luma.height)
        let bytes = luma.width * luma.height + 8
        guard own == size ?? own, cache.take(bytes) else { return abandon() }
        taken += bytes
        size = own
        var packed = Data(capacity: luma.width * luma.height)
        for row in 0..<luma.height { packed.append(luma.base + row * luma.stride, count: luma.width) }
        do { try handle.write(contentsOf: packed) } catch { abandon() }
        times.append(time.microseconds)
    }

    /// The footage cannot be kept: it has a second session, or does not fit.
    func abandon() {
        isBroken = true
        try? handle.truncate(atOffset: 0)
        cache.giveBack(taken)
        taken = 0
    }

    func finish(isTruncated: Bool) {
        guard !isBroken, let size, !times.isEmpty else { return }
        let trailer = [
            UInt64(size.width), UInt64(size.height), UInt64(times.count), isTruncated ? 1 : 0, LumaRecording.mark
        ]
        let tail = times.withUnsafeBytes { Data($0) } + trailer.withUnsafeBytes { Data($0) }
        guard (try? handle.write(contentsOf: tail)) != nil, (try? handle.close()) != nil else { return }
        // Somebody else may have decoded the same footage meanwhile, or an older file was not whole.
        if LumaRecording(contentsOf: file) != nil { return }
        _ = try? FileManager.default.removeItem(at: file)
        guard (try? FileManager.default.moveItem(at: partial, to: file)) != nil else { return }
        taken = 0
    }
}
