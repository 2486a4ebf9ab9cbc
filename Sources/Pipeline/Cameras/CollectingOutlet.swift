package import Evidence
package import Media
package import Scene

/// Keeps the decisions of a replay in memory, in the order in which the daemon would journal them.
package final class CollectingOutlet: AlertOutlet {
    package private(set) var decisions: [AlertDecision] = []

    /// Media time of the picture that each was decided on.
    package private(set) var moments: [MediaTime] = []

    /// What was wrong with the picture, in the order in which it was noticed.
    package private(set) var conditions: [ConditionChange] = []

    /// What the rules would have raised but for a filter, oldest first.
    package private(set) var suppressed: [SuppressedCandidate] = []

    package init() {}

    package func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime
    ) {
        self.decisions += decisions
        moments += decisions.map { _ in decidedAt }
    }

    package func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) {
        self.decisions += decisions
        moments += decisions.map { _ in decidedAt }
    }

    package func note(_ note: CameraNote) {
        switch note {
        case .condition(let change): conditions.append(change)
        case .suppressed(let candidates): suppressed += candidates
        case .began, .ended, .decoding: break
        }
    }
}
