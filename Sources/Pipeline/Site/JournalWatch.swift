import Evidence
import Journal
import Logging
import Scene
import Synchronization

/// Looks after the journal's files: says loudly what is wrong, makes room on a full disk by letting evidence go, and
/// notices that the disk works again.
struct JournalWatch: Sendable {
    /// Between two looks while all is well, and while it is not.
    private static let calmInterval: Duration = .seconds(30)
    private static let alarmedInterval: Duration = .seconds(2)
    /// What is freed at a time on a full disk.
    private static let roomBytes: Int64 = 64 << 20
    /// Looks between two repetitions of the alarm in the log: a minute.
    private static let repetition = 30

    let rooms: SiteRooms

    /// Has every change of the journal's health logged, beginning with what was found when it was opened.
    func begin() {
        let logger = rooms.logger
        for aside in rooms.journal.health.setAside { Self.tell(aside, logger) }
        let told = Mutex(rooms.journal.health.setAside.count)
        rooms.journal.onHealth { health in
            if health.state == .working {
                let new = told.withLock { count in
                    defer { count = health.setAside.count }
                    return health.setAside.dropFirst(count)
                }
                for aside in new { Self.tell(aside, logger) }
                logger.notice("journal can be written again")
            } else {
                Self.alarm(health, logger)
            }
        }
    }

    /// Until cancelled.
    func run() async {
        var looks = 0
        while !Task.isCancelled {
            // A write is the only way to know, and what makes a recovery known where no alert comes.
            let isWell = (try? rooms.journal.checkWritable()) != nil
            let health = rooms.journal.health
            if health.state == .full { makeRoom() }
            if health.state != .working {
                looks += 1
                if looks % Self.repetition == 0 { Self.alarm(health, rooms.logger) }
            } else {
                looks = 0
            }
            try? await Task.sleep(for: isWell ? Self.calmInterval : Self.alarmedInterval)
        }
    }

    /// Waits until the journal can be written: a daemon that starts on a full or read-only disk says so and goes on by
    /// itself.
    func waitUntilWritable() async throws {
        while true {
            do { return try rooms.journal.checkWritable() } catch let error as JournalError where error.mayPass {
                if rooms.journal.health.state == .full { makeRoom() }
                rooms.logger.critical(
                    "journal cannot be written, nothing is watched until it can", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.alarmedInterval)
        }
    }

    /// Evidence goes first, the oldest before the newer; never of an alert that is open or held.
    private func makeRoom() {
        let journal = rooms.journal
        let bytes = rooms.store.prune(writtenBefore: .epoch, byteLimit: .max) { _ in true }.remainingBytes
        let pruned = rooms.store.prune(writtenBefore: .epoch, byteLimit: max(0, bytes - Self.roomBytes)) { path in
            let name = path.split(separator: "/").last ?? ""
            guard let id = name.split(separator: ".").first else { return true }
            return !((try? journal.reader.maySpareEvidence(alertID: String(id))) ?? false)
        }
        guard pruned.files > 0 else { return }
        rooms.logger.critical(
            "evidence let go of: the disk is full and alerts must be journaled",
            metadata: ["stills": "\(pruned.files)", "bytes": "\(pruned.bytes)"])
    }

    /// What a process that ends takes with it, so that it is at least in its log.
    func tellWhatIsLost() {
        for alert in rooms.journal.takeSpilled() {
            rooms.logger.critical(
                "alert lost: stopped while the journal could not be written",
                metadata: ["alert": "\((try? DecisionCoder.text(alert)) ?? alert.decision.id)"])
        }
    }

    private static func alarm(_ health: JournalHealth, _ logger: Logger) {
        logger.critical(
            "journal cannot be written, alerts are kept in memory",
            metadata: [
                "state": "\(health.state.rawValue)", "since": "\(health.since)", "waiting": "\(health.spilledAlerts)",
                "error": "\(health.detail ?? "")"
            ])
    }

    private static func tell(_ aside: JournalSetAside, _ logger: Logger) {
        logger.critical(
            "damaged journal set aside, another one begun",
            metadata: Logger.Metadata(
                uniqueKeysWithValues: aside.words.map { ($0.key, Logger.MetadataValue.string($0.value)) }))
    }
}
