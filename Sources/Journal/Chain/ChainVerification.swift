import Foundation
import GRDB

/// Something in the journal that is not what was journaled.
package struct ChainFinding: Hashable, Sendable, Codable {
    /// The entry's number, where it is one entry's.
    package var entry: Int64?
    /// What: `entry 17 (alert k7dw….2, 2026-11-22T…)`, for example.
    package var place: String
    package var finding: String

    package init(entry: Int64? = nil, place: String, finding: String) {
        self.entry = entry
        self.place = place
        self.finding = finding
    }
}

/// What ``ChainVerification`` found.
package struct ChainReport: Hashable, Sendable, Codable {
    package var findings: [ChainFinding] = []
    /// Findings beyond ``ChainVerification/findingLimit``.
    package var moreFindings = 0
    package var entries = 0
    /// Alert versions, changes and verdicts compared with their entries.
    package var contents = 0
    package var anchors = 0
    /// Entries that retention has removed under those anchors.
    package var removed: Int64 = 0
    /// Where the chain ends, `number:hash`; to be kept elsewhere and given to a later verification.
    package var head = ""
    /// Base64.
    package var publicKey: String?

    package init() {}

    package var isSound: Bool { findings.isEmpty }

    enum CodingKeys: String, CodingKey {
        case findings, entries, contents, anchors, removed, head
        case moreFindings = "more_findings"
        case publicKey = "public_key"
    }
}

/// Reads a whole journal and compares it with its hash chain, without the daemon or beside it.
package struct ChainVerification {
    /// More findings than these are only counted.
    package static let findingLimit = 1000

    private let key: ChainPublicKey?
    private let database: Database
    private let note: Result<SignedHead?, any Error>
    private let expected: ChainHead?
    private var report = ChainReport()
    private var contents = ChainedContents()

    /// - Parameters:
    ///   - key: the public key as kept elsewhere; else the one in the folder.
    ///   - expected: an end of the chain that was noted earlier and must still be part of it.
    /// - Throws: ``JournalError`` where the journal cannot be opened or is damaged as a file.
    package static func run(
        folder: String, key: ChainPublicKey? = nil, expected: ChainHead? = nil
    ) throws -> ChainReport {
        // The note first: the daemon writes it after the journal, so that what it names must be there.
        let note = readNote(folder)
        let key = key ?? ChainPublicKey.read(folder: folder)
        let queue = try JournalFile.openForReading(folder: folder)
        let path = folder + "/" + JournalFile.name
        try JournalFile.check(queue, path: path, isThorough: true)
        return try JournalFile.explained(path) {
            try queue.read { database in
                var verification = ChainVerification(key: key, database: database, note: note, expected: expected)
                return try verification.verified()
            }
        }
    }

    /// A daemon may be writing it at this very moment.
    private static func readNote(_ folder: String) -> Result<SignedHead?, any Error> {
        for _ in 0..<3 {
            if let note = try? SignedHead.read(folder: folder) { return .success(note) }
            usleep(20_000)
        }
        return Result { try SignedHead.read(folder: folder) }
    }

    private init(
        key: ChainPublicKey?, database: Database, note: Result<SignedHead?, any Error>, expected: ChainHead?
    ) {
        self.key = key
        self.database = database
        self.note = note
        self.expected = expected
    }

    private mutating func verified() throws -> ChainReport {
        report.publicKey = key?.text
        if key == nil {
            add(nil, ChainKey.publicName, "missing or no key: signatures cannot be checked; give --key")
        }
        let anchors = try readAnchors()
        let head = try walk(anchors)
        report.head = head.text
        for finding in try contents.leftovers(in: database) { add(finding) }
        for name in try JournalSchema.differences(in: database) {
            add(nil, "table or index \(name)", "is not as this version of Snowline makes it")
        }
        compare(head)
        return report
    }

    private mutating func add(_ entry: ChainEntry?, _ place: String, _ finding: String) {
        add(ChainFinding(entry: entry?.number, place: place, finding: finding))
    }

    private mutating func add(_ finding: ChainFinding) {
        if report.findings.count < Self.findingLimit {
            report.findings.append(finding)
        } else {
            report.moreFindings += 1
        }
    }
}

// The chain itself.
extension ChainVerification {
    private mutating func readAnchors() throws -> [ChainAnchor] {
        var anchors: [ChainAnchor] = []
        for row in try Row.fetchAll(database, sql: "SELECT * FROM chain_anchor ORDER BY first") {
            guard let anchor = try? ChainAnchor(row: row) else {
                add(nil, "an anchor of retention", "cannot be read")
                continue
            }
            if let key, !key.hasSigned(anchor.message, anchor.signature) {
                add(nil, anchor.name, "its signature does not fit: it was changed, or signed by another key")
            }
            if anchor.last < anchor.first { add(nil, anchor.name, "ends before it begins") }
            report.anchors += 1
            report.removed += max(0, anchor.last - anchor.first + 1)
            anchors.append(anchor)
        }
        return anchors
    }

    private mutating func walk(_ anchors: [ChainAnchor]) throws -> ChainHead {
        var head = ChainHead.origin
        var anchors = anchors[...]
        let cursor = try Row.fetchCursor(database, sql: "SELECT * FROM chain ORDER BY number")
        while let row = try cursor.next() {
            let entry: ChainEntry
            do { entry = try ChainEntry(row: row) } catch {
                let number = (try? row.number("number")) ?? head.number + 1
                add(ChainFinding(entry: number, place: "entry \(number)", finding: "cannot be read"))
                head = ChainHead(number: number, hash: (try? row.bytes("hash")) ?? [])
                continue
            }
            while let anchor = anchors.first, anchor.first <= entry.number {
                cross(anchor, from: &head)
                anchors.removeFirst()
            }
            check(entry, after: head)
            try checkContent(of: entry)
            head = ChainHead(number: entry.number, hash: entry.hash)
        }
        for anchor in anchors { cross(anchor, from: &head) }
        return head
    }

    private mutating func cross(_ anchor: ChainAnchor, from head: inout ChainHead) {
        if anchor.first > head.number + 1 {
            add(nil, "entries \(head.number + 1)…\(anchor.first - 1)", "missing, and no anchor of retention says why")
        } else if anchor.first <= head.number {
            add(nil, anchor.name, "overlaps entries that are there")
        } else if anchor.before != head.hash {
            add(nil, anchor.name, "does not follow entry \(head.number): that entry was changed")
        }
        head = ChainHead(number: max(anchor.last, head.number), hash: anchor.after)
    }

    private mutating func check(_ entry: ChainEntry, after head: ChainHead) {
        report.entries += 1
        guard entry.number == head.number + 1 else {
            if entry.number > head.number + 1 {
                let missing =
                    entry.number == head.number + 2
                    ? "entry \(head.number + 1)" : "entries \(head.number + 1)…\(entry.number - 1)"
                add(nil, missing, "missing, and no anchor of retention says why")
            } else {
                add(entry, entry.name, "lies under an anchor that says it was removed")
            }
            return
        }
        if entry.hash != entry.expectedHash(after: head.hash) {
            add(
                entry, entry.name,
                "its hash does not fit: the entry or the one before it was changed")
        }
        if ChainEntry.Kind(rawValue: entry.kind) == nil { add(entry, entry.name, "is of a kind that is not known") }
    }

    private mutating func checkContent(of entry: ChainEntry) throws {
        if let expected, expected.number == entry.number, expected.hash != entry.hash {
            add(entry, entry.name, "is not the one that was noted earlier: the chain was rewritten")
        }
        report.contents += 1
        if let finding = try contents.finding(of: entry, in: database) { add(entry, entry.name, finding) }
    }

    /// The end, with what was noted of it.
    private mutating func compare(_ head: ChainHead) {
        if let expected, expected.number > head.number {
            add(nil, "end of the chain", "entry \(expected.number) was noted earlier; the chain ends at \(head.number)")
        }
        switch note {
        case .failure: add(nil, ChainHeadNote.name, "cannot be read")
        case .success(nil): add(nil, ChainHeadNote.name, "missing: whether entries were cut off cannot be told")
        case .success(let signed?):
            guard let noted = ChainHead(signed.head), key.map({ signed.isSigned(by: $0) }) ?? true else {
                return add(
                    nil, ChainHeadNote.name, "its signature does not fit: it was changed, or signed by another key")
            }
            if noted.number > head.number {
                let count = noted.number - head.number
                add(nil, "end of the chain", "cut off: \(count) entries after \(head.number) are missing")
            } else if noted.number == head.number, noted.hash != head.hash {
                add(nil, "end of the chain", "is not what was noted beside the journal")
            }
        }
    }
}
