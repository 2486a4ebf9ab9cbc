import GRDB
package import Scene

/// One link of the hash chain: what was journaled, by its digest, bound to everything before it.
package struct ChainEntry: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The chain was begun, and what it follows.
        case begun
        /// The public key that signs anchors and heads from here on.
        case key
        /// One version of an alert.
        case alert
        /// A change beside the alerts: configuration, sessions, orders.
        case change
        /// An arming order as it is in force.
        case order
        /// What a person decided of an alert.
        case verdict
        /// An alert is kept from retention, or no longer.
        case hold
        case release
    }

    /// 1, 2, 3 …
    package var number: Int64
    /// By the server's clock.
    package var time: MediaTime
    /// As written; see ``Kind``.
    package var kind: String
    /// Which alert version, change, scope or alert.
    package var subject: String
    /// SHA-256 of what was journaled.
    package var digest: [UInt8]
    /// SHA-256 of this entry and the hash before it.
    package var hash: [UInt8]
    /// What was journaled, where no other table keeps it.
    package var content: String?

    init(row: Row) throws {
        number = try row.number("number")
        time = MediaTime(microseconds: try row.number("time"))
        kind = try row.text("kind")
        subject = try row.text("subject")
        digest = try row.bytes("digest")
        hash = try row.bytes("hash")
        content = try row.textOrNil("content")
    }

    init(
        after head: ChainHead, time: MediaTime, kind: Kind, subject: String, digest: [UInt8], content: String? = nil
    ) {
        number = head.number + 1
        self.time = time
        self.kind = kind.rawValue
        self.subject = subject
        self.digest = digest
        self.content = content
        hash = []
        hash = expectedHash(after: head.hash)
    }

    /// The name under which findings speak of it.
    package var name: String { "entry \(number) (\(kind) \(subject), \(time))" }

    func expectedHash(after previous: [UInt8]) -> [UInt8] {
        var canonical = CanonicalHash()
        canonical.add("snowline-chain-1")
        canonical.add(number)
        canonical.add(Hexadecimal.text(previous))
        canonical.add(time.microseconds)
        canonical.add(kind)
        canonical.add(subject)
        canonical.add(Hexadecimal.text(digest))
        return canonical.finished()
    }
}

/// Where the chain ends: the number and hash of its newest entry.
package struct ChainHead: Hashable, Sendable {
    package var number: Int64
    package var hash: [UInt8]

    /// Before the first entry.
    package static let origin = ChainHead(number: 0, hash: [UInt8](repeating: 0, count: 32))

    /// `4711:9c0f…`, as `snowline alerts verify` prints and takes it.
    package var text: String { "\(number):\(Hexadecimal.text(hash))" }

    package init(number: Int64, hash: [UInt8]) {
        self.number = number
        self.hash = hash
    }

    /// Nil where the text is not what ``text`` gives.
    package init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[0]), number >= 0, parts[1].utf8.count == 64 else { return nil }
        var hash: [UInt8] = []
        var digits = Substring(parts[1])
        while !digits.isEmpty {
            guard let byte = UInt8(digits.prefix(2), radix: 16) else { return nil }
            hash.append(byte)
            digits.removeFirst(2)
        }
        self.init(number: number, hash: hash)
    }
}
