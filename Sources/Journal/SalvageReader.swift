import GRDB
import Scene

/// Reads the tables of a damaged file: each row that can be reached from the beginning, over the damaged places, and from
/// the end.
struct SalvageReader {
    /// Tables of which a part could not be read.
    private(set) var unreadable: Set<String> = []

    let lookup: Lookup
    private let queue: DatabaseQueue

    /// Single values beside a row; nil where they cannot be read.
    struct Lookup {
        fileprivate let queue: DatabaseQueue

        func journaled(_ id: String) -> MediaTime? {
            let time = try? queue.read { database in
                try Int64.fetchOne(database, sql: "SELECT journaled FROM episode WHERE id = ?", arguments: [id])
            }
            return time.flatMap { $0 }.map { MediaTime(microseconds: $0) }
        }

        func digest(_ number: Int64) -> [UInt8]? {
            let row = try? queue.read { database in
                try Row.fetchOne(database, sql: "SELECT digest FROM chain WHERE number = ?", arguments: [number])
            }
            return row.flatMap { $0 }.flatMap { try? $0.bytes("digest") }
        }
    }

    /// Keys of the tables that have no row numbers.
    private static let keys = [
        "coverage": "camera, rule, hour, state", "coverage_gap": "camera, rule, started",
        "coverage_cursor": "camera, rule"
    ]

    init(_ queue: DatabaseQueue) {
        self.queue = queue
        lookup = Lookup(queue: queue)
    }

    /// - Throws: only what `body` throws.
    mutating func each(
        _ table: String, _ columns: String, batch: Int, _ body: ([Row]) throws -> Void
    ) throws {
        if let key = Self.keys[table] {
            try eachByKey(table, columns, key, batch, body)
        } else {
            try eachByNumber(table, columns, batch, body)
        }
    }

    private struct Part {
        var rows: [Row]
        var isWhole: Bool
    }

    private func read(_ sql: String, _ arguments: StatementArguments = StatementArguments()) -> Part {
        let part = try? queue.read { database in
            var rows: [Row] = []
            do {
                let cursor = try Row.fetchCursor(database, sql: sql, arguments: arguments)
                while let row = try cursor.next() { rows.append(row.copy()) }
                return Part(rows: rows, isWhole: true)
            } catch {
                return Part(rows: rows, isWhole: false)
            }
        }
        return part ?? Part(rows: [], isWhole: false)
    }

    // MARK: - By row number

    private mutating func eachByNumber(
        _ table: String, _ columns: String, _ batch: Int, _ body: ([Row]) throws -> Void
    ) throws {
        let select = "SELECT rowid AS salvaged_row, \(columns) FROM \(table) WHERE rowid"
        var reached: Int64 = 0
        while true {
            let part = read("\(select) > ? ORDER BY rowid LIMIT \(batch)", [reached])
            if !part.rows.isEmpty { try body(part.rows) }
            reached = part.rows.last.map { $0["salvaged_row"] } ?? reached
            if part.isWhole {
                if part.rows.isEmpty { return }
                continue
            }
            unreadable.insert(table)
            // Beyond the damaged place, then back to it from there.
            let landing = firstReadable(select, after: reached)
            try eachDownwards(select, below: landing ?? .max, to: reached, batch, body)
            guard let landing else { return }
            reached = landing - 1
        }
    }

    /// The first row that can be reached at a growing distance; nil where there is none to the end.
    private func firstReadable(_ select: String, after reached: Int64) -> Int64? {
        var step: Int64 = 1
        while reached < Int64.max - step, step < 1 << 48 {
            let part = read("\(select) > ? ORDER BY rowid LIMIT 1", [reached + step])
            if let row = part.rows.first { return row["salvaged_row"] }
            if part.isWhole { return nil }
            step *= 2
        }
        return nil
    }

    private func eachDownwards(
        _ select: String, below: Int64, to reached: Int64, _ batch: Int, _ body: ([Row]) throws -> Void
    ) throws {
        var below = below
        while true {
            let part = read("\(select) > ? AND rowid < ? ORDER BY rowid DESC LIMIT \(batch)", [reached, below])
            if !part.rows.isEmpty { try body(part.rows) }
            guard part.isWhole, let last = part.rows.last else { return }
            below = last["salvaged_row"]
        }
    }

    // MARK: - By key

    private mutating func eachByKey(
        _ table: String, _ columns: String, _ key: String, _ batch: Int, _ body: ([Row]) throws -> Void
    ) throws {
        let names = key.split(separator: ", ").map(String.init)
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        for (sense, order) in [(">", ""), ("<", " DESC")] {
            let ordering = names.map { $0 + order }.joined(separator: ", ")
            var place: StatementArguments?
            while true {
                let from = place == nil ? "" : " WHERE (\(key)) \(sense) (\(marks))"
                let part = read(
                    "SELECT \(columns) FROM \(table)\(from) ORDER BY \(ordering) LIMIT \(batch)",
                    place ?? StatementArguments())
                if !part.rows.isEmpty { try body(part.rows) }
                if let last = part.rows.last {
                    place = StatementArguments(names.map { last[$0] as DatabaseValue? ?? .null })
                }
                if !part.isWhole { break }
                if part.rows.isEmpty { return }
            }
            unreadable.insert(table)
        }
    }
}
