package import Scene

/// Which decoded pictures are analysed in `strict` mode: at least `analysisRate` a second while nothing stirs, every
/// one while a candidate or track lives. It depends on the footage only, so a replay chooses the same pictures.
package struct AnalysisCadence: Sendable {
    private let interval: MediaSpan
    private var previousPicture: MediaTime?
    private var lastAnalyzed: MediaTime?
    private var isStirring = false

    /// - Parameter analysisRate: pictures a second while nothing stirs.
    package init(analysisRate: Double) {
        interval = .seconds(1 / analysisRate)
    }

    /// Whether the picture at `time` is to be analysed; call it once for each decoded picture, in order.
    package mutating func wants(_ time: MediaTime) -> Bool {
        let spacing = previousPicture.map { time - $0 } ?? .zero
        previousPicture = time
        guard let lastAnalyzed, !isStirring else { return true }
        // Half a picture's spacing of grace: at 25 pictures a second, 8 a second means every third, not every fourth.
        let grace = MediaSpan(microseconds: spacing.microseconds / 2)
        return time + grace - lastAnalyzed >= interval
    }

    package mutating func analyzed(_ observation: Observation) {
        lastAnalyzed = observation.time
        isStirring = observation.isStirring
    }
}
