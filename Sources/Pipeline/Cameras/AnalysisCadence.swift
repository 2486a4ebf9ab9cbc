package import Scene

/// Which decoded pictures are analysed in `strict` mode: at least `analysisRate` a second while nothing stirs, every
/// one while a candidate or track lives. It depends on the footage only, so a replay chooses the same pictures.
package struct AnalysisCadence: Hashable, Sendable {
    private let interval: MediaSpan
    private let isSteady: Bool
    private var first: MediaTime?
    private var previousPicture: MediaTime?
    private var lastAnalyzed: MediaTime?
    private var isStirring = false

    /// - Parameters:
    ///   - analysisRate: pictures a second while nothing stirs.
    ///   - isSteady: that many and no more also while something stirs: the first picture of each interval.
    package init(analysisRate: Double, isSteady: Bool = false) {
        interval = .seconds(1 / analysisRate)
        self.isSteady = isSteady
    }

    /// Whether the picture at `time` is to be analysed; call it once for each decoded picture, in order.
    package mutating func wants(_ time: MediaTime) -> Bool {
        let first = first ?? time
        self.first = first
        let spacing = previousPicture.map { time - $0 } ?? .zero
        previousPicture = time
        guard let lastAnalyzed else { return true }
        if isSteady { return intervals(time - first) > intervals(lastAnalyzed - first) }
        if isStirring { return true }
        // Half a picture's spacing of grace: at 25 pictures a second, 8 a second means every third, not every fourth.
        let grace = MediaSpan(microseconds: spacing.microseconds / 2)
        return time + grace - lastAnalyzed >= interval
    }

    package mutating func analyzed(_ observation: Observation) {
        lastAnalyzed = observation.time
        isStirring = observation.isStirring
    }

    private func intervals(_ span: MediaSpan) -> Int64 {
        span.microseconds / max(1, interval.microseconds)
    }
}
