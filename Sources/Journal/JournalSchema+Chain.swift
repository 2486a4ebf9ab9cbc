import GRDB

extension JournalSchema {
    /// The hash chain, see docs/alerts.md. `link` names the entry of a row; `content` is what no other table keeps, and
    /// only such entries are looked for by kind and subject.
    static func createChain(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE chain (
                    number INTEGER PRIMARY KEY,
                    time INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    hash BLOB NOT NULL,
                    content TEXT
                ) STRICT;
                CREATE INDEX chain_own ON chain (kind, subject, number) WHERE content IS NOT NULL;
                CREATE TABLE chain_anchor (
                    first INTEGER PRIMARY KEY,
                    last INTEGER NOT NULL UNIQUE,
                    before BLOB NOT NULL,
                    after BLOB NOT NULL,
                    time INTEGER NOT NULL,
                    signature BLOB NOT NULL
                ) STRICT;
                ALTER TABLE alert_version ADD COLUMN link INTEGER;
                ALTER TABLE verdict ADD COLUMN link INTEGER;
                ALTER TABLE change ADD COLUMN link INTEGER;
                """)
    }

    /// Alerts that retention leaves alone until somebody releases them.
    static func createHolds(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE legal_hold (
                    id TEXT PRIMARY KEY NOT NULL REFERENCES episode (id),
                    who TEXT NOT NULL,
                    why TEXT NOT NULL,
                    since INTEGER NOT NULL
                ) STRICT;
                """)
    }
}
