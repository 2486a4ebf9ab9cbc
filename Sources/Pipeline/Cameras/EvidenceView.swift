import Ingest
import Logging
import Media
import Scene

/// Pictures of a camera's second stream for evidence: the kept packets of the moment are decoded when an alert wants them.
/// Confined to the camera's thread.
final class EvidenceView {
    /// A picture that was taken so much before the deciding one does not show what was decided.
    static let earliest = MediaSpan.seconds(1)

    private let tap: PacketTap
    private let mask: PrivacyMask
    private let logger: Logger
    /// Several alerts may be decided on one picture.
    private var looked: (wanted: MediaTime, shown: MediaTime?)?
    /// What ``time(ofPictureAt:)`` has found, its privacy masks black.
    private(set) var picture = Picture()

    /// - Parameter privacyMasks: those of the analysed picture; both streams show the same view.
    init(tap: PacketTap, privacyMasks: [Polygon], logger: Logger) {
        self.tap = tap
        mask = PrivacyMask(privacyMasks)
        self.logger = logger
    }

    /// Puts what the second stream showed at `time`, or shortly before, into ``picture``.
    /// - Returns: when that was; nil where there is none, which is logged.
    func time(ofPictureAt time: MediaTime) -> MediaTime? {
        if let looked, looked.wanted == time { return looked.shown }
        let shown = look(at: time)
        looked = (time, shown)
        return shown
    }

    private func look(at time: MediaTime) -> MediaTime? {
        do {
            guard let ring = tap.ring else { return refuse("the evidence stream has not come", at: time) }
            guard let shown = try ring.still(at: time, into: &picture) else {
                return refuse("the evidence stream has no picture of that time", at: time)
            }
            guard time - shown <= Self.earliest else {
                return refuse("its picture is \((time - shown).seconds) s older", at: time)
            }
            if !mask.isEmpty { try picture.blacken(mask) }
            return shown
        } catch {
            return refuse("\(error)", at: time)
        }
    }

    private func refuse(_ reason: String, at time: MediaTime) -> MediaTime? {
        logger.warning("still taken from the analysed stream", metadata: ["reason": "\(reason)", "time": "\(time)"])
        return nil
    }
}
