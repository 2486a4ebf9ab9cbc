import GRDB

/// The tables, as migrations that are never edited once released; a change is a new migration.
enum JournalSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 alerts, outbox, changes") { database in
            try createAlerts(database)
            try createOutbox(database)
            try createChanges(database)
        }
        migrator.registerMigration("2 arming, coverage") { database in
            try createArming(database)
            try createCoverage(database)
        }
        migrator.registerMigration("3 receipts, verdicts") { database in
            try addReceipts(database)
            try createVerdicts(database)
        }
        migrator.registerMigration("4 chain, legal holds") { database in
            try createChain(database)
            try createHolds(database)
        }
        migrator.registerMigration("5 lanes, reconciliation", migrate: addLanes)
        return migrator
    }

    /// Names of tables, indexes and all else of the file that is not what the migrations make: a name of a column that
    /// was changed, a trigger that somebody has put in.
    static func differences(in database: Database) throws -> [String] {
        let sql = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        let fresh = try DatabaseQueue()
        try migrator.migrate(fresh)
        let wanted = try fresh.read { try Row.fetchSet($0, sql: sql) }
        let found = try Row.fetchSet(database, sql: sql)
        return Set(wanted.symmetricDifference(found).map { ($0["name"] as String?) ?? "?" }).sorted()
    }

    /// Times are microseconds since the epoch; `started` and `last` are media time, `journaled` is the server's.
    private static func createAlerts(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE camera_sequence (
                    camera TEXT PRIMARY KEY NOT NULL,
                    last INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE episode (
                    id TEXT PRIMARY KEY NOT NULL,
                    camera TEXT NOT NULL,
                    rule TEXT NOT NULL,
                    rule_revision TEXT NOT NULL,
                    started INTEGER NOT NULL,
                    last INTEGER NOT NULL,
                    version INTEGER NOT NULL,
                    is_open INTEGER NOT NULL,
                    journaled INTEGER NOT NULL,
                    evidence_bytes INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX episode_by_start ON episode (started);
                CREATE INDEX episode_by_camera ON episode (camera, started);
                CREATE INDEX episode_open ON episode (camera) WHERE is_open;
                CREATE INDEX episode_by_journaled ON episode (journaled);
                CREATE TABLE alert_version (
                    id TEXT NOT NULL REFERENCES episode (id) ON DELETE CASCADE,
                    version INTEGER NOT NULL,
                    camera TEXT NOT NULL,
                    sequence INTEGER NOT NULL,
                    decision TEXT NOT NULL,
                    reception TEXT NOT NULL,
                    verified INTEGER NOT NULL DEFAULT 0,
                    PRIMARY KEY (id, version),
                    UNIQUE (camera, sequence)
                ) STRICT;
                """)
    }

    /// One row a sink and alert version. The lowest `lane` goes first (``DeliveryLane``); `parked` rows were refused and stand
    /// beside the line so that they do not hold up their camera. `journaled` is kept for the age of the oldest.
    private static func createOutbox(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE sink (
                    id TEXT PRIMARY KEY NOT NULL,
                    since INTEGER NOT NULL,
                    removed INTEGER
                ) STRICT;
                CREATE TABLE outbox (
                    row INTEGER PRIMARY KEY,
                    sink TEXT NOT NULL,
                    id TEXT NOT NULL,
                    version INTEGER NOT NULL,
                    camera TEXT NOT NULL,
                    lane INTEGER NOT NULL,
                    journaled INTEGER NOT NULL,
                    attempts INTEGER NOT NULL DEFAULT 0,
                    next_attempt INTEGER NOT NULL,
                    parked INTEGER NOT NULL DEFAULT 0,
                    broker_acked INTEGER,
                    dispatch_confirmed INTEGER,
                    dead_reason TEXT,
                    last_error TEXT,
                    UNIQUE (id, version, sink),
                    FOREIGN KEY (id, version) REFERENCES alert_version (id, version) ON DELETE RESTRICT
                ) STRICT;
                CREATE INDEX outbox_line ON outbox (sink, camera, row) WHERE dispatch_confirmed IS NULL AND parked = 0;
                CREATE INDEX outbox_parked ON outbox (sink, next_attempt)
                    WHERE dispatch_confirmed IS NULL AND parked = 1;
                CREATE INDEX outbox_confirmed ON outbox (sink, dispatch_confirmed)
                    WHERE dispatch_confirmed IS NOT NULL;
                CREATE INDEX outbox_failed ON outbox (sink, row)
                    WHERE dispatch_confirmed IS NULL AND last_error IS NOT NULL;
                """)
    }

    private static func createChanges(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE change (
                    row INTEGER PRIMARY KEY,
                    time INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    camera TEXT,
                    detail TEXT NOT NULL
                ) STRICT;
                CREATE INDEX change_by_time ON change (time);
                """)
    }
}
