package import Ingest
package import Scene

/// A part of a recording, as somebody asks for it.
package struct ReplayPart: Hashable, Sendable {
    /// How long the background and the tracks are learnt before the part begins.
    package static let usualWarmUp = MediaSpan.seconds(30)

    package var from: MediaTime?
    package var to: MediaTime?
    package var warmUp: MediaSpan

    package init(from: MediaTime? = nil, to: MediaTime? = nil, warmUp: MediaSpan = Self.usualWarmUp) {
        self.from = from
        self.to = to
        self.warmUp = warmUp
    }

    /// What is read.
    package var window: FootageWindow {
        FootageWindow(from: from.map { MediaTime(microseconds: $0.microseconds - warmUp.microseconds) }, to: to)
    }

    package func tells(of time: MediaTime) -> Bool { from.map { time >= $0 } ?? true }

    /// All versions of the alerts that lasted into the part.
    func told(_ decisions: [AlertDecision]) -> [AlertDecision] {
        guard from != nil else { return decisions }
        let lasting = Set(decisions.filter { tells(of: $0.last) }.map(\.id))
        return decisions.filter { lasting.contains($0.id) }
    }
}
