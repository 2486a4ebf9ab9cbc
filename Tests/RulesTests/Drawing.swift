import Rules
import Scene

/// Scenes drawn by hand: tracks as lists of foot points, observations made of them frame by frame.
struct DrawnTrack {
    var id: UInt32
    /// Frame on which Vision reports the track for the first time; its past comes along.
    var confirmedAtFrame: Int
    /// Foot point on each frame, nil where it is only predicted to stay where it was.
    var feet: [Int: Point?]
    var size: Double

    init(_ id: UInt32, confirmed: Int = 0, size: Double = 0.04, feet: [Int: Point?]) {
        self.id = id
        confirmedAtFrame = confirmed
        self.feet = feet
        self.size = size
    }

    /// A straight walk of `frames` frames from `start` to `end`, both reached.
    init(
        _ id: UInt32, from start: Point, to end: Point, frames: ClosedRange<Int>, confirmed: Int? = nil,
        size: Double = 0.04
    ) {
        let count = Double(max(1, frames.count - 1))
        var feet: [Int: Point?] = [:]
        for frame in frames {
            let share = Double(frame - frames.lowerBound) / count
            feet[frame] = Point(x: start.x + share * (end.x - start.x), y: start.y + share * (end.y - start.y))
        }
        self.init(id, confirmed: confirmed ?? frames.lowerBound, size: size, feet: feet)
    }

    func path(frames: ClosedRange<Int>, step: MediaSpan) -> [TrackPoint] {
        var points: [TrackPoint] = []
        var last: Point?
        for frame in feet.keys.sorted() {
            let foot = feet[frame] ?? nil
            guard let place = foot ?? last else { continue }
            last = place
            guard frames.contains(frame) else { continue }
            points.append(
                TrackPoint(time: time(frame, step), box: box(foot: place, size: size), isMeasured: foot != nil))
        }
        return points
    }
}

func time(_ frame: Int, _ step: MediaSpan = .milliseconds(40)) -> MediaTime {
    MediaTime(microseconds: Int64(frame) * step.microseconds)
}

func box(foot: Point, size: Double) -> Box {
    Box(x: foot.x - size / 2, y: foot.y - size, width: size, height: size)
}

/// The observations of a drawn scene; frames listed in `unsettled` are reported as not settled.
func observations(
    _ tracks: [DrawnTrack], frames: ClosedRange<Int>, step: MediaSpan = .milliseconds(40),
    unsettled: Set<Int> = []
) -> [Observation] {
    frames.map { frame in
        let seen = tracks.compactMap { track -> Track? in
            guard let first = track.feet.keys.min(), track.feet[frame] != nil, frame >= track.confirmedAtFrame
            else { return nil }
            let from = frame == track.confirmedAtFrame ? min(first, frame) : frame
            let path = track.path(frames: from...frame, step: step)
            let way = distance(track.feet[first] ?? nil, path.last?.box.foot)
            return Track(id: TrackID(track.id), firstSeen: time(first, step), path: path, displacement: way)
        }
        return Observation(
            time: time(frame, step), tracks: seen, isSettled: !unsettled.contains(frame), isStirring: !seen.isEmpty)
    }
}

/// In shares of the diagonal of a picture as wide as it is high.
private func distance(_ from: Point?, _ to: Point?) -> Double {
    guard let from, let to else { return 0 }
    return (((to.x - from.x) * (to.x - from.x) + (to.y - from.y) * (to.y - from.y)) / 2).squareRoot()
}

func events(
    _ rules: [FenceRule], _ observations: [Observation], masks: [Polygon] = [], ground: GroundMeasure? = nil,
    finish: Bool = true
) -> [RuleEvent] {
    var engine = RuleEngine(rules: rules, ignoreMasks: masks, ground: ground)
    var events = observations.flatMap { engine.events(for: $0) }
    if finish, let last = observations.last { events += engine.finish(at: last.time) }
    return events
}

func line(
    _ points: [Point], _ directions: LineRule.Directions = .any, anchor: Anchor = .foot, id: String = "line",
    deadBand: Double = 0.008, deadBandOfBox: Double = 0.08, conditions: RuleConditions = RuleConditions()
) -> FenceRule {
    let rule = LineRule(
        line: Polyline(points)!, directions: directions, deadBand: deadBand, deadBandOfBox: deadBandOfBox)
    return FenceRule(id: RuleID(id)!, anchor: anchor, watch: .line(rule), conditions: conditions)
}

func zone(
    _ points: [Point], raises: Set<ZoneRule.Raise> = [.occupied], anchor: Anchor = .foot, id: String = "zone",
    conditions: RuleConditions = RuleConditions()
) -> FenceRule {
    fence(.zone(ZoneRule(area: Polygon(points)!, raises: raises)), id: id, anchor: anchor, conditions: conditions)
}

func fence(
    _ watch: FenceRule.Watch, id: String = "rule", anchor: Anchor = .foot,
    conditions: RuleConditions = RuleConditions()
) -> FenceRule {
    FenceRule(id: RuleID(id)!, anchor: anchor, watch: watch, conditions: conditions)
}

/// Foot points by frame, straight from each given place to the next.
func walk(_ id: UInt32, _ places: [(frame: Int, x: Double, y: Double)], size: Double = 0.04) -> DrawnTrack {
    var feet: [Int: Point?] = [:]
    for (from, to) in zip(places, places.dropFirst()) {
        for frame in from.frame...to.frame {
            let share = to.frame == from.frame ? 0 : Double(frame - from.frame) / Double(to.frame - from.frame)
            feet[frame] = Point(x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        }
    }
    return DrawnTrack(id, feet: feet, confirmedAtFirst: places[0].frame, size: size)
}

extension DrawnTrack {
    fileprivate init(_ id: UInt32, feet: [Int: Point?], confirmedAtFirst frame: Int, size: Double) {
        self.init(id, confirmed: frame, size: size, feet: feet)
    }
}

/// `rule occurrence phase frame` of each event, frames of 40 ms.
func told(_ events: [RuleEvent]) -> [String] {
    events.map { "\($0.occurrence.rawValue) \($0.phase.rawValue) \($0.time.microseconds / 40_000)" }
}

/// Ten metres across the picture, the same on every row.
let flatGround = GroundMeasure(
    speed: { from, to in
        let (a, b) = (from.box.foot, to.box.foot)
        let seconds = (to.time - from.time).seconds
        let way = 10 * ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
        return seconds > 0 ? way / seconds : nil
    }, height: { 10 * $0.height })

/// A line up the middle: from the bottom to the top, so its right is the picture's right.
let middle = [Point(x: 0.5, y: 0.9), Point(x: 0.5, y: 0.1)]
/// The right half of the picture's lower half.
let yard = [Point(x: 0.5, y: 0.5), Point(x: 1, y: 0.5), Point(x: 1, y: 1), Point(x: 0.5, y: 1)]

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
