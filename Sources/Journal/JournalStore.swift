import Foundation
import GRDB
import Scene
import Synchronization

/// The journal's open file, and what happens when it cannot be used: a full or read-only disk is waited for, a damaged
/// file is set aside and another one takes its place.
final class JournalStore: Sendable {
    let folder: String
    let clock: @Sendable () -> MediaTime
    let chain: Chain

    private struct State {
        var pool: DatabasePool
        var lock: FolderLock?
        var health: JournalHealth
        var isReplacing = false
        var fileNumber: Int64 = 0
        var isClosed = false
        /// No other look at a failing file before this moment.
        var nextExamination: ContinuousClock.Instant = .now
    }

    /// Between two attempts to open another journal, and between two looks at a failing one.
    private static let replacementPause: TimeInterval = 0.5
    private static let examinationPause: Duration = .seconds(10)

    private let state: Mutex<State>
    private let listeners = Mutex<[@Sendable (JournalHealth) -> Void]>([])

    var path: String { folder + "/" + JournalFile.name }

    /// - Throws: ``JournalError``: locked, too new, or the folder cannot be used now. Damage is no error.
    init(folder: String, clock: @escaping @Sendable () -> MediaTime) throws {
        try JournalFile.prepareFolder(folder)
        let lock = try FolderLock(folder: folder)
        self.folder = folder
        self.clock = clock
        let now = clock()
        chain = Chain(
            key: try ChainKey.establish(in: folder, at: JournalReplacement.stamp(now)),
            note: try ChainHeadNote(folder: folder))
        var health = JournalHealth(since: now)
        let pool = try Self.open(folder: folder, chain: chain, at: now, &health)
        state = Mutex(State(pool: pool, lock: lock, health: health))
    }

    private static func open(
        folder: String, chain: Chain, at now: MediaTime, _ health: inout JournalHealth
    ) throws -> DatabasePool {
        do {
            let pool = try JournalFile.openForWriting(folder: folder)
            try begin(chain, in: pool, at: now, path: folder + "/" + JournalFile.name)
            return pool
        } catch JournalError.damaged(_, let finding) {
            var aside = try JournalReplacement.setAside(folder: folder, finding: finding, at: now)
            let pool = try JournalReplacement.open(folder: folder, chain: chain, saving: &aside, at: now)
            health.setAside = [aside]
            return pool
        }
    }

    /// Opens a journal that a daemon may be writing at the same time, for a few writes of a command.
    init(beside folder: String, clock: @escaping @Sendable () -> MediaTime) throws {
        let pool = try JournalFile.openBeside(folder: folder)
        self.folder = folder
        self.clock = clock
        let now = clock()
        chain = Chain(
            key: try ChainKey.establish(in: folder, at: JournalReplacement.stamp(now)),
            note: try ChainHeadNote(folder: folder))
        state = Mutex(State(pool: pool, lock: nil, health: JournalHealth(since: now)))
    }

    private static func begin(_ chain: Chain, in pool: DatabasePool, at now: MediaTime, path: String) throws {
        try JournalFile.explained(path) {
            try pool.write { try chain.begin(content: "{\"follows\":null}", at: now, in: $0) }
        }
    }

    /// The file in use; a closed one while it is being replaced.
    var pool: DatabasePool { state.withLock { $0.pool } }

    /// Counts the journals that took each other's place since the daemon was started.
    var fileNumber: Int64 { state.withLock { $0.fileNumber } }

    var health: JournalHealth { state.withLock { $0.health } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func onHealth(_ listener: @escaping @Sendable (JournalHealth) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// One transaction.
    /// - Throws: ``JournalError`` for what SQLite and the disk say; what `body` throws.
    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try watched { pool in try pool.write(body) }
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        let pool = try usable()
        do {
            let result = try await pool.write(body)
            worked()
            return result
        } catch let error as DatabaseError {
            throw noticed(error)
        }
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        let pool = try usable()
        do { return try await pool.read(body) } catch let error as DatabaseError { throw noticed(error) }
    }

    /// A read on the calling thread. Reading well says nothing of whether the disk can be written.
    func reading<Result>(_ body: (Database) throws -> Result) throws -> Result {
        let pool = try usable()
        do { return try pool.read(body) } catch let error as DatabaseError { throw noticed(error) }
    }

    func watched<Result>(_ body: (DatabasePool) throws -> Result) throws -> Result {
        let pool = try usable()
        do {
            let result = try body(pool)
            worked()
            return result
        } catch let error as DatabaseError {
            throw noticed(error)
        }
    }

    /// Folds the log into the file as far as there is room, so that on a full disk its space serves the next commits.
    func reuseLog() {
        guard health.state == .full, let pool = try? usable() else { return }
        try? pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
    }

    /// Folds the log into the file, closes it and gives the lock back.
    func close() throws {
        let pool = state.withLock { state in
            state.isClosed = true
            return state.pool
        }
        chain.syncNote()
        // The last connection to close may be a reader, which cannot do it.
        try? pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try pool.close()
        state.withLock { $0.lock = nil }
    }

    private func usable() throws -> DatabasePool {
        try state.withLock { state in
            if state.isClosed { throw JournalError.closed }
            if state.isReplacing {
                throw JournalError.damaged(path: path, finding: "another journal is being opened")
            }
            return state.pool
        }
    }
}

// How the files are.
extension JournalStore {
    /// Notes how many alerts wait in memory.
    func noteSpill(alerts: Int, bytes: Int) {
        state.withLock { state in
            state.health.spilledAlerts = alerts
            state.health.spilledBytes = bytes
        }
    }

    private func worked() {
        let isBack = state.withLock { $0.health.state != .working && !$0.isReplacing }
        if isBack { change(to: .working, nil) }
    }

    /// Explains an error and does what it asks for.
    @discardableResult
    func noticed(_ error: DatabaseError) -> JournalError {
        let explained = JournalFile.explanation(of: error, path: path)
        noticed(explained)
        return explained
    }

    func noticed(_ error: JournalError) {
        switch error {
        case .full: change(to: .full, "\(error)")
        case .readOnly: change(to: .readOnly, "\(error)")
        case .failing:
            change(to: .failing, "\(error)")
            examine()
        case .damaged(_, let finding): replace(because: finding)
        default: break
        }
    }

    private func change(to new: JournalHealth.State, _ detail: String?) {
        let now = clock()
        let health: JournalHealth? = state.withLock { state in
            guard !state.isClosed else { return nil }
            let isNew = state.health.state != new
            state.health.detail = detail
            guard isNew else { return nil }
            state.health.state = new
            state.health.since = now
            return state.health
        }
        if let health { tell(health) }
    }

    private func tell(_ health: JournalHealth) {
        for listener in listeners.withLock({ $0 }) { listener(health) }
    }

    /// The disk reports errors: a damaged place of this file, or a disk that is away for a moment?
    private func examine() {
        let isDue = state.withLock { state in
            guard !state.isReplacing, !state.isClosed, state.nextExamination <= .now else { return false }
            state.nextExamination = .now + Self.examinationPause
            return true
        }
        guard isDue else { return }
        Thread.detachNewThread { [self] in
            do {
                let queue = try JournalFile.openForReading(folder: folder)
                try JournalFile.check(queue, path: path)
            } catch JournalError.damaged(_, let finding) {
                replace(because: finding)
            } catch let error as DatabaseError
                where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
                || error.extendedResultCode == .SQLITE_IOERR_READ
            {
                replace(because: error.message ?? "a part of it cannot be read")
            } catch {
                // Cannot be told now; the next failing write asks again.
            }
        }
    }

    /// Sets the damaged file aside and opens another one, on a thread of its own. What comes meanwhile fails and is
    /// repeated by whoever brought it.
    private func replace(because finding: String) {
        let old: DatabasePool? = state.withLock { state in
            guard !state.isReplacing, !state.isClosed, state.lock != nil else { return nil }
            state.isReplacing = true
            return state.pool
        }
        guard let old else { return }
        change(to: .damaged, "\(JournalError.damaged(path: path, finding: finding))")
        Thread.detachNewThread { [self] in
            // Nothing may be written into a file that is on its way out.
            old.interrupt()
            try? old.close()
            replaceUntilDone(finding)
        }
    }

    private func replaceUntilDone(_ finding: String) {
        var aside: JournalSetAside?
        while !state.withLock({ $0.isClosed }) {
            let now = clock()
            do {
                if aside == nil { aside = try JournalReplacement.setAside(folder: folder, finding: finding, at: now) }
                guard var standing = aside else { return }
                let pool = try JournalReplacement.open(folder: folder, chain: chain, saving: &standing, at: now)
                finishReplacement(with: pool, standing, at: now)
                return
            } catch {
                state.withLock { $0.health.detail = "\(error)" }
                Thread.sleep(forTimeInterval: Self.replacementPause)
            }
        }
    }

    private func finishReplacement(with pool: DatabasePool, _ aside: JournalSetAside, at now: MediaTime) {
        let health = state.withLock { state in
            state.pool = pool
            state.fileNumber += 1
            state.isReplacing = false
            state.health.state = .working
            state.health.since = now
            state.health.detail = nil
            state.health.setAside.append(aside)
            return state.health
        }
        tell(health)
    }
}
