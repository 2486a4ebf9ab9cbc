import Rules
import Scene
import Testing

@Suite("Rules in general")
struct RulePropertyTests {
    /// Random walks of up to `count` tracks on a grid of 1/1024, where sums and products are exact.
    private func randomScene(_ generator: inout SeededGenerator, tracks count: Int, frames: Int) -> [Observation] {
        let walks = (1...count).map { id -> DrawnTrack in
            var x = Int.random(in: 100...900, using: &generator)
            var y = Int.random(in: 100...1000, using: &generator)
            let start = Int.random(in: 0..<frames / 2, using: &generator)
            let end = Int.random(in: start..<frames, using: &generator)
            var feet: [Int: Point?] = [:]
            for frame in start...end {
                x = min(984, max(40, x + Int.random(in: -60...60, using: &generator)))
                y = min(1024, max(80, y + Int.random(in: -60...60, using: &generator)))
                let isLost = frame > start && Int.random(in: 0..<8, using: &generator) == 0
                feet[frame] = .some(isLost ? nil : Point(x: Double(x) / 1024, y: Double(y) / 1024))
            }
            let confirmed = Int.random(in: start...end, using: &generator)
            return DrawnTrack(UInt32(id), confirmed: confirmed, size: 32.0 / 1024, feet: feet)
        }
        let unsettled = Set((0..<3).map { _ in Int.random(in: 0..<frames, using: &generator) })
        return observations(walks, frames: 0...(frames + 30), unsettled: unsettled)
    }

    private let fences: [FenceRule] = [
        line([Point(x: 0.5, y: 0.875), Point(x: 0.25, y: 0.125)], id: "slant"),
        line([Point(x: 0.125, y: 0.5), Point(x: 0.5, y: 0.5625), Point(x: 0.875, y: 0.375)], id: "bent"),
        zone(
            [Point(x: 0.25, y: 0.25), Point(x: 0.75, y: 0.375), Point(x: 0.625, y: 0.875)],
            raises: [.enter, .leave, .occupied], id: "triangle")
    ]

    @Test("a mirrored scene gives mirrored events", arguments: UInt64(1)...12)
    func mirrored(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scene = randomScene(&generator, tracks: 5, frames: 80)
        let straight = events(fences, scene)
        let reflected = events(fences.map(mirror), scene.map(mirror))
        #expect(straight.count == reflected.count, "seed \(seed)")
        for (one, other) in zip(straight, reflected) {
            #expect(
                one.rule == other.rule && one.time == other.time && one.occurrence == other.occurrence, "seed \(seed)")
            #expect(one.decidedAt == other.decidedAt && one.phase == other.phase && one.track == other.track)
            #expect(one.direction.map(opposite) == other.direction, "seed \(seed)")
        }
    }

    @Test("a copy taken at any frame goes on alike", arguments: UInt64(1)...6)
    func splitting(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scene = randomScene(&generator, tracks: 6, frames: 60)
        let whole = events(fences, scene)
        for split in stride(from: 0, to: scene.count, by: 7) {
            var first = RuleEngine(rules: fences)
            var found = scene[..<split].flatMap { first.events(for: $0) }
            var second = first
            // The original goes astray; the copy must not notice.
            _ = first.finish(at: scene[split].time)
            found += scene[split...].flatMap { second.events(for: $0) }
            found += second.finish(at: scene[scene.count - 1].time)
            #expect(found == whole, "seed \(seed), split at \(split)")
        }
    }

    @Test("what never comes near a fence raises nothing", arguments: UInt64(1)...8)
    func neverTouches(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let scene = randomScene(&generator, tracks: 6, frames: 60)
        // Every foot point is at y >= 80/1024; these lie above.
        let above: [FenceRule] = [
            line([Point(x: 0, y: 0.05), Point(x: 0.5, y: 0.07), Point(x: 1, y: 0.02)]),
            zone([Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 0.07)], raises: [.enter, .leave, .occupied])
        ]
        #expect(events(above, scene).isEmpty, "seed \(seed)")
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
        for event in found where event.occurrence == .occupied {
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
            zone(yard, raises: [.leave, .enter]), zone(yard.reversed()), zone(yard, anchor: .centre)
        ].map(\.canonicalText)
        #expect(Set(texts).count == texts.count)
        #expect(
            zone(yard, raises: [.enter, .leave]).canonicalText == zone(yard, raises: [.leave, .enter]).canonicalText)
    }
}

private func mirror(_ point: Point) -> Point { Point(x: 1 - point.x, y: point.y) }

private func mirror(_ rule: FenceRule) -> FenceRule {
    switch rule.watch {
    case .line(let rule_): line(rule_.line.points.map(mirror), rule_.directions, id: rule.id.text)
    case .zone(let rule_): zone(rule_.area.vertices.map(mirror), raises: rule_.raises, id: rule.id.text)
    }
}

private func mirror(_ observation: Observation) -> Observation {
    let tracks = observation.tracks.map { track in
        Track(
            id: track.id, firstSeen: track.firstSeen,
            path: track.path.map { point in
                let box = point.box
                let turned = Box(x: 1 - box.x - box.width, y: box.y, width: box.width, height: box.height)
                return TrackPoint(time: point.time, box: turned, isMeasured: point.isMeasured)
            },
            displacement: track.displacement)
    }
    return Observation(
        time: observation.time, tracks: tracks, isSettled: observation.isSettled, isStirring: observation.isStirring)
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
