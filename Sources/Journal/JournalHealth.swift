package import Scene

/// How the journal's files are: what status, metrics and the log say of them.
package struct JournalHealth: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case working
        /// No room on the disk.
        case full
        case readOnly = "read_only"
        /// The disk answers with errors.
        case failing
        /// Damage was found; another journal is being opened.
        case damaged
    }

    package var state = State.working
    /// When it became so.
    package var since: MediaTime
    /// The newest error, as a sentence; nil while it works.
    package var detail: String?
    /// Alert versions that wait in memory for the journal, and their bytes.
    package var spilledAlerts = 0
    package var spilledBytes = 0
    /// Damaged journals that were set aside since the daemon was started, oldest first.
    package var setAside: [JournalSetAside] = []
}

/// A damaged journal that stands aside, and what of it went into the new one.
package struct JournalSetAside: Hashable, Sendable, Codable {
    /// The file's name in the data folder, with the time; its `-wal` and `-shm` lie beside it.
    package var name: String
    package var time: MediaTime
    /// What was found.
    package var finding: String
    /// Alert versions and deliveries that could be read and are in the new journal.
    package var savedVersions = 0
    package var savedDeliveries = 0
    /// Alert versions that could be read but are not what was journaled; they are left in the old file.
    package var refusedVersions = 0
    /// Tables of which a part could not be read.
    package var unreadable: [String] = []

    enum CodingKeys: String, CodingKey {
        case name, time, finding, unreadable
        case savedVersions = "saved_versions"
        case savedDeliveries = "saved_deliveries"
        case refusedVersions = "refused_versions"
    }
}
