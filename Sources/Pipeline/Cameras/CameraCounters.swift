import Media
import Rules
package import Scene
import Synchronization

/// What a camera's thread has analysed and journaled, read by anyone.
package final class CameraCounters: Sendable {
    package struct Values: Sendable, Hashable {
        /// Media time of the newest session's first picture.
        package var anchor: MediaTime?
        package var analyzed: Int64 = 0
        package var versions: Int64 = 0
        package var opened: Int64 = 0
        package var journalFailures: Int64 = 0
        /// What is wrong with the picture now.
        package var health = SceneHealth.good
        /// How often a condition of the picture began or ended.
        package var healthChanges: Int64 = 0
        /// Wakes that no track came of, and stirs that woke nobody because the same places did so in vain.
        package var falseWakes: Int64 = 0
        package var suppressedWakes: Int64 = 0
        /// Milliseconds from the deciding frame to the journal, of opened alerts, not yet taken by a metric.
        package var freshLatencies: [Int64] = []
        /// The same of catching up, from the wish to do so until it was done.
        package var freshCatchUps: [Int64] = []
        /// What the rules would have raised but for a filter: the newest ``suppressedLimit``, oldest first.
        package var suppressed: [SuppressedCandidate] = []
        /// Clips that were written, their bytes, and those that were not, by the reason; an early end counts by its own.
        package var clips: Int64 = 0
        package var clipBytes: Int64 = 0
        package var absentClips: [ClipStanding.Reason: Int64] = [:]
        package var shortClips: [ClipStanding.Reason: Int64] = [:]
    }

    package static let suppressedLimit = RuleEngine.suppressedLimit

    /// Latencies kept for the next reading of metrics; when nobody reads, the oldest go.
    private static let freshLatencyLimit = 1024

    private let values = Mutex(Values())
    private let stopping = Atomic(false)

    package init() {}

    package var snapshot: Values { values.withLock { $0 } }

    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Ends waiting for a journal that cannot be written.
    package func stop() { stopping.store(true, ordering: .releasing) }

    func sessionBegan(at anchor: MediaTime) {
        values.withLock { $0.anchor = anchor }
    }

    func analyzedPicture() {
        values.withLock { $0.analyzed += 1 }
    }

    func healthChanged(to health: SceneHealth, changes: Int) {
        values.withLock {
            $0.health = health
            $0.healthChanges += Int64(changes)
        }
    }

    func glanced(falseWakes: Int64, suppressed: Int64) {
        values.withLock {
            $0.falseWakes = falseWakes
            $0.suppressedWakes = suppressed
        }
    }

    func journaled(_ alerts: [Alert]) {
        values.withLock { values in
            values.versions += Int64(alerts.count)
            for alert in alerts where alert.decision.state == .opened {
                values.opened += 1
                values.freshLatencies.append(alert.reception.latencyMilliseconds)
            }
            let excess = values.freshLatencies.count - Self.freshLatencyLimit
            if excess > 0 { values.freshLatencies.removeFirst(excess) }
        }
    }

    func suppressed(_ candidates: [SuppressedCandidate]) {
        values.withLock { values in
            values.suppressed += candidates
            let excess = values.suppressed.count - Self.suppressedLimit
            if excess > 0 { values.suppressed.removeFirst(excess) }
        }
    }

    func clip(_ standing: ClipStanding, bytes: Int64) {
        values.withLock { values in
            if standing.state == .kept {
                values.clips += 1
                values.clipBytes += bytes
                if let reason = standing.reason { values.shortClips[reason, default: 0] += 1 }
            } else if let reason = standing.reason {
                values.absentClips[reason, default: 0] += 1
            }
        }
    }

    func journalFailed() {
        values.withLock { $0.journalFailures += 1 }
    }

    func caughtUp(after wait: Duration) {
        values.withLock { values in
            values.freshCatchUps.append(wait.nanoseconds / 1_000_000)
            let excess = values.freshCatchUps.count - Self.freshLatencyLimit
            if excess > 0 { values.freshCatchUps.removeFirst(excess) }
        }
    }

    /// What no metric has taken yet, in milliseconds.
    func takeLatencies() -> (journal: [Int64], catchUp: [Int64]) {
        values.withLock { values in
            defer {
                values.freshLatencies.removeAll(keepingCapacity: true)
                values.freshCatchUps.removeAll(keepingCapacity: true)
            }
            return (values.freshLatencies, values.freshCatchUps)
        }
    }
}
