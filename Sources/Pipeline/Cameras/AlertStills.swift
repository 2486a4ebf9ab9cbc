import Evidence
import Foundation
import Journal
import Logging
import Media
import Scene

/// Makes and keeps the two stills of an alert. Confined to the camera's thread.
///
/// A still that cannot be written (disk full) is logged and left out: evidence is dropped first, alerts never.
final class AlertStills {
    /// Versions of one alert that get stills of their own; later ones go without.
    private static let stillsPerAlert = 8

    private let store: EvidenceStore
    private let logger: Logger
    /// The best first; empty for a camera with one stream that is decoded with its colours.
    private let views: [EvidenceView]
    private var firstEvidence: [String: [AlertReception.Evidence]] = [:]
    private var madeCount: [String: Int] = [:]

    /// - Parameters:
    ///   - restoring: alerts that are open in the journal, whose closing will name their stills.
    ///   - views: where better pictures than the analysed ones may be, the best first.
    init(store: EvidenceStore, restoring: [Alert], views: [EvidenceView] = [], logger: Logger) {
        self.store = store
        self.views = views
        self.logger = logger
        for alert in restoring where alert.decision.state != .closed {
            firstEvidence[alert.decision.id] = alert.reception.evidence.filter { $0.kind != .clip }
        }
    }

    /// Stills of the picture for a version that is opened or updated on it.
    func evidence(
        for decision: AlertDecision, picture: borrowing Picture, overlay: Overlay, at time: MediaTime
    ) -> [AlertReception.Evidence] {
        guard decision.state != .closed else { return evidence(for: decision) }
        guard madeCount[decision.id, default: 0] < Self.stillsPerAlert else { return [] }
        madeCount[decision.id, default: 0] += 1
        let made = make(decision, picture: picture, overlay: overlay, at: time)
        if firstEvidence[decision.id] == nil { firstEvidence[decision.id] = made }
        return made
    }

    /// For a version that has no picture of its own: the closing one names the alert's first stills again.
    func evidence(for decision: AlertDecision) -> [AlertReception.Evidence] {
        guard decision.state == .closed else { return [] }
        madeCount[decision.id] = nil
        return firstEvidence.removeValue(forKey: decision.id) ?? []
    }

    private func make(
        _ decision: AlertDecision, picture: borrowing Picture, overlay: Overlay, at time: MediaTime
    ) -> [AlertReception.Evidence] {
        let hasTwoStreams = views.contains { $0.source == .secondStream }
        for view in views where view.isWanted(besides: picture) {
            guard let shown = view.time(ofPictureAt: time) else { continue }
            let stream: EvidenceStream? =
                view.source == .secondStream ? .evidence : hasTwoStreams ? .analysis : nil
            return write(decision, view.picture, overlay, at: shown, stream)
        }
        return write(decision, picture, overlay, at: time, hasTwoStreams ? .analysis : nil)
    }

    private func write(
        _ decision: AlertDecision, _ picture: borrowing Picture, _ overlay: Overlay, at time: MediaTime,
        _ stream: EvidenceStream?
    ) -> [AlertReception.Evidence] {
        do {
            // Not kept for the next alert: what an encoder holds is several times the picture, for every camera.
            var renderer = StillRenderer()
            let stills = try renderer.stills(of: picture, overlay: overlay)
            return try [(AlertReception.Evidence.Kind.clean, stills.clean), (.annotated, stills.annotated)].map {
                kind, bytes in
                let name = "\(decision.id).\(decision.version)-\(kind.rawValue)"
                let path = try store.write(bytes, camera: decision.camera, at: time, name: name)
                return AlertReception.Evidence(
                    kind: kind, path: path, sha256: Digest.sha256Hex(Data(bytes)), bytes: bytes.count,
                    width: stills.size.width, height: stills.size.height, mediaTime: time, stream: stream)
            }
        } catch {
            logger.error("still not kept", metadata: ["alert": "\(decision.id)", "error": "\(error)"])
            return []
        }
    }
}
