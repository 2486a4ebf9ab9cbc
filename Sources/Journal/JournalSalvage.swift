import Foundation
import GRDB
import Scene

/// Reads what can be read of a damaged journal, from both ends of each table, and puts it into a new one: first what the
/// site needs to go on (orders, counters, what is open or undelivered), all of it in the chain of the new journal.
struct JournalSalvage {
    private(set) var versions = 0
    private(set) var deliveries = 0
    private(set) var refused = 0
    private(set) var unreadable: Set<String> = []

    /// Rows of one transaction.
    private static let batch = 500
    /// Confirmed rows are kept this long, so an alert that is younger and has none is taken as undelivered.
    private static let redelivery = AlertJournal.confirmedRetention

    private let pool: DatabasePool
    private let chain: Chain
    private let now: MediaTime

    init(pool: DatabasePool, chain: Chain, now: MediaTime) {
        self.pool = pool
        self.chain = chain
        self.now = now
    }

    /// - Throws: where the new journal cannot be written; what the old one cannot say is left out.
    mutating func run(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else {
            unreadable.insert("all")
            return
        }
        var old = SalvageReader(queue)
        defer { unreadable = old.unreadable }
        try copySequences(from: &old)
        try copy("sink", "id, since, removed", from: &old)
        try copyOrders(from: &old)
        try copyVersions(from: &old)
        try copy("legal_hold", "id, who, why, since", from: &old, holding: { try ChainPlace(.hold, $0) })
        try copyDeliveries(from: &old)
        try copyChanges(from: &old)
        try copyVerdicts(from: &old)
        try copy("coverage", "camera, rule, hour, state, span", from: &old)
        try copy("coverage_gap", "camera, rule, started, state, ended", from: &old)
        try copy("coverage_cursor", "camera, rule, accounted", from: &old)
    }

    // MARK: - Writing

    private struct ChainPlace {
        let kind: ChainEntry.Kind
        let subject: String
        let content: String

        init(_ kind: ChainEntry.Kind, _ row: Row) throws {
            self.kind = kind
            subject = try row.text("id")
            content = try DecisionCoder.text(
                LegalHold(
                    alert: subject, who: row.text("who"), why: row.text("why"),
                    since: MediaTime(microseconds: row.number("since"))))
        }
    }

    /// Copies rows as they are; what no longer fits (its alert is gone, a value is garbled) is left out.
    private mutating func copy(
        _ table: String, _ columns: String, from old: inout SalvageReader, holding: ((Row) throws -> ChainPlace)? = nil
    ) throws {
        let names = columns.split(separator: ", ")
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        let (chain, now) = (chain, now)
        try each(table, columns, of: &old) { row, database in
            let values = names.map { row[String($0)] as DatabaseValue? ?? .null }
            try Self.tolerant {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO \(table) (\(columns)) VALUES (\(marks))",
                    arguments: StatementArguments(values))
                guard database.changesCount > 0, let place = try holding?(row) else { return }
                try chain.add(place.kind, place.subject, content: place.content, at: now, in: database)
            }
        }
    }

    private mutating func copyOrders(from old: inout SalvageReader) throws {
        let (chain, now) = (chain, now)
        try each("arming_order", of: &old) { row, database in
            guard let content = try? row.text("content"), let scope = try? row.text("scope"),
                (try? DecisionCoder.decode(ArmingOrder.self, from: content)) != nil
            else { return }
            try Self.tolerant {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO arming_order (scope, camera, rule, since, content) VALUES (?,?,?,?,?)",
                    arguments: [scope, row.textOrNil("camera"), row.textOrNil("rule"), row.number("since"), content])
                guard database.changesCount > 0 else { return }
                try chain.add(.order, scope, content: content, at: now, in: database)
            }
        }
    }

    private mutating func copyVersions(from old: inout SalvageReader) throws {
        let (chain, now) = (chain, now)
        var counts = (saved: 0, refused: 0)
        let lookup = old.lookup
        try each("alert_version", of: &old) { row, database in
            guard let alert = Self.alert(row, lookup) else {
                counts.refused += 1
                return
            }
            let time = lookup.journaled(alert.decision.id) ?? now
            try Self.tolerant {
                let isThere = try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT 1 FROM alert_version WHERE id = ? AND version = ?)",
                    arguments: [alert.decision.id, alert.decision.version])
                guard isThere == false else { return }
                try AppendEntry.updateEpisode(alert, in: database, at: time)
                let journaled = (row["journaled"] as Int64?).map(MediaTime.init(microseconds:))
                try AppendEntry.insert(
                    alert, decision: row.text("decision"), reception: row.text("reception"), journaled: journaled,
                    in: database, chain: chain, at: now)
                try Self.raiseSequence(alert, in: database)
                counts.saved += 1
            }
        }
        versions = counts.saved
        refused = counts.refused
    }

    /// Nil where the row is not what was journaled.
    private static func alert(_ row: Row, _ old: SalvageReader.Lookup) -> Alert? {
        do {
            let digest = try row.decode(Int64?.self, forColumn: "link").flatMap { old.digest($0) }
            guard try digest == nil || digest == ChainContent.alert(row) else { return nil }
            return Alert(
                decision: try DecisionCoder.decode(AlertDecision.self, from: row.text("decision")),
                reception: try DecisionCoder.decode(AlertReception.self, from: row.text("reception")),
                verified: try row.number("verified") != 0)
        } catch {
            return nil
        }
    }

    private static func raiseSequence(_ alert: Alert, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO camera_sequence (camera, last) VALUES (?, ?)
                ON CONFLICT (camera) DO UPDATE SET last = max(last, excluded.last)
                """,
            arguments: [alert.decision.camera.text, alert.reception.sequence])
    }

    /// How far each camera has counted, and what retention took: what is missing between is known as lost.
    private mutating func copySequences(from old: inout SalvageReader) throws {
        try each("camera_sequence", of: &old) { row, database in
            try Self.tolerant {
                try database.execute(
                    sql: """
                        INSERT INTO camera_sequence (camera, last, pruned) VALUES (?, ?, ?)
                        ON CONFLICT (camera) DO UPDATE SET last = max(last, excluded.last), pruned = excluded.pruned
                        """,
                    arguments: [row.text("camera"), row.number("last"), row["pruned"] as Int64? ?? 0])
            }
        }
    }

    /// Rows of the outbox as they were. Where some cannot be read, alerts of the last days without a row are sent again:
    /// the receiver knows them by their id.
    private mutating func copyDeliveries(from old: inout SalvageReader) throws {
        let columns =
            "row, sink, id, version, camera, lane, journaled, attempts, next_attempt, broker_acked, "
            + "dispatch_confirmed, last_error, dead_reason, parked, is_update"
        let names = columns.split(separator: ", ")
        let marks = names.map { _ in "?" }.joined(separator: ", ")
        var count = 0
        // Of a journal before the newest migration the last column is missing.
        try each("outbox", of: &old) { row, database in
            try Self.tolerant {
                let values = names.map {
                    row[String($0)] as DatabaseValue? ?? ($0 == "is_update" ? 0.databaseValue : .null)
                }
                try database.execute(
                    sql: "INSERT OR IGNORE INTO outbox (\(columns)) VALUES (\(marks))",
                    arguments: StatementArguments(values))
                count += database.changesCount
            }
        }
        if old.unreadable.contains("outbox") { count += try deliverAgain() }
        deliveries = count
    }

    private func deliverAgain() throws -> Int {
        let (now, since) = (now, now - Self.redelivery)
        return try pool.write { database in
            try database.execute(
                sql: """
                    INSERT INTO outbox (sink, id, version, camera, lane, is_update, journaled, next_attempt)
                    SELECT sink.id, v.id, v.version, v.camera,
                        iif(coalesce(v.decision ->> '$.severity', 4) <= 2, 0, 2)
                            + iif(v.decision ->> '$.place.camera_class' = 'A', 0, 1),
                        v.decision ->> '$.state' = 'updated', ?1, ?1
                    FROM alert_version AS v JOIN episode ON episode.id = v.id JOIN sink ON sink.removed IS NULL
                    WHERE episode.journaled >= ?2 AND NOT EXISTS (
                        SELECT 1 FROM outbox WHERE outbox.sink = sink.id AND outbox.id = v.id
                            AND outbox.version = v.version)
                    ORDER BY v.rowid
                    """,
                arguments: [now.microseconds, since.microseconds])
            return database.changesCount
        }
    }

    private mutating func copyChanges(from old: inout SalvageReader) throws {
        let (chain, now) = (chain, now)
        try each("change", of: &old) { row, database in
            guard let kind = (try? row.text("kind")).flatMap(JournalChange.Kind.init) else { return }
            try Self.tolerant {
                try AlertJournal.insert(
                    kind, camera: row.textOrNil("camera").flatMap { CameraID($0) }, detail: row.text("detail"),
                    time: MediaTime(microseconds: row.number("time")), chain: chain, at: now, in: database)
            }
        }
    }

    private mutating func copyVerdicts(from old: inout SalvageReader) throws {
        let columns = "id, camera, rule, rule_revision, verdict, cause, why, reviewer, time"
        try copy("verdict", columns, from: &old)
        let (chain, now) = (chain, now)
        try pool.write { database in
            for row in try Row.fetchAll(database, sql: "SELECT * FROM verdict WHERE link IS NULL ORDER BY row") {
                let number = try row.number("row")
                let link = try chain.add(
                    .verdict, "\(number)", digest: try ChainContent.verdict(row), at: now, in: database)
                try database.execute(sql: "UPDATE verdict SET link = ? WHERE row = ?", arguments: [link, number])
            }
        }
    }

    /// Each row of the old table that can be read, in transactions of the new journal.
    private func each(
        _ table: String, _ columns: String = "*", of old: inout SalvageReader, _ body: (Row, Database) throws -> Void
    ) throws {
        try old.each(table, columns, batch: Self.batch) { rows in
            try pool.write { database in
                for row in rows { try body(row, database) }
            }
        }
    }

    /// A row that the new journal's tables refuse is left out; an error of the disk is not tolerated.
    private static func tolerant(_ body: () throws -> Void) throws {
        do { try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return
        } catch let error as DatabaseError where error.resultCode == .SQLITE_MISMATCH {
            return
        } catch let error as DatabaseError {
            throw error
        } catch is RowDecodingError {
            return
        }
    }
}
