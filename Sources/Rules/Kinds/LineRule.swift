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

/// Where a track stands clear of a straight line.
struct LineClearance: Sendable {
    enum Side: Sendable {
        case left
        case right
    }

    private let segment: LineSegment
    private let deadBand: Double
    private let deadBandOfBox: Double
    private let evidenceFactor: Double

    init(_ segment: LineSegment, _ line: LineRule, _ conditions: RuleConditions) {
        self.segment = segment
        deadBand = line.deadBand
        deadBandOfBox = line.deadBandOfBox
        evidenceFactor = conditions.evidenceFactor
    }

    /// How far from the line a side counts.
    func band(_ step: PathStep) -> Double { max(deadBand, deadBandOfBox * step.size) * evidenceFactor }

    func isClear(_ distance: Double, _ band: Double) -> Bool { abs(distance) >= band && distance != 0 }

    func distance(of place: Point) -> Double { segment.distance(of: place) }

    /// Whether the way that meets the line here goes over it, not past its end.
    func extentContains(_ place: Point) -> Bool { segment.extentContains(place) }

    /// - Returns: nil where it stands clear on neither.
    func side(of step: PathStep, _ anchor: Anchor) -> Side? {
        let distance = distance(of: step.place(anchor))
        guard isClear(distance, band(step)) else { return nil }
        return distance > 0 ? .right : .left
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

    /// A passage that was decided: the track stands clear on the far side.
    private struct Crossing: Sendable {
        let passage: Passage
        /// From the line, positive on its right.
        let distance: Double
        let band: Double

        var direction: CrossingDirection { distance > 0 ? .leftToRight : .rightToLeft }
    }

    /// A track that is past a segment, but not clear of it yet.
    private struct Open: Sendable {
        let segment: Int
        let track: TrackID
        let passage: Passage
    }

    /// A segment, and on which side of it which tracks last stood clear: nothing more is read of one that stays there.
    private struct Piece: Sendable {
        let line: LineClearance
        private var left: TrackBits = 0
        private var right: TrackBits = 0
        private var passing: TrackBits = 0

        init(_ line: LineClearance) { self.line = line }

        /// Whether the track stands clear on the side of this distance and is not on its way over.
        @inline(__always) func isStanding(_ track: TrackBits, at distance: Double) -> Bool {
            passing & track == 0 && (distance > 0 ? right : left) & track != 0
        }

        /// Whether the track last stood clear on the other side; nil where it never stood clear.
        func isPast(_ track: TrackBits, at distance: Double) -> Bool? {
            guard (left | right) & track != 0 else { return nil }
            return distance != 0 && (distance > 0 ? left : right) & track != 0
        }

        mutating func stand(_ track: TrackBits, at distance: Double) {
            forget(track)
            if distance > 0 { right |= track } else { left |= track }
        }

        func isPassing(_ track: TrackBits) -> Bool { passing & track != 0 }

        mutating func setPassing(_ track: TrackBits, _ isPassing: Bool) {
            if isPassing { passing |= track } else { passing &= ~track }
        }

        mutating func forget(_ tracks: TrackBits) {
            left &= ~tracks
            right &= ~tracks
            passing &= ~tracks
        }
    }

    /// Passages that there is room for from the start.
    private static let room = 8

    private let anchor: Anchor
    private let line: LineRule
    private var pieces: [Piece]
    private var open: [Open] = []
    /// Crossings of this session in each direction, whichever are raised.
    private var counts = (leftToRight: 0, rightToLeft: 0)
    private let rule: FenceRule

    init(rule: FenceRule, line: LineRule) {
        self.rule = rule
        anchor = rule.anchor
        self.line = line
        let points = line.line.points
        pieces = (1..<points.count).map { index in
            Piece(
                LineClearance(
                    LineSegment(from: points[index - 1], to: points[index], isLast: index == points.count - 1), line,
                    rule.conditions))
        }
        open.reserveCapacity(Self.room)
    }

    /// A bent line has more sides than two.
    var region: TrackReach.Region { pieces.count == 1 ? .beyond(pieces[0].line) : .anchor(.nowhere) }

    /// A predicted point never crosses: it is passed over, and a track that is found again behind the line has
    /// crossed between the last measured point and the next.
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        guard step.point.isMeasured else { return .kept }
        let band = pieces[0].line.band(step)
        var isClear = false
        for index in pieces.indices {
            let judged = judge(step, of: index, band: band)
            isClear = judged.isClear
            if let crossing = judged.crossing { raise(crossing, step: step, at: time, into: &findings) }
        }
        return Interest(isLost: isClear && pieces.count == 1)
    }

    /// The last crossing in the rule's direction that a point decides, for a rule that raises none of its own.
    mutating func crossing(of step: PathStep) -> (time: MediaTime, place: Point)? {
        guard step.point.isMeasured else { return nil }
        let band = pieces[0].line.band(step)
        var last: Passage?
        for index in pieces.indices {
            guard let crossing = judge(step, of: index, band: band).crossing,
                line.directions.contains(crossing.direction)
            else { continue }
            last = crossing.passage
        }
        return last.map { ($0.time, $0.place) }
    }

    /// Whether the point is clear of one segment, and the crossing that this decides.
    @inline(__always) private mutating func judge(
        _ step: PathStep, of index: Int, band: Double
    ) -> (isClear: Bool, crossing: Crossing?) {
        let distance = pieces[index].line.distance(of: step.place(anchor))
        let isClear = pieces[index].line.isClear(distance, band)
        // Nearly always: where it was before.
        if isClear, pieces[index].isStanding(step.bit, at: distance) { return (true, nil) }
        notePassage(of: index, by: step, distance: distance)
        guard isClear else { return (false, nil) }
        defer { pieces[index].stand(step.bit, at: distance) }
        guard let passage = close(index, step), passage.isWithinExtent else { return (true, nil) }
        return (true, Crossing(passage: passage, distance: distance, band: band))
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        for index in pieces.indices { pieces[index].forget(track.bit) }
        open.removeAll { $0.track == track.id }
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        for index in pieces.indices { pieces[index].forget(.max) }
        open.removeAll(keepingCapacity: true)
        counts = (0, 0)
    }

    private mutating func notePassage(of index: Int, by step: PathStep, distance: Double) {
        guard let isPast = pieces[index].isPast(step.bit, at: distance), let last = step.previous else { return }
        guard isPast else {
            _ = close(index, step)
            return
        }
        guard !pieces[index].isPassing(step.bit) else { return }
        let segment = pieces[index].line
        let before = segment.distance(of: rule.anchor(last))
        let share = before / (before - distance)
        let (from, to) = (rule.anchor(last), step.place(anchor))
        let place = Point(x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        let gap = step.point.time - last.time
        let passage = Passage(
            from: last,
            time: last.time + MediaSpan(microseconds: Int64((Double(gap.microseconds) * share).rounded())),
            place: place,
            box: step.point.box,
            gap: gap,
            isWithinExtent: segment.extentContains(place),
            refusal: step.refusal.flatMap { $0.filter == .ignoreMask ? $0 : nil }
        )
        open.append(Open(segment: index, track: step.track, passage: passage))
        pieces[index].setPassing(step.bit, true)
    }

    /// Takes the track's passage over the segment, where there is one.
    private mutating func close(_ index: Int, _ step: PathStep) -> Passage? {
        guard pieces[index].isPassing(step.bit) else { return nil }
        pieces[index].setPassing(step.bit, false)
        guard let place = open.firstIndex(where: { $0.segment == index && $0.track == step.track }) else { return nil }
        return open.remove(at: place).passage
    }

    private mutating func raise(
        _ crossing: Crossing, step: PathStep, at time: MediaTime, into findings: inout Findings
    ) {
        let (passage, direction) = (crossing.passage, crossing.direction)
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
                "dead_band": crossing.band,
                "distance": abs(crossing.distance),
                "displacement": step.displacement,
                "box_area": passage.box.area,
                "gap_s": passage.gap.seconds,
                "count_left_to_right": Double(counts.leftToRight),
                "count_right_to_left": Double(counts.rightToLeft)
            ],
            explanation: Explanation(
                [.init(.beyondLine, abs(crossing.distance), .atLeast, crossing.band)],
                path: [
                    rule.place(passage.from), .init(time: passage.time, point: passage.place), rule.place(step.point)
                ])
        )
        findings.raise(event, unless: refusal)
    }
}
