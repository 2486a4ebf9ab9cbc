import Foundation
import GRDB
import Scene
import Synchronization

/// Writes the hash chain inside the transactions that journal its contents, and the note of its end beside the journal.
final class Chain: Sendable {
    let key: ChainKey
    private let note: ChainHeadNote
    /// The newest head that the running transaction has made; noted once that is on disk.
    private let made = Mutex<Made?>(nil)

    private struct Made {
        var head: ChainHead
        var time: MediaTime
    }

    init(key: ChainKey, note: ChainHeadNote) {
        self.key = key
        self.note = note
    }

    /// The chain begins anew with another file.
    func restart() { note.restart() }

    /// Adds an entry for what this transaction writes.
    /// - Returns: its number, for the `link` column of the content's row.
    @discardableResult
    func add(
        _ kind: ChainEntry.Kind, _ subject: String, digest: [UInt8], content: String? = nil, at now: MediaTime,
        in database: Database
    ) throws -> Int64 {
        let entry = ChainEntry(
            after: try Self.head(in: database), time: now, kind: kind, subject: subject, digest: digest,
            content: content)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO chain (number, time, kind, subject, digest, hash, content) VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(
            arguments: [
                entry.number, entry.time.microseconds, entry.kind, entry.subject, Data(entry.digest), Data(entry.hash),
                entry.content
            ])
        remember(ChainHead(number: entry.number, hash: entry.hash), at: now, in: database)
        return entry.number
    }

    /// The same for an entry that keeps its content itself.
    @discardableResult
    func add(
        _ kind: ChainEntry.Kind, _ subject: String, content: String, at now: MediaTime, in database: Database
    ) throws -> Int64 {
        try add(kind, subject, digest: ChainContent.own(content), content: content, at: now, in: database)
    }

    /// Where the chain ends for this transaction.
    static func head(in database: Database) throws -> ChainHead {
        let newest = try database.cachedStatement(sql: "SELECT number, hash FROM chain ORDER BY number DESC LIMIT 1")
        let entry = try Row.fetchOne(newest).map {
            ChainHead(number: try $0.number("number"), hash: try $0.bytes("hash"))
        }
        let removed = try database.cachedStatement(
            sql: "SELECT last, after FROM chain_anchor ORDER BY last DESC LIMIT 1")
        let anchor = try Row.fetchOne(removed).map {
            ChainHead(number: try $0.number("last"), hash: try $0.bytes("after"))
        }
        return [entry, anchor].compactMap { $0 }.max { $0.number < $1.number } ?? .origin
    }

    /// Notes the end of the chain beside the journal when the transaction is on disk: never more than the journal has.
    private func remember(_ head: ChainHead, at now: MediaTime, in database: Database) {
        let isFirst = made.withLock { made in
            defer { made = Made(head: head, time: now) }
            return made == nil
        }
        guard isFirst else { return }
        database.afterNextTransaction { _ in
            if let made = self.takeMade() { self.note.write(made.head, at: made.time, key: self.key) }
        } onRollback: { _ in
            _ = self.takeMade()
        }
    }

    private func takeMade() -> Made? {
        made.withLock { made in
            defer { made = nil }
            return made
        }
    }

    /// Waits until the note of the chain's end is on the disk.
    func syncNote() { note.sync() }

    /// Begins the chain in a new journal, or takes up in it what an older version journaled; names the key in force.
    func begin(content: String, at now: MediaTime, in database: Database) throws {
        if try Self.head(in: database) == .origin {
            try add(.begun, "journal", content: content, at: now, in: database)
            try takeUpOlderRows(at: now, in: database)
        }
        let known = try String.fetchOne(
            database,
            sql: """
                SELECT content FROM chain WHERE kind = 'key' AND content IS NOT NULL ORDER BY number DESC LIMIT 1
                """)
        guard known != key.publicText else { return }
        try add(.key, "chain", content: key.publicText, at: now, in: database)
        try signAnchorsAnew(in: database)
    }

    private func takeUpOlderRows(at now: MediaTime, in database: Database) throws {
        try link("alert_version", .alert, in: database, at: now, { "\(try $0.text("id")).\(try $0.number("version"))" })
        {
            try ChainContent.alert($0)
        }
        try link("verdict", .verdict, in: database, at: now, { "\(try $0.number("row"))" }) {
            try ChainContent.verdict($0)
        }
        try link("change", .change, in: database, at: now, { "\(try $0.number("row"))" }) {
            try ChainContent.change($0)
        }
        for row in try Row.fetchAll(database, sql: "SELECT scope, content FROM arming_order ORDER BY since, scope") {
            try add(.order, row["scope"], content: row["content"], at: now, in: database)
        }
    }

    private func link(
        _ table: String, _ kind: ChainEntry.Kind, in database: Database, at now: MediaTime,
        _ subject: (Row) throws -> String, _ digest: (Row) throws -> [UInt8]
    ) throws {
        let numbers = try Int64.fetchAll(
            database, sql: "SELECT rowid FROM \(table) WHERE link IS NULL ORDER BY rowid")
        for number in numbers {
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM \(table) WHERE rowid = ?", arguments: [number])
            else { continue }
            let link = try add(kind, try subject(row), digest: try digest(row), at: now, in: database)
            try database.execute(
                sql: "UPDATE \(table) SET link = ? WHERE rowid = ?", arguments: [link, number])
        }
    }
}
