import GRDB

extension JournalSchema {
    /// Lanes by severity, updates that newer ones replace (`parked` 3), and what a reconciliation counts by.
    ///
    /// `journaled` of a version is the server's time; NULL in versions that are older than this column. `pruned` counts
    /// the versions that retention has taken away, so that none can be missing unnoticed.
    static func addLanes(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE outbox ADD COLUMN is_update INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE alert_version ADD COLUMN journaled INTEGER;
                ALTER TABLE camera_sequence ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
                UPDATE camera_sequence
                    SET pruned = last - (SELECT count(*) FROM alert_version WHERE camera = camera_sequence.camera)
                    WHERE camera <> '';
                UPDATE outbox SET (is_update, lane) = (
                        SELECT decision ->> '$.state' = 'updated',
                            iif(coalesce(decision ->> '$.severity', 4) <= 2, 0, 2)
                                + iif(decision ->> '$.place.camera_class' = 'A', 0, 1)
                        FROM alert_version AS a WHERE a.id = outbox.id AND a.version = outbox.version)
                    WHERE dispatch_confirmed IS NULL;
                CREATE INDEX outbox_lanes ON outbox (sink, camera, lane, is_update)
                    WHERE dispatch_confirmed IS NULL AND parked = 0;
                CREATE INDEX outbox_updates ON outbox (sink, id, version)
                    WHERE dispatch_confirmed IS NULL AND parked = 0 AND is_update;
                CREATE INDEX outbox_superseded ON outbox (sink, id, version)
                    WHERE dispatch_confirmed IS NULL AND parked = 3;
                """)
    }
}
