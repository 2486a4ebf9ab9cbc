import Ingest
package import Journal
package import Scene

/// A stretch in which everything of a camera was decoded though it was to be dense, and why. It was watched all the same;
/// it only cost more.
package struct DenseFallbackSpan: Hashable, Sendable, Encodable {
    package let camera: CameraID
    /// As ``DenseFallback`` spells it.
    package let reason: String
    package let from: MediaTime
    package let to: MediaTime
    /// Whether it went on at the end of the time that was asked about.
    package let goesOn: Bool

    enum CodingKeys: String, CodingKey {
        case camera, reason, from, to
        case goesOn = "goes_on"
    }

    /// What the journal says of it, and what ends it: the session's end, and the daemon's.
    package static let kinds: Set<JournalChange.Kind> = [
        .denseFellBack, .denseResumed, .sessionEnded, .started, .stopped
    ]

    /// - Parameter changes: of ``kinds``, oldest first; those before the period say what held when it began.
    /// - Returns: the stretches within the period, by their beginning.
    package static func spans(
        _ changes: [JournalChange], in period: Range<MediaTime>, camera: CameraID? = nil
    ) -> [DenseFallbackSpan] {
        var open: [CameraID: (reason: String, from: MediaTime)] = [:]
        var spans: [DenseFallbackSpan] = []
        func close(_ camera: CameraID, at end: MediaTime, goesOn: Bool = false) {
            guard let (reason, from) = open.removeValue(forKey: camera), end > period.lowerBound else { return }
            let (first, last) = (max(from, period.lowerBound), min(end, period.upperBound))
            guard first < last else { return }
            spans.append(DenseFallbackSpan(camera: camera, reason: reason, from: first, to: last, goesOn: goesOn))
        }
        for change in changes {
            let moment = change.detail["since"].flatMap { MediaTime($0) } ?? change.time
            switch (change.kind, change.camera) {
            case (.denseFellBack, let name?):
                let reason = change.detail["reason"] ?? ""
                if open[name]?.reason == reason { continue }
                close(name, at: moment)
                open[name] = (reason, moment)
            // The connection goes on, and with it what is known of the stream.
            case (.sessionEnded, _?) where isNewBeginning(change): continue
            case (_, let name?): close(name, at: moment)
            case (_, nil): for name in open.keys.sorted() { close(name, at: change.time) }
            }
        }
        for name in open.keys.sorted() { close(name, at: period.upperBound, goesOn: true) }
        return spans.filter { camera == nil || $0.camera == camera }.sorted {
            ($0.from, $0.camera) < ($1.from, $1.camera)
        }
    }

    private static func isNewBeginning(_ change: JournalChange) -> Bool {
        change.detail["reason"].flatMap(FailureKind.init)?.isNewBeginning ?? false
    }

    /// Why, in words.
    var sentence: String {
        DenseFallback(rawValue: reason).map { "\($0.headline) (\(reason)); \($0.mend)" } ?? reason
    }
}
