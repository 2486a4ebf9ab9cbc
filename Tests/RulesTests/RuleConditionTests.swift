import Rules
import Scene
import Testing

@Suite("Conditions on a rule")
struct RuleConditionTests {
    private func judged(
        _ rules: [FenceRule], _ scene: [Observation], masks: [Polygon] = [], ground: GroundMeasure? = nil
    ) -> (events: [RuleEvent], suppressed: [SuppressedCandidate]) {
        var engine = RuleEngine(rules: rules, ignoreMasks: masks, ground: ground)
        var found = scene.flatMap { engine.events(for: $0) }
        found += engine.finish(at: scene[scene.count - 1].time)
        return (found, engine.suppressed)
    }

    private let across = walk(1, [(0, 0.3, 0.5), (20, 0.7, 0.5), (40, 0.75, 0.5)], size: 0.1)

    @Test(
        "an object outside the size limits is not judged, and what it would have raised is told",
        arguments: [
            (RuleConditions.Limits(least: 0.02), RuleFilter?.some(.sizeLeast)),
            (RuleConditions.Limits(most: 0.005), .some(.sizeMost)),
            (RuleConditions.Limits(least: 0.005, most: 0.02), nil)
        ])
    func size(limits: RuleConditions.Limits, filter: RuleFilter?) throws {
        let rule = line(middle, conditions: RuleConditions(area: limits))
        let (found, suppressed) = judged([rule], observations([across], frames: 0...40))
        #expect(found.count == (filter == nil ? 1 : 0))
        #expect(suppressed.map(\.filter) == (filter.map { [$0] } ?? []))
        if let candidate = suppressed.first {
            #expect(abs(candidate.value - 0.01) < 1e-9 && candidate.limit == (limits.least ?? limits.most))
            #expect(candidate.occurrence == .crossed && candidate.time == time(10) && candidate.track == TrackID(1))
        } else {
            let filters = try #require(found[0].explanation?.filters)
            #expect(filters.map(\.quantity) == [.area, .area] && filters.map(\.sense) == [.atLeast, .atMost])
        }
    }

    @Test("one wrong box among right ones changes nothing")
    func flicker() {
        var scene = observations([across], frames: 0...40)
        for frame in [9, 12] {
            let point = scene[frame].tracks[0].path[0]
            let tiny = TrackPoint(time: point.time, box: box(foot: point.box.foot, size: 0.01), isMeasured: true)
            let track = Track(id: TrackID(1), firstSeen: time(0), path: [tiny], displacement: 0.2)
            scene[frame] = Observation(time: time(frame), tracks: [track], isSettled: true, isStirring: true)
        }
        let rule = line(middle, conditions: RuleConditions(area: .init(least: 0.005)))
        #expect(judged([rule], scene).events.count == 1)
    }

    @Test("heights in metres, where the camera is calibrated")
    func heights() {
        let scene = observations([across], frames: 0...40)
        func rule(_ limits: RuleConditions.Limits) -> FenceRule {
            line(middle, conditions: RuleConditions(height: limits))
        }
        // 0.1 of the picture is one metre.
        #expect(judged([rule(.init(least: 1.2))], scene, ground: flatGround).suppressed.map(\.filter) == [.heightLeast])
        #expect(judged([rule(.init(most: 0.8))], scene, ground: flatGround).suppressed.map(\.filter) == [.heightMost])
        #expect(judged([rule(.init(least: 0.8, most: 1.2))], scene, ground: flatGround).events.count == 1)
        #expect(judged([rule(.init(least: 1.2))], scene).events.count == 1, "without calibration it refuses nothing")
    }

    @Test("an ignore mask hides the anchor, not the object")
    func masks() {
        let scene = observations([across], frames: 0...40)
        let around = Polygon([
            Point(x: 0.45, y: 0.4), Point(x: 0.6, y: 0.4), Point(x: 0.6, y: 0.6), Point(x: 0.45, y: 0.6)
        ])!
        let hidden = judged([line(middle)], scene, masks: [around])
        #expect(hidden.events.isEmpty && hidden.suppressed.map(\.filter) == [.ignoreMask])
        let above = Polygon([
            Point(x: 0.4, y: 0.3), Point(x: 0.6, y: 0.3), Point(x: 0.6, y: 0.47), Point(x: 0.4, y: 0.47)
        ])!
        #expect(judged([line(middle)], scene, masks: [above]).events.count == 1)
        #expect(judged([line(middle, anchor: .centre)], scene, masks: [above]).events.isEmpty)
    }

    @Test("a zone is not occupied by what is refused, and says so once")
    func refusedOccupation() {
        let stay = walk(1, [(0, 0.6, 0.8), (60, 0.9, 0.8)])
        let rule = zone(yard, raises: [.occupied], conditions: RuleConditions(area: .init(least: 0.1)))
        let (found, suppressed) = judged([rule], observations([stay], frames: 0...100))
        #expect(found.isEmpty && suppressed.count == 1)
        // Somebody large enough begins it for himself.
        let large = walk(2, [(30, 0.6, 0.9), (60, 0.9, 0.9)], size: 0.4)
        let both = judged([rule], observations([stay, large], frames: 0...100))
        #expect(told(both.events) == ["occupied began 30", "occupied ended 60"])
    }

    @Test("persistence: judged late from its true start, or told as too short")
    func persistence() throws {
        let rule = line(middle, conditions: RuleConditions(persistence: .seconds(1)))
        let (found, _) = judged([rule], observations([across], frames: 0...40))
        #expect(found.map(\.time) == [time(10)] && found.map(\.decidedAt) == [time(25)])
        #expect(try #require(found[0].explanation?.filters.last).quantity == .age)
        let short = walk(1, [(0, 0.3, 0.5), (20, 0.7, 0.5)])
        for frames in [0...60, 0...20] {
            let (none, suppressed) = judged([rule], observations([short], frames: frames))
            #expect(none.isEmpty && suppressed.map(\.filter) == [.persistence])
            #expect(suppressed[0].value == 0.8 && suppressed[0].limit == 1)
        }
    }

    @Test("sensitivity scales the dead band: half at 100, double at the other end")
    func sensitivity() {
        #expect(
            [1, 25, 50, 75, 100].map { RuleConditions(sensitivity: $0).evidenceFactor } == [1.98, 1.5, 1, 0.75, 0.5])
        let shy = walk(1, [(0, 0.4, 0.5), (20, 0.506, 0.5), (60, 0.506, 0.5)])
        func count(_ sensitivity: Int) -> Int {
            judged(
                [line(middle, conditions: RuleConditions(sensitivity: sensitivity))],
                observations([shy], frames: 0...60)
            )
            .events.count
        }
        #expect(count(50) == 0 && count(100) == 1)
        // A crossing at the usual settling time is too quick for a sensitivity of 1.
        let dips = walk(
            1, [(0, 0.3, 0.8), (9, 0.3, 0.8), (10, 0.6, 0.8), (13, 0.6, 0.8), (14, 0.3, 0.8), (30, 0.3, 0.8)])
        func entered(_ sensitivity: Int) -> Int {
            let rule = zone(yard, raises: [.enter], conditions: RuleConditions(sensitivity: sensitivity))
            return judged([rule], observations([dips], frames: 0...30)).events.count
        }
        #expect(entered(50) == 1 && entered(1) == 0)
    }

    /// Crosses the middle on frames 10, 30, 50 … there and back.
    private func pendulum(_ swings: Int) -> DrawnTrack {
        walk(1, (0...swings).map { swing in (20 * swing, swing.isMultiple(of: 2) ? 0.3 : 0.7, 0.5) })
    }

    @Test("cool-down counts from what was raised, re-arm from whatever happened")
    func coolDown() {
        let scene = observations([pendulum(8)], frames: 0...170)
        let cool = line(middle, conditions: RuleConditions(coolDown: .seconds(1.7)))
        let (found, suppressed) = judged([cool], scene)
        // Crossings every 0.8 s: one raised, two held back, one raised …
        #expect(found.map(\.time) == [time(10), time(70), time(130)])
        #expect(suppressed.map(\.filter) == Array(repeating: .coolDown, count: 5))
        #expect(suppressed.map(\.value) == [0.8, 1.6, 0.8, 1.6, 0.8])
        let rearm = line(middle, conditions: RuleConditions(rearm: .seconds(1.7)))
        #expect(judged([rearm], scene).events.map(\.time) == [time(10)])
    }

    @Test("a condition held back by the cool-down is raised once it is over, or told")
    func coolDownOfConditions() {
        let rule = zone(yard, conditions: RuleConditions(coolDown: .seconds(4)))
        let first = walk(1, [(0, 0.7, 0.8), (20, 0.7, 0.8)])
        let stays = walk(2, [(70, 0.7, 0.8), (200, 0.7, 0.8)])
        let (found, _) = judged([rule], observations([first, stays], frames: 0...250))
        #expect(told(found) == ["occupied began 0", "occupied ended 20", "occupied began 70", "occupied ended 200"])
        #expect(found[2].decidedAt == time(120))
        let goes = walk(2, [(70, 0.7, 0.8), (85, 0.7, 0.8)])
        let (two, suppressed) = judged([rule], observations([first, goes], frames: 0...250))
        #expect(two.count == 2 && suppressed.map(\.filter) == [.coolDown])
    }

    @Test("the cool-down goes on over a session, and is no longer for it")
    func coolDownOverSessions() {
        let rule = line(middle, conditions: RuleConditions(coolDown: .seconds(4)))
        var engine = RuleEngine(rules: [rule])
        #expect(observations([across], frames: 0...20).flatMap { engine.events(for: $0) }.map(\.time) == [time(10)])
        _ = engine.finish(at: time(20))
        engine.fit(PictureShape(aspect: 2))
        // Another session's tracks: across on frame 60, 2 s after the first, and on frame 111, 4.04 s after it.
        let early = walk(1, [(50, 0.3, 0.5), (70, 0.7, 0.5)])
        let late = walk(2, [(101, 0.3, 0.5), (121, 0.7, 0.5)])
        let found = observations([early, late], frames: 50...130).flatMap { engine.events(for: $0) }
        #expect(found.map(\.time) == [time(111)])
        #expect(engine.suppressed.map(\.filter) == [.coolDown] && engine.suppressed[0].value == 2)
    }

    @Test("re-arm goes on over a session too")
    func rearmOverSessions() {
        let rule = line(middle, conditions: RuleConditions(rearm: .seconds(4)))
        var engine = RuleEngine(rules: [rule])
        #expect(observations([across], frames: 0...20).flatMap { engine.events(for: $0) }.count == 1)
        _ = engine.finish(at: time(20))
        let again = observations([walk(1, [(50, 0.3, 0.5), (70, 0.7, 0.5)])], frames: 50...80)
        #expect(again.flatMap { engine.events(for: $0) }.isEmpty && engine.suppressed.map(\.filter) == [.rearm])
    }

    @Test("after a restart it goes on from what the journal tells; what still held goes on as well, for a while")
    func restored() {
        let stays = observations([walk(1, [(100, 0.7, 0.8), (300, 0.7, 0.8)])], frames: 100...320)
        func judged(_ past: RaisedPast?, rule: FenceRule) -> [RuleEvent] {
            var engine = RuleEngine(rules: [rule])
            if let past { engine.restore([rule.id: past]) }
            return stays.flatMap { engine.events(for: $0) }
        }
        let rule = zone(yard, conditions: RuleConditions(coolDown: .seconds(6)))
        // Raised at frame 0: over at frame 150.
        let over = judged(RaisedPast(last: time(0)), rule: rule)
        #expect(told(over).first == "occupied began 100" && over.first?.decidedAt == time(150))
        #expect(judged(nil, rule: rule).first?.decidedAt == time(103))
        // The condition itself was not over: it is the same one, not a new one.
        let holding = RaisedPast(last: time(0), holding: [.occupied], window: .seconds(1))
        #expect(judged(holding, rule: rule).first?.decidedAt == time(103))
        // Another occurrence, or found too late, is a new one.
        #expect(
            judged(RaisedPast(last: time(0), holding: [.crossed], window: .seconds(1)), rule: rule).first?.decidedAt
                == time(150))
        var late = RuleEngine(rules: [rule])
        late.restore([rule.id: RaisedPast(last: time(90), holding: [.occupied], window: .seconds(1))])
        for empty in observations([], frames: 95...121) { _ = late.events(for: empty) }
        let comes = observations([walk(1, [(122, 0.7, 0.8), (300, 0.7, 0.8)])], frames: 122...320)
        #expect(comes.flatMap { late.events(for: $0) }.first?.decidedAt == time(240))
        // Of a rule without cool-down nothing is remembered.
        #expect(judged(RaisedPast(last: time(99)), rule: zone(yard)).first?.decidedAt == time(103))
    }

    @Test("as many rules as are allowed, each judged by itself")
    func manyRules() {
        let rules = (0..<RuleEngine.ruleLimit).map { line(middle, id: "line-\($0)") }
        #expect(rules.count >= 64)
        var engine = RuleEngine(rules: rules)
        let found = observations([across], frames: 0...40).flatMap { engine.events(for: $0) }
        #expect(found.map(\.rule) == rules.map(\.id))
    }

    @Test("what was suppressed is bounded, the newest stay")
    func ring() {
        let rule = line(middle, conditions: RuleConditions(area: .init(least: 0.5)))
        let (_, suppressed) = judged([rule], observations([pendulum(100)], frames: 0...2000))
        #expect(suppressed.count == RuleEngine.suppressedLimit)
        #expect(suppressed.last?.time == time(1990) && suppressed.first?.time == time(10 + 20 * 36))
    }

    @Test("a crossing tells where the object was before, at and after, and counts both directions")
    func crossingExplained() throws {
        let scene = observations([pendulum(3)], frames: 0...70)
        let (found, _) = judged([line(middle, .rightToLeft)], scene)
        let event = try #require(found.first)
        let explanation = try #require(event.explanation)
        #expect(explanation.path.count == 3 && explanation.path[1].time == event.time)
        #expect(explanation.path[0].point.x >= 0.5 && explanation.path[2].point.x < 0.5)
        #expect(explanation.tests.map(\.quantity) == [.beyondLine] && explanation.tests[0].margin >= 0)
        #expect(event.measures["count_left_to_right"] == 1 && event.measures["count_right_to_left"] == 1)
    }
}
