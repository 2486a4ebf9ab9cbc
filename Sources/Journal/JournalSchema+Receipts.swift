import GRDB

extension JournalSchema {
    /// `parked` is 2 for rows that a broker has and the dispatch side has not confirmed: they stand beside the line,
    /// so that their camera goes on, and are sent again when `next_attempt` comes.
    static func addReceipts(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE INDEX outbox_unconfirmed ON outbox (sink, next_attempt)
                    WHERE dispatch_confirmed IS NULL AND parked = 2;
                UPDATE outbox SET parked = 2
                    WHERE broker_acked IS NOT NULL AND dispatch_confirmed IS NULL AND parked = 0;
                """)
    }

    /// What people said of alerts, with the rule's revision at that time. Kept for as long as the alert; the newest of
    /// an alert holds.
    static func createVerdicts(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE verdict (
                    row INTEGER PRIMARY KEY,
                    id TEXT NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
                    camera TEXT NOT NULL,
                    rule TEXT NOT NULL,
                    rule_revision TEXT NOT NULL,
                    verdict TEXT NOT NULL,
                    cause TEXT,
                    why TEXT,
                    reviewer TEXT NOT NULL,
                    time INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX verdict_by_alert ON verdict (id, row);
                CREATE INDEX verdict_by_rule ON verdict (camera, rule, row);
                """)
    }
}
