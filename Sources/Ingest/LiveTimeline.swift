package import Scene

/// Media time of a live stream: anchored once a session at its first picture, then carried by presentation times,
/// so that jitter of the network never reaches analysis. A pure value.
package struct LiveTimeline: Sendable, Hashable {
    package enum Placement: Sendable, Hashable {
        /// The first picture of a session.
        case anchored(MediaTime)
        case follows(MediaTime)
        /// The stamps jumped or drifted from arrival: the old session is over, this picture begins the next.
        case reanchored(MediaTime)

        package var time: MediaTime {
            switch self {
            case .anchored(let time), .follows(let time), .reanchored(let time): time
            }
        }
    }

    /// A jump forward by more, a step backward, or a drift from arrival by more, re-anchors. A camera's own clock is
    /// believed as anchor only when it is this close to the server's.
    package static let tolerance = MediaSpan.seconds(10)

    /// A stamp that stands still, or is early by less, is a wrong stamp and not another time: the picture follows its
    /// forerunner by half an interval.
    static let wrongStampMost = MediaSpan.milliseconds(500)

    private struct Anchor: Hashable, Sendable {
        let presentation: MediaSpan
        let time: MediaTime
    }

    /// What presentation times are counted from; nil until one has come in this session.
    private var anchor: Anchor?
    /// Server clock minus media time when the session began: what drift is measured against.
    private var lagAtAnchor: MediaSpan?
    private var newest: MediaTime?
    private var interval = MediaSpan.milliseconds(40)

    package init() {}

    /// The connection is gone; the next picture anchors anew, never before what was given out already.
    package mutating func sessionEnded() { lagAtAnchor = nil }

    package mutating func useNominal(frameRate: Double?) {
        if let frameRate { interval = .seconds(1 / frameRate) }
    }

    /// - Parameters:
    ///   - presentation: nil where the picture has no stamp (over RTSP often the first): it follows one interval after
    ///     its forerunner.
    ///   - arrival: by the server's clock.
    ///   - senderClockAtZero: the wall clock at presentation 0 by RTCP sender reports, once known.
    package mutating func place(
        presentation: MediaSpan?, arrival: MediaTime, senderClockAtZero: MediaTime?
    ) -> Placement {
        guard let newest, let lagAtAnchor else {
            return .anchored(drop(anchorAt: presentation, arrival: arrival, senderClockAtZero: senderClockAtZero))
        }
        var time = newest + interval
        if let presentation, let anchor { time = anchor.time + (presentation - anchor.presentation) }
        let step = time - newest
        let nudged = newest + MediaSpan(microseconds: interval.microseconds / 2)
        if step <= .zero, step > .zero - Self.wrongStampMost, (arrival - nudged) - lagAtAnchor <= Self.tolerance {
            self.newest = nudged
            return .follows(nudged)
        }
        let drift = (arrival - time) - lagAtAnchor
        guard step > .zero, step <= Self.tolerance, drift <= Self.tolerance, drift >= .zero - Self.tolerance else {
            return .reanchored(drop(anchorAt: presentation, arrival: arrival, senderClockAtZero: senderClockAtZero))
        }
        if let presentation, anchor == nil { anchor = Anchor(presentation: presentation, time: time) }
        self.newest = time
        return .follows(time)
    }

    private mutating func drop(
        anchorAt presentation: MediaSpan?, arrival: MediaTime, senderClockAtZero: MediaTime?
    ) -> MediaTime {
        var time = arrival
        if let presentation, let sender = senderClockAtZero.map({ $0 + presentation }),
            abs((sender - arrival).microseconds) <= Self.tolerance.microseconds
        {
            // A camera's clock may be ahead of ours, but no picture was taken after it came.
            time = min(sender, arrival)
        }
        if let newest, time <= newest { time = newest + MediaSpan(microseconds: 1) }
        anchor = presentation.map { Anchor(presentation: $0, time: time) }
        lagAtAnchor = arrival - time
        newest = time
        return time
    }
}
