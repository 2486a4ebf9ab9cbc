import GRDB

extension JournalSchema {
    /// Orders in force, one a scope: the history of all orders is in `change`, which retention shortens; these stay.
    static func createArming(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE arming_order (
                    scope TEXT PRIMARY KEY NOT NULL,
                    camera TEXT,
                    rule TEXT,
                    since INTEGER NOT NULL,
                    content TEXT NOT NULL
                ) STRICT;
                """)
    }

    /// The account of the watch. Times and spans are microseconds of media time; `hour` is the beginning of an hour of
    /// the site's clock. Each table is looked at by camera and time, never by row number.
    static func createCoverage(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE coverage (
                    camera TEXT NOT NULL,
                    rule TEXT NOT NULL,
                    hour INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    span INTEGER NOT NULL,
                    PRIMARY KEY (camera, rule, hour, state)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX coverage_by_hour ON coverage (hour);
                CREATE TABLE coverage_gap (
                    camera TEXT NOT NULL,
                    rule TEXT NOT NULL,
                    started INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    ended INTEGER NOT NULL,
                    PRIMARY KEY (camera, rule, started)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX coverage_gap_by_end ON coverage_gap (ended);
                CREATE TABLE coverage_cursor (
                    camera TEXT NOT NULL,
                    rule TEXT NOT NULL,
                    accounted INTEGER NOT NULL,
                    PRIMARY KEY (camera, rule)
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
