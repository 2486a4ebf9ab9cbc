package import Scene

/// Against the direction (逆行): inside a region an object goes against the way it should go.
///
/// The way is measured from the point inside at which the object had got farthest in the right direction, so that
/// slow meandering adds up and trembling does not. It is raised once the straight way from there is at least
/// ``leastWay`` long and within ``tolerance`` of the opposite of the direction, and again only after the object has
/// gone as far in the right direction. Lengths are shares of the picture, x and y taken alike; angles are those that
/// one sees in the picture, whatever its shape.
package struct WrongWayRule: Hashable, Sendable {
    package static let ways = 0.005...1.0
    /// Degrees to either side.
    package static let tolerances = 1...89

    package let area: Polygon
    /// The arrow of the right direction; only where it points counts, not its length.
    package let from: Point
    package let to: Point
    package let leastWay: Double
    package let tolerance: Int

    /// - Precondition: `from` and `to` differ.
    package init(area: Polygon, from: Point, to: Point, leastWay: Double = 0.05, tolerance: Int = 60) {
        precondition(from != to, "a direction needs two points")
        self.area = area
        self.from = from
        self.to = to
        self.leastWay = leastWay
        self.tolerance = tolerance
    }

    var canonicalText: String {
        canonicalPoints(area.vertices)
            + ";direction=\(from.x),\(from.y) \(to.x),\(to.y);least_way=\(leastWay);tolerance=\(tolerance)"
    }
}

/// The cosine of a whole number of degrees, by turning a vector degree by degree: exact to about 1e-14 and the same
/// on every processor, which the C library does not promise.
func cosine(degrees: Int) -> Double {
    let (c, s) = (0.99984769515639123916, 0.01745240643728351282)
    var (x, y) = (1.0, 0.0)
    for _ in 0..<degrees { (x, y) = (x * c - y * s, x * s + y * c) }
    return x
}

/// A wrong-way rule at work.
struct WrongWayWatcher: Watcher {
    static let looks = false
    static let advances = false

    private struct Memory: Sendable {
        var side: SettledSide
        /// The point inside that is farthest in the right direction; farthest in the wrong one once raised.
        var extreme: TrackPoint?
        var isRaised = false
    }

    private let anchor: Anchor
    private let wrongWay: WrongWayRule
    /// Of the right way, with x and y in the same unit.
    private let direction: Point
    private let aspect: Double
    private let leastCosine: Double
    private let leastWay: Double
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    private let rule: FenceRule

    init(rule: FenceRule, wrongWay: WrongWayRule, aspect: Double) {
        self.rule = rule
        anchor = rule.anchor
        self.wrongWay = wrongWay
        self.aspect = aspect
        let (x, y) = ((wrongWay.to.x - wrongWay.from.x) * aspect, wrongWay.to.y - wrongWay.from.y)
        let length = (x * x + y * y).squareRoot()
        direction = Point(x: x / length, y: y / length)
        leastCosine = cosine(degrees: wrongWay.tolerance)
        leastWay = wrongWay.leastWay * rule.conditions.evidenceFactor
        settleSpan = Rules.settleSpan(rule)
    }

    var region: TrackReach.Region { .anchor(.init([wrongWay.area])) }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else { return .kept }
        let isInside = wrongWay.area.contains(step.place(anchor))
        let slot = tracks.slot(of: step.track, first: Memory(side: SettledSide(point, isInside: isInside)))
        _ = tracks[slot: slot].side.note(point, isInside: isInside, settleSpan: settleSpan)
        guard tracks[slot: slot].side.isInside == true else {
            tracks[slot: slot].extreme = nil
            return Interest(isLost: tracks[slot: slot].side.isOutside)
        }
        guard isInside else { return .kept }
        if let extreme = tracks[slot: slot].extreme {
            judge(slot, step, from: extreme, at: time, into: &findings)
        } else {
            tracks[slot: slot].extreme = tracks[slot: slot].side.runStart
        }
        return .kept
    }

    private mutating func judge(
        _ slot: Int, _ step: PathStep, from extreme: TrackPoint, at time: MediaTime, into findings: inout Findings
    ) {
        let point = step.point
        let (way, cosine) = way(from: extreme, to: point)
        let gain = way * cosine
        if tracks[slot: slot].isRaised {
            if gain <= 0 { tracks[slot: slot].extreme = point }
            if gain >= leastWay {
                tracks[slot: slot].isRaised = false
                tracks[slot: slot].extreme = point
            }
            return
        }
        if gain >= 0 {
            tracks[slot: slot].extreme = point
            return
        }
        guard way >= leastWay else { return }
        // Far, but sideways: what comes is measured from here.
        guard -cosine >= leastCosine else {
            tracks[slot: slot].extreme = point
            return
        }
        tracks[slot: slot].isRaised = step.refusal == nil
        tracks[slot: slot].extreme = point
        findings.raise(event(step, from: extreme, way: way, cosine: -cosine, at: time), unless: step.refusal)
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) { tracks.removeAll() }

    /// The straight way, and the cosine of its angle to the right direction.
    private func way(from: TrackPoint, to: TrackPoint) -> (length: Double, cosine: Double) {
        let (one, other) = (rule.anchor(from), rule.anchor(to))
        let (x, y) = ((other.x - one.x) * aspect, other.y - one.y)
        let seen = (x * x + y * y).squareRoot()
        guard seen > 0 else { return (0, 0) }
        return (distance(one, other), (x * direction.x + y * direction.y) / seen)
    }

    private func event(
        _ step: PathStep, from: TrackPoint, way: Double, cosine: Double, at time: MediaTime
    ) -> RuleEvent {
        rule.event(
            .wrongWay, .instant, at: step.point.time, decidedAt: time, track: step.track, box: step.point.box,
            point: step.place(anchor),
            measures: [
                "way": way, "cosine": cosine, "displacement": step.displacement, "box_area": step.point.box.area,
                "took_s": (step.point.time - from.time).seconds
            ],
            explanation: Explanation(
                [.init(.against, way, .atLeast, leastWay), .init(.heading, cosine, .atLeast, leastCosine)],
                path: [rule.place(from), rule.place(step.point)]))
    }
}
