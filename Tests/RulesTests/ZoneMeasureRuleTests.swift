import Rules
import Scene
import Testing

@Suite("Occupancy, density, motion, scene health, manual")
struct ZoneMeasureRuleTests {
    private let area = Polygon(yard)!

    private func occupancy(above: Int? = nil, below: Int? = nil, seconds: Double = 1) -> FenceRule {
        fence(.occupancy(OccupancyRule(area: area, above: above, below: below, leastSpan: .seconds(seconds))))
    }

    @Test("more than so many for so long, dated to when they came together")
    func crowded() throws {
        let tracks = (1...3).map { id in
            walk(UInt32(id), [(20 * id, 0.6 + 0.1 * Double(id), 0.8), (200, 0.6 + 0.1 * Double(id), 0.8)])
        }
        let scene = observations(tracks, frames: 0...260)
        let found = events([occupancy(above: 2)], scene)
        // The third comes on frame 60 and has settled on frame 63.
        #expect(told(found) == ["crowded began 63", "crowded ended 200"])
        #expect(found[0].decidedAt == time(88) && found[0].measures["count"] == 3)
        #expect(events([occupancy(above: 3)], scene).isEmpty)
        #expect(events([occupancy(above: 2, seconds: 6)], scene).isEmpty)
    }

    @Test("fewer than so many, from the beginning where nobody is there")
    func tooFew() {
        let comes = walk(1, [(100, 0.4, 0.8), (110, 0.7, 0.8), (200, 0.7, 0.8)])
        let found = events([occupancy(below: 1)], observations([comes], frames: 0...260))
        #expect(found.map(\.phase) == [.began, .ended, .began, .ended])
        #expect(found[0].time == time(0) && found[2].time == time(201))
    }

    @Test("a short absence does not interrupt a crowd")
    func shortAbsence() {
        let stays = walk(1, [(0, 0.7, 0.8), (200, 0.7, 0.8)])
        let blinks = walk(
            2, [(0, 0.9, 0.8), (80, 0.9, 0.8), (81, 0.4, 0.8), (95, 0.4, 0.8), (96, 0.9, 0.8), (200, 0.9, 0.8)])
        let found = events([occupancy(above: 1, seconds: 6)], observations([stays, blinks], frames: 0...200))
        #expect(found.count == 2, "\(told(found))")
    }

    @Test("an unsettled picture begins nothing anew")
    func unsettled() {
        let scene = observations([], frames: 0...100, unsettled: [20])
        let found = events([occupancy(below: 1)], scene)
        #expect(found.first?.time == time(21))
    }

    @Test("the share of the zone that boxes cover; what overlaps counts once")
    func dense() throws {
        func rule(_ share: Double) -> FenceRule {
            fence(.density(DensityRule(area: area, leastShare: share, leastSpan: .milliseconds(400))))
        }
        // A box of 0.5 × 0.5 that fills the zone's left half.
        let large = walk(1, [(0, 0.5, 1), (100, 0.5, 1)], size: 0.5)
        let scene = observations([large], frames: 0...150)
        let found = events([rule(0.49)], scene)
        #expect(told(found) == ["dense began 0", "dense ended 100"])
        #expect(abs(try #require(found[0].measures["covered"]) - 0.5) < 0.01)
        #expect(events([rule(0.52)], scene).isEmpty)
        let twice = observations([large, walk(2, [(0, 0.5, 1), (100, 0.5, 1)], size: 0.5)], frames: 0...150)
        #expect(events([rule(0.52)], twice).isEmpty)
        let other = observations([large, walk(2, [(0, 0.9, 0.8), (100, 0.9, 0.8)], size: 0.2)], frames: 0...150)
        #expect(events([rule(0.52)], other).count == 2)
    }

    @Test("a crowd that a filter makes too small is told once, with the filter; an empty zone never is")
    func refusedCrowd() throws {
        let tracks = (1...3).map { id in
            walk(UInt32(id), [(0, 0.5 + 0.1 * Double(id), 0.8), (200, 0.5 + 0.1 * Double(id), 0.8)])
        }
        let scene = observations(tracks, frames: 0...200)
        func judged(_ rule: OccupancyRule, _ conditions: RuleConditions) -> ([RuleEvent], [SuppressedCandidate]) {
            var engine = RuleEngine(rules: [fence(.occupancy(rule), conditions: conditions)])
            let found = scene.flatMap { engine.events(for: $0) }
            return (found, engine.suppressed)
        }
        // Each covers 0.0016 of the picture.
        let tooSmall = RuleConditions(area: .init(least: 0.01))
        let (none, suppressed) = judged(OccupancyRule(area: area, above: 2, leastSpan: .seconds(1)), tooSmall)
        #expect(none.isEmpty && suppressed.count == 1)
        let candidate = try #require(suppressed.first)
        #expect(candidate.occurrence == .crowded && candidate.filter == .sizeLeast && candidate.limit == 0.01)
        #expect(abs(candidate.value - 0.0016) < 1e-9 && candidate.time == time(3) && candidate.decidedAt == time(28))
        #expect(judged(OccupancyRule(area: area, above: 3, leastSpan: .seconds(1)), tooSmall).1.isEmpty)
        #expect(judged(OccupancyRule(area: area, above: 2, leastSpan: .seconds(9)), tooSmall).1.isEmpty)
        #expect(judged(OccupancyRule(area: area, above: 2, leastSpan: .seconds(1)), RuleConditions()).1.isEmpty)
        let (few, nothing) = judged(OccupancyRule(area: area, below: 1, leastSpan: .seconds(1)), tooSmall)
        #expect(told(few) == ["too_few began 0"] && nothing.isEmpty)
    }

    @Test("a zone that would be dense but for a filter is told once, by who covers it")
    func refusedDensity() throws {
        let rule = fence(
            .density(DensityRule(area: area, leastShare: 0.49, leastSpan: .milliseconds(400))),
            conditions: RuleConditions(area: .init(most: 0.2)))
        let large = walk(1, [(0, 0.5, 1), (100, 0.5, 1)], size: 0.5)
        // As large, and refused as well, but beside the zone.
        let outside = walk(2, [(0, 0.25, 0.5), (100, 0.25, 0.5)], size: 0.49)
        var engine = RuleEngine(rules: [rule])
        let found = observations([large, outside], frames: 0...150).flatMap { engine.events(for: $0) }
        #expect(found.isEmpty && engine.suppressed.map(\.filter) == [.sizeMost])
        let candidate = try #require(engine.suppressed.first)
        #expect(candidate.occurrence == .dense && candidate.track == TrackID(1) && candidate.time == time(0))
        #expect(abs(candidate.value - 0.25) < 1e-9 && candidate.limit == 0.2)
        // What is dense with admitted objects alone is raised, and nothing is suppressed.
        let small = (0..<8).map { index in
            let (column, row) = (Double(index % 4), Double(index / 4))
            return walk(
                UInt32(10 + index),
                [(0, 0.5625 + 0.125 * column, 0.75 + 0.25 * row), (100, 0.5625 + 0.125 * column, 0.75 + 0.25 * row)],
                size: 0.125)
        }
        var other = RuleEngine(rules: [rule])
        let dense = observations(small + [large], frames: 0...90).flatMap { other.events(for: $0) }
        #expect(told(dense) == ["dense began 0"] && other.suppressed.isEmpty)
    }

    private func stirring(_ frames: Set<Int>, _ cells: [(Int, Int)], value: UInt8 = 255) -> [Observation] {
        (0...100).map { frame in
            var grid = MotionGrid()
            if frames.contains(frame) { for (column, row) in cells { grid[column, row] = value } }
            return Observation(time: time(frame), tracks: [], isSettled: true, isStirring: true, motion: grid)
        }
    }

    @Test("motion in the zone without any track, not beside it")
    func motion() throws {
        let rule = fence(.motion(MotionRule(area: area, leastShare: 0.02)))
        // One cell of the zone's 48 is 2.08 %.
        let found = events([rule], stirring(Set(10...30), [(12, 8)]))
        #expect(told(found) == ["motion began 10", "motion ended 30"])
        #expect(abs(try #require(found[0].measures["stirring"]) - 1.0 / 48) < 1e-12)
        #expect(events([rule], stirring(Set(10...30), [(12, 8)], value: 240)).isEmpty)
        #expect(events([rule], stirring(Set(10...30), [(3, 8), (12, 3)])).isEmpty)
        #expect(events([rule], stirring(Set(10...16), [(12, 8)])).isEmpty, "too short")
        #expect(events([rule], stirring(Set(10...30), [(12, 8)]), masks: [area]).isEmpty)
        #expect(events([rule], observations([], frames: 0...100)).isEmpty, "nobody measured it")
    }

    @Test("sensitivity scales the share that has to stir")
    func sensitivity() {
        func rule(_ sensitivity: Int) -> FenceRule {
            fence(
                .motion(MotionRule(area: area, leastShare: 0.02)),
                conditions: RuleConditions(sensitivity: sensitivity))
        }
        let half = stirring(Set(10...30), [(12, 8)], value: 128)
        #expect(events([rule(50)], half).isEmpty)
        #expect(events([rule(100)], half).count == 2)
        #expect(events([rule(1)], stirring(Set(10...30), [(12, 8)])).isEmpty)
    }

    @Test("each listed condition of the picture is an alarm of its own, also while it is not settled")
    func health() {
        let scene = (0...200).map { frame -> Observation in
            var health = SceneHealth.good
            if (20...120).contains(frame) { health.set(.covered, since: time(15)) }
            if (40...150).contains(frame) { health.set(.tooDark, since: time(40)) }
            if (40...50).contains(frame) { health.set(.blurred, since: time(40)) }
            return Observation(
                time: time(frame), tracks: [], isSettled: frame < 30, isStirring: false, health: health)
        }
        let rule = fence(.sceneHealth(SceneHealthRule(leastSpan: .seconds(1))))
        #expect(
            told(events([rule], scene)) == [
                "covered began 15", "too_dark began 40", "covered ended 120", "too_dark ended 150"
            ])
        let dark = fence(.sceneHealth(SceneHealthRule(conditions: [.tooDark], leastSpan: .seconds(1))))
        #expect(told(events([dark], scene)) == ["too_dark began 40", "too_dark ended 150"])
    }

    @Test("a manual rule is raised by request only")
    func manual() {
        let rule = fence(.manual, id: "button", conditions: RuleConditions(coolDown: .seconds(5)))
        let request = ManualRequest(who: "Wang", why: "smoke at the gate")
        var engine = RuleEngine(rules: [rule, zone(yard)])
        let raised = engine.trigger(RuleID("button")!, request, at: time(10))
        #expect(told(raised) == ["manual instant 10"] && raised[0].explanation?.request == request)
        #expect(engine.trigger(RuleID("button")!, request, at: time(20)).isEmpty)
        #expect(engine.suppressed.map(\.filter) == [.coolDown] && engine.suppressedCount == 1)
        #expect(engine.trigger(RuleID("zone")!, request, at: time(500)).isEmpty)
        #expect(engine.trigger(RuleID("nowhere")!, request, at: time(500)).isEmpty)
        #expect(engine.trigger(RuleID("button")!, request, at: time(500)).count == 1)
    }
}
