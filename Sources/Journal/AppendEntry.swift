import Foundation
import GRDB
import Scene

/// One call of ``AlertJournal/append(_:sinks:)``, prepared outside the transaction.
struct AppendEntry: Sendable {
    struct Item: Sendable {
        var alert: Alert
        /// Encoded beforehand: what cannot be encoded fails its own caller and no one else's.
        let decision: String
    }

    let items: [Item]
    let sinks: [String]

    init(alerts: [Alert], sinks: [String]) throws {
        items = try alerts.map { Item(alert: $0, decision: try DecisionCoder.text($0.decision)) }
        self.sinks = sinks
    }

    /// Stores the entry. A conflict is this caller's failure and leaves the transaction good for the others;
    /// SQLite's own errors are thrown and undo the whole batch.
    static func store(
        _ entry: AppendEntry, in database: Database, chain: Chain, at now: MediaTime
    ) throws -> Result<[Alert], any Error> {
        do {
            let known = try entry.items.map { try stored($0, in: database) }
            return .success(
                try zip(entry.items, known).map { item, known in
                    try known ?? insert(item, sinks: entry.sinks, in: database, chain: chain, at: now)
                })
        } catch let error as DatabaseError {
            throw error
        } catch {
            return .failure(error)
        }
    }

    /// What the journal already has under this id and version.
    private static func stored(_ item: Item, in database: Database) throws -> Alert? {
        let decision = item.alert.decision
        let sql = "SELECT decision, reception, verified FROM alert_version WHERE id = ? AND version = ?"
        let statement = try database.cachedStatement(sql: sql)
        guard let row = try Row.fetchOne(statement, arguments: [decision.id, decision.version]) else {
            return nil
        }
        guard row["decision"] == item.decision else {
            throw JournalError.conflict(id: decision.id, version: decision.version)
        }
        return Alert(
            decision: decision,
            reception: try DecisionCoder.decode(AlertReception.self, from: row["reception"] as String),
            verified: row["verified"])
    }

    private static func insert(
        _ item: Item, sinks: [String], in database: Database, chain: Chain, at now: MediaTime
    ) throws -> Alert {
        var alert = item.alert
        alert.reception.sequence = try nextSequence(alert.decision.camera, in: database)
        let reception = try DecisionCoder.text(alert.reception)
        try updateEpisode(alert, in: database, at: now)
        try insert(
            alert, decision: item.decision, reception: reception, journaled: now, in: database, chain: chain, at: now)
        try enqueue(alert, sinks: sinks, in: database, at: now)
        return alert
    }

    /// The version's row and its entry in the chain.
    /// - Parameter journaled: nil for a version of which that is not known any more.
    static func insert(
        _ alert: Alert, decision: String, reception: String, journaled: MediaTime?, in database: Database, chain: Chain,
        at now: MediaTime
    ) throws {
        let (id, version, camera) = (alert.decision.id, alert.decision.version, alert.decision.camera.text)
        let digest = ChainContent.alert(
            id: id, version: Int64(version), camera: camera, sequence: alert.reception.sequence, decision: decision,
            reception: reception)
        let link = try chain.add(.alert, "\(id).\(version)", digest: digest, at: now, in: database)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO alert_version
                    (id, version, camera, sequence, decision, reception, verified, link, journaled)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                id, version, camera, alert.reception.sequence, decision, reception, alert.verified, link,
                journaled?.microseconds
            ])
    }

    private static func nextSequence(_ camera: CameraID, in database: Database) throws -> Int64 {
        let sql = """
            INSERT INTO camera_sequence (camera, last) VALUES (?, 1)
            ON CONFLICT (camera) DO UPDATE SET last = last + 1 RETURNING last
            """
        guard let number = try Int64.fetchOne(database.cachedStatement(sql: sql), arguments: [camera.text]) else {
            throw DatabaseError(resultCode: .SQLITE_INTERNAL, message: "no sequence number for camera \(camera)")
        }
        return number
    }

    static func updateEpisode(_ alert: Alert, in database: Database, at now: MediaTime) throws {
        let decision = alert.decision
        let bytes = try newEvidenceBytes(alert, in: database)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO episode
                    (id, camera, rule, rule_revision, started, last, version, is_open, journaled, evidence_bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    last = iif(excluded.version > version, excluded.last, last),
                    is_open = iif(excluded.version > version, excluded.is_open, is_open),
                    version = max(version, excluded.version), journaled = excluded.journaled,
                    evidence_bytes = evidence_bytes + excluded.evidence_bytes
                """)
        try statement.execute(
            arguments: [
                decision.id, decision.camera.text, decision.rule.text, decision.ruleRevision,
                decision.start.microseconds, decision.last.microseconds, decision.version, decision.state != .closed,
                now.microseconds, bytes
            ])
    }

    /// Bytes of the evidence that no earlier version of the alert names: a closing version names the first one's stills
    /// again, and each version the clip.
    private static func newEvidenceBytes(_ alert: Alert, in database: Database) throws -> Int {
        var evidence = alert.reception.evidence
        if alert.decision.version > 1, !evidence.isEmpty {
            let statement = try database.cachedStatement(
                sql: """
                    SELECT named.value ->> '$.path'
                    FROM alert_version AS v, json_each(v.reception, '$.evidence') AS named WHERE v.id = ?
                    """)
            let named = try Set(String.fetchAll(statement, arguments: [alert.decision.id]))
            evidence.removeAll { named.contains($0.path) }
        }
        return evidence.reduce(0) { $0 + $1.bytes }
    }

    private static func enqueue(_ alert: Alert, sinks: [String], in database: Database, at now: MediaTime) throws {
        let decision = alert.decision
        for sink in sinks {
            try database.execute(
                sql: """
                    INSERT INTO outbox (sink, id, version, camera, lane, journaled, next_attempt, is_update)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
                    """,
                arguments: [
                    sink, decision.id, decision.version, decision.camera.text, DeliveryLane(decision).rawValue,
                    now.microseconds, decision.state == .updated
                ])
        }
    }
}
