import Foundation
import GRDB
package import Scene

/// A run of entries that retention has removed: signed, so that the chain goes on over it.
package struct ChainAnchor: Hashable, Sendable {
    package var first: Int64
    package var last: Int64
    /// Hash of the entry before the first (zeros before entry 1) and of the last one.
    package var before: [UInt8]
    package var after: [UInt8]
    /// When retention did it.
    package var time: MediaTime
    package var signature: [UInt8]

    package var name: String { "anchor for entries \(first)…\(last)" }

    init(row: Row) throws {
        first = try row.number("first")
        last = try row.number("last")
        before = try row.bytes("before")
        after = try row.bytes("after")
        time = MediaTime(microseconds: try row.number("time"))
        signature = try row.bytes("signature")
    }

    init(first: Int64, last: Int64, before: [UInt8], after: [UInt8], time: MediaTime, key: ChainKey) throws {
        self.first = first
        self.last = last
        self.before = before
        self.after = after
        self.time = time
        signature = []
        signature = try key.signature(of: message)
    }

    /// What is signed.
    var message: [UInt8] {
        var canonical = CanonicalHash()
        canonical.add("snowline-anchor-1")
        canonical.add(first)
        canonical.add(last)
        canonical.add(Hexadecimal.text(before))
        canonical.add(Hexadecimal.text(after))
        canonical.add(time.microseconds)
        return canonical.finished()
    }
}

extension Chain {
    /// Removes entries whose contents are removed in the same transaction, and leaves signed anchors for them.
    func remove(_ numbers: [Int64], at now: MediaTime, in database: Database) throws {
        for run in Self.runs(numbers) { try remove(run, at: now, in: database) }
    }

    private func remove(_ run: ClosedRange<Int64>, at now: MediaTime, in database: Database) throws {
        let hashSQL = "SELECT hash FROM chain WHERE number = ?"
        guard let last = try Data.fetchOne(database, sql: hashSQL, arguments: [run.upperBound]) else { return }
        let left = try anchor("last = ?", run.lowerBound - 1, in: database)
        let right = try anchor("first = ?", run.upperBound + 1, in: database)
        let before: [UInt8]
        if let left {
            before = left.before
        } else if run.lowerBound == 1 {
            before = ChainHead.origin.hash
        } else {
            before = try Data.fetchOne(database, sql: hashSQL, arguments: [run.lowerBound - 1]).map { Array($0) } ?? []
        }
        try database.execute(
            sql: "DELETE FROM chain WHERE number BETWEEN ? AND ?", arguments: [run.lowerBound, run.upperBound])
        for merged in [left, right].compactMap({ $0 }) {
            try database.execute(sql: "DELETE FROM chain_anchor WHERE first = ?", arguments: [merged.first])
        }
        let anchor = try ChainAnchor(
            first: left?.first ?? run.lowerBound, last: right?.last ?? run.upperBound, before: before,
            after: right?.after ?? Array(last), time: now, key: key)
        try database.execute(
            sql: "INSERT INTO chain_anchor (first, last, before, after, time, signature) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                anchor.first, anchor.last, Data(anchor.before), Data(anchor.after), now.microseconds,
                Data(anchor.signature)
            ])
    }

    /// After the key was lost: whoever kept the old public key is told, whoever did not can still verify.
    func signAnchorsAnew(in database: Database) throws {
        for row in try Row.fetchAll(database, sql: "SELECT * FROM chain_anchor") {
            let anchor = try ChainAnchor(row: row)
            try database.execute(
                sql: "UPDATE chain_anchor SET signature = ? WHERE first = ?",
                arguments: [Data(try key.signature(of: anchor.message)), anchor.first])
        }
    }

    private func anchor(_ condition: String, _ number: Int64, in database: Database) throws -> ChainAnchor? {
        try Row.fetchOne(database, sql: "SELECT * FROM chain_anchor WHERE \(condition)", arguments: [number])
            .map { try ChainAnchor(row: $0) }
    }

    /// Numbers that follow one another, together.
    static func runs(_ numbers: [Int64]) -> [ClosedRange<Int64>] {
        var runs: [ClosedRange<Int64>] = []
        for number in Set(numbers).sorted() {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs
    }
}
