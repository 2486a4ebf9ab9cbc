import Foundation

/// The bearer token that allows calls which change something: 32 random bytes as base64url in `control.token` of the
/// data folder, readable by the daemon's user only. It is kept over restarts; delete the file to get a new one.
package struct ControlToken: Sendable, CustomStringConvertible, CustomReflectable {
    package static let fileName = "control.token"
    private static let byteCount = 32
    private static let textLength = 43

    /// The token as it stands in the `authorization` header.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var description: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: ["token": "***"]) }

    /// Reads the token of a data folder, or makes one.
    /// - Throws: ``ControlTokenError`` where the file is readable by others, damaged, or cannot be made.
    package static func establish(
        in dataFolder: String, using generator: inout some RandomNumberGenerator
    ) throws(ControlTokenError) -> ControlToken {
        let path = dataFolder + "/" + fileName
        var bytes: [UInt8] = []
        for _ in 0..<byteCount { bytes.append(UInt8.random(in: .min ... .max, using: &generator)) }
        let token = ControlToken(base64URL(bytes))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else {
                throw ControlTokenError(path, "cannot be made: \(String(cString: strerror(errno)))")
            }
            return try read(in: dataFolder)
        }
        defer { close(descriptor) }
        let text = Array(token.revealed.utf8) + [UInt8(ascii: "\n")]
        guard fchmod(descriptor, 0o600) == 0, write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0
        else {
            let reason = String(cString: strerror(errno))
            unlink(path)
            throw ControlTokenError(path, "cannot be written: \(reason)")
        }
        return token
    }

    package static func establish(in dataFolder: String) throws(ControlTokenError) -> ControlToken {
        var generator = SystemRandomNumberGenerator()
        return try establish(in: dataFolder, using: &generator)
    }

    /// Reads the token of a running daemon's data folder.
    package static func read(in dataFolder: String) throws(ControlTokenError) -> ControlToken {
        let path = dataFolder + "/" + fileName
        let facts = try? FileManager.default.attributesOfItem(atPath: path)
        if let facts, facts[.type] as? FileAttributeType != .typeRegular {
            throw ControlTokenError(path, "is not a file; remove it, the daemon makes a new one at its start")
        }
        if let mode = (facts?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
            let shown = String(mode, radix: 8)
            throw ControlTokenError(
                path, "has mode \(shown), so others may know it; remove it, the daemon makes a new one")
        }
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ControlTokenError(path, "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: textLength + 2)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count == textLength, text.utf8.allSatisfy({ base64URLBytes.contains($0) }) else {
            throw ControlTokenError(path, "holds no token; remove it, the daemon makes a new one at its start")
        }
        return ControlToken(text)
    }

    /// Whether `offered` is this token, in a time that tells nothing of where they differ.
    package func matches(_ offered: some StringProtocol) -> Bool {
        let (own, other) = (Array(revealed.utf8), Array(offered.utf8))
        guard own.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in own.indices { difference |= own[index] ^ other[index] }
        return difference == 0
    }

    private static let base64URLBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

/// Why there is no control token: the file and what to do about it.
package struct ControlTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ path: String, _ detail: String) {
        description = "control token \(path) \(detail)"
    }
}
