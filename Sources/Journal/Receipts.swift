import GRDB
import Scene

/// The dispatch side's word that it has one version of an alert (回执).
package struct DeliveryReceipt: Hashable, Sendable {
    package var alert: String
    package var version: Int
    /// Nil confirms it for every sink that waits for a receipt.
    package var sink: String?

    package init(alert: String, version: Int, sink: String? = nil) {
        self.alert = alert
        self.version = version
        self.sink = sink
    }

    /// - Parameter id: the CloudEvents id, `<alert id>.<version>`; nil for anything else.
    package init?(id: String, sink: String? = nil) {
        guard let dot = id.lastIndex(of: "."), let version = Int(id[id.index(after: dot)...]), version > 0,
            id.utf8.count <= 128, dot > id.startIndex
        else { return nil }
        self.init(alert: String(id[..<dot]), version: version, sink: sink)
    }

    package var id: String { "\(alert).\(version)" }
}

/// What receipts did.
package struct ReceiptOutcome: Hashable, Sendable {
    /// Rows that are confirmed now and were not before.
    package var confirmed = 0
    /// Receipts of what was confirmed already.
    package var repeated = 0
    /// Receipts of what this journal does not hold for that sink, as they came.
    package var unknown: [DeliveryReceipt] = []
}

extension AlertJournal {
    /// Confirms what the dispatch side says it has, in one transaction. A repeated receipt is harmless.
    package func confirm(_ receipts: [DeliveryReceipt]) throws -> ReceiptOutcome {
        let now = clock()
        return try write { database in
            var outcome = ReceiptOutcome()
            for receipt in receipts { try Self.confirm(receipt, at: now, in: database, &outcome) }
            return outcome
        }
    }

    private static func confirm(
        _ receipt: DeliveryReceipt, at now: MediaTime, in database: Database, _ outcome: inout ReceiptOutcome
    ) throws {
        let scope = "id = ? AND version = ? AND sink = coalesce(?, sink)"
        let arguments: StatementArguments = [receipt.alert, receipt.version, receipt.sink]
        try database.execute(
            sql: """
                UPDATE outbox SET dispatch_confirmed = ?, parked = 0, dead_reason = NULL, last_error = NULL
                WHERE dispatch_confirmed IS NULL AND \(scope)
                """,
            arguments: [now.microseconds] + arguments)
        let changed = database.changesCount
        outcome.confirmed += changed
        if changed > 0 { try settleSuperseded(by: receipt, at: now, in: database) }
        guard changed == 0 else { return }
        let isThere =
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM outbox WHERE \(scope))", arguments: arguments) ?? false
        if isThere { outcome.repeated += 1 } else { outcome.unknown.append(receipt) }
    }
}
