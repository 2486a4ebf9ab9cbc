package import Evidence
import Journal
package import Logging
package import Media
package import Scene
import Synchronization

/// Collects the decisions of a replay like ``CollectingOutlet``, and keeps stills and clips of them as the daemon would.
/// Clips are written between the pictures, on the thread of the replay: none is lost for being too slow.
package final class EvidenceOutlet: AlertOutlet {
    package let collected = CollectingOutlet()
    /// The newest version of each alert with what is kept of it, in the order of their opening.
    package var alerts: [Alert] { held.withLock { held in held.order.compactMap { held.newest[$0] } } }
    /// Where the footage's packets go.
    package var tap: PacketTap? { clips.tap }

    private struct Held {
        var order: [String] = []
        var newest: [String: Alert] = [:]

        mutating func take(_ alert: Alert) {
            if newest.updateValue(alert, forKey: alert.decision.id) == nil { order.append(alert.decision.id) }
        }
    }

    private let stills: AlertStills
    private let clips: AlertClips
    private let held: Held.Box

    /// - Parameter folder: made when the first file is written.
    package init(folder: String, camera: CameraConfiguration, settings: ClipSettings, logger: Logger) {
        let store = EvidenceStore(folder: folder)
        let held = Held.Box()
        self.held = held
        stills = AlertStills(store: store, restoring: [], logger: logger)
        clips = AlertClips(
            camera, settings: settings, restoring: [],
            in: AlertClips.Surroundings(
                store: store, clock: { .now }, counters: CameraCounters(), logger: logger,
                announce: { alert in
                    held.withLock { $0.take(alert) }
                    return true
                }),
            worker: nil)
    }

    package func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime
    ) {
        collected.publish(decisions, decidedAt: decidedAt)
        let drawn = overlay()
        for decision in decisions {
            keep(decision, stills.evidence(for: decision, picture: picture, overlay: drawn, at: decidedAt), decidedAt)
        }
    }

    package func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) {
        collected.publish(decisions, decidedAt: decidedAt)
        for decision in decisions { keep(decision, stills.evidence(for: decision), decidedAt) }
    }

    package func note(_ note: CameraNote) { collected.note(note) }

    /// Writes what there is to write of clips: to be called between pictures, and once at the end.
    package func pump() { if clips.hasWork { _ = clips.pump() } }

    private func keep(_ decision: AlertDecision, _ evidence: [AlertReception.Evidence], _ decidedAt: MediaTime) {
        let clip = clips.tell(decision, decidedAt: decidedAt)
        let now = MediaTime.now
        let alert = Alert(
            decision: decision,
            reception: AlertReception(
                serverTime: now, latencyMilliseconds: (now - decidedAt).microseconds / 1000, sequence: 0,
                evidence: evidence + (clip.evidence.map { [$0] } ?? []), clip: clip.standing, isReplay: true))
        held.withLock { $0.take(alert) }
        clips.journaled(alert)
    }
}

extension EvidenceOutlet.Held {
    fileprivate final class Box: Sendable {
        private let value = Mutex(EvidenceOutlet.Held())

        func withLock<Result: Sendable>(_ body: (inout sending EvidenceOutlet.Held) -> Result) -> Result {
            value.withLock(body)
        }
    }
}
