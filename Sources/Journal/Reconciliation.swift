import GRDB
package import Scene

/// What became of everything that was raised: raised = journaled = acked = confirmed, and each that is not.
package struct ReconciliationReport: Hashable, Sendable, Codable {
    package struct Sink: Hashable, Sendable, Codable {
        package var sink: String
        /// False for one that the configuration no longer names; what waits for it waits for good.
        package var isConfigured: Bool
        /// Versions that it owes: of all that were journaled since it was configured.
        package var journaled: Int
        /// Taken by the receiver or broker, or passed over for a newer version that was.
        package var acked: Int
        /// Confirmed by the dispatch side, or passed over for a newer version that was.
        package var confirmed: Int
        /// Of the confirmed and of those that wait: passed over for a newer version of the same alert.
        package var superseded: Int

        enum CodingKeys: String, CodingKey {
            case sink, journaled, acked, confirmed, superseded
            case isConfigured = "configured"
        }
    }

    package struct Difference: Hashable, Sendable, Codable {
        package enum Kind: String, Sendable, Codable, CaseIterable {
            /// The camera has numbered more versions than the journal holds and retention has taken.
            case notJournaled = "not_journaled"
            /// An alert whose versions are not 1, 2, 3 …
            case versionMissing = "version_missing"
            /// Journaled, and no row for a sink that was configured then.
            case notQueued = "not_queued"
            case waiting
            case refused
            /// The broker has it; the dispatch side has not confirmed.
            case unconfirmed
            /// Passed over for a newer version, which is not confirmed.
            case superseded
        }

        package var kind: Kind
        /// `<alert id>.<version>`; of ``Kind/notJournaled`` the camera.
        package var id: String
        package var sink: String?
        /// What is known of it, as a sentence.
        package var detail: String
    }

    /// Versions that cameras have numbered, since the journal was begun.
    package var raised: Int
    /// Versions that the journal holds, and those that retention has taken.
    package var journaled: Int
    package var pruned: Int
    package var sinks: [Sink]
    package var differences: [Difference]
}

extension JournalReader {
    /// Compares all that was raised with what is known of it, in one look at the journal.
    ///
    /// - Parameters:
    ///   - now: the server's time.
    ///   - grace: rows that were journaled less than this ago are on their way and no difference.
    package func reconcile(at now: MediaTime, grace: MediaSpan = .zero) throws -> ReconciliationReport {
        try read { database in
            var report = ReconciliationReport(raised: 0, journaled: 0, pruned: 0, sinks: [], differences: [])
            try Self.countVersions(in: database, &report)
            let sinks = try Row.fetchAll(database, sql: "SELECT id, since, removed FROM sink ORDER BY id")
            for sink in sinks {
                try Self.count(
                    sink["id"], since: sink["since"], isConfigured: (sink["removed"] as Int64?) == nil,
                    released: now - AlertJournal.confirmedRetention, before: now - grace, in: database, &report)
            }
            return report
        }
    }

    private static func countVersions(in database: Database, _ report: inout ReconciliationReport) throws {
        let cameras = try Row.fetchAll(
            database,
            sql: """
                SELECT camera, last, pruned,
                    (SELECT count(*) FROM alert_version AS v WHERE v.camera = s.camera) AS held
                FROM camera_sequence AS s WHERE camera <> '' ORDER BY camera
                """)
        for camera in cameras {
            let (last, pruned, held): (Int, Int, Int) = (camera["last"], camera["pruned"], camera["held"])
            report.raised += last
            report.pruned += pruned
            report.journaled += held + pruned
            guard held + pruned != last else { continue }
            report.differences.append(
                .init(
                    kind: .notJournaled, id: camera["camera"], sink: nil,
                    detail: "\(last) versions numbered, \(held) in the journal, \(pruned) removed by retention"))
        }
        let broken = try Row.fetchAll(
            database,
            sql: """
                SELECT e.id, e.version, group_concat(v.version) AS held
                FROM episode AS e LEFT JOIN alert_version AS v ON v.id = e.id
                GROUP BY e.id HAVING count(v.version) <> e.version ORDER BY e.started
                """)
        for row in broken {
            let held = Set((row["held"] as String? ?? "").split(separator: ",").compactMap { Int($0) })
            for version in 1...max(1, row["version"] as Int) where !held.contains(version) {
                report.differences.append(
                    .init(
                        kind: .versionMissing, id: "\(row["id"] as String).\(version)", sink: nil,
                        detail: "the journal holds other versions of this alert and not this one"))
            }
        }
    }

    private static func count(
        _ sink: String, since: Int64, isConfigured: Bool, released: MediaTime, before: MediaTime,
        in database: Database, _ report: inout ReconciliationReport
    ) throws {
        var standing = ReconciliationReport.Sink(
            sink: sink, isConfigured: isConfigured, journaled: 0, acked: 0, confirmed: 0, superseded: 0)
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, version, journaled, attempts, parked, broker_acked, dispatch_confirmed, last_error
                FROM outbox WHERE sink = ? ORDER BY row
                """,
            arguments: [sink])
        while let row = try rows.next() {
            standing.journaled += 1
            let confirmed: Int64? = row["dispatch_confirmed"]
            let acked: Int64? = row["broker_acked"]
            let isConfirmed = confirmed != nil
            let parked: Int = row["parked"]
            let journaled: Int64 = row["journaled"]
            if parked == 3 { standing.superseded += 1 }
            if isConfirmed { standing.confirmed += 1 }
            if isConfirmed || acked != nil { standing.acked += 1 }
            guard !isConfirmed, journaled <= before.microseconds else { continue }
            report.differences.append(difference(row, sink: sink))
        }
        if isConfigured {
            try countUnqueued(sink, since: since, released: released, before: before, in: database, &standing, &report)
        }
        report.sinks.append(standing)
    }

    /// Versions without a row: confirmed and released long ago, or never queued.
    private static func countUnqueued(
        _ sink: String, since: Int64, released: MediaTime, before: MediaTime, in database: Database,
        _ standing: inout ReconciliationReport.Sink, _ report: inout ReconciliationReport
    ) throws {
        let versions = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, version, journaled FROM alert_version AS v
                WHERE journaled >= ?2 AND journaled <= ?3 AND NOT EXISTS (
                    SELECT 1 FROM outbox AS o WHERE o.id = v.id AND o.version = v.version AND o.sink = ?1)
                ORDER BY journaled
                """,
            arguments: [sink, since, before.microseconds])
        while let row = try versions.next() {
            standing.journaled += 1
            let journaled: Int64 = row["journaled"]
            guard journaled > released.microseconds else {
                standing.acked += 1
                standing.confirmed += 1
                continue
            }
            report.differences.append(
                .init(
                    kind: .notQueued, id: "\(row["id"] as String).\(row["version"] as Int)", sink: sink,
                    detail: "journaled and not queued for this sink; send it with snowline alerts resend"))
        }
    }

    private static func difference(_ row: Row, sink: String) -> ReconciliationReport.Difference {
        let attempts = "\(row["attempts"] as Int) attempts"
        let error = (row["last_error"] as String?).map { ", last error: \($0)" } ?? ""
        let parked: Int = row["parked"]
        let (kind, detail): (ReconciliationReport.Difference.Kind, String) =
            switch parked {
            case 1: (.refused, "refused by the receiver, \(attempts)\(error)")
            case 2: (.unconfirmed, "with the broker, not confirmed by the dispatch side, \(attempts)")
            case 3: (.superseded, "passed over for a newer version that is not confirmed yet")
            default: (.waiting, "not delivered, \(attempts)\(error)")
            }
        return .init(kind: kind, id: "\(row["id"] as String).\(row["version"] as Int)", sink: sink, detail: detail)
    }
}

extension AlertJournal {
    /// Retention takes an alert away: its versions are not missing.
    static func countPruned(_ id: String, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE camera_sequence
                SET pruned = pruned + (SELECT count(*) FROM alert_version WHERE id = ?1)
                WHERE camera = (SELECT camera FROM episode WHERE id = ?1)
                """,
            arguments: [id])
    }
}
