import Foundation
import GRDB
package import Scene
import Synchronization

/// The durable record: alert versions with the outbox rows that carry them to the sinks, written in one transaction
/// before anything is sent.
///
/// One SQLite file in the data folder, WAL, `synchronous=FULL`: when ``append(_:sinks:)`` has returned, the alert
/// survives a kill and a power cut. One process at a time writes (a lock file); others read by ``JournalReader``.
package final class AlertJournal: Sendable {
    /// Queries; also usable from other threads while appends run.
    package let reader: JournalReader
    /// The folder that holds journal, stills and clips.
    package let folder: String

    let store: JournalStore
    let clock: @Sendable () -> MediaTime
    let spill: AlertSpill
    private let commits: GroupCommit<AppendEntry, [Alert]>
    private let storedCount = Atomic<Int64>(0)
    private let listeners: Mutex<[@Sendable () -> Void]>

    var pool: DatabasePool { store.pool }
    var chain: Chain { store.chain }

    /// Opens or creates the journal in `folder` (made with mode 0700 if missing) and takes its lock. A damaged one is
    /// set aside and another one begun with what can be read of it, see ``health``.
    ///
    /// - Parameters:
    ///   - clock: the server's time, for the age and schedule of outbox rows.
    ///   - spillLimits: how much ``keep(_:sinks:then:)`` holds in memory.
    /// - Throws: ``JournalError``: locked by another daemon, too new, or unusable now.
    package convenience init(
        folder: String, spillLimits: SpillLimits = SpillLimits(),
        clock: @escaping @Sendable () -> MediaTime = { .now }
    ) throws {
        self.init(try JournalStore(folder: folder, clock: clock), spillLimits)
    }

    /// Opens an existing journal for a few writes of a command, whether or not a daemon runs on it.
    package convenience init(beside folder: String, clock: @escaping @Sendable () -> MediaTime = { .now }) throws {
        self.init(try JournalStore(beside: folder, clock: clock), SpillLimits())
    }

    private init(_ store: JournalStore, _ spillLimits: SpillLimits) {
        self.store = store
        folder = store.folder
        clock = store.clock
        reader = JournalReader(store: store)
        listeners = Mutex([])
        commits = GroupCommit { try Self.commit($0, in: store) }
        spill = AlertSpill(limits: spillLimits, store: store)
    }

    /// Commits the entries in one transaction; where a well disk refuses one of them, each in its own, so that the
    /// others do not fail with it.
    static func commit(_ entries: [AppendEntry], in store: JournalStore) throws -> [Result<[Alert], any Error>] {
        do {
            return try store.write { database in
                let now = store.clock()
                return try entries.map { entry in
                    try AppendEntry.store(entry, in: database, chain: store.chain, at: now)
                }
            }
        } catch let error as JournalError where error.isRefusal {
            guard entries.count > 1 else { return [.failure(error)] }
            return try entries.flatMap { try commit([$0], in: store) }
        }
    }

    /// How the journal's files are.
    package var health: JournalHealth { store.health }

    /// Calls `listener` when the health's state changes, on the thread that found out; it must return soon.
    package func onHealth(_ listener: @escaping @Sendable (JournalHealth) -> Void) { store.onHealth(listener) }

    /// Journals the alerts, each with one outbox row for each sink, and gives each its `reception.sequence`.
    ///
    /// Blocks the calling thread until they are on disk; callable from any number of threads, whose alerts share
    /// transactions. All or none of one call's alerts are stored. An (id, version) that is already there with the same
    /// decision is left as it is, so a repeated call is harmless.
    /// - Returns: the alerts as stored.
    /// - Throws: ``JournalError/conflict(id:version:)``, an encoding error, or ``JournalError/unusable(path:reason:)``
    ///   for the disk (full, failing); then nothing of this call is stored and it may be repeated.
    @discardableResult
    package func append(_ alerts: [Alert], sinks: [String]) throws -> [Alert] {
        guard !alerts.isEmpty else { return [] }
        return try append(try AppendEntry(alerts: alerts, sinks: sinks))
    }

    func append(_ entry: AppendEntry) throws -> [Alert] {
        let stored = try commits.submit(entry)
        noteStored(stored)
        return stored
    }

    func noteStored(_ stored: [Alert]) {
        storedCount.add(Int64(stored.count), ordering: .relaxed)
        wakeListeners()
    }

    /// Calls `listener` after each append, on the appending thread; it must return at once.
    package func onAppend(_ listener: @escaping @Sendable () -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// Notes which sinks the configuration names: a new one starts with the next alert, one that is gone keeps its rows.
    package func configureSinks(_ sinks: [String]) throws {
        let now = clock()
        try write { database in
            try database.execute(
                sql: "UPDATE sink SET removed = ? WHERE removed IS NULL", arguments: [now.microseconds])
            for sink in sinks {
                try database.execute(
                    sql: """
                        INSERT INTO sink (id, since) VALUES (?, ?)
                        ON CONFLICT (id) DO UPDATE SET since = iif(removed = excluded.since, since, excluded.since),
                            removed = NULL
                        """,
                    arguments: [sink, now.microseconds])
            }
        }
    }

    /// Writes one row for real, so that a full or failing disk shows before an alert needs it.
    /// - Throws: ``JournalError/unusable(path:reason:)``.
    package func checkWritable() throws {
        let now = clock()
        store.reuseLog()
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO camera_sequence (camera, last) VALUES ('', ?)
                    ON CONFLICT (camera) DO UPDATE SET last = excluded.last
                    """,
                arguments: [now.wholeSecond])
        }
    }

    package func snapshot() -> JournalCounters {
        JournalCounters(alerts: storedCount.load(ordering: .relaxed), commits: commits.commitsMade)
    }

    /// Folds the log into the file, closes it and gives the lock back. Appends that follow fail.
    package func close() throws { try store.close() }

    func write<Result>(_ body: (Database) throws -> Result) throws -> Result { try store.write(body) }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await store.write(body)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await store.read(body)
    }

    func wakeListeners() {
        for listener in listeners.withLock({ $0 }) { listener() }
    }
}

/// What a journal has done since it was opened.
package struct JournalCounters: Hashable, Sendable {
    /// Alert versions that ``AlertJournal/append(_:sinks:)`` has put on disk or found there.
    package let alerts: Int64
    /// Transactions that did it.
    package let commits: Int64
}

extension MediaTime {
    /// The server's clock.
    package static var now: MediaTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return MediaTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
