import GRDB
import Scene

/// When a sink gets less through than is raised, an update that a newer version of its alert waits behind tells nothing
/// that the newer one does not: it is passed over (superseded), so that opens and closes come sooner. It is not lost: it
/// stays in the journal, its row stays until the newer version is confirmed, and it can be sent again by hand.
extension AlertJournal {
    /// Rows of one call.
    package static let thinningBatch = 2000

    /// Passes over the waiting updates that a newer waiting version replaces.
    /// - Returns: how many; ``thinningBatch`` means that there may be more.
    package func thin(sink: String) async throws -> Int {
        try await pool.write { database in
            try database.execute(
                sql: """
                    UPDATE outbox SET parked = 3, last_error = NULL, dead_reason = NULL WHERE row IN (
                        SELECT row FROM outbox AS old
                        WHERE sink = ?1 AND dispatch_confirmed IS NULL AND parked = 0 AND is_update
                            AND EXISTS (
                                SELECT 1 FROM outbox AS newer
                                WHERE newer.id = old.id AND newer.version > old.version AND newer.sink = ?1
                                    AND newer.dispatch_confirmed IS NULL AND newer.parked = 0)
                        LIMIT ?2)
                    """,
                arguments: [sink, Self.thinningBatch])
            return database.changesCount
        }
    }

    /// Whether more than `limit` rows wait in line. Looks at no more than that many.
    package func isCrowded(sink: String, above limit: Int) async throws -> Bool {
        try await pool.read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM outbox WHERE sink = ? AND dispatch_confirmed IS NULL AND parked = 0
                        LIMIT 1 OFFSET ?)
                    """,
                arguments: [sink, limit])
        } ?? false
    }

    /// A version is confirmed: so is all that it took the place of.
    static func settleSuperseded(by row: Int64, at now: MediaTime, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE outbox SET dispatch_confirmed = ?1 WHERE row IN (
                    SELECT old.row FROM outbox AS newer JOIN outbox AS old ON old.sink = newer.sink AND old.id = newer.id
                    WHERE newer.row = ?2 AND old.version < newer.version AND old.dispatch_confirmed IS NULL
                        AND old.parked = 3)
                """,
            arguments: [now.microseconds, row])
    }

    /// The same where the dispatch side says which versions it has.
    static func settleSuperseded(by receipt: DeliveryReceipt, at now: MediaTime, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE outbox SET dispatch_confirmed = ?1
                WHERE id = ?2 AND version < ?3 AND sink = coalesce(?4, sink) AND dispatch_confirmed IS NULL
                    AND parked = 3
                """,
            arguments: [now.microseconds, receipt.alert, receipt.version, receipt.sink])
    }
}
