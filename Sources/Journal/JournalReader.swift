import Foundation
import GRDB
package import Scene

/// Which alerts a query wants. Times are media time.
package struct AlertFilter: Hashable, Sendable {
    package enum Judged: Hashable, Sendable {
        /// By the last verdict.
        case `as`(AlertVerdict.Judgement)
        /// By nobody.
        case not
    }

    /// Of an alert that says none: the least.
    private static let usualSeverity = 4

    package var camera: CameraID?
    package var rule: RuleID?
    /// Episodes that were still going on at or after this moment.
    package var since: MediaTime?
    /// Episodes that started before this moment.
    package var until: MediaTime?
    package var onlyOpen: Bool
    /// 1 to 4; empty for all.
    package var severities: Set<Int> = []
    package var judged: Judged?
    /// The newest this many (by start); nil for all.
    package var limit: Int?

    package init(
        camera: CameraID? = nil, rule: RuleID? = nil, since: MediaTime? = nil, until: MediaTime? = nil,
        onlyOpen: Bool = false, limit: Int? = nil
    ) {
        self.camera = camera
        self.rule = rule
        self.since = since
        self.until = until
        self.onlyOpen = onlyOpen
        self.limit = limit
    }
}

extension AlertFilter {
    /// A WHERE clause over `episode` and `alert_version`, and what stands for its question marks.
    fileprivate var restriction: (sql: String, arguments: [(any DatabaseValueConvertible)?]) {
        var conditions: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        func ask(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
            conditions.append(condition)
            arguments += values
        }
        if let camera { ask("episode.camera = ?", camera.text) }
        if let rule { ask("episode.rule = ?", rule.text) }
        if let since { ask("(is_open OR last >= ?)", since.microseconds) }
        if let until { ask("started < ?", until.microseconds) }
        if onlyOpen { ask("is_open") }
        if !severities.isEmpty {
            let numbers = severities.sorted().map(String.init).joined(separator: ", ")
            ask("coalesce(decision ->> '$.severity', ?) IN (\(numbers))", Self.usualSeverity)
        }
        if let judged {
            let verdict = "(SELECT v.verdict FROM verdict AS v WHERE v.id = episode.id ORDER BY v.rowid DESC LIMIT 1)"
            switch judged {
            case .as(let judgement): ask("\(verdict) = ?", judgement.rawValue)
            case .not: ask("\(verdict) IS NULL")
            }
        }
        return (conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "), arguments)
    }
}

/// Questions to a journal; reads beside a running daemon without its lock.
package final class JournalReader: Sendable {
    package let folder: String
    private let source: Source

    private enum Source: Sendable {
        /// A file of its own, for reading only.
        case file(DatabaseQueue)
        /// The daemon's, which is another one after damage.
        case store(JournalStore)
    }

    init(store: JournalStore) {
        folder = store.folder
        source = .store(store)
    }

    /// Opens the journal in a data folder for reading only, whether or not a daemon runs on it.
    ///
    /// - Throws: ``JournalError/missing(path:)``, damaged, too new, or unusable.
    package init(folder: String) throws {
        self.folder = folder
        source = .file(try JournalFile.openForReading(folder: folder))
    }

    /// The newest version of each alert that fits, oldest start first.
    package func alerts(_ filter: AlertFilter = AlertFilter()) throws -> [Alert] {
        let (restriction, arguments) = filter.restriction
        let found = try fetch(
            """
            SELECT decision, reception, verified FROM episode JOIN alert_version USING (id, version) \(restriction)
            ORDER BY started DESC, id DESC LIMIT ?
            """, arguments + [filter.limit ?? -1])
        return found.reversed()
    }

    /// All versions of one alert, first to newest; empty if there is none of that id.
    package func alert(id: String) throws -> [Alert] {
        try fetch("SELECT decision, reception, verified FROM alert_version WHERE id = ? ORDER BY version", [id])
    }

    package func holds(alertID: String) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM episode WHERE id = ?)", arguments: [alertID])
        } ?? false
    }

    /// What an `AlertBook` needs to go on after a restart: the newest decision of each open episode of the camera, and
    /// of its newest closed ones (they tell which ordinals are taken), oldest first.
    package func decisions(toRestore camera: CameraID, closed limit: Int = 256) throws -> [AlertDecision] {
        let open = try fetch(
            """
            SELECT decision, reception, verified FROM episode JOIN alert_version USING (id, version)
            WHERE episode.camera = ? AND is_open ORDER BY started, id
            """, [camera.text])
        let closed = try fetch(
            """
            SELECT decision, reception, verified FROM episode JOIN alert_version USING (id, version)
            WHERE episode.camera = ? AND NOT is_open ORDER BY started DESC, id DESC LIMIT ?
            """, [camera.text, limit])
        return closed.reversed().map(\.decision) + open.map(\.decision)
    }

    /// Versions journaled for the camera so far, over all restarts.
    package func lastSequence(camera: CameraID) throws -> Int64 {
        try read { database in
            try Int64.fetchOne(
                database, sql: "SELECT last FROM camera_sequence WHERE camera = ?", arguments: [camera.text])
        } ?? 0
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        switch source {
        case .file(let queue):
            try JournalFile.explained(folder + "/" + JournalFile.name) { try queue.read(body) }
        case .store(let store): try store.reading(body)
        }
    }

    private func fetch(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> [Alert] {
        try read { database in
            try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map { row in
                Alert(
                    decision: try DecisionCoder.decode(AlertDecision.self, from: row["decision"] as String),
                    reception: try DecisionCoder.decode(AlertReception.self, from: row["reception"] as String),
                    verified: row["verified"])
            }
        }
    }
}
