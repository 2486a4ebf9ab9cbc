import Foundation
import GRDB
package import Scene

/// One alert version on its way to one sink.
package struct OutboxRow: Hashable, Sendable {
    package fileprivate(set) var number: Int64
    package let sink: String
    package let alertID: String
    package let version: Int
    package let camera: String
    /// Attempts made before this one.
    package let attempts: Int
    /// True where the receiver has refused it before.
    package let isRefused: Bool
    /// The journaled texts; sent byte for byte.
    package let decision: String
    package let reception: String
    package let verified: Bool
}

/// How one attempt ended, as the outbox keeps it.
package enum OutboxMark: Hashable, Sendable {
    /// A broker has it; the dispatch side has not confirmed. It steps out of line and is sent again at `resendAt`
    /// unless confirmed by then.
    case acknowledged(resendAt: MediaTime)
    /// The dispatch side has it. The row is kept for ``AlertJournal/confirmedRetention`` and then removed.
    case confirmed
    /// Not delivered; stays in line and is due again at `nextAttempt`.
    case failed(error: String, nextAttempt: MediaTime)
    /// The receiver refused this very message: it steps out of line (its camera goes on), is tried again slowly and
    /// stays visible.
    case refused(error: String, nextAttempt: MediaTime)
}

/// What waits for one sink.
package struct OutboxStanding: Hashable, Sendable {
    package let sink: String
    /// False for a sink that is in the journal but no longer in the configuration.
    package let isConfigured: Bool
    package let pending: Int
    /// Of those, rows that the receiver refused.
    package let refused: Int
    /// Of those, rows that a broker has and that the dispatch side has not confirmed.
    package let unconfirmed: Int
    /// Updates that a newer version has taken the place of, which is not confirmed yet. They are not pending.
    package let superseded: Int
    /// Kept after confirmation.
    package let confirmed: Int
    /// When the oldest pending row was journaled.
    package let oldest: MediaTime?
    /// When the oldest row was journaled that a broker has and the dispatch side has not confirmed.
    package let oldestUnconfirmed: MediaTime?
    package let lastError: String?
}

extension AlertJournal {
    /// How long a confirmed row stays, so that the dispatch side can ask for it again.
    package static let confirmedRetention = MediaSpan(microseconds: 72 * 3600 * 1_000_000)

    /// Longest error text that is kept.
    private static let errorLimit = 500

    /// The next rows for a sink: at most one a camera (its oldest in line, or a refused one whose time has come), lane
    /// by lane, then oldest first. Cameras in `excluding` have one in flight.
    ///
    /// - Parameter isCrowded: cameras whose line holds nothing but updates go after the others of their lane.
    package func dueRows(
        sink: String, at now: MediaTime, excluding: Set<String> = [], isCrowded: Bool = false, limit: Int
    ) async throws -> [OutboxRow] {
        let busy = try DecisionCoder.text(excluding.sorted())
        let file = store.fileNumber
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: Self.dueSQL,
                arguments: [
                    "sink": sink, "now": now.microseconds, "busy": busy, "limit": limit, "crowded": isCrowded
                ]
            ).map { OutboxRow(row: $0).of(file: file) }
        }
    }

    static let dueSQL = """
        \(heads), eligible AS (
            SELECT row, camera FROM head JOIN outbox USING (row, camera) WHERE next_attempt <= :now
            UNION ALL
            SELECT row, camera FROM (
                SELECT row, camera FROM outbox
                WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 1 AND next_attempt <= :now
                    AND camera NOT IN (SELECT value FROM json_each(:busy))
                ORDER BY next_attempt LIMIT :limit)
            UNION ALL
            SELECT row, camera FROM (
                SELECT row, camera FROM outbox
                WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 2 AND next_attempt <= :now
                    AND camera NOT IN (SELECT value FROM json_each(:busy))
                ORDER BY next_attempt LIMIT :limit)
        ), pick AS (
            SELECT min(row) AS row, coalesce((
                SELECT min(lane) FROM outbox WHERE sink = :sink AND camera = eligible.camera
                    AND dispatch_confirmed IS NULL AND parked = 0), \(DeliveryLane.plain.rawValue)) AS first_lane,
                :crowded AND NOT EXISTS (
                    SELECT 1 FROM outbox WHERE sink = :sink AND camera = eligible.camera
                        AND dispatch_confirmed IS NULL AND parked = 0 AND NOT is_update) AS only_updates
            FROM eligible GROUP BY camera
        )
        SELECT outbox.*, decision, reception, verified
        FROM (SELECT * FROM pick ORDER BY first_lane, only_updates, row LIMIT :limit)
            JOIN outbox USING (row) JOIN alert_version USING (id, version)
        ORDER BY first_lane, only_updates, row
        """

    /// When the next row of the sink falls due; nil when nothing waits.
    package func nextDue(sink: String, excluding: Set<String> = []) async throws -> MediaTime? {
        let busy = try DecisionCoder.text(excluding.sorted())
        return try await read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    \(Self.heads)
                    SELECT min(next_attempt) FROM (
                        SELECT next_attempt FROM head JOIN outbox USING (row)
                        UNION ALL
                        SELECT next_attempt FROM (
                            SELECT next_attempt FROM outbox
                            WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 1
                                AND camera NOT IN (SELECT value FROM json_each(:busy))
                            ORDER BY next_attempt LIMIT 1)
                        UNION ALL
                        SELECT next_attempt FROM (
                            SELECT next_attempt FROM outbox
                            WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 2
                                AND camera NOT IN (SELECT value FROM json_each(:busy))
                            ORDER BY next_attempt LIMIT 1))
                    """,
                arguments: ["sink": sink, "busy": busy]
            ).map { MediaTime(microseconds: $0) }
        }
    }

    /// The oldest row in line of each camera that has none in flight. Steps from camera to camera through the index,
    /// so that a long outage (a million rows) costs no more than a short one.
    private static let heads = """
        WITH RECURSIVE cameras (camera) AS (
            SELECT min(camera) FROM outbox WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 0
            UNION ALL
            SELECT (
                SELECT min(camera) FROM outbox
                WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 0 AND camera > cameras.camera)
            FROM cameras WHERE camera IS NOT NULL
        ), head AS (
            SELECT camera, (
                SELECT min(row) FROM outbox
                WHERE sink = :sink AND dispatch_confirmed IS NULL AND parked = 0 AND camera = cameras.camera) AS row
            FROM cameras
            WHERE camera IS NOT NULL AND camera NOT IN (SELECT value FROM json_each(:busy))
        )
        """

    /// Notes how attempts ended, in one transaction. Of rows of a journal that was set aside meanwhile nothing is noted:
    /// what of them was saved is delivered again.
    package func mark(_ marks: [(row: Int64, mark: OutboxMark)]) async throws {
        let now = clock()
        let file = store.fileNumber
        try await write { database in
            for (number, mark) in marks where OutboxRow.file(ofNumber: number) == file {
                try Self.apply(mark, to: OutboxRow.row(ofNumber: number), at: now, in: database)
            }
        }
    }

    /// Makes everything that waits due now and puts refused rows back in line: after a restart, or when a receiver has
    /// come back. Rows that a broker has wait for its confirmation as before.
    package func expedite(sink: String) async throws {
        let now = clock()
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE outbox SET next_attempt = min(next_attempt, ?), parked = 0
                    WHERE sink = ? AND dispatch_confirmed IS NULL AND broker_acked IS NULL AND parked IN (0, 1)
                    """,
                arguments: [now.microseconds, sink])
        }
    }

    private static func apply(_ mark: OutboxMark, to row: Int64, at now: MediaTime, in database: Database) throws {
        switch mark {
        case .acknowledged(let resendAt):
            try database.execute(
                sql: """
                    UPDATE outbox SET attempts = attempts + 1, broker_acked = ?, next_attempt = ?, parked = 2,
                        dead_reason = NULL, last_error = NULL
                    WHERE row = ? AND dispatch_confirmed IS NULL
                    """,
                arguments: [now.microseconds, resendAt.microseconds, row])
        case .confirmed:
            try settleSuperseded(by: row, at: now, in: database)
            try database.execute(
                sql: """
                    UPDATE outbox SET attempts = attempts + 1, broker_acked = coalesce(broker_acked, ?1),
                        dispatch_confirmed = ?1, parked = 0, dead_reason = NULL, last_error = NULL
                    WHERE row = ?2 AND dispatch_confirmed IS NULL
                    """,
                arguments: [now.microseconds, row])
        case .failed(let error, let nextAttempt):
            try database.execute(
                sql: "UPDATE outbox SET attempts = attempts + 1, next_attempt = ?, last_error = ? WHERE row = ?",
                arguments: [nextAttempt.microseconds, String(error.prefix(errorLimit)), row])
        case .refused(let error, let nextAttempt):
            try database.execute(
                sql: """
                    UPDATE outbox SET attempts = attempts + 1, parked = 1, next_attempt = ?1, last_error = ?2,
                        dead_reason = ?2 WHERE row = ?3 AND parked <> 3
                    """,
                arguments: [nextAttempt.microseconds, String(error.prefix(errorLimit)), row])
        }
    }
}

extension JournalReader {
    /// Counts through the partial indexes, so that a scrape does not read every row.
    static let standingSQL = """
        SELECT id AS sink, removed IS NULL AS configured,
            (SELECT count(*) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 0) AS line,
            (SELECT count(*) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 1) AS refused,
            (SELECT count(*) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 2) AS unconfirmed,
            (SELECT count(*) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 3) AS superseded,
            (SELECT count(*) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NOT NULL) AS confirmed,
            (SELECT min(journaled) FROM outbox WHERE row IN (
                (SELECT min(row) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 0),
                (SELECT min(row) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 1),
                (SELECT min(row) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 2)
            )) AS oldest,
            (SELECT journaled FROM outbox WHERE row =
                (SELECT min(row) FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL AND parked = 2)
            ) AS oldest_unconfirmed,
            (SELECT last_error FROM outbox WHERE sink = s.id AND dispatch_confirmed IS NULL
                AND last_error IS NOT NULL ORDER BY row DESC LIMIT 1) AS last_error
        FROM (SELECT id, removed FROM sink
              UNION ALL
              SELECT DISTINCT sink, 0 FROM outbox WHERE sink NOT IN (SELECT id FROM sink)) AS s
        ORDER BY id
        """

    /// One standing for each sink the journal has seen, by name.
    package func outbox() throws -> [OutboxStanding] {
        try read { database in
            try Row.fetchAll(
                database, sql: Self.standingSQL
            ).map { row in
                OutboxStanding(
                    sink: row["sink"], isConfigured: row["configured"],
                    pending: row["line"] + row["refused"] + row["unconfirmed"], refused: row["refused"],
                    unconfirmed: row["unconfirmed"], superseded: row["superseded"], confirmed: row["confirmed"],
                    oldest: (row["oldest"] as Int64?).map { MediaTime(microseconds: $0) },
                    oldestUnconfirmed: (row["oldest_unconfirmed"] as Int64?).map { MediaTime(microseconds: $0) },
                    lastError: row["last_error"])
            }
        }
    }
}

extension OutboxRow {
    // The journal may be another file when an attempt has ended; a number names the row and which file it is of, so that
    // a row of the old one is never taken for a row of the new one.
    private static let fileShift: Int64 = 48

    fileprivate func of(file: Int64) -> OutboxRow {
        var row = self
        row.number += file << Self.fileShift
        return row
    }

    fileprivate static func file(ofNumber number: Int64) -> Int64 { number >> fileShift }
    fileprivate static func row(ofNumber number: Int64) -> Int64 { number & (1 << fileShift - 1) }

    init(row: Row) {
        number = row["row"]
        sink = row["sink"]
        alertID = row["id"]
        version = row["version"]
        camera = row["camera"]
        attempts = row["attempts"]
        isRefused = (row["parked"] as Int) == 1
        decision = row["decision"]
        reception = row["reception"]
        verified = row["verified"]
    }
}
