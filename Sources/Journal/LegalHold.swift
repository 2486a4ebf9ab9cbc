import GRDB
package import Scene

/// An alert that retention leaves alone with its evidence, because somebody needs it (证据保全).
package struct LegalHold: Hashable, Sendable, Codable {
    /// Characters of `who` and `why`.
    package static let textLimit = 200

    package var alert: String
    package var who: String
    package var why: String
    /// By the server's clock.
    package var since: MediaTime

    package init(alert: String, who: String, why: String, since: MediaTime) {
        self.alert = alert
        self.who = who
        self.why = why
        self.since = since
    }
}

extension AlertJournal {
    /// Keeps an alert, with all its versions and evidence, from retention. Holding one that is held changes who and why.
    /// - Returns: false where the journal holds no alert of that id.
    package func hold(_ alert: String, who: String, why: String) throws -> Bool {
        let (chain, now) = (chain, clock())
        let content = try DecisionCoder.text(LegalHold(alert: alert, who: who, why: why, since: now))
        return try write { database in
            guard try Self.isThere(alert, in: database) else { return false }
            try database.execute(
                sql: """
                    INSERT INTO legal_hold (id, who, why, since) VALUES (?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET who = excluded.who, why = excluded.why, since = excluded.since
                    """,
                arguments: [alert, who, why, now.microseconds])
            try chain.add(.hold, alert, content: content, at: now, in: database)
            return true
        }
    }

    /// Gives an alert back to retention; the chain keeps who held and who released it for as long as the alert.
    /// - Returns: false where it was not held.
    package func release(_ alert: String, who: String, why: String) throws -> Bool {
        let (chain, now) = (chain, clock())
        let content = try DecisionCoder.text(LegalHold(alert: alert, who: who, why: why, since: now))
        return try write { database in
            try database.execute(sql: "DELETE FROM legal_hold WHERE id = ?", arguments: [alert])
            guard database.changesCount > 0 else { return false }
            try chain.add(.release, alert, content: content, at: now, in: database)
            return true
        }
    }

    private static func isThere(_ alert: String, in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM episode WHERE id = ?)", arguments: [alert]) ?? false
    }
}

extension JournalReader {
    /// Alerts that are held, oldest first.
    package func holds() throws -> [LegalHold] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT id, who, why, since FROM legal_hold ORDER BY since, id").map {
                row in
                LegalHold(
                    alert: row["id"], who: row["who"], why: row["why"],
                    since: MediaTime(microseconds: row["since"]))
            }
        }
    }

    /// Whether the evidence of this alert may go when the disk is full: not of one that is open or held.
    package func maySpareEvidence(alertID: String) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT NOT EXISTS (SELECT 1 FROM episode WHERE id = ?1 AND is_open)
                        AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE id = ?1)
                    """,
                arguments: [alertID])
        } ?? false
    }
}
