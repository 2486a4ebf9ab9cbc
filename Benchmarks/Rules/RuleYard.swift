import Rules
import Scene

/// Fifty rules of all kinds on one drawn yard, and what each must raise in its twenty seconds.
///
/// Five objects are there all the time, at 25 pictures a second; every count follows from how they walk:
/// - **pacer** goes from x 0.05 to 0.95 in 10 s and back, feet at y 0.5;
/// - **waiter** goes from x 0.1 to 0.4 in 4 s, stands until 14 s, goes on to 0.9, at y 0.8;
/// - **visitors**, one after the other for 5 s each, come out at x 0.5 and are gone at 0.7, at y 0.3;
/// - **runner** goes from x 0.05 to 0.95 and back every 4 s, at y 0.9;
/// - **bulk** is large and drifts from x 0.83 to 0.87 at y 0.6.
///
/// Besides: something is left at (0.15, 0.2) from 6 s to 16 s and something taken from (0.3, 0.2) at 8 s, the middle
/// stirs from 3 s to 6 s, the view is covered from 17 s on. The rules' pictures are ten metres wide and high.
struct RuleYard {
    struct Item {
        let rule: FenceRule
        /// Instants and beginnings.
        let count: Int
    }

    static let pictureCount = 500
    static let liveTracks = 5
    /// Moments at which somebody asks for the manual rule.
    static let requests = [125, 250, 375]

    static let ground = GroundMeasure(
        speed: { from, to in
            let (one, other) = (from.box.foot, to.box.foot)
            let seconds = (to.time - from.time).seconds
            let (x, y) = (other.x - one.x, other.y - one.y)
            return seconds > 0 ? 10 * (x * x + y * y).squareRoot() / seconds : nil
        }, height: { 10 * $0.height })

    let items: [Item]
    let observations: [Observation]

    init() {
        items =
            Self.lines + Self.zones + Self.stays + Self.ways + Self.sequences + Self.things + Self.counts
            + Self.pictures
        observations = (0..<Self.pictureCount).map(Self.observation)
    }

    var rules: [FenceRule] { items.map(\.rule) }
}

// MARK: The rules

extension RuleYard {
    private static func item(
        _ id: String, _ count: Int, _ watch: FenceRule.Watch, _ conditions: RuleConditions = RuleConditions()
    ) -> Item {
        guard let id = RuleID(id) else { preconditionFailure("a rule of the benchmark") }
        return Item(rule: FenceRule(id: id, anchor: .foot, watch: watch, conditions: conditions), count: count)
    }

    private static func area(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> Polygon {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)].map { Point(x: $0.0, y: $0.1) }
        guard let polygon = Polygon(corners) else { preconditionFailure("a zone of the benchmark") }
        return polygon
    }

    /// Upright, so that left to right is to the right.
    private static func upright(
        _ x: Double, _ directions: LineRule.Directions = .any, top: Double = 0.05, bottom: Double = 0.99
    ) -> LineRule {
        guard let line = Polyline([Point(x: x, y: bottom), Point(x: x, y: top)]) else {
            preconditionFailure("a line of the benchmark")
        }
        return LineRule(line: line, directions: directions)
    }

    /// On the left the pacer passes twice, the waiter once, the runner ten times; in the middle the four visitors come
    /// besides.
    private static var lines: [Item] {
        [
            item("left", 13, .line(upright(0.15))), item("left-in", 7, .line(upright(0.25, .leftToRight))),
            item("left-out", 6, .line(upright(0.35, .rightToLeft))), item("middle", 17, .line(upright(0.55))),
            item("middle-in", 11, .line(upright(0.6, .leftToRight))),
            item("middle-out", 6, .line(upright(0.65, .rightToLeft))), item("right", 13, .line(upright(0.75))),
            item("once", 1, .line(upright(0.25)), RuleConditions(coolDown: .seconds(3600))),
            item("large", 0, .line(upright(0.35)), RuleConditions(area: .init(least: 0.02))),
            item("known", 17, .line(upright(0.6)), RuleConditions(persistence: .seconds(2)))
        ]
    }

    private static var zones: [Item] {
        let strip = area(0.15, 0, 0.3, 1)
        return [
            item("strip", 26, .zone(ZoneRule(area: strip, raises: [.enter, .leave]))),
            item("strip-in", 13, .zone(ZoneRule(area: strip, raises: [.enter]))),
            item("strip-out", 13, .zone(ZoneRule(area: strip, raises: [.leave]))),
            item("bulk", 1, .zone(ZoneRule(area: area(0.75, 0.4, 0.95, 0.7)))),
            item("corner", 0, .zone(ZoneRule(area: area(0, 0, 0.1, 0.1), raises: [.enter, .leave, .occupied]))),
            item("whole", 1, .zone(ZoneRule(area: area(0, 0, 1, 1)))),
            item(
                "tall", 1, .zone(ZoneRule(area: area(0, 0, 1, 1))), RuleConditions(height: .init(least: 2))),
            item(
                "small", 13, .zone(ZoneRule(area: strip, raises: [.enter])), RuleConditions(area: .init(most: 0.02)))
        ]
    }

    private static let waiting = area(0.35, 0.7, 0.45, 0.85)

    private static var stays: [Item] {
        [
            item("dwell", 1, .dwell(DwellRule(area: waiting, leastSpan: .seconds(5)))),
            item("dwell-long", 0, .dwell(DwellRule(area: waiting, leastSpan: .seconds(60)))),
            item("dwell-bulk", 1, .dwell(DwellRule(area: area(0.8, 0.55, 0.9, 0.65), leastSpan: .seconds(10)))),
            item("door", 4, .appear(AppearRule(area: area(0.45, 0.25, 0.55, 0.35)))),
            item("hatch", 3, .appear(AppearRule(area: area(0.65, 0.25, 0.75, 0.35), raises: [.disappear]))),
            item("both", 7, .appear(AppearRule(area: area(0.45, 0.25, 0.75, 0.35), raises: [.appear, .disappear]))),
            item("stopped", 1, .stopped(StoppedRule(area: waiting, leastSpan: .seconds(5)))),
            item("stopped-all", 2, .stopped(StoppedRule(area: area(0, 0, 1, 1), leastSpan: .seconds(8)))),
            item("stopped-long", 0, .stopped(StoppedRule(area: waiting, leastSpan: .seconds(60))))
        ]
    }

    private static let track = area(0, 0.85, 1, 0.95)
    private static let lane = area(0, 0.45, 1, 0.55)

    private static var ways: [Item] {
        let (left, right) = (Point(x: 0.2, y: 0.5), Point(x: 0.8, y: 0.5))
        return [
            item("lane", 1, .wrongWay(WrongWayRule(area: lane, from: left, to: right))),
            item("lane-back", 1, .wrongWay(WrongWayRule(area: lane, from: right, to: left))),
            item("track", 5, .wrongWay(WrongWayRule(area: track, from: left, to: right))),
            item("fast", 10, .speed(SpeedRule(area: track, above: 3))),
            item("slow", 1, .speed(SpeedRule(area: waiting, below: 0.5, leastSpan: .seconds(1)))),
            item("very-fast", 0, .speed(SpeedRule(area: track, above: 20)))
        ]
    }

    private static var sequences: [Item] {
        let run = [0.3, 0.7].map { SequenceRule.Stage.line(upright($0, .leftToRight, top: 0.85, bottom: 0.95)) }
        let ends = [area(0, 0.45, 0.2, 0.55), area(0.8, 0.45, 1, 0.55)].map { SequenceRule.Stage.zone($0) }
        return [
            item("run", 5, .sequence(SequenceRule(stages: run, least: .seconds(0.2), most: .seconds(3)))),
            item("there", 1, .sequence(SequenceRule(stages: ends, most: .seconds(20)))),
            item("back", 1, .sequence(SequenceRule(stages: ends.reversed(), most: .seconds(20))))
        ]
    }

    private static var things: [Item] {
        [
            item(
                "left-thing", 1, .leftObject(LeftObjectRule(area: area(0.05, 0.1, 0.25, 0.3), leastSpan: .seconds(3)))),
            item(
                "left-long", 0, .leftObject(LeftObjectRule(area: area(0.05, 0.1, 0.25, 0.3), leastSpan: .seconds(15)))),
            item(
                "taken", 1, .removedObject(RemovedObjectRule(area: area(0.25, 0.1, 0.35, 0.3), leastSpan: .seconds(2)))),
            item(
                "taken-no", 0, .removedObject(RemovedObjectRule(area: area(0.6, 0.1, 0.8, 0.2), leastSpan: .seconds(2)))
            )
        ]
    }

    private static var counts: [Item] {
        let all = area(0, 0, 1, 1)
        return [
            item("crowd", 1, .occupancy(OccupancyRule(area: all, above: 3, leastSpan: .seconds(5)))),
            item("desert", 0, .occupancy(OccupancyRule(area: all, below: 3, leastSpan: .seconds(5)))),
            item("one", 1, .occupancy(OccupancyRule(area: waiting, above: 0, leastSpan: .seconds(2)))),
            item(
                "dense", 1,
                .density(DensityRule(area: area(0.36, 0.7, 0.44, 0.8), leastShare: 0.3, leastSpan: .seconds(2)))),
            item("full", 0, .density(DensityRule(area: all, leastShare: 0.5, leastSpan: .seconds(2))))
        ]
    }

    private static var pictures: [Item] {
        [
            item("stir", 1, .motion(MotionRule(area: area(0.4, 0.4, 0.6, 0.6)))),
            item("still", 0, .motion(MotionRule(area: area(0, 0, 0.2, 0.2)))),
            item("covered", 1, .sceneHealth(SceneHealthRule(leastSpan: .seconds(1)))),
            item("frozen", 0, .sceneHealth(SceneHealthRule(conditions: [.frozen]))),
            item("button", requests.count, .manual)
        ]
    }
}

// MARK: The scene

extension RuleYard {
    static func time(_ picture: Int) -> MediaTime { MediaTime(microseconds: Int64(picture) * 40_000) }

    private static func observation(_ picture: Int) -> Observation {
        let second = Double(picture) / 25
        let visitor = picture / 125
        let tracks = [
            track(1, picture, x: pace(second, leg: 10), y: 0.5), track(2, picture, x: wait(second), y: 0.8),
            track(4, picture, x: pace(second, leg: 2), y: 0.9),
            track(5, picture, x: 0.83 + 0.002 * second, y: 0.6, width: 0.15, height: 0.3),
            track(
                UInt32(10 + visitor), picture, since: visitor * 125,
                x: 0.5 + 0.2 * (Double(picture % 125) / 125), y: 0.3)
        ]
        var health = SceneHealth.good
        if second >= 17 { health.set(.covered, since: time(425)) }
        return Observation(
            time: time(picture), tracks: tracks, isSettled: true, isStirring: true, health: health,
            motion: stir((3..<6).contains(second)), resting: resting(second))
    }

    private static func track(
        _ id: UInt32, _ picture: Int, since: Int = 0, x: Double, y: Double, width: Double = 0.04, height: Double = 0.1
    ) -> Track {
        let box = Box(x: x - width / 2, y: y - height, width: width, height: height)
        return Track(
            id: TrackID(id), firstSeen: time(since),
            path: [TrackPoint(time: time(picture), box: box, isMeasured: true)], displacement: 0.3)
    }

    /// From 0.05 to 0.95 and back, `leg` seconds each way.
    private static func pace(_ second: Double, leg: Double) -> Double {
        let place = (second / leg).truncatingRemainder(dividingBy: 2)
        return 0.05 + 0.9 * (place <= 1 ? place : 2 - place)
    }

    private static func wait(_ second: Double) -> Double {
        switch second {
        case ..<4: 0.1 + 0.075 * second
        case ..<14: 0.4
        default: 0.4 + 0.5 * (second - 14) / 6
        }
    }

    private static func stir(_ isStirring: Bool) -> MotionGrid {
        var grid = MotionGrid()
        guard isStirring else { return grid }
        for row in 5..<7 {
            for column in 7..<9 { grid[column, row] = 200 }
        }
        return grid
    }

    private static func resting(_ second: Double) -> [RestingRegion] {
        var regions: [RestingRegion] = []
        if (6..<16).contains(second) {
            regions.append(
                RestingRegion(
                    number: 1, box: Box(x: 0.13, y: 0.15, width: 0.04, height: 0.05), since: time(150), nature: .placed)
            )
        }
        if second >= 8 {
            regions.append(
                RestingRegion(
                    number: 2, box: Box(x: 0.28, y: 0.15, width: 0.04, height: 0.05), since: time(200), nature: .taken))
        }
        return regions
    }
}
