import Foundation
import GRDB
package import Scene

/// Which part of the account of the watch a query wants.
package struct CoverageFilter: Hashable, Sendable {
    package var camera: CameraID?
    package var rule: RuleID?
    /// Whole hours that begin in this range; gaps that touch it.
    package var period: Range<MediaTime>

    package init(camera: CameraID? = nil, rule: RuleID? = nil, period: Range<MediaTime>) {
        self.camera = camera
        self.rule = rule
        self.period = period
    }
}

extension AlertJournal {
    /// Cameras written in one transaction, so that appends of alerts never wait long.
    private static let coverageBatch = 32
    /// Rows removed in one transaction.
    private static let coverageRemoval = 5000

    /// Adds what the accounts have gained. All of one camera's batch is written or none of it, sums and cursor together,
    /// so that nothing is lost or counted twice by a kill.
    ///
    /// - Returns: the batches that could not be written, with the first reason.
    package func append(_ batches: [CoverageBatch]) -> (failed: [CoverageBatch], error: (any Error)?) {
        var failed: [CoverageBatch] = []
        var reason: (any Error)?
        for start in stride(from: 0, to: batches.count, by: Self.coverageBatch) {
            let part = Array(batches[start..<min(start + Self.coverageBatch, batches.count)])
            do {
                try write { database in
                    for batch in part { try Self.store(batch, in: database) }
                }
            } catch {
                failed += part
                reason = reason ?? error
            }
        }
        return (failed, reason)
    }

    /// Ends the accounts of cameras and rules that are watched no more: should they come back, they begin anew. So do
    /// those of a clock that was wrong, which end in the future.
    package func keepAccounts(of watched: [CameraID: Set<RuleID>]) throws {
        let future = clock() + .seconds(3600)
        try write { database in
            try database.execute(
                sql: "DELETE FROM coverage_cursor WHERE accounted > ?", arguments: [future.microseconds])
            let rows = try Row.fetchAll(database, sql: "SELECT camera, rule FROM coverage_cursor")
            for row in rows {
                let (camera, rule): (String, String) = (row["camera"], row["rule"])
                let known = CameraID(camera).flatMap { watched[$0] } ?? []
                guard !known.contains(where: { $0.text == rule }) else { continue }
                try database.execute(
                    sql: "DELETE FROM coverage_cursor WHERE camera = ? AND rule = ?", arguments: [camera, rule])
            }
        }
    }

    /// Removes hours and gaps before `time`. Called by ``prune(_:)``.
    func removeCoverage(before time: MediaTime) throws -> Int {
        var removed = 0
        for (table, column, key) in [
            ("coverage", "hour", "camera, rule, hour, state"), ("coverage_gap", "ended", "camera, rule, started")
        ] {
            while true {
                let count = try write { database in
                    try database.execute(
                        sql: """
                            DELETE FROM \(table) WHERE (\(key)) IN
                                (SELECT \(key) FROM \(table) WHERE \(column) < ? LIMIT \(Self.coverageRemoval))
                            """,
                        arguments: [time.microseconds])
                    return database.changesCount
                }
                removed += count
                if count < Self.coverageRemoval { break }
            }
        }
        return removed
    }

    private static func store(_ batch: CoverageBatch, in database: Database) throws {
        let add = try database.cachedStatement(
            sql: """
                INSERT INTO coverage (camera, rule, hour, state, span) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (camera, rule, hour, state) DO UPDATE SET span = span + excluded.span
                """)
        for entry in batch.hours {
            try add.execute(
                arguments: [
                    entry.camera.text, entry.rule.text, entry.hour.microseconds, entry.state.rawValue,
                    entry.span.microseconds
                ])
        }
        let list = try database.cachedStatement(
            sql: """
                INSERT INTO coverage_gap (camera, rule, started, state, ended) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (camera, rule, started) DO UPDATE SET state = excluded.state, ended = excluded.ended
                """)
        for gap in batch.gaps {
            try list.execute(
                arguments: [
                    gap.camera.text, gap.rule.text, gap.start.microseconds, gap.state.rawValue, gap.end.microseconds
                ])
        }
        let advance = try database.cachedStatement(
            sql: """
                INSERT INTO coverage_cursor (camera, rule, accounted) VALUES (?, ?, ?)
                ON CONFLICT (camera, rule) DO UPDATE SET accounted = max(accounted, excluded.accounted)
                """)
        for (rule, time) in batch.accountedUntil {
            try advance.execute(arguments: [batch.camera.text, rule.text, time.microseconds])
        }
    }
}

extension JournalReader {
    /// Up to which moment each rule of a camera is accounted for.
    package func accountedUntil(camera: CameraID) throws -> [RuleID: MediaTime] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT rule, accounted FROM coverage_cursor WHERE camera = ?", arguments: [camera.text])
            let pairs = rows.compactMap { row in
                RuleID(row["rule"] as String).map { ($0, MediaTime(microseconds: row["accounted"])) }
            }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    /// By camera, rule, hour and state. States that this version does not know are left out.
    package func coverage(_ filter: CoverageFilter) throws -> [CoverageHour] {
        try rows(
            """
            SELECT camera, rule, hour, state, span FROM coverage WHERE hour >= ?1 AND hour < ?2
                AND (?3 IS NULL OR camera = ?3) AND (?4 IS NULL OR rule = ?4) ORDER BY camera, rule, hour, state
            """, filter
        ) { camera, rule, state, row in
            CoverageHour(
                camera: camera, rule: rule, hour: MediaTime(microseconds: row["hour"]), state: state,
                span: MediaSpan(microseconds: row["span"]))
        }
    }

    /// By camera, rule and beginning.
    package func coverageGaps(_ filter: CoverageFilter) throws -> [CoverageGap] {
        try rows(
            """
            SELECT camera, rule, started, state, ended FROM coverage_gap WHERE ended > ?1 AND started < ?2
                AND (?3 IS NULL OR camera = ?3) AND (?4 IS NULL OR rule = ?4) ORDER BY camera, rule, started
            """, filter
        ) { camera, rule, state, row in
            CoverageGap(
                camera: camera, rule: rule, state: state, start: MediaTime(microseconds: row["started"]),
                end: MediaTime(microseconds: row["ended"]))
        }
    }

    private func rows<Value>(
        _ sql: String, _ filter: CoverageFilter, _ make: (CameraID, RuleID, CoverageState, Row) -> Value
    ) throws -> [Value] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: sql,
                arguments: [
                    filter.period.lowerBound.microseconds, filter.period.upperBound.microseconds, filter.camera?.text,
                    filter.rule?.text
                ])
            return rows.compactMap { row in
                guard let camera = CameraID(row["camera"] as String), let rule = Self.rule(row["rule"]),
                    let state = CoverageState(rawValue: row["state"])
                else { return nil }
                return make(camera, rule, state, row)
            }
        }
    }

    private static func rule(_ text: String) -> RuleID? { RuleID(text) }
}
