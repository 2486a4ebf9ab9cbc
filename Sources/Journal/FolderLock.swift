import Foundation

/// An exclusive `flock` on `lock` in the data folder, held for the life of the object (and ended by the kernel with it).
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``JournalError/locked`` when another process holds it, ``JournalError/unusable`` otherwise.
    init(folder: String) throws {
        let path = folder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system(path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw JournalError.unusable(path: path, reason: Self.reason(code)) }
            throw JournalError.locked(folder: folder, holder: holder)
        }
        let text = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit {
        close(descriptor)
    }

    /// ` (process 1234)` if the lock file says so.
    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let number = Int32(String(decoding: bytes[..<count], as: UTF8.self).prefix { $0.isNumber })
        else { return "" }
        return " (process \(number))"
    }

    static func reason(_ code: Int32) -> String {
        String(cString: strerror(code)).lowercased()
    }
}
