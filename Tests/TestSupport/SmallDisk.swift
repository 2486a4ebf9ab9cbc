import Foundation
import Glibc

/// A file system of a few megabytes in memory, mounted for one test. Only root may mount.
package final class SmallDisk {
    package static let isAvailable = geteuid() == 0 && canMount()
    package static let requirement = "needs root and the right to mount a small tmpfs"

    package let path: String

    /// - Parameter path: where it is mounted; made if missing.
    package init(kilobytes: Int, at path: String? = nil) throws {
        let path = path ?? NSTemporaryDirectory() + "snowline-disk-" + UUID().uuidString
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k,mode=0700") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Takes all the room there is, or gives it back.
    package func fill() throws {
        let file = open(path + "/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        for size in [4096, 512, 1] {
            let bytes = [UInt8](repeating: 0xEE, count: size)
            while write(file, bytes, size) > 0 {}
        }
    }

    package func free() { unlink(path + "/ballast") }

    package func setReadOnly(_ isReadOnly: Bool) throws {
        let flags = UInt(MS_REMOUNT) | (isReadOnly ? UInt(MS_RDONLY) : 0)
        guard mount("tmpfs", path, "tmpfs", flags, nil) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    private static func canMount() -> Bool { (try? SmallDisk(kilobytes: 64)) != nil }
}
