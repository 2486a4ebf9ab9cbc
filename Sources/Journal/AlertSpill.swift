import Foundation
package import Scene
import Synchronization

/// How many alerts wait in memory at most while the journal cannot be written.
package struct SpillLimits: Hashable, Sendable {
    package var bytes: Int
    package var alerts: Int
    /// Between two attempts to journal them.
    package var pause: Duration

    package init(bytes: Int = 64 << 20, alerts: Int = 20_000, pause: Duration = .milliseconds(500)) {
        self.bytes = bytes
        self.alerts = alerts
        self.pause = pause
    }
}

/// Where alerts are after ``AlertJournal/keep(_:sinks:then:)``.
package enum KeepOutcome: Sendable {
    /// On disk.
    case stored([Alert])
    /// In memory, until the journal can be written again.
    case spilled(JournalError)
    /// Nowhere: the memory for them is used up. To be brought again.
    case refused(JournalError)
}

extension AlertJournal {
    /// Journals alerts as ``append(_:sinks:)`` does. Where the disk does not let it, they are kept in memory, in order
    /// and within limits, and journaled as soon as it does; only a kill loses them then. What a well disk refuses is
    /// tried a few more times beside the others.
    ///
    /// - Parameter then: called once for alerts that were kept in memory, on another thread: as stored, or with the
    ///   error that is theirs alone (a conflict, a refusal).
    /// - Throws: what is the caller's own: ``JournalError/conflict(id:version:)``, ``JournalError/closed``, an
    ///   encoding error.
    package func keep(
        _ alerts: [Alert], sinks: [String], then: @escaping @Sendable (Result<[Alert], any Error>) -> Void
    ) throws -> KeepOutcome {
        guard !alerts.isEmpty else { return .stored([]) }
        let entry = try AppendEntry(alerts: alerts, sinks: sinks)
        let told: @Sendable (Result<[Alert], any Error>) -> Void = { result in
            if case .success(let stored) = result { self.noteStored(stored) }
            then(result)
        }
        // What came first is journaled first.
        if let isTaken = spill.offer(behindOthers: entry, told) {
            let reason = JournalError.unusable(path: store.path, reason: "others wait for it already")
            return isTaken ? .spilled(reason) : .refused(reason)
        }
        do {
            return .stored(try append(entry))
        } catch let error as JournalError where error.mayBeTriedAgain {
            return spill.offer(entry, told) ? .spilled(error) : .refused(error)
        }
    }

    /// Takes what is still in memory, so that it can be told before the process ends.
    package func takeSpilled() -> [Alert] { spill.takeAll() }
}

extension JournalError {
    /// Another attempt at the same alerts may succeed.
    fileprivate var mayBeTriedAgain: Bool {
        switch self {
        case .conflict, .closed: false
        default: true
        }
    }
}

/// Alerts that wait in memory while the journal cannot be written, and the thread that tries again.
final class AlertSpill: Sendable {
    typealias Told = @Sendable (Result<[Alert], any Error>) -> Void

    private struct Waiting {
        let entry: AppendEntry
        let bytes: Int
        let told: Told
        /// How often the journal refused it though the disk is well.
        var refusals = 0
    }

    private struct State {
        var waiting: [Waiting] = []
        var alerts = 0
        var bytes = 0
        var isTrying = false
        /// Of this outage.
        var most = 0
        var since: MediaTime?
    }

    /// Attempts at one call that is refused though the disk is well. Those behind it go first meanwhile, the same
    /// camera's too: nobody waits for what may never be taken.
    private static let patience = 10

    /// Calls of one transaction; fewer after a failure, so that little room lets a few through.
    private static let batch = 256

    private let limits: SpillLimits
    private let store: JournalStore
    private let state = Mutex(State())

    init(limits: SpillLimits, store: JournalStore) {
        self.limits = limits
        self.store = store
    }

    /// - Returns: nil when nobody waits but what was refused; else whether there was room behind them.
    func offer(behindOthers entry: AppendEntry, _ told: @escaping Told) -> Bool? {
        guard state.withLock({ $0.waiting.contains { $0.refusals == 0 } }) else { return nil }
        return offer(entry, told)
    }

    /// - Returns: whether there was room.
    func offer(_ entry: AppendEntry, _ told: @escaping Told) -> Bool {
        let bytes = entry.items.reduce(0) { $0 + 2 * $1.decision.utf8.count + 1024 }
        let now = store.clock()
        let (isTaken, isFirst) = state.withLock { state in
            guard state.alerts + entry.items.count <= limits.alerts, state.bytes + bytes <= limits.bytes else {
                return (false, false)
            }
            state.waiting.append(Waiting(entry: entry, bytes: bytes, told: told))
            state.alerts += entry.items.count
            state.bytes += bytes
            state.most = max(state.most, state.alerts)
            state.since = state.since ?? now
            defer { state.isTrying = true }
            return (true, !state.isTrying)
        }
        tell()
        if isFirst { Thread.detachNewThread { self.tryUntilEmpty() } }
        return isTaken
    }

    func takeAll() -> [Alert] {
        let waiting = state.withLock { state in
            defer {
                state.waiting = []
                state.alerts = 0
                state.bytes = 0
            }
            return state.waiting
        }
        tell()
        return waiting.flatMap { $0.entry.items.map(\.alert) }
    }

    private func tell() {
        let (alerts, bytes) = state.withLock { ($0.alerts, $0.bytes) }
        store.noteSpill(alerts: alerts, bytes: bytes)
    }

    private func tryUntilEmpty() {
        let pause = Double(limits.pause / .milliseconds(1)) / 1000
        var size = Self.batch
        while true {
            let batch = state.withLock { Array($0.waiting.prefix(size)) }
            if batch.isEmpty {
                if finish() { return }
                continue
            }
            do {
                let results = try AlertJournal.commit(batch.map(\.entry), in: store)
                size = min(2 * size, Self.batch)
                if settle(batch, results) { Thread.sleep(forTimeInterval: pause) }
            } catch {
                if store.isClosed { return }
                size = max(1, size / 4)
                store.reuseLog()
                Thread.sleep(forTimeInterval: pause)
            }
        }
    }

    /// Tells who brought them; what is refused goes behind the others a few times.
    /// - Returns: whether nothing but refusals is left.
    private func settle(_ batch: [Waiting], _ results: [Result<[Alert], any Error>]) -> Bool {
        var again: [Waiting] = []
        var done: [(Waiting, Result<[Alert], any Error>)] = []
        for (waiting, result) in zip(batch, results) {
            if case .failure(let error as JournalError) = result, error.isRefusal, waiting.refusals + 1 < Self.patience
            {
                var other = waiting
                other.refusals += 1
                again.append(other)
            } else {
                done.append((waiting, result))
            }
        }
        let onlyRefused = replace(batch, by: again)
        for (waiting, result) in done { waiting.told(result) }
        return onlyRefused
    }

    /// Takes the first ones away and puts `again` behind those that wait.
    /// - Returns: whether all that wait now have been refused before.
    private func replace(_ batch: [Waiting], by again: [Waiting]) -> Bool {
        let onlyRefused = state.withLock { state in
            // Taken meanwhile by a process that ends.
            guard state.waiting.count >= batch.count else { return false }
            state.waiting.removeFirst(batch.count)
            state.waiting += again
            state.alerts = state.waiting.reduce(0) { $0 + $1.entry.items.count }
            state.bytes = state.waiting.reduce(0) { $0 + $1.bytes }
            return !state.waiting.isEmpty && state.waiting.allSatisfy { $0.refusals > 0 }
        }
        tell()
        return onlyRefused
    }

    /// - Returns: false when somebody has come meanwhile.
    private func finish() -> Bool {
        let outage: (since: MediaTime, most: Int)? = state.withLock { state in
            guard state.waiting.isEmpty else { return nil }
            state.isTrying = false
            defer {
                state.most = 0
                state.since = nil
            }
            return (state.since ?? store.clock(), state.most)
        }
        guard let outage else { return false }
        let detail = ["since": "\(outage.since)", "alerts": "\(outage.most)"]
        // Not worth another outage: the alerts are safe.
        try? store.record(.journalRecovered, detail: detail)
        return true
    }
}
