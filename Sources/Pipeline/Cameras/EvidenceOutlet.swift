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
    package var alerts: [Alert] { held.alerts }
    /// Every version with what was known of it then, also those that only name a clip, in the order in which the daemon
    /// would journal them.
    package var versions: [Alert] { held.versions }
    /// Where the footage's packets go.
    package var tap: PacketTap? { clips.tap }

    /// Told by the outlet and by the clips.
    private final class Held: Sendable {
        private struct Shelf {
            var order: [String] = []
            var newest: [String: Alert] = [:]
            var versions: [Alert] = []
        }

        private let shelf = Mutex(Shelf())

        var versions: [Alert] { shelf.withLock { $0.versions } }
        var alerts: [Alert] { shelf.withLock { shelf in shelf.order.compactMap { shelf.newest[$0] } } }

        func take(_ alert: Alert) {
            shelf.withLock { shelf in
                shelf.versions.append(alert)
                let isNew = shelf.newest.updateValue(alert, forKey: alert.decision.id) == nil
                if isNew { shelf.order.append(alert.decision.id) }
            }
        }
    }

    private let stills: AlertStills
    private let clips: AlertClips
    private let held: Held

    /// - Parameter folder: made when the first file is written.
    package init(folder: String, camera: CameraConfiguration, settings: ClipSettings, logger: Logger) {
        let store = EvidenceStore(folder: folder)
        let held = Held()
        self.held = held
        stills = AlertStills(store: store, restoring: [], logger: logger)
        clips = AlertClips(
            camera, settings: settings, restoring: [],
            in: AlertClips.Surroundings(
                store: store, clock: { .now }, counters: CameraCounters(), logger: logger,
                announce: { alert in
                    held.take(alert)
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
        held.take(alert)
        clips.journaled(alert)
    }
}
