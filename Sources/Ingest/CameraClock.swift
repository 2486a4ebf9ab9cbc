package import Scene

/// What is known of a camera's clocks.
package struct ClockStanding: Hashable, Sendable {
    /// What the session's first picture was placed by.
    package var source: LiveTimeline.Source?
    /// The camera's own clock minus the server's, by RTCP sender reports and with the least delay of the network seen;
    /// nil without reports.
    package var offset: MediaSpan?
    /// The camera's own clock minus media time: what to add to an alert's times to get the camera's.
    package var senderMinusMedia: MediaSpan?
    /// Millionths by which the camera's time stamps run faster than the server's clock (slower: negative); nil until
    /// they have been measured for ``CameraClock/leastSpan`` and well enough.
    package var driftPPM: Double?

    package init() {}
}

/// Measures how a camera's clocks run against the server's, from packets that were read as they came. A pure value.
///
/// The delay of the network only ever adds to a packet's lateness, so the least lateness of each ``window`` is what
/// counts; its slope is the drift (least squares over ``windowLimit`` windows).
package struct CameraClock: Hashable, Sendable {
    package static let window = MediaSpan.seconds(10)
    package static let windowLimit = 60
    /// A slope over less says more of the network than of clocks.
    package static let leastSpan = MediaSpan.seconds(60)
    /// Standard error of a slope that is worth telling, millionths: cameras usually drift by less than 100.
    static let errorMost = 50.0
    /// Lateness that changes by more at once is a jump of the stamps.
    private static let jump = MediaSpan.seconds(5)

    private struct Sample: Hashable, Sendable {
        var time: MediaSpan
        var lag: MediaSpan
        /// Sender's clock minus the server's.
        var offset: MediaSpan?
    }

    /// The least late packet of each window, oldest first.
    private var samples: [Sample] = []
    private var current: Sample?
    private var windowEnd: MediaSpan?

    package init() { samples.reserveCapacity(Self.windowLimit) }

    /// - Parameters:
    ///   - steady: a clock of the server that is never set, counted from anywhere.
    ///   - arrival: the server's wall clock at the same moment.
    ///   - sender: the camera's own clock when the picture was taken, by sender reports.
    package mutating func note(presentation: MediaSpan, steady: MediaSpan, arrival: MediaTime, sender: MediaTime?) {
        let sample = Sample(time: steady, lag: steady - presentation, offset: sender.map { $0 - arrival })
        if let last = current ?? samples.last, abs((sample.lag - last.lag).microseconds) > Self.jump.microseconds {
            samples.removeAll(keepingCapacity: true)
            current = nil
            windowEnd = nil
        }
        if let end = windowEnd, steady >= end { closeWindow() }
        windowEnd = windowEnd ?? steady + Self.window
        guard let before = current else { return current = sample }
        let best = max(before.offset ?? sample.offset ?? .zero, sample.offset ?? before.offset ?? .zero)
        let offset = before.offset == nil && sample.offset == nil ? nil : best
        if sample.lag < before.lag { current = sample }
        current?.offset = offset
    }

    /// Of the newest whole window, else of the one that has begun.
    package var offset: MediaSpan? { samples.last?.offset ?? current?.offset }

    /// Nil before ``leastSpan``, and while the slope is not known to ``errorMost``: a few packets of a camera that is
    /// read seldom, or whose sending stutters, say nothing of its clock.
    package var driftPPM: Double? {
        guard let first = samples.first, let last = samples.last, samples.count > 2,
            last.time - first.time >= Self.leastSpan
        else { return nil }
        let count = Double(samples.count)
        let times = samples.map { ($0.time - first.time).seconds }
        let lags = samples.map { ($0.lag - first.lag).seconds }
        let (meanTime, meanLag) = (times.reduce(0, +) / count, lags.reduce(0, +) / count)
        var (covariance, variance, lagVariance) = (0.0, 0.0, 0.0)
        for (time, lag) in zip(times, lags) {
            covariance += (time - meanTime) * (lag - meanLag)
            variance += (time - meanTime) * (time - meanTime)
            lagVariance += (lag - meanLag) * (lag - meanLag)
        }
        guard variance > 0 else { return nil }
        let unexplained = max(0, lagVariance - covariance * covariance / variance)
        let error = (unexplained / (count - 2) / variance).squareRoot() * 1e6
        return error <= Self.errorMost ? -covariance / variance * 1e6 : nil
    }

    /// How often ``driftPPM`` may have changed: it is worth asking again only then.
    package private(set) var windows = 0

    private mutating func closeWindow() {
        if let current {
            if samples.count == Self.windowLimit { samples.removeFirst() }
            samples.append(current)
            windows += 1
        }
        current = nil
        windowEnd = nil
    }
}
