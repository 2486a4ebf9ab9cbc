import Foundation
import GRDB
package import Scene

extension AlertJournal {
    /// Journals orders before they take effect: each takes the place of the older one of its scope, and stands among the
    /// changes with who, when and why.
    /// - Throws: ``JournalError/unusable(path:reason:)``; then none of them holds.
    package func record(_ orders: [ArmingOrder]) throws {
        let rows = try orders.map { (order: $0, content: try DecisionCoder.text($0), detail: try Self.detail($0)) }
        let (chain, now) = (chain, clock())
        try write { database in
            for row in rows {
                try database.execute(
                    sql: """
                        INSERT INTO arming_order (scope, camera, rule, since, content) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (scope) DO UPDATE SET since = excluded.since, content = excluded.content
                        """,
                    arguments: [
                        row.order.scope, row.order.camera?.text, row.order.rule?.text, row.order.since.microseconds,
                        row.content
                    ])
                try chain.add(.order, row.order.scope, content: row.content, at: now, in: database)
                try Self.insert(
                    JournalChange.Kind(row.order.act), camera: row.order.camera, detail: row.detail,
                    time: row.order.since, chain: chain, at: now, in: database)
            }
        }
    }

    private static func detail(_ order: ArmingOrder) throws -> String {
        var detail = ["who": order.who, "why": order.why]
        detail["rule"] = order.rule?.text
        detail["until"] = order.until?.description
        detail["preset"] = order.preset
        return try DecisionCoder.text(detail)
    }
}

extension JournalReader {
    /// The newest order of each scope, by time; those that have expired too.
    package func armingOrders() throws -> [ArmingOrder] {
        try read { database in
            try String.fetchAll(database, sql: "SELECT content FROM arming_order ORDER BY since, scope")
                .map { try DecisionCoder.decode(ArmingOrder.self, from: $0) }
        }
    }
}

extension JournalChange.Kind {
    fileprivate init(_ act: ArmingOrder.Act) {
        self =
            switch act {
            case .arm: .armed
            case .disarm: .disarmed
            case .schedule: .givenBackToSchedule
            case .hold: .held
            case .preset: .presetTold
            }
    }
}
