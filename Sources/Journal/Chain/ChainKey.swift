import Crypto
import Foundation

/// The Ed25519 key that signs what the chain itself cannot prove: what retention has removed, and where the chain ends.
///
/// `chain.key` (mode 0600) and `chain.pub` in the data folder, base64. Whoever may write the folder may sign: the key
/// proves that nothing was changed from outside, not that the machine's administrator changed nothing.
struct ChainKey: Sendable {
    static let secretName = "chain.key"
    static let publicName = "chain.pub"

    private let secret: Curve25519.Signing.PrivateKey

    /// Base64 of the 32 bytes.
    var publicText: String { secret.publicKey.rawRepresentation.base64EncodedString() }

    /// Reads the key, or makes one. A file that is no key is set aside under the time's name.
    /// - Throws: ``JournalError``.
    static func establish(in folder: String, at now: String) throws -> ChainKey {
        let path = folder + "/" + secretName
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            if let key = ChainKey(text) {
                if ChainPublicKey.read(folder: folder)?.text != key.publicText { try key.writePublic(folder) }
                return key
            }
            try AtomicFile.moveAside(path, suffix: "damaged-" + now)
        }
        let key = ChainKey(secret: Curve25519.Signing.PrivateKey())
        try AtomicFile.write(
            key.secret.rawRepresentation.base64EncodedString() + "\n", to: path, folder: folder, mode: 0o600)
        try key.writePublic(folder)
        return key
    }

    private init(secret: Curve25519.Signing.PrivateKey) { self.secret = secret }

    private init?(_ text: String) {
        guard let raw = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw)
        else { return nil }
        self.secret = secret
    }

    private func writePublic(_ folder: String) throws {
        try AtomicFile.write(publicText + "\n", to: folder + "/" + Self.publicName, folder: folder, mode: 0o644)
    }

    /// - Throws: only where the random source of the machine fails.
    func signature(of message: [UInt8]) throws -> [UInt8] { Array(try secret.signature(for: message)) }
}

/// What checks the signatures, also away from the machine that made them.
package struct ChainPublicKey: Hashable, Sendable {
    /// Base64 of the 32 bytes.
    package let text: String
    private let raw: Data

    package init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let raw = Data(base64Encoded: text),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: raw)) != nil
        else { return nil }
        self.text = text
        self.raw = raw
    }

    /// The one that lies beside the journal; nil where there is none that can be read.
    package static func read(folder: String) -> ChainPublicKey? {
        (try? String(contentsOfFile: folder + "/" + ChainKey.publicName, encoding: .utf8)).flatMap { Self($0) }
    }

    func hasSigned(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}

/// Small files of the data folder that are there whole or not at all.
enum AtomicFile {
    /// - Throws: ``JournalError``.
    static func write(_ text: String, to path: String, folder: String, mode: mode_t) throws {
        let unfinished = path + ".part"
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw JournalError.system(path: path, code: errno) }
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = isWritten ? 0 : errno
        close(descriptor)
        guard isWritten, rename(unfinished, path) == 0 else {
            let reason = isWritten ? errno : code
            unlink(unfinished)
            throw JournalError.system(path: path, code: reason)
        }
        syncFolder(folder)
    }

    /// - Throws: ``JournalError``.
    static func moveAside(_ path: String, suffix: String) throws {
        guard rename(path, path + "." + suffix) == 0 else { throw JournalError.system(path: path, code: errno) }
    }

    static func syncFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
