package import Scene

/// A moving object comes to rest inside a region (停车): it had come at least ``leastTravel`` of the picture's
/// diagonal from where it began, and then its anchor stays within a quarter of its own size for ``leastSpan``.
///
/// The condition is dated back to when it came to rest and ends when it moves on or is no longer followed.
package struct StoppedRule: Hashable, Sendable {
    package static let spans = 1.0...86_400.0

    package let area: Polygon
    package let leastSpan: MediaSpan
    package let leastTravel: Double

    package init(area: Polygon, leastSpan: MediaSpan, leastTravel: Double = 0.05) {
        self.area = area
        self.leastSpan = leastSpan
        self.leastTravel = leastTravel
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + ";least_us=\(leastSpan.microseconds);least_travel=\(leastTravel)"
    }
}

/// Since when an object has been about the same place.
struct Rest: Sendable {
    private(set) var since: TrackPoint
    private(set) var last: TrackPoint
    private var place: Point

    init(_ point: TrackPoint, anchor: Point) {
        (since, last, place) = (point, point, anchor)
    }

    var span: MediaSpan { last.time - since.time }

    /// Whether it is still at rest at the next measured point.
    func holds(_ step: PathStep, _ anchor: Anchor) -> Bool {
        distance(place, step.place(anchor)) <= max(0.01, 0.25 * step.size)
    }

    /// Takes the next measured point, at which it still rests.
    mutating func goOn(_ step: PathStep) { last = step.point }

    /// Takes the next measured point, at which it rests no more.
    mutating func begin(_ step: PathStep, _ anchor: Anchor) {
        self = Rest(step.point, anchor: step.place(anchor))
    }
}

/// A stopped rule at work.
struct StoppedWatcher: Watcher {
    static let looks = false
    static let advances = false

    private struct Memory: Sendable {
        var side: SettledSide
        var rest: Rest
        var isRefusalTold = false

        /// Takes the next measured point.
        /// - Returns: the rest that ended with it.
        mutating func follow(_ step: PathStep, _ anchor: Anchor, isInside: Bool, settleSpan: MediaSpan) -> Rest? {
            _ = side.note(step.point, isInside: isInside, settleSpan: settleSpan)
            if rest.holds(step, anchor) {
                rest.goOn(step)
                return nil
            }
            let ended = rest
            isRefusalTold = false
            rest.begin(step, anchor)
            return ended
        }
    }

    private let anchor: Anchor
    private let stopped: StoppedRule
    private let leastTravel: Double
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    private var condition = SharedCondition()
    private let rule: FenceRule

    init(rule: FenceRule, stopped: StoppedRule) {
        self.rule = rule
        anchor = rule.anchor
        self.stopped = stopped
        leastTravel = stopped.leastTravel * rule.conditions.evidenceFactor
        settleSpan = Rules.settleSpan(rule)
    }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else { return .kept }
        let isInside = stopped.area.contains(step.place(anchor))
        let slot = tracks.slot(
            of: step.track,
            first: Memory(side: SettledSide(point, isInside: isInside), rest: Rest(point, anchor: step.place(anchor))))
        let ended = tracks[slot: slot].follow(step, anchor, isInside: isInside, settleSpan: settleSpan)
        if let ended, condition.isHeld { end(ended, of: step.track, at: time, into: &findings) }
        guard isInside, tracks[slot: slot].side.isInside == true,
            tracks[slot: slot].rest.span >= stopped.leastSpan,
            step.displacement >= leastTravel, !condition.isHeld(by: step.track),
            step.refusal == nil || !tracks[slot: slot].isRefusalTold
        else { return .kept }
        findings.raise(event(tracks[slot: slot].rest, step, at: time), unless: step.refusal)
        if step.refusal == nil {
            condition.begin(step.track)
        } else {
            tracks[slot: slot].isRefusalTold = true
        }
        return .kept
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        if let rest = tracks[track.id]?.rest { end(rest, of: track.id, at: time, into: &findings) }
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        for track in tracks.ids {
            if let rest = tracks[track]?.rest { end(rest, of: track, at: time, into: &findings) }
        }
        tracks.removeAll()
        condition.removeAll()
    }

    private func event(_ rest: Rest, _ step: PathStep, at time: MediaTime) -> RuleEvent {
        rule.event(
            .stopped, .began, at: rest.since.time, decidedAt: time, track: step.track, box: step.point.box,
            point: step.place(anchor),
            measures: [
                "rest_s": rest.span.seconds, "displacement": step.displacement, "box_area": step.point.box.area
            ],
            explanation: Explanation(
                [
                    .init(.rested, rest.span.seconds, .atLeast, stopped.leastSpan.seconds),
                    .init(.travelled, step.displacement, .atLeast, leastTravel)
                ],
                path: [rule.place(rest.since), rule.place(step.point)]))
    }

    private mutating func end(_ rest: Rest, of track: TrackID, at time: MediaTime, into findings: inout Findings) {
        guard condition.end(track) else { return }
        findings.append(
            rule.event(
                .stopped, .ended, at: rest.last.time, decidedAt: time, track: track, box: rest.last.box,
                point: rule.anchor(rest.last), measures: ["rest_s": rest.span.seconds]))
    }
}
