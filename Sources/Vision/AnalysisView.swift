package import Scene

/// What the analyser made of its newest frame on the way to tracks, for a film that a person looks at. Nothing decides
/// by it, and it is made only when it is asked for.
package struct AnalysisView: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case learning
        case watching
        /// Most of the picture changed at once; nothing is raised.
        case flooded(since: MediaTime)
    }

    package let state: State
    package let foreground: ForegroundMask
    /// Connected pieces of foreground as they were found, before they were joined to objects.
    package let regions: [Box]
    /// What is followed but has not yet moved and lasted enough to be a track.
    package let candidates: [Box]

    package init(state: State, foreground: ForegroundMask, regions: [Box], candidates: [Box]) {
        self.state = state
        self.foreground = foreground
        self.regions = regions
        self.candidates = candidates
    }
}
