import Foundation
import Scene
import Synchronization

/// `chain.head`: the end of the chain as it was after the newest commit, signed. A journal that ends earlier has been cut.
///
/// Written without waiting for the disk: after a power cut it may be older than the journal, never newer, because the
/// journal is on disk before it is written.
final class ChainHeadNote: Sendable {
    static let name = "chain.head"
    /// One block that is always there: writing it needs no space on a full disk.
    private static let size = 512

    private let descriptor: Int32
    private let written = Mutex<Int64>(0)

    init(folder: String) throws {
        let path = folder + "/" + Self.name
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system(path: path, code: errno) }
    }

    deinit { close(descriptor) }

    func write(_ head: ChainHead, at time: MediaTime, key: ChainKey) {
        written.withLock { written in
            // Of two that wrote one after the other the later one may come first.
            guard head.number > written, let signed = try? SignedHead(head, at: time, key: key),
                let text = try? DecisionCoder.text(signed)
            else { return }
            let bytes = Array(text.utf8) + [UInt8](repeating: 0x20, count: max(0, Self.size - 1 - text.utf8.count))
            if pwrite(descriptor, bytes + [0x0A], bytes.count + 1, 0) == bytes.count + 1 { written = head.number }
        }
    }

    /// What comes now may have lower numbers than what was written.
    func restart() { written.withLock { $0 = 0 } }

    func sync() { fsync(descriptor) }
}

/// The content of `chain.head`.
package struct SignedHead: Codable, Hashable, Sendable {
    /// `4711:9c0f…`
    package let head: String
    /// Microseconds since the epoch.
    package let time: Int64
    /// Base64.
    package let signature: String

    init(_ head: ChainHead, at time: MediaTime, key: ChainKey) throws {
        self.head = head.text
        self.time = time.microseconds
        signature = Data(try key.signature(of: Self.message(head, time.microseconds))).base64EncodedString()
    }

    /// - Returns: nil where the folder has none.
    /// - Throws: where it is not what was written.
    static func read(folder: String) throws -> SignedHead? {
        guard let data = FileManager.default.contents(atPath: folder + "/" + ChainHeadNote.name), !data.isEmpty else {
            return nil
        }
        return try DecisionCoder.decode(SignedHead.self, from: data)
    }

    func isSigned(by key: ChainPublicKey) -> Bool {
        guard let head = ChainHead(head), let signature = Data(base64Encoded: signature) else { return false }
        return key.hasSigned(Self.message(head, time), Array(signature))
    }

    private static func message(_ head: ChainHead, _ time: Int64) -> [UInt8] {
        var canonical = CanonicalHash()
        canonical.add("snowline-head-1")
        canonical.add(head.text)
        canonical.add(time)
        return canonical.finished()
    }
}
