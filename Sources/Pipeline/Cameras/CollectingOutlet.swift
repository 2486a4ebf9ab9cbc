package import Evidence
package import Media
package import Scene

/// Keeps the decisions of a replay in memory, in the order in which the daemon would journal them.
package final class CollectingOutlet: AlertOutlet {
    package private(set) var decisions: [AlertDecision] = []

    package init() {}

    package func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime
    ) {
        self.decisions += decisions
    }

    package func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) {
        self.decisions += decisions
    }

    package func note(_ change: SessionChange) {}
}
