package import Scene

/// A tripwire (绊线): raised when an object's anchor point goes over a drawn line.
///
/// The side of the line flips only when the anchor stands clear of it by the dead band, so an object that
/// trembles on the line raises nothing; the crossing is then dated back to the first moment on the other side
/// and placed where the straight way between the two measured points met the line. All distances are in shares
/// of the picture, x and y taken alike.
package struct LineRule: Hashable, Sendable {
    /// Which crossings are raised, as seen in the picture from the line's first point to its last.
    package enum Directions: String, Sendable, Codable, CaseIterable {
        case leftToRight = "left_to_right"
        case rightToLeft = "right_to_left"
        case any

        package func contains(_ direction: CrossingDirection) -> Bool {
            switch self {
            case .leftToRight: direction == .leftToRight
            case .rightToLeft: direction == .rightToLeft
            case .any: true
            }
        }
    }

    package let line: Polyline
    package let directions: Directions
    /// Least distance from the line, in shares of the picture, at which a side counts.
    package let deadBand: Double
    /// The same for large objects, whose anchor trembles more: a share of the square root of the box's area.
    package let deadBandOfBox: Double

    package init(line: Polyline, directions: Directions = .any, deadBand: Double = 0.008, deadBandOfBox: Double = 0.08)
    {
        self.line = line
        self.directions = directions
        self.deadBand = deadBand
        self.deadBandOfBox = deadBandOfBox
    }

    var canonicalText: String {
        canonicalPoints(line.points)
            + ";direction=\(directions.rawValue);dead_band=\(deadBand);dead_band_of_box=\(deadBandOfBox)"
    }
}

/// One straight piece of a line and the geometry that judges it.
struct LineSegment: Sendable {
    private let start: Point
    private let along: Point
    private let length: Double
    /// The last piece owns its end point; every other leaves it to the next one, so a corner counts once.
    private let ownsEnd: Bool

    /// Rounding of a crossing point at the line's own ends, so that a line drawn to the border ends at it.
    private static let slack = 1e-9

    init(from start: Point, to end: Point, isLast: Bool) {
        self.start = start
        along = Point(x: end.x - start.x, y: end.y - start.y)
        length = (along.x * along.x + along.y * along.y).squareRoot()
        ownsEnd = isLast
    }

    /// Distance from the segment's straight line: positive to its right as seen in the picture (y down).
    func distance(of point: Point) -> Double {
        (along.x * (point.y - start.y) - along.y * (point.x - start.x)) / length
    }

    func extentContains(_ point: Point) -> Bool {
        let share = (along.x * (point.x - start.x) + along.y * (point.y - start.y)) / (length * length)
        return share >= -Self.slack && (ownsEnd ? share <= 1 + Self.slack : share < 1 - Self.slack)
    }
}

/// A line rule at work: for every track and segment the side on which the track last stood clear.
struct LineWatcher: Watcher {
    static let looks = false
    static let advances = false

    /// The first moment on the far side since a track last stood clear on the near one.
    private struct Passage: Sendable {
        let from: TrackPoint
        let time: MediaTime
        let place: Point
        let box: Box
        let gap: MediaSpan
        let isWithinExtent: Bool
        /// Whether it lies in an ignore mask, though the object may come clear outside.
        let refusal: Refusal?
    }

    private struct Side: Sendable {
        /// Signed distance at the last point that stood clear; nil until there was one.
        var clearDistance: Double?
        var passage: Passage?

        /// Whether a point that is clear on this side changes nothing.
        func stays(at distance: Double) -> Bool {
            guard passage == nil, let clearDistance else { return false }
            return distance * clearDistance > 0
        }
    }

    private let anchor: Anchor
    private let line: LineRule
    private let evidenceFactor: Double
    private let segments: [LineSegment]
    /// The last measured point of each track, and for each segment where each track stands.
    private var lastPoints = TrackTable<TrackPoint>()
    private var sides: [TrackTable<Side>]
    /// Crossings of this session in each direction, whichever are raised.
    private var counts = (leftToRight: 0, rightToLeft: 0)
    private let rule: FenceRule

    init(rule: FenceRule, line: LineRule) {
        self.rule = rule
        anchor = rule.anchor
        self.line = line
        evidenceFactor = rule.conditions.evidenceFactor
        let points = line.line.points
        segments = (1..<points.count).map { index in
            LineSegment(from: points[index - 1], to: points[index], isLast: index == points.count - 1)
        }
        sides = segments.map { _ in TrackTable() }
    }

    /// A predicted point never crosses: it is passed over, and a track that is found again behind the line has
    /// crossed between the last measured point and the next.
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) {
        guard step.point.isMeasured else { return }
        let band = max(line.deadBand, line.deadBandOfBox * step.size) * evidenceFactor
        let place = step.place(anchor)
        // All tables get and lose their tracks together, so a slot is the same in each.
        let slot = lastPoints.slot(of: step.track, first: step.point)
        for index in segments.indices {
            let distance = segments[index].distance(of: place)
            let isClear = abs(distance) >= band && distance != 0
            if slot == sides[index].count { _ = sides[index].slot(of: step.track, first: Side()) }
            // Nearly always: where it was before.
            if isClear, sides[index][slot: slot].stays(at: distance) {
                sides[index][slot: slot].clearDistance = distance
                continue
            }
            var side = sides[index][slot: slot]
            notePassage(of: segments[index], in: &side, from: lastPoints[slot: slot], by: step, distance: distance)
            if isClear {
                if let passage = side.passage, passage.isWithinExtent {
                    raise(passage, distance: distance, band: band, step: step, at: time, into: &findings)
                }
                side = Side(clearDistance: distance, passage: nil)
            }
            sides[index][slot: slot] = side
        }
        lastPoints[slot: slot] = step.point
    }

    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        lastPoints[track] = nil
        for index in sides.indices { sides[index][track] = nil }
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        lastPoints.removeAll()
        for index in sides.indices { sides[index].removeAll() }
        counts = (0, 0)
    }

    private func notePassage(
        of segment: LineSegment, in side: inout Side, from last: TrackPoint, by step: PathStep, distance: Double
    ) {
        guard let clear = side.clearDistance else { return }
        guard distance * clear < 0 else {
            side.passage = nil
            return
        }
        guard side.passage == nil else { return }
        let before = segment.distance(of: rule.anchor(last))
        let share = before / (before - distance)
        let (from, to) = (rule.anchor(last), step.place(anchor))
        let place = Point(x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        let gap = step.point.time - last.time
        side.passage = Passage(
            from: last,
            time: last.time + MediaSpan(microseconds: Int64((Double(gap.microseconds) * share).rounded())),
            place: place,
            box: step.point.box,
            gap: gap,
            isWithinExtent: segment.extentContains(place),
            refusal: step.refusal.flatMap { $0.filter == .ignoreMask ? $0 : nil }
        )
    }

    private mutating func raise(
        _ passage: Passage, distance: Double, band: Double, step: PathStep, at time: MediaTime,
        into findings: inout Findings
    ) {
        let direction: CrossingDirection = distance > 0 ? .leftToRight : .rightToLeft
        let refusal = step.refusal ?? passage.refusal
        if refusal == nil {
            switch direction {
            case .leftToRight: counts.leftToRight += 1
            case .rightToLeft: counts.rightToLeft += 1
            }
        }
        guard line.directions.contains(direction) else { return }
        let event = RuleEvent(
            rule: rule.id, kind: rule.kind, occurrence: .crossed, phase: .instant,
            time: passage.time, decidedAt: max(time, passage.time),
            direction: direction, track: step.track, box: passage.box, point: passage.place,
            measures: [
                "dead_band": band,
                "distance": abs(distance),
                "displacement": step.displacement,
                "box_area": passage.box.area,
                "gap_s": passage.gap.seconds,
                "count_left_to_right": Double(counts.leftToRight),
                "count_right_to_left": Double(counts.rightToLeft)
            ],
            explanation: Explanation(
                [.init(.beyondLine, abs(distance), .atLeast, band)],
                path: [
                    rule.place(passage.from), .init(time: passage.time, point: passage.place), rule.place(step.point)
                ])
        )
        findings.raise(event, unless: refusal)
    }
}
