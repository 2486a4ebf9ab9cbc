import Dispatch
import Foundation

/// A file that gets one CloudEvent a line.
package struct FileTarget: Hashable, Sendable {
    package var path: String
    /// The file is put aside as `<path>.1` (older ones move up) before it would grow beyond this.
    package var rotateBytes: Int
    /// Files put aside that are kept; the oldest is deleted.
    package var keep: Int

    package init(path: String, rotateBytes: Int = 64 << 20, keep: Int = 9) {
        self.path = path
        self.rotateBytes = rotateBytes
        self.keep = keep
    }
}

/// Appends each delivery as one line and confirms it when it is on disk (`fsync`).
///
/// A line may come twice after a crash; readers de-duplicate by `id`.
package final class FileSink: Sink, @unchecked Sendable {
    private let target: FileTarget
    /// Disk waits happen here, never on the threads of Swift's tasks.
    private let queue: DispatchQueue
    // Touched on `queue` only.
    private var descriptor: Int32 = -1
    private var size = 0

    package init(_ target: FileTarget) throws {
        guard target.rotateBytes > 0, target.keep >= 0 else {
            throw SinkProblem("file sink \(target.path): rotateBytes must be above 0 and keep at least 0")
        }
        self.target = target
        queue = DispatchQueue(label: "snowline.file-sink")
    }

    deinit {
        if descriptor >= 0 { Foundation.close(descriptor) }
    }

    package func deliver(_ delivery: Delivery) async -> SinkOutcome {
        await withCheckedContinuation { continuation in
            queue.async {
                do {
                    try self.append(delivery.body + "\n")
                    continuation.resume(returning: .confirmed)
                } catch {
                    self.letGo()
                    continuation.resume(returning: .failed(reason: "\(error)", retryAfter: nil))
                }
            }
        }
    }

    package func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.letGo()
                continuation.resume()
            }
        }
    }

    private func append(_ line: String) throws {
        let bytes = Array(line.utf8)
        if descriptor < 0 { try openFile() }
        if size > 0, size + bytes.count > target.rotateBytes { try rotate() }
        try write(bytes)
        guard fsync(descriptor) == 0 else { throw problem("fsync") }
    }

    private func openFile() throws {
        let folder = (target.path as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        descriptor = open(target.path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem("open") }
        try syncFolder(folder.isEmpty ? "." : folder)
        size = Int(lseek(descriptor, 0, SEEK_END))
        try endTornLine()
    }

    /// Else a power cut could take a new file, with all that was confirmed in it.
    private func syncFolder(_ folder: String) throws {
        let folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw problem("open of the folder") }
        defer { Foundation.close(folder) }
        guard fsync(folder) == 0 else { throw problem("fsync of the folder") }
    }

    /// A kill can leave half a line; the next one must not be glued to it.
    private func endTornLine() throws {
        var last: UInt8 = 0
        guard size > 0, pread(descriptor, &last, 1, off_t(size - 1)) == 1, last != UInt8(ascii: "\n") else { return }
        try write([UInt8(ascii: "\n")])
    }

    private func write(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw problem("write") }
            offset += count
            size += count
        }
    }

    private func rotate() throws {
        letGo()
        for number in stride(from: target.keep, to: 0, by: -1) {
            let older = number == 1 ? target.path : "\(target.path).\(number - 1)"
            if rename(older, "\(target.path).\(number)") != 0, errno != ENOENT { throw problem("rename") }
        }
        if target.keep == 0 { unlink(target.path) }
        try openFile()
    }

    private func letGo() {
        if descriptor >= 0 { Foundation.close(descriptor) }
        descriptor = -1
    }

    private func problem(_ operation: String) -> SinkProblem {
        let reason = String(cString: strerror(errno)).lowercased()
        return SinkProblem(
            "file \(target.path): \(operation): \(reason); check the folder, its rights and the free space")
    }
}
