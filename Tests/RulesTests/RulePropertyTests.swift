import Rules
import Scene
import Testing

@Suite("Rules in general")
struct RulePropertyTests {
    /// Random walks of up to `count` tracks on a grid of 1/1024, where sums and products are exact; half a step of 1/4096
    /// down, so that no point lies on an edge, where a mirrored one belongs to the other side.
    private func randomScene(_ generator: inout SeededGenerator, tracks count: Int, frames: Int) -> [Observation] {
        let walks = (1...count).map { id -> DrawnTrack in
            var x = Int.random(in: 100...900, using: &generator)
            var y = Int.random(in: 100...1000, using: &generator)
            let start = Int.random(in: 0..<frames / 2, using: &generator)
            let end = Int.random(in: start..<frames, using: &generator)
            var feet: [Int: Point?] = [:]
            var still = 0
            for frame in start...end {
                still = still > 0 ? still - 1 : Int.random(in: 0..<20, using: &generator) == 0 ? 40 : 0
                guard still == 0 else {
                    feet[frame] = Point(x: Double(x) / 1024, y: Double(y) / 1024 + 1.0 / 8192)
                    continue
                }
                x = min(984, max(40, x + Int.random(in: -60...60, using: &generator)))
                y = min(1023, max(80, y + Int.random(in: -60...60, using: &generator)))
                let isLost = frame > start && Int.random(in: 0..<8, using: &generator) == 0
                feet[frame] = .some(isLost ? nil : Point(x: Double(x) / 1024, y: Double(y) / 1024 + 1.0 / 8192))
            }
            let confirmed = Int.random(in: start...end, using: &generator)
            return DrawnTrack(UInt32(id), confirmed: confirmed, size: 32.0 / 1024, feet: feet)
        }
        let unsettled = Set((0..<3).map { _ in Int.random(in: 0..<frames, using: &generator) })
        let scene = observations(walks, frames: 0...(frames + 30), unsettled: unsettled)
        return scene.map { decorated($0, &generator) }
    }

    /// The same with something stirring below the first row, things that rest and a picture that is sometimes wrong.
    private func decorated(_ observation: Observation, _ generator: inout SeededGenerator) -> Observation {
        var grid = MotionGrid()
        for row in 1..<MotionGrid.rows {
            for column in 0..<MotionGrid.columns { grid[column, row] = UInt8.random(in: 0...60, using: &generator) }
        }
        let frame = observation.time.microseconds / 40_000
        let resting = [(UInt32(1), 0.4375, RestingRegion.Nature.placed), (2, 0.5, .taken)].map { number, x, nature in
            RestingRegion(
                number: number, box: Box(x: x, y: 0.5, width: 0.03125, height: 0.0625), since: time(20), nature: nature)
        }
        var health = SceneHealth.good
        if (30..<50).contains(frame) { health.set(.blurred, since: time(28)) }
        return Observation(
            time: observation.time, tracks: observation.tracks, isSettled: observation.isSettled,
            isStirring: observation.isStirring, health: health, motion: grid, resting: frame < 20 ? [] : resting)
    }

    private let fences: [FenceRule] =
        [
            line([Point(x: 0.5, y: 0.875), Point(x: 0.25, y: 0.125)], id: "slant"),
            line([Point(x: 0.125, y: 0.5), Point(x: 0.5, y: 0.5625), Point(x: 0.875, y: 0.375)], id: "bent"),
            zone(
                [Point(x: 0.25, y: 0.25), Point(x: 0.75, y: 0.375), Point(x: 0.625, y: 0.875)],
                raises: [.enter, .leave, .occupied], id: "triangle")
        ]
        + everyKind(in: [
            Point(x: 0.265625, y: 0.265625), Point(x: 0.765625, y: 0.390625), Point(x: 0.640625, y: 0.890625)
        ])

    /// What the rules raise, with somebody's request of each manual one on the way.
    private func run(_ rules: [FenceRule], _ scene: [Observation], in engine: inout RuleEngine) -> [RuleEvent] {
        scene.flatMap { observation in
            let asked = observation.time == time(33) ? rules.filter { $0.kind == .manual } : []
            return engine.events(for: observation)
                + asked.flatMap {
                    engine.trigger($0.id, ManualRequest(who: "desk", why: "asked"), at: observation.time)
                }
        }
    }

    private func run(_ rules: [FenceRule], _ scene: [Observation]) -> [RuleEvent] {
        var engine = RuleEngine(rules: rules, ground: flatGround)
        let found = run(rules, scene, in: &engine)
        return found + engine.finish(at: scene[scene.count - 1].time)
    }

    @Test("every kind finds something in the random scenes, or the properties below say nothing of it")
    func everyKindFires() {
        var filters = Set<RuleFilter>()
        var kinds = Set<RuleKind>()
        for seed in UInt64(1)...12 {
            var generator = SeededGenerator(seed: seed)
            var engine = RuleEngine(rules: fences, ground: flatGround)
            let scene = randomScene(&generator, tracks: 5, frames: 80)
            kinds.formUnion(run(fences, scene, in: &engine).map(\.kind))
            filters.formUnion(engine.suppressed.map(\.filter))
        }
        #expect(kinds == Set(RuleKind.allCases))
        #expect(filters == [.persistence, .coolDown])
    }

    @Test("a mirrored scene gives mirrored events", arguments: UInt64(1)...12)
    func mirrored(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scene = randomScene(&generator, tracks: 5, frames: 80)
        let straight = run(fences, scene)
        let reflected = run(fences.map(mirror), scene.map(mirror))
        #expect(straight.count == reflected.count, "seed \(seed)")
        for (one, other) in zip(straight, reflected) {
            #expect(
                one.rule == other.rule && one.time == other.time && one.occurrence == other.occurrence,
                "seed \(seed): \(one.rule) \(one.occurrence) \(one.time), \(other.rule) \(other.time)")
            #expect(one.decidedAt == other.decidedAt && one.phase == other.phase && one.track == other.track)
            #expect(one.direction.map(opposite) == other.direction, "seed \(seed)")
            #expect(one.box.map(mirror) == other.box, "seed \(seed): \(one.rule)")
        }
    }

    @Test("a copy taken at any frame goes on alike", arguments: UInt64(1)...12)
    func splitting(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scene = randomScene(&generator, tracks: 5, frames: 80)
        let end = scene[scene.count - 1].time
        var engine = RuleEngine(rules: fences, ground: flatGround)
        let whole = run(fences, scene, in: &engine) + engine.finish(at: end)
        let suppressed = engine.suppressed
        // Together the seeds split at every frame.
        for split in stride(from: Int(seed) - 1, to: scene.count, by: 12) {
            var first = RuleEngine(rules: fences, ground: flatGround)
            var found = run(fences, Array(scene[..<split]), in: &first)
            var second = first
            // The original goes astray; the copy must not notice.
            _ = first.finish(at: scene[split].time)
            found += run(fences, Array(scene[split...]), in: &second)
            found += second.finish(at: end)
            #expect(found == whole, "seed \(seed), split at \(split)")
            #expect(second.suppressed == suppressed, "seed \(seed), split at \(split)")
        }
    }

    @Test("what never comes near a fence raises nothing", arguments: UInt64(1)...12)
    func neverTouches(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Everything happens in the left 45 % of the picture, every fence lies somewhere in its right half.
        let scene = randomScene(&generator, tracks: 6, frames: 60).map(crowdedLeft)
        for _ in 0..<4 {
            let corners = randomCorners(&generator)
            let fences =
                [line(corners, id: "bent"), zone(corners, raises: [.enter, .leave, .occupied], id: "area")]
                + everyKind(in: corners)
            let placed = fences.filter { isDecidedByPlace($0.kind) }
            #expect(Set(placed.map(\.kind)) == Set(RuleKind.allCases.filter(isDecidedByPlace)))
            let found = run(placed, scene)
            #expect(found.isEmpty, "seed \(seed), \(corners): \(found.map { "\($0.rule) \($0.occurrence)" })")
        }
    }

    /// Three corners in the right half of the picture that enclose something.
    private func randomCorners(_ generator: inout SeededGenerator) -> [Point] {
        while true {
            let corners = (0..<3).map { _ in
                Point(
                    x: Double.random(in: 0.55...1, using: &generator), y: Double.random(in: 0...1, using: &generator))
            }
            if abs(turn(corners[0], corners[1], corners[2])) > 0.02 { return corners }
        }
    }

    @Test("without a dead band the crossings are those of plain geometry", arguments: UInt64(1)...20)
    func crossingOracle(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func random() -> Double { Double.random(in: 0.05...0.95, using: &generator) }
        let (start, end) = (Point(x: random(), y: random()), Point(x: random(), y: random()))
        let feet = (0..<120).map { _ in Point(x: random(), y: random()) }
        let walk = DrawnTrack(
            1, size: 0, feet: Dictionary(uniqueKeysWithValues: feet.enumerated().map { ($0.offset, $0.element) }))
        let rule = line([start, end], deadBand: 0, deadBandOfBox: 0)
        let found = events([rule], observations([walk], frames: 0...119))

        var expected: [(frame: Int, direction: CrossingDirection)] = []
        for frame in 1..<feet.count where meet(feet[frame - 1], feet[frame], start, end) {
            expected.append((frame, turn(start, end, feet[frame]) > 0 ? .leftToRight : .rightToLeft))
        }
        #expect(found.map(\.direction) == expected.map(\.direction), "seed \(seed)")
        #expect(found.map(\.decidedAt) == expected.map { time($0.frame) }, "seed \(seed)")
        for event in found {
            #expect(event.time <= event.decidedAt && event.time >= event.decidedAt - .milliseconds(40))
            let place = event.point ?? Point(x: -1, y: -1)
            #expect(abs(turn(start, end, place)) < 1e-9, "the place lies on the line, seed \(seed)")
        }
    }

    @Test("times never run behind decisions, and conditions begin before they end", arguments: UInt64(1)...12)
    func order(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let found = events(fences, randomScene(&generator, tracks: 8, frames: 80))
        #expect(found.allSatisfy { $0.time <= $0.decidedAt }, "seed \(seed)")
        var open: MediaTime?
        var lastEnd = MediaTime(microseconds: -1)
        for event in found where event.rule.text == "triangle" && event.occurrence == .occupied {
            if event.phase == .began {
                #expect(open == nil && event.time >= lastEnd, "seed \(seed)")
                open = event.time
            } else {
                #expect(open != nil && event.time >= open ?? event.time, "seed \(seed)")
                (open, lastEnd) = (nil, event.time)
            }
        }
        #expect(open == nil, "seed \(seed)")
    }

    @Test("a crowd beyond the limit is counted and the oldest are still judged")
    func crowd() {
        let walks = (1...80).map { id in
            DrawnTrack(
                UInt32(id), from: Point(x: 0.3, y: 0.15 + 0.009 * Double(id)),
                to: Point(x: 0.7, y: 0.15 + 0.009 * Double(id)), frames: 0...20)
        }
        var engine = RuleEngine(rules: [line(middle)])
        let found = observations(walks, frames: 0...20).flatMap { engine.events(for: $0) }
        #expect(found.count == RuleEngine.trackLimit)
        #expect(engine.tracksLeftOut == 21 * (80 - RuleEngine.trackLimit))
    }

    @Test("a rule's canonical text changes with everything that decides")
    func canonicalText() {
        let texts = [
            line(middle), line(middle, .leftToRight), line(middle, anchor: .centre), line(middle, id: "other"),
            line(middle.reversed()), line(middle, deadBand: 0.01), zone(yard), zone(yard, raises: [.enter]),
            zone(yard, raises: [.leave, .enter]), zone(yard.reversed()), zone(yard, anchor: .centre),
            zone(yard, conditions: RuleConditions(area: .init(least: 0.01))),
            zone(yard, conditions: RuleConditions(area: .init(most: 0.01))),
            zone(yard, conditions: RuleConditions(height: .init(least: 1))),
            zone(yard, conditions: RuleConditions(persistence: .seconds(1))),
            zone(yard, conditions: RuleConditions(sensitivity: 60)),
            zone(yard, conditions: RuleConditions(coolDown: .seconds(1))),
            zone(yard, conditions: RuleConditions(rearm: .seconds(1)))
        ].map(\.canonicalText)
        #expect(Set(texts).count == texts.count)
        let kinds = everyKind(in: Array(yard.dropLast())).map(\.canonicalText)
        #expect(Set(kinds).count == kinds.count)
        // What decides nothing leaves the identity of the alerts as it is.
        #expect(zone(yard, conditions: RuleConditions(severity: 1, tags: ["x"])).canonicalText == texts[6])
        #expect(
            zone(yard, raises: [.enter, .leave]).canonicalText == zone(yard, raises: [.leave, .enter]).canonicalText)
    }
}

private func mirror(_ point: Point) -> Point { Point(x: 1 - point.x, y: point.y) }

/// Fences of every kind, quick to raise, some of them with conditions that refuse some of what happens.
private func everyKind(in corners: [Point]) -> [FenceRule] {
    let strict = RuleConditions(persistence: .milliseconds(400), coolDown: .milliseconds(300))
    return RuleKind.allCases.enumerated().flatMap { index, kind in
        watches(of: kind, in: corners).enumerated().flatMap { number, watch in
            [fence(watch, id: "\(kind.rawValue)-\(number)")]
                + (index % 2 == 1 ? [fence(watch, id: "\(kind.rawValue)-\(number)-strict", conditions: strict)] : [])
        }
    }
}

/// A new kind has no properties until it stands here and below.
func watches(of kind: RuleKind, in corners: [Point]) -> [FenceRule.Watch] {
    let area = Polygon(corners)!
    let across = LineRule(line: Polyline([corners[0], corners[1]])!)
    let other = LineRule(line: Polyline([corners[1], corners[2]])!)
    return switch kind {
    case .line: [.line(across)]
    case .zone: [.zone(ZoneRule(area: area, raises: [.enter, .leave, .occupied]))]
    case .dwell: [.dwell(DwellRule(area: area, leastSpan: .milliseconds(200), gap: .milliseconds(200)))]
    case .appear: [.appear(AppearRule(area: area, raises: [.appear, .disappear]))]
    case .wrongWay:
        [
            .wrongWay(
                WrongWayRule(area: area, from: Point(x: 0.25, y: 0.5), to: Point(x: 0.75, y: 0.25), leastWay: 0.03))
        ]
    case .speed: [.speed(SpeedRule(area: area, above: 0.5, below: 0.2, leastSpan: .zero))]
    case .sequence:
        [
            .sequence(SequenceRule(stages: [.line(across), .line(other)], most: .seconds(9))),
            .sequence(SequenceRule(stages: [.zone(area), .line(other)], most: .seconds(9)))
        ]
    case .stopped: [.stopped(StoppedRule(area: area, leastSpan: .milliseconds(120), leastTravel: 0.01))]
    case .leftObject: [.leftObject(LeftObjectRule(area: area, leastSpan: .milliseconds(400), attended: 0.01))]
    case .removedObject: [.removedObject(RemovedObjectRule(area: area, leastSpan: .milliseconds(400)))]
    case .occupancy: [.occupancy(OccupancyRule(area: area, above: 0, leastSpan: .milliseconds(80)))]
    case .density: [.density(DensityRule(area: area, leastShare: 0.001, leastSpan: .zero))]
    case .motion: [.motion(MotionRule(area: area, leastShare: 0.1))]
    case .sceneHealth: [.sceneHealth(SceneHealthRule(leastSpan: .milliseconds(200)))]
    case .manual: [.manual]
    }
}

/// Whether what happens elsewhere in the picture is nothing to a rule of this kind.
private func isDecidedByPlace(_ kind: RuleKind) -> Bool {
    switch kind {
    case .line, .zone, .dwell, .appear, .wrongWay, .speed, .sequence, .stopped, .leftObject, .removedObject, .occupancy,
        .density, .motion:
        true
    case .sceneHealth, .manual: false
    }
}

/// The same scene in the left 45 % of the picture.
private func crowdedLeft(_ observation: Observation) -> Observation {
    func squeezed(_ box: Box) -> Box { Box(x: 0.45 * box.x, y: box.y, width: 0.45 * box.width, height: box.height) }
    var grid = MotionGrid()
    for row in 0..<MotionGrid.rows {
        for column in 0..<MotionGrid.columns / 2 { grid[column, row] = observation.motion?[column, row] ?? 0 }
    }
    return observation.with(boxes: squeezed, motion: grid)
}

private func mirror(_ area: Polygon) -> Polygon { Polygon(area.vertices.map(mirror))! }

private func mirror(_ line: LineRule) -> LineRule {
    LineRule(line: Polyline(line.line.points.map(mirror))!, directions: line.directions)
}

private func mirror(_ rule: FenceRule) -> FenceRule {
    fence(mirror(rule.watch), id: rule.id.text, anchor: rule.anchor, conditions: rule.conditions)
}

private func mirror(_ watch: FenceRule.Watch) -> FenceRule.Watch {
    switch watch {
    case .line(let rule): .line(mirror(rule))
    case .zone(let rule): .zone(ZoneRule(area: mirror(rule.area), raises: rule.raises))
    case .dwell(let rule): .dwell(DwellRule(area: mirror(rule.area), leastSpan: rule.leastSpan, gap: rule.gap))
    case .appear(let rule): .appear(AppearRule(area: mirror(rule.area), raises: rule.raises))
    case .wrongWay(let rule):
        .wrongWay(
            WrongWayRule(
                area: mirror(rule.area), from: mirror(rule.from), to: mirror(rule.to), leastWay: rule.leastWay,
                tolerance: rule.tolerance))
    case .speed(let rule):
        .speed(SpeedRule(area: mirror(rule.area), above: rule.above, below: rule.below, leastSpan: rule.leastSpan))
    case .sequence(let rule):
        .sequence(
            SequenceRule(
                stages: rule.stages.map { stage in
                    switch stage {
                    case .line(let line): .line(mirror(line))
                    case .zone(let area): .zone(mirror(area))
                    }
                }, least: rule.least, most: rule.most))
    case .stopped(let rule):
        .stopped(StoppedRule(area: mirror(rule.area), leastSpan: rule.leastSpan, leastTravel: rule.leastTravel))
    case .leftObject(let rule):
        .leftObject(LeftObjectRule(area: mirror(rule.area), leastSpan: rule.leastSpan, attended: rule.attended))
    case .removedObject(let rule): .removedObject(RemovedObjectRule(area: mirror(rule.area), leastSpan: rule.leastSpan))
    case .occupancy(let rule):
        .occupancy(
            OccupancyRule(area: mirror(rule.area), above: rule.above, below: rule.below, leastSpan: rule.leastSpan))
    case .density(let rule):
        .density(DensityRule(area: mirror(rule.area), leastShare: rule.leastShare, leastSpan: rule.leastSpan))
    case .motion(let rule):
        .motion(MotionRule(area: mirror(rule.area), leastShare: rule.leastShare, leastSpan: rule.leastSpan))
    case .sceneHealth, .manual: watch
    }
}

private func mirror(_ box: Box) -> Box {
    Box(x: 1 - box.x - box.width, y: box.y, width: box.width, height: box.height)
}

private func mirror(_ grid: MotionGrid) -> MotionGrid {
    var mirrored = MotionGrid()
    for row in 0..<MotionGrid.rows {
        for column in 0..<MotionGrid.columns {
            mirrored[MotionGrid.columns - 1 - column, row] = grid[column, row]
        }
    }
    return mirrored
}

private func mirror(_ observation: Observation) -> Observation {
    observation.with(boxes: mirror, motion: observation.motion.map(mirror))
}

extension Observation {
    fileprivate func with(boxes change: (Box) -> Box, motion: MotionGrid?) -> Observation {
        let tracks = tracks.map { track in
            Track(
                id: track.id, firstSeen: track.firstSeen,
                path: track.path.map { point in
                    TrackPoint(time: point.time, box: change(point.box), isMeasured: point.isMeasured)
                },
                displacement: track.displacement)
        }
        return Observation(
            time: time, tracks: tracks, isSettled: isSettled, isStirring: isStirring, health: health, motion: motion,
            resting: resting.map {
                RestingRegion(number: $0.number, box: change($0.box), since: $0.since, nature: $0.nature)
            })
    }
}

private func opposite(_ direction: CrossingDirection) -> CrossingDirection {
    direction == .leftToRight ? .rightToLeft : .leftToRight
}

/// Positive where `point` lies to the right of the way from `start` to `end`, y down.
private func turn(_ start: Point, _ end: Point, _ point: Point) -> Double {
    (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)
}

/// Whether two straight pieces cross in their inside.
private func meet(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
    turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0
}
