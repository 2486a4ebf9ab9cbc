import Ingest
import Logging
import Media
import Scene

/// Pictures for evidence that analysis has not: the kept packets of the moment are decoded when an alert wants them.
/// Confined to the camera's thread.
package final class EvidenceView {
    /// What the pictures are of.
    package enum Source: Hashable, Sendable {
        /// Another stream of the camera, sharper than the analysed one.
        case secondStream
        /// The analysed stream, of which analysis decodes no colours.
        case colours

        /// A picture that was taken so much before the deciding one does not show what was decided. The analysed stream
        /// has the deciding one itself.
        var earliest: MediaSpan { self == .secondStream ? .seconds(1) : .zero }

        /// Analysis goes on with the decoder that knows the colours.
        fileprivate var afterwards: PacketRing.Afterwards { self == .secondStream ? .closed : .leftForTheStream }

        fileprivate var refusal: Logger.Message {
            self == .secondStream ? "still taken from the analysed stream" : "still has no colours"
        }

        fileprivate var name: String { self == .secondStream ? "the evidence stream" : "what is kept" }
    }

    package let source: Source
    private let tap: PacketTap
    private let mask: PrivacyMask
    private let logger: Logger
    /// Several alerts may be decided on one picture.
    private var looked: (wanted: MediaTime, shown: MediaTime?)?
    /// What ``time(ofPictureAt:)`` has found, its privacy masks black.
    private(set) var picture = Picture()

    /// - Parameter privacyMasks: those of the analysed picture; both streams show the same view.
    init(_ source: Source = .secondStream, tap: PacketTap, privacyMasks: [Polygon], logger: Logger) {
        self.source = source
        self.tap = tap
        mask = PrivacyMask(privacyMasks)
        self.logger = logger
    }

    /// Whether a still is better made of it than of the analysed picture.
    func isWanted(besides picture: borrowing Picture) -> Bool { source == .secondStream || !picture.hasColours }

    /// Puts what the stream showed at `time`, or shortly before, into ``picture``.
    /// - Returns: when that was; nil where there is none, which is logged.
    func time(ofPictureAt time: MediaTime) -> MediaTime? {
        if let looked, looked.wanted == time { return looked.shown }
        let shown = look(at: time)
        looked = (time, shown)
        return shown
    }

    private func look(at time: MediaTime) -> MediaTime? {
        do {
            guard let ring = tap.ring else { return refuse("\(source.name) has not come", at: time) }
            guard let shown = try ring.still(at: time, into: &picture, then: source.afterwards) else {
                return refuse("\(source.name) has no picture of that time", at: time)
            }
            guard time - shown <= source.earliest else {
                return refuse("its picture is \((time - shown).seconds) s older", at: time)
            }
            if !mask.isEmpty { try picture.blacken(mask) }
            return shown
        } catch {
            return refuse("\(error)", at: time)
        }
    }

    private func refuse(_ reason: String, at time: MediaTime) -> MediaTime? {
        logger.warning(source.refusal, metadata: ["reason": "\(reason)", "time": "\(time)"])
        return nil
    }
}
