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

    private struct Anchor: Hashable, Sendable {
        let presentation: MediaSpan
        let time: MediaTime
        let arrival: MediaTime
    }

    private var anchor: Anchor?
    private var newestPresentation = MediaSpan.zero
    private var newest: MediaTime?
    private var interval = MediaSpan.milliseconds(40)

    package init() {}

    /// The connection is gone; the next picture anchors anew, never before what was given out already.
    package mutating func sessionEnded() { anchor = nil }

    package mutating func useNominal(frameRate: Double?) {
        if let frameRate { interval = .seconds(1 / frameRate) }
    }

    /// - Parameters:
    ///   - presentation: nil where the picture has no stamp: it follows one interval after its forerunner.
    ///   - arrival: by the server's clock.
    ///   - senderClockAtZero: the wall clock at presentation 0 by RTCP sender reports, once known.
    package mutating func place(
        presentation: MediaSpan?, arrival: MediaTime, senderClockAtZero: MediaTime?
    ) -> Placement {
        let stamp = presentation ?? MediaSpan(microseconds: newestPresentation.microseconds + interval.microseconds)
        guard let anchor else {
            return .anchored(drop(anchorAt: stamp, arrival: arrival, senderClockAtZero: senderClockAtZero))
        }
        let step = stamp - newestPresentation
        let time = anchor.time + (stamp - anchor.presentation)
        let drift = (arrival - anchor.arrival) - (time - anchor.time)
        if step <= .zero || step > Self.tolerance || drift > Self.tolerance || drift < .zero - Self.tolerance {
            return .reanchored(drop(anchorAt: stamp, arrival: arrival, senderClockAtZero: senderClockAtZero))
        }
        newestPresentation = stamp
        newest = time
        return .follows(time)
    }

    private mutating func drop(
        anchorAt stamp: MediaSpan, arrival: MediaTime, senderClockAtZero: MediaTime?
    ) -> MediaTime {
        var time = arrival
        if let sender = senderClockAtZero.map({ $0 + stamp }), abs((sender - arrival).microseconds) <= Self.tolerance.microseconds {
            time = sender
        }
        if let newest, time <= newest { time = newest + MediaSpan(microseconds: 1) }
        anchor = Anchor(presentation: stamp, time: time, arrival: arrival)
        newestPresentation = stamp
        newest = time
        return time
    }
}
