import GRDB
import Scene

/// Compares rows with the entries that stand for them, and looks for rows that no entry stands for.
struct ChainedContents {
    /// Newest entry of each scope, and what it says.
    private var orders: [String: String] = [:]
    /// What is held, and what its entry says.
    private var holds: [String: String] = [:]
    /// What is wrong with what an entry stands for; nil where nothing is.
    mutating func finding(of entry: ChainEntry, in database: Database) throws -> String? {
        guard let kind = ChainEntry.Kind(rawValue: entry.kind) else { return nil }
        switch kind {
        case .alert: return try alert(entry, in: database)
        case .change:
            return try row(entry, kind, in: database) { try ChainContent.change($0) }
        case .verdict:
            return try row(entry, kind, in: database) { try ChainContent.verdict($0) }
        case .begun, .key, .order, .hold, .release: return own(entry, kind)
        }
    }

    private func alert(_ entry: ChainEntry, in database: Database) throws -> String? {
        guard let dot = entry.subject.lastIndex(of: "."),
            let version = Int64(entry.subject[entry.subject.index(after: dot)...])
        else { return "names no alert version" }
        let sql = "SELECT * FROM alert_version WHERE id = ? AND version = ?"
        let statement = try database.cachedStatement(sql: sql)
        guard let row = try Row.fetchOne(statement, arguments: [String(entry.subject[..<dot]), version]) else {
            return "the alert version is missing from the journal"
        }
        return Self.comparison(entry, row, "alert version") { try ChainContent.alert($0) }
    }

    private func row(
        _ entry: ChainEntry, _ kind: ChainEntry.Kind, in database: Database, _ digest: (Row) throws -> [UInt8]
    ) throws -> String? {
        guard let number = Int64(entry.subject) else { return "names no \(kind.rawValue)" }
        let statement = try database.cachedStatement(sql: "SELECT * FROM \(kind.rawValue) WHERE row = ?")
        guard let row = try Row.fetchOne(statement, arguments: [number]) else {
            return "the \(kind.rawValue) is missing from the journal"
        }
        return Self.comparison(entry, row, kind.rawValue, digest)
    }

    private static func comparison(
        _ entry: ChainEntry, _ row: Row, _ what: String, _ digest: (Row) throws -> [UInt8]
    ) -> String? {
        guard let found = try? digest(row) else { return "the \(what) cannot be read" }
        if found != entry.digest { return "the \(what) was changed: it is not what was journaled" }
        if (try? row.number("link")) != entry.number { return "the \(what) names another entry of the chain" }
        return nil
    }

    private mutating func own(_ entry: ChainEntry, _ kind: ChainEntry.Kind) -> String? {
        guard let content = entry.content else { return "its content is missing" }
        guard ChainContent.own(content) == entry.digest else {
            return "its content was changed: it is not what was journaled"
        }
        switch kind {
        case .order: orders[entry.subject] = content
        case .hold: holds[entry.subject] = content
        case .release: holds[entry.subject] = nil
        default: break
        }
        return nil
    }

    /// Rows that no entry stands for, and what is in force without an entry, after all entries have been seen.
    func leftovers(in database: Database) throws -> [ChainFinding] {
        try unchained(in: database) + episodes(in: database) + ordersInForce(in: database)
            + holdsInForce(in: database) + marks(in: database)
    }

    /// An alert is found and pruned by its row in `episode`, which says nothing that its newest version does not.
    private func episodes(in database: Database) throws -> [ChainFinding] {
        var findings: [ChainFinding] = []
        let cursor = try Row.fetchCursor(
            database,
            sql: """
                SELECT e.*, v.decision FROM episode AS e LEFT JOIN alert_version AS v ON v.id = e.id
                    AND v.version = (SELECT max(version) FROM alert_version WHERE id = e.id)
                """)
        while let row = try cursor.next() {
            guard (try? Self.fits(row)) != true else { continue }
            let id = (try? row.text("id")) ?? "?"
            findings.append(
                ChainFinding(place: "alert \(id)", finding: "its row in `episode` does not fit its newest version"))
            if findings.count >= ChainVerification.findingLimit { break }
        }
        return findings
    }

    private static func fits(_ row: Row) throws -> Bool {
        let decision = try DecisionCoder.decode(AlertDecision.self, from: row.text("decision"))
        return try row.text("id") == decision.id && row.text("camera") == decision.camera.text
            && row.text("rule") == decision.rule.text && row.text("rule_revision") == decision.ruleRevision
            && row.number("started") == decision.start.microseconds && row.number("last") == decision.last.microseconds
            && row.number("version") == Int64(decision.version)
            && row.number("is_open") == (decision.state == .closed ? 0 : 1)
    }

    private func unchained(in database: Database) throws -> [ChainFinding] {
        try [
            ("alert_version", "alert", "id || '.' || version"), ("change", "change", "row"),
            ("verdict", "verdict", "row")
        ].flatMap { (table: String, kind: String, name: String) in
            try String.fetchAll(
                database,
                sql: """
                    SELECT CAST(\(name) AS TEXT) FROM \(table)
                    WHERE NOT EXISTS (SELECT 1 FROM chain WHERE number = link AND kind = ?)
                    LIMIT \(ChainVerification.findingLimit)
                    """,
                arguments: [kind]
            ).map {
                ChainFinding(place: "\(kind) \($0)", finding: "is in the journal, and no entry of the chain is its")
            }
        }
    }

    private func ordersInForce(in database: Database) throws -> [ChainFinding] {
        var inForce: [String: String] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT * FROM arming_order") {
            guard let scope = try? row.text("scope") else { continue }
            inForce[scope] = (try? Self.order(in: row)) ?? ""
        }
        return Self.differences(inForce, orders, "order of scope", "the order in force")
    }

    /// The order's content; nil where the other columns say something else.
    private static func order(in row: Row) throws -> String? {
        let content = try row.text("content")
        let order = try DecisionCoder.decode(ArmingOrder.self, from: content)
        let fits =
            try row.text("scope") == order.scope && row.textOrNil("camera") == order.camera?.text
            && row.textOrNil("rule") == order.rule?.text && row.number("since") == order.since.microseconds
        return fits ? content : nil
    }

    private func holdsInForce(in database: Database) throws -> [ChainFinding] {
        var inForce: [String: String] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT id, who, why, since FROM legal_hold") {
            guard let id = try? row.text("id") else { continue }
            let hold = try? LegalHold(
                alert: id, who: row.text("who"), why: row.text("why"),
                since: MediaTime(microseconds: row.number("since")))
            inForce[id] = try? hold.map { try DecisionCoder.text($0) }
        }
        return Self.differences(inForce, holds, "hold of alert", "the hold")
    }

    private static func differences(
        _ found: [String: String], _ chained: [String: String], _ place: String, _ what: String
    ) -> [ChainFinding] {
        Set(found.keys).union(chained.keys).sorted().compactMap { key in
            guard found[key] != chained[key] else { return nil }
            let finding =
                found[key] == nil
                ? "\(what) is missing from the journal"
                : chained[key] == nil ? "\(what) has no entry in the chain" : "\(what) was changed"
            return ChainFinding(place: "\(place) \(key)", finding: finding)
        }
    }

    /// `verified` says that there is a verdict of the versions that were there then.
    private func marks(in database: Database) throws -> [ChainFinding] {
        try String.fetchAll(
            database,
            sql: """
                SELECT id || '.' || version FROM alert_version AS v
                WHERE verified <> EXISTS (SELECT 1 FROM verdict WHERE verdict.id = v.id AND verdict.link > v.link)
                LIMIT \(ChainVerification.findingLimit)
                """
        ).map { ChainFinding(place: "alert \($0)", finding: "its mark `verified` does not fit its verdicts") }
    }
}
