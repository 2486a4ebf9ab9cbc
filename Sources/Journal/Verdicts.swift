import GRDB
package import Scene

extension AlertJournal {
    /// Keeps what a person decided of an alert, with the rule as it was, and marks the alert as verified. A later
    /// verdict of the same alert takes the earlier one's place; both are kept.
    /// - Returns: false where the journal holds no alert of that id.
    package func record(_ verdict: AlertVerdict) throws -> Bool {
        let (chain, now) = (chain, clock())
        return try write { database in
            try database.execute(
                sql: """
                    INSERT INTO verdict (id, camera, rule, rule_revision, verdict, cause, why, reviewer, time)
                    SELECT id, camera, rule, rule_revision, ?2, ?3, ?4, ?5, ?6 FROM episode WHERE id = ?1
                    """,
                arguments: [
                    verdict.alert, verdict.judgement.rawValue, verdict.cause?.rawValue, verdict.why, verdict.who,
                    now.microseconds
                ])
            guard database.changesCount > 0 else { return false }
            try Self.chainVerdict(database.lastInsertedRowID, chain, at: now, in: database)
            try database.execute(
                sql: "UPDATE alert_version SET verified = 1 WHERE id = ?", arguments: [verdict.alert])
            return true
        }
    }

    private static func chainVerdict(
        _ number: Int64, _ chain: Chain, at now: MediaTime, in database: Database
    ) throws {
        let sql = "SELECT * FROM verdict WHERE row = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [number]) else { return }
        let link = try chain.add(.verdict, "\(number)", digest: try ChainContent.verdict(row), at: now, in: database)
        try database.execute(sql: "UPDATE verdict SET link = ? WHERE row = ?", arguments: [link, number])
    }
}

extension JournalReader {
    /// Verdicts, oldest first.
    package func verdicts(alert: String? = nil, camera: CameraID? = nil, rule: RuleID? = nil) throws -> [AlertVerdict] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, verdict, cause, why, reviewer, time FROM verdict
                    WHERE id = coalesce(?, id) AND camera = coalesce(?, camera) AND rule = coalesce(?, rule)
                    ORDER BY row
                    """,
                arguments: [alert, camera?.text, rule?.text]
            ).compactMap(AlertVerdict.init)
        }
    }
}

extension AlertVerdict {
    /// Nil for a judgement that this version does not know.
    fileprivate init?(row: Row) {
        guard let judgement = Judgement(rawValue: row["verdict"]) else { return nil }
        self.init(
            alert: row["id"], judgement: judgement, cause: (row["cause"] as String?).flatMap(Cause.init),
            why: row["why"], who: row["reviewer"], time: MediaTime(microseconds: row["time"]))
    }
}
