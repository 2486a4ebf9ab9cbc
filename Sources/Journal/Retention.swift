import Foundation
import GRDB
package import Scene

/// How long and how much is kept.
package struct RetentionPolicy: Hashable, Sendable {
    /// Closed alerts go when their newest version was journaled longer ago.
    package var age: MediaSpan
    /// When journal and evidence together take more, the oldest closed alerts go until they fit.
    package var bytes: Int64

    package init(age: MediaSpan, bytes: Int64) {
        self.age = age
        self.bytes = bytes
    }
}

/// What retention has removed and what is left.
package struct RetentionReport: Hashable, Sendable {
    package var alerts = 0
    package var outboxRows = 0
    package var changes = 0
    /// Hours and gaps of the account of the watch.
    package var coverage = 0
    /// Evidence of removed alerts, relative to the data folder; nothing in the journal names it any more, so the files
    /// may be deleted now.
    package var evidencePaths: [String] = []
    /// Bytes of the journal and of the evidence it names, afterwards.
    package var bytesLeft: Int64 = 0
    /// True where the limit is still exceeded because the rest is open or not yet delivered.
    package var isOverLimit = false
}

extension AlertJournal {
    /// Alerts removed in one transaction, so that appends never wait long.
    private static let retentionBatch = 25
    /// Rounds of one call: bounds it at 50,000 alerts; the next call goes on.
    private static let retentionRounds = 2000

    /// Removes outbox rows confirmed more than ``confirmedRetention`` ago, then alerts beyond the policy. Never an open
    /// episode, nor a held one, nor one with an outbox row that is unconfirmed or still kept. What goes leaves signed
    /// anchors in the chain.
    package func prune(_ policy: RetentionPolicy) throws -> RetentionReport {
        var report = RetentionReport()
        let now = clock()
        report.outboxRows = try removeConfirmed(before: now - Self.confirmedRetention)
        report.changes = try removeChanges(before: now - policy.age)
        report.coverage = try removeCoverage(before: now - policy.age)
        for _ in 0..<Self.retentionRounds {
            guard try removeBatch(journaledBefore: now - policy.age, into: &report) else { break }
        }
        for _ in 0..<Self.retentionRounds {
            report.bytesLeft = try bytes()
            report.isOverLimit = report.bytesLeft > policy.bytes
            guard report.isOverLimit, try removeBatch(journaledBefore: nil, into: &report) else { break }
        }
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA incremental_vacuum(2000)") }
        return report
    }

    private func removeConfirmed(before time: MediaTime) throws -> Int {
        try write { database in
            try database.execute(
                sql: "DELETE FROM outbox WHERE dispatch_confirmed IS NOT NULL AND dispatch_confirmed < ?",
                arguments: [time.microseconds])
            return database.changesCount
        }
    }

    private func removeChanges(before time: MediaTime) throws -> Int {
        let (chain, now) = (chain, clock())
        return try write { database in
            let links = try Int64.fetchAll(
                database, sql: "SELECT link FROM change WHERE time < ? AND link IS NOT NULL",
                arguments: [time.microseconds])
            try database.execute(sql: "DELETE FROM change WHERE time < ?", arguments: [time.microseconds])
            let count = database.changesCount
            let orders = try Int64.fetchAll(database, sql: Self.oldOrdersSQL, arguments: [time.microseconds])
            try chain.remove(links + orders, at: now, in: database)
            return count
        }
    }

    /// Orders whose place a newer one of their scope has taken.
    private static let oldOrdersSQL = """
        SELECT number FROM chain WHERE kind = 'order' AND content IS NOT NULL AND time < ? AND number NOT IN (
            SELECT max(number) FROM chain WHERE kind = 'order' AND content IS NOT NULL GROUP BY subject)
        """

    /// - Returns: false when nothing (more) could be removed.
    private func removeBatch(journaledBefore time: MediaTime?, into report: inout RetentionReport) throws -> Bool {
        let (chain, now) = (chain, clock())
        let removed = try write { database -> (ids: Int, paths: [String]) in
            let ids = try String.fetchAll(
                database,
                sql: """
                    SELECT id FROM episode
                    WHERE NOT is_open AND (?1 IS NULL OR journaled < ?1)
                        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = episode.id)
                        AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.id = episode.id)
                    ORDER BY journaled LIMIT ?2
                    """,
                arguments: [time?.microseconds, Self.retentionBatch])
            var paths: [String] = []
            var links: [Int64] = []
            for id in ids {
                let receptions = try String.fetchAll(
                    database, sql: "SELECT reception FROM alert_version WHERE id = ?", arguments: [id])
                for text in receptions {
                    paths += try DecisionCoder.decode(AlertReception.self, from: text).evidence.map(\.path)
                }
                links += try Int64.fetchAll(database, sql: Self.linksSQL, arguments: [id])
                try Self.countPruned(id, in: database)
                try database.execute(sql: "DELETE FROM episode WHERE id = ?", arguments: [id])
            }
            try chain.remove(links, at: now, in: database)
            return (ids.count, paths)
        }
        report.alerts += removed.ids
        report.evidencePaths += removed.paths
        return removed.ids > 0
    }

    /// The chain's entries of an alert.
    private static let linksSQL = """
        SELECT link FROM alert_version WHERE id = ?1 AND link IS NOT NULL
        UNION ALL SELECT link FROM verdict WHERE id = ?1 AND link IS NOT NULL
        UNION ALL SELECT number FROM chain
            WHERE kind IN ('hold', 'release') AND subject = ?1 AND content IS NOT NULL
        """

    /// Bytes in use by the journal's pages and by the evidence it names.
    private func bytes() throws -> Int64 {
        try write { database in
            let pages =
                try Int64.fetchOne(
                    database,
                    sql: """
                        SELECT (page_count - freelist_count) * page_size
                        FROM pragma_page_count, pragma_freelist_count, pragma_page_size
                        """) ?? 0
            let evidence = try Int64.fetchOne(database, sql: "SELECT total(evidence_bytes) FROM episode") ?? 0
            return pages + evidence
        }
    }
}
