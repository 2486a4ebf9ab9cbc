package import Scene

/// Media time of a live stream: anchored once a session at its first picture, then carried by presentation times,
/// so that jitter of the network never reaches analysis. A pure value.
///
/// No picture was taken after it came. A timeline that is ahead of the server's clock was anchored on a picture that
/// came late (a machine that was busy when the camera connected), or the camera's clock is fast. A little of it is worn
/// off by running slower by ``slewDivisor``; more ends the session, and pictures are left out until the clock is there.
package struct LiveTimeline: Sendable, Hashable {
    package enum Placement: Sendable, Hashable {
        /// The first picture of a session.
        case anchored(MediaTime)
        case follows(MediaTime)
        /// The stamps jumped or drifted from arrival: the old session is over, this picture begins the next.
        case reanchored(MediaTime)
        /// Would be later than the server's clock: the picture has no time and is left out, until one that comes later
        /// than everything given out begins the next session.
        case ahead

        /// Nil for a picture that is left out.
        package var time: MediaTime? {
            switch self {
            case .anchored(let time), .follows(let time), .reanchored(let time): time
            case .ahead: nil
            }
        }
    }

    /// A jump forward by more, a step backward, or a drift behind arrival by more, re-anchors. A camera's own clock is
    /// believed as anchor only when it is this close to the server's.
    package static let tolerance = MediaSpan.seconds(10)
    /// Further ahead of the server's clock is no drift: the anchor was wrong.
    package static let aheadMost = MediaSpan.seconds(1)
    /// What is ahead by more is worn off, one part in ``slewDivisor`` of the time that passes. Far more than the clocks
    /// of cameras differ by, far less than analysis could tell.
    package static let slewFrom = MediaSpan.milliseconds(250)
    package static let slewDivisor: Int64 = 256

    /// What a session's first picture was placed by.
    package enum Source: String, Sendable, Hashable, Codable {
        /// The time at which it came.
        case arrival
        /// The camera's own clock, by RTCP sender reports.
        case senderReports = "sender_reports"
    }

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
    /// What has been worn off since the anchor.
    private var slewed = MediaSpan.zero
    private var isAhead = false
    /// Of the newest session; nil before the first.
    package private(set) var source: Source?

    package init() {}

    /// The connection is gone; the next picture anchors anew, never before what was given out already.
    package mutating func sessionEnded() {
        lagAtAnchor = nil
        isAhead = false
    }

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
        if isAhead {
            // A server's clock that was set back far is not waited for.
            guard arrival > newest || newest - arrival > Self.tolerance else { return .ahead }
            return .reanchored(drop(anchorAt: presentation, arrival: arrival, senderClockAtZero: senderClockAtZero))
        }
        var time = newest + interval
        if let presentation, let anchor { time = carried(presentation, anchor) }
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
        let ahead = time - arrival
        // What a session began ahead by, because time never runs backwards, can only be worn off.
        let forced = max(.zero, .zero - lagAtAnchor)
        if ahead - forced > Self.aheadMost {
            isAhead = true
            return .ahead
        }
        if ahead > Self.slewFrom, anchor != nil {
            let worn = MediaSpan(microseconds: step.microseconds / Self.slewDivisor)
            slewed = MediaSpan(microseconds: slewed.microseconds + worn.microseconds)
            time = time - worn
        }
        if let presentation, anchor == nil { anchor = Anchor(presentation: presentation, time: time) }
        self.newest = time
        return .follows(time)
    }

    /// A packet that is not decoded: time goes on all the same, so that the next picture still belongs to the session.
    /// - Returns: its media time; nil where it has none in this session.
    package mutating func pass(presentation: MediaSpan?) -> MediaTime? {
        guard let presentation, let anchor, lagAtAnchor != nil, !isAhead, let newest else { return nil }
        let time = carried(presentation, anchor)
        // Packets come in another order than pictures: what is decoded next may be a little earlier.
        let passed = time - Self.reordering
        // A stamp of another time: its picture would begin the next session.
        guard abs((time - newest).microseconds) <= Self.tolerance.microseconds else { return nil }
        if passed > newest { self.newest = passed }
        return time
    }

    /// Media time at presentation 0 of the running session; nil before a stamp has come.
    package var timeAtZero: MediaTime? {
        lagAtAnchor == nil ? nil : anchor.map { carried(.zero, $0) }
    }

    /// Furthest that a picture may be shown after one that is decoded later.
    private static let reordering = MediaSpan.milliseconds(500)

    private func carried(_ presentation: MediaSpan, _ anchor: Anchor) -> MediaTime {
        anchor.time + (presentation - anchor.presentation) - slewed
    }

    private mutating func drop(
        anchorAt presentation: MediaSpan?, arrival: MediaTime, senderClockAtZero: MediaTime?
    ) -> MediaTime {
        var time = arrival
        source = .arrival
        if let presentation, let sender = senderClockAtZero.map({ $0 + presentation }),
            abs((sender - arrival).microseconds) <= Self.tolerance.microseconds
        {
            // A camera's clock may be ahead of ours, but no picture was taken after it came.
            time = min(sender, arrival)
            source = .senderReports
        }
        if let newest, time <= newest { time = newest + MediaSpan(microseconds: 1) }
        anchor = presentation.map { Anchor(presentation: $0, time: time) }
        slewed = .zero
        isAhead = false
        lagAtAnchor = arrival - time
        newest = time
        return time
    }
}
