import Scene

/// On which side of a zone's edge a track is: it changes sides after at least two measured points in a row on the
/// other one that span a settling time, so that a point trembling on the edge makes no storm of events.
struct SettledSide: Sendable {
    struct Change: Sendable {
        /// Nil where the track has settled for the first time.
        let from: Bool?
        let to: Bool
        /// The first point on the new side.
        let since: TrackPoint
    }

    /// Nil until the track has settled on a side.
    private(set) var isInside: Bool?
    /// Which side the newest run of measured points is on.
    private var runIsInside: Bool
    private(set) var runStart: TrackPoint
    private var runLength = 0

    init(_ point: TrackPoint, isInside: Bool) {
        runIsInside = isInside
        runStart = point
    }

    /// Outside, and nothing but a point inside can change that.
    var isOutside: Bool { isInside == false && !runIsInside }

    /// Takes the next measured point.
    @inline(__always) mutating func note(_ point: TrackPoint, isInside: Bool, settleSpan: MediaSpan) -> Change? {
        // Nearly always: on the side on which it has settled.
        if runIsInside == isInside, self.isInside == isInside { return nil }
        return noteChange(point, isInside: isInside, settleSpan: settleSpan)
    }

    private mutating func noteChange(_ point: TrackPoint, isInside: Bool, settleSpan: MediaSpan) -> Change? {
        if runIsInside != isInside {
            (runIsInside, runStart, runLength) = (isInside, point, 0)
        }
        runLength += 1
        let hasSettled = runLength >= 2 && point.time - runStart.time >= settleSpan
        guard hasSettled, self.isInside != isInside else { return nil }
        let change = Change(from: self.isInside, to: isInside, since: runStart)
        self.isInside = isInside
        return change
    }
}

/// How long a track needs on one side of an edge, by the rule's sensitivity.
func settleSpan(_ rule: FenceRule) -> MediaSpan { .seconds(0.1 * rule.conditions.evidenceFactor) }

/// A condition that several objects can hold at once: it begins with the first and ends with the last; each further
/// one is told as another beginning.
struct SharedCondition: Sendable {
    private var holders: [TrackID] = []

    var isHeld: Bool { !holders.isEmpty }

    func isHeld(by track: TrackID) -> Bool { holders.contains(track) }

    mutating func begin(_ track: TrackID) {
        if !holders.contains(track) { holders.append(track) }
    }

    /// - Returns: whether this was the last one to hold it.
    mutating func end(_ track: TrackID) -> Bool {
        guard let index = holders.firstIndex(of: track) else { return false }
        holders.remove(at: index)
        return holders.isEmpty
    }

    mutating func pass(from old: TrackID, to new: TrackID) {
        if let index = holders.firstIndex(of: old) { holders[index] = new }
    }

    mutating func removeAll() { holders.removeAll(keepingCapacity: true) }
}

/// A measured condition that must hold for a while before it counts and be gone for a while before it ends.
struct Sustain: Sendable {
    enum Change: Sendable {
        case began(since: MediaTime)
        case ended(at: MediaTime)
    }

    private(set) var since: MediaTime?
    private(set) var isRaised = false
    private var lastTrue = MediaTime.epoch

    /// - Parameters:
    ///   - hold: how long it must hold; absences shorter than `release` do not interrupt it.
    ///   - beginning: since when it holds, where that is known.
    mutating func note(
        _ isTrue: Bool, at time: MediaTime, hold: MediaSpan, release: MediaSpan, beginning: MediaTime? = nil
    ) -> Change? {
        if isTrue {
            let start = since ?? beginning ?? time
            (since, lastTrue) = (start, time)
            guard !isRaised, time - start >= hold else { return nil }
            isRaised = true
            return .began(since: start)
        }
        guard since != nil, time - lastTrue >= release else { return nil }
        since = nil
        guard isRaised else { return nil }
        isRaised = false
        return .ended(at: lastTrue)
    }

    /// Nothing could be measured: what has not been raised yet begins anew.
    mutating func interrupt() { if !isRaised { since = nil } }

    mutating func finish() -> Change? {
        defer { (since, isRaised) = (nil, false) }
        return isRaised ? .ended(at: lastTrue) : nil
    }
}

/// Straight distance in shares of the picture, x and y taken alike.
func distance(_ one: Point, _ other: Point) -> Double {
    let (x, y) = (other.x - one.x, other.y - one.y)
    return (x * x + y * y).squareRoot()
}

extension FenceRule {
    func anchor(_ point: TrackPoint) -> Point { point.box.point(of: anchor) }

    func anchor(_ box: Box) -> Point { box.point(of: anchor) }

    func place(_ point: TrackPoint) -> Explanation.Place { .init(time: point.time, point: anchor(point)) }

    /// Tells that a measured condition began or ended.
    /// - Parameters:
    ///   - least: how long it had to hold.
    ///   - tests: what had to hold besides, and `measures` its numbers; asked only where it begins.
    func tell(
        _ change: Sustain.Change?, _ occurrence: Occurrence, held least: MediaSpan,
        measures: @autoclosure () -> [String: Double] = [:], tests: @autoclosure () -> [Explanation.Test] = [],
        at time: MediaTime, into findings: inout Findings
    ) {
        switch change {
        case nil: return
        case .began(let since):
            let held = (time - since).seconds
            let all = tests() + [.init(.held, held, .atLeast, least.seconds)]
            findings.append(
                event(
                    occurrence, .began, at: since, decidedAt: time,
                    measures: measures().merging(["held_s": held]) { _, held in held },
                    explanation: Explanation(all)))
        case .ended(let last):
            findings.append(event(occurrence, .ended, at: last, decidedAt: time))
        }
    }

    /// An event of this rule; `time` may lie before the frame that decided.
    func event(
        _ occurrence: Occurrence, _ phase: RuleEvent.Phase, at time: MediaTime, decidedAt: MediaTime,
        track: TrackID? = nil, box: Box? = nil, point: Point? = nil, measures: [String: Double] = [:],
        explanation: Explanation? = nil
    ) -> RuleEvent {
        RuleEvent(
            rule: id, kind: kind, occurrence: occurrence, phase: phase, time: time, decidedAt: max(decidedAt, time),
            track: track, box: box, point: point, measures: measures, explanation: explanation)
    }
}
