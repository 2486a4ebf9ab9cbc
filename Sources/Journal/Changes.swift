import Foundation
import GRDB
package import Scene

/// Something that changed what is watched, kept beside the alerts so that a gap can be explained later.
package struct JournalChange: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case started
        case stopped
        case configurationLoaded = "configuration_loaded"
        case configurationRefused = "configuration_refused"
        /// A session's media timeline was tied to the clock.
        case sessionAnchored = "session_anchored"
        case sessionEnded = "session_ended"
        case sinkDisabled = "sink_disabled"
        /// Alert versions were put back in line by hand.
        case resent
        /// Something became wrong with a camera's whole picture, or was over.
        case conditionBegan = "condition_began"
        case conditionEnded = "condition_ended"
        /// By hand, with who and why.
        case armed
        case disarmed
        case givenBackToSchedule = "given_back_to_schedule"
        case held
        case presetTold = "preset_told"
        /// A camera that is to be dense is decoded in full, and why; or is dense again.
        case denseFellBack = "dense_fell_back"
        case denseResumed = "dense_resumed"
        /// Less is done for a camera because the machine has too much to do, or more again.
        case loadShed = "load_shed"
        case loadReturned = "load_returned"
        /// What the cameras need is more than the machine has, or no longer.
        case loadTooMuch = "load_too_much"
        case loadFits = "load_fits"
        /// A damaged journal was set aside and this one begun.
        case journalSetAside = "journal_set_aside"
        /// Alerts could not be journaled, from when, and how many waited in memory; and that it was over.
        case journalRecovered = "journal_recovered"
    }

    package var time: MediaTime
    package var kind: Kind
    package var camera: CameraID?
    /// Names and values; never credentials.
    package var detail: [String: String]

    package init(time: MediaTime, kind: Kind, camera: CameraID? = nil, detail: [String: String] = [:]) {
        self.time = time
        self.kind = kind
        self.camera = camera
        self.detail = detail
    }
}

extension AlertJournal {
    /// Records a change at the server's time.
    package func record(_ kind: JournalChange.Kind, camera: CameraID? = nil, detail: [String: String] = [:]) throws {
        try store.record(kind, camera: camera, detail: detail)
    }

    /// The change's row and its entry in the chain.
    static func insert(
        _ kind: JournalChange.Kind, camera: CameraID?, detail: String, time: MediaTime, chain: Chain,
        at now: MediaTime, in database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO change (time, kind, camera, detail) VALUES (?, ?, ?, ?)",
            arguments: [time.microseconds, kind.rawValue, camera?.text, detail])
        let row = database.lastInsertedRowID
        let digest = ChainContent.change(
            time: time.microseconds, kind: kind.rawValue, camera: camera?.text, detail: detail)
        let link = try chain.add(.change, "\(row)", digest: digest, at: now, in: database)
        try database.execute(sql: "UPDATE change SET link = ? WHERE row = ?", arguments: [link, row])
    }
}

extension JournalStore {
    func record(_ kind: JournalChange.Kind, camera: CameraID? = nil, detail: [String: String]) throws {
        let text = try DecisionCoder.text(detail)
        let (chain, now) = (chain, clock())
        try write { database in
            try AlertJournal.insert(
                kind, camera: camera, detail: text, time: now, chain: chain, at: now, in: database)
        }
    }
}

extension JournalReader {
    /// Changes of some kinds before `end`, oldest first: those since `start`, and of every camera the last one before it.
    /// - Returns: nil where there are more than `limit`.
    package func changes(
        _ kinds: Set<JournalChange.Kind>, in period: Range<MediaTime>, limit: Int = 100_000
    ) throws -> [JournalChange]? {
        let names = kinds.map(\.rawValue).sorted()
        let marks = Array(repeating: "?", count: names.count).joined(separator: ",")
        let rows = try read { database in
            let before = try Row.fetchAll(
                database,
                sql: """
                    SELECT time, kind, camera, detail, max(row) AS row FROM change
                    WHERE kind IN (\(marks)) AND time < ? GROUP BY camera ORDER BY row
                    """,
                arguments: StatementArguments(
                    names + [period.lowerBound.microseconds] as [any DatabaseValueConvertible]))
            let within = try Row.fetchAll(
                database,
                sql: """
                    SELECT time, kind, camera, detail FROM change
                    WHERE kind IN (\(marks)) AND time >= ? AND time < ? ORDER BY row LIMIT ?
                    """,
                arguments: StatementArguments(
                    names + [period.lowerBound.microseconds, period.upperBound.microseconds, limit + 1]
                        as [any DatabaseValueConvertible]))
            return within.count > limit ? nil : before + within
        }
        return try rows?.compactMap(JournalChange.init)
    }

    /// The newest changes, oldest first. Kinds this version does not know are left out.
    package func changes(camera: CameraID? = nil, since: MediaTime? = nil, limit: Int = 1000) throws -> [JournalChange]
    {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT time, kind, camera, detail FROM change
                    WHERE (?1 IS NULL OR camera = ?1) AND (?2 IS NULL OR time >= ?2) ORDER BY row DESC LIMIT ?3
                    """,
                arguments: [camera?.text, since?.microseconds, limit])
            return try rows.reversed().compactMap(JournalChange.init)
        }
    }
}

extension JournalChange {
    /// Nil for a kind that this version does not know.
    fileprivate init?(_ row: Row) throws {
        guard let kind = Kind(rawValue: row["kind"]) else { return nil }
        self.init(
            time: MediaTime(microseconds: row["time"]), kind: kind,
            camera: (row["camera"] as String?).flatMap { CameraID($0) },
            detail: try DecisionCoder.decode([String: String].self, from: row["detail"] as String))
    }
}
