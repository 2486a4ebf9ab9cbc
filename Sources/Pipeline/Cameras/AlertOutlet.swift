package import Evidence
package import Media
package import Scene

/// Where a camera's alerts go: the journal of the daemon, or the collection of a replay.
package protocol AlertOutlet: AnyObject {
    /// Takes new versions decided on one picture. Returns when they are safe; it may block the camera's thread.
    ///
    /// - Parameters:
    ///   - overlay: what the annotated still shows.
    ///   - decidedAt: media time of the picture.
    func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime)

    /// The same for versions that no picture belongs to (a lost signal, an episode that closed meanwhile).
    func publish(_ decisions: [AlertDecision], decidedAt: MediaTime)

    /// What happened besides alerts.
    func note(_ note: CameraNote)
}

package enum CameraNote: Sendable {
    case began(codec: String, size: PictureSize, anchor: MediaTime)
    case ended(kind: String, detail: String, at: MediaTime?)
    case condition(ConditionChange)
    /// What the rules would have raised but for a filter, oldest first.
    case suppressed([SuppressedCandidate])
    /// A camera that is to be dense is decoded in full from here on, or no longer.
    case decoding(fallback: String?, at: MediaTime)
}
