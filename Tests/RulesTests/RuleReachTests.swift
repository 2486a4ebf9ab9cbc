import Rules
import Scene
import Testing

/// A rule is not shown what by its own account changes nothing for it: here every account is checked against a rule
/// that is shown everything.
@Suite("What a rule is not shown")
struct RuleReachTests {
    private static let frames = 160

    /// Objects that stroll between a few places, so that they come back to fences they have left, tremble on the way,
    /// stand, are lost for a while and end; some so large that they reach into what they do not stand in.
    private func randomScene(_ generator: inout SeededGenerator, places: [Point]) -> [Observation] {
        let walks = (1...7).map { id -> DrawnTrack in
            let start = Int.random(in: 0..<Self.frames / 2, using: &generator)
            let end = Int.random(in: start..<Self.frames, using: &generator)
            var place = somewhere(places, &generator)
            var goal = somewhere(places, &generator)
            var feet: [Int: Point?] = [:]
            for frame in start...end {
                if Int.random(in: 0..<25, using: &generator) == 0 { goal = somewhere(places, &generator) }
                let share = Double.random(in: 0...0.25, using: &generator)
                place = Point(x: place.x + share * (goal.x - place.x), y: place.y + share * (goal.y - place.y))
                let tremble = Double.random(in: -0.01...0.01, using: &generator)
                let isLost = frame > start && Int.random(in: 0..<10, using: &generator) == 0
                feet[frame] = .some(isLost ? nil : Point(x: place.x + tremble, y: place.y - tremble))
            }
            let size = [0.02, 0.05, 0.2].randomElement(using: &generator) ?? 0.02
            let confirmed = Int.random(in: start...min(end, start + 15), using: &generator)
            return DrawnTrack(UInt32(id), confirmed: confirmed, size: size, feet: feet)
        }
        let unsettled = Set((0..<4).map { _ in Int.random(in: 0..<Self.frames, using: &generator) })
        return observations(walks, frames: 0...(Self.frames + 60), unsettled: unsettled).map(decorated)
    }

    private func somewhere(_ places: [Point], _ generator: inout SeededGenerator) -> Point {
        guard Bool.random(using: &generator), let place = places.randomElement(using: &generator) else {
            return Point(x: Double.random(in: 0...1, using: &generator), y: Double.random(in: 0...1, using: &generator))
        }
        return place
    }

    /// The same with something that rests for a while, something that stirs, and a picture that is covered for a while.
    private func decorated(_ observation: Observation) -> Observation {
        let frame = Int(observation.time.microseconds / 40_000)
        var health = SceneHealth.good
        if (60..<80).contains(frame) { health.set(.covered, since: time(58)) }
        var grid = MotionGrid()
        if (20..<60).contains(frame) {
            for row in 0..<MotionGrid.rows { grid[row, row] = 200 }
        }
        let resting = [(UInt32(1), 0.4, RestingRegion.Nature.placed), (2, 0.6, .taken)].map { number, x, nature in
            RestingRegion(
                number: number, box: Box(x: x, y: 0.45, width: 0.05, height: 0.05), since: time(30), nature: nature)
        }
        return Observation(
            time: observation.time, tracks: observation.tracks, isSettled: observation.isSettled,
            isStirring: observation.isStirring, health: health, motion: grid,
            resting: (30..<110).contains(frame) ? resting : [])
    }

    /// Fences of every kind around `corners`, by either anchor, with and without conditions.
    private func fences(_ corners: [Point]) -> [FenceRule] {
        let conditions: [RuleConditions] = [
            RuleConditions(), RuleConditions(area: .init(most: 0.01)),
            RuleConditions(persistence: .milliseconds(400), coolDown: .milliseconds(600)),
            RuleConditions(sensitivity: 90)
        ]
        let all = RuleKind.allCases.flatMap { watches(of: $0, in: corners) }
        return all.enumerated().flatMap { number, watch in
            [Anchor.foot, .centre].map { anchor in
                let chosen = conditions[(number + (anchor == .foot ? 0 : 1)) % conditions.count]
                return fence(watch, id: "\(number)-\(anchor.rawValue)", anchor: anchor, conditions: chosen)
            }
        }
    }

    /// Small, often at the picture's border, so that most tracks are outside most of the time.
    private func randomCorners(_ generator: inout SeededGenerator) -> [Point] {
        let (left, top) = (Double.random(in: 0...0.7, using: &generator), Double.random(in: 0...0.7, using: &generator))
        let (width, height) = (
            Double.random(in: 0.05...0.3, using: &generator), Double.random(in: 0.05...0.3, using: &generator)
        )
        let isAtBorder = Int.random(in: 0..<3, using: &generator) == 0
        let (right, bottom) = (isAtBorder ? 1 : left + width, isAtBorder ? 1 : top + height)
        return [Point(x: left, y: top), Point(x: right, y: top + 0.3 * (bottom - top)), Point(x: left, y: bottom)]
    }

    @Test("would have changed nothing", arguments: UInt64(1)...24)
    func reach(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let corners = randomCorners(&generator)
        let masks =
            seed.isMultiple(of: 3) ? [Polygon([corners[0], corners[1], Point(x: 1, y: 0)])].compactMap { $0 } : []
        let rules = fences(corners)
        var engine = RuleEngine(rules: rules, ignoreMasks: masks, ground: flatGround)
        var thorough = RuleEngine(rules: rules, ignoreMasks: masks, ground: flatGround, isThorough: true)
        // Two sessions: what is remembered of the first must not reach into the second.
        for session in 1...2 {
            let scene = randomScene(&generator, places: corners)
            for observation in scene {
                let (found, expected) = (engine.events(for: observation), thorough.events(for: observation))
                #expect(found == expected, "seed \(seed), session \(session), \(observation.time)")
            }
            let end = scene[scene.count - 1].time
            #expect(engine.finish(at: end) == thorough.finish(at: end), "seed \(seed), session \(session)")
        }
        #expect(engine.suppressed == thorough.suppressed, "seed \(seed)")
        #expect(engine.suppressedCount == thorough.suppressedCount, "seed \(seed)")
    }

    @Test("the random scenes make every kind raise something, or nothing above says anything of it")
    func everyKindFires() {
        var kinds = Set<RuleKind>()
        for seed in UInt64(1)...24 {
            var generator = SeededGenerator(seed: seed)
            let corners = randomCorners(&generator)
            let rules = fences(corners)
            let found = events(rules, randomScene(&generator, places: corners), ground: flatGround)
            kinds.formUnion(found.map(\.kind))
        }
        #expect(kinds == Set(RuleKind.allCases).subtracting([.manual]))
    }
}
