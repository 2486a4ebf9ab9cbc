import Rules
import Scene
import Testing

@Suite("A sequence rule")
struct SequenceRuleTests {
    private func upright(_ x: Double, _ directions: LineRule.Directions = .any) -> SequenceRule.Stage {
        .line(LineRule(line: Polyline([Point(x: x, y: 0.9), Point(x: x, y: 0.1)])!, directions: directions))
    }

    private func square(_ x: Double) -> SequenceRule.Stage {
        .zone(
            Polygon([Point(x: x, y: 0.4), Point(x: x + 0.1, y: 0.4), Point(x: x + 0.1, y: 0.6), Point(x: x, y: 0.6)])!)
    }

    private func rule(
        _ stages: [SequenceRule.Stage], _ least: Double = 0, _ most: Double = 10,
        conditions: RuleConditions = RuleConditions()
    ) -> FenceRule {
        fence(
            .sequence(SequenceRule(stages: stages, least: .seconds(least), most: .seconds(most))),
            conditions: conditions)
    }

    /// Crosses x = 0.3 on frame 10 and x = 0.6 on frame 40.
    private let there = walk(1, [(0, 0.2, 0.5), (50, 0.7, 0.5)])

    @Test("line 1 and then line 2, dated to the second")
    func lines() throws {
        let found = events([rule([upright(0.3), upright(0.6)])], observations([there], frames: 0...50))
        #expect(told(found) == ["in_order instant 40"])
        let tests = try #require(found[0].explanation?.tests)
        #expect(tests.map(\.quantity) == [.between, .between] && abs(tests[0].value - 1.2) < 1e-9)
        #expect(found[0].explanation?.path.map(\.time) == [time(10), time(40)])
    }

    @Test("the other order, one line alone and the wrong direction are nothing")
    func otherOrder() {
        let scene = observations([there], frames: 0...50)
        #expect(events([rule([upright(0.6), upright(0.3)])], scene).isEmpty)
        #expect(events([rule([upright(0.3), upright(0.9)])], scene).isEmpty)
        #expect(events([rule([upright(0.3, .rightToLeft), upright(0.6)])], scene).isEmpty)
        #expect(events([rule([upright(0.3), upright(0.6, .leftToRight)])], scene).count == 1)
    }

    @Test("neither too soon nor too late", arguments: [(0.0, 1.1, 0), (0.0, 1.3, 1), (1.3, 9.0, 0), (1.1, 9.0, 1)])
    func within(least: Double, most: Double, count: Int) {
        let found = events([rule([upright(0.3), upright(0.6)], least, most)], observations([there], frames: 0...50))
        #expect(found.count == count)
    }

    @Test("a first line crossed again counts anew")
    func again() {
        let returns = walk(1, [(0, 0.2, 0.5), (20, 0.4, 0.5), (120, 0.4, 0.5), (140, 0.2, 0.5), (190, 0.7, 0.5)])
        let found = events([rule([upright(0.3), upright(0.6)], 0, 2)], observations([returns], frames: 0...190))
        #expect(told(found) == ["in_order instant 180"])
    }

    @Test("two tracks share nothing")
    func twoTracks() {
        let first = walk(1, [(0, 0.2, 0.5), (20, 0.4, 0.5)])
        let second = walk(2, [(21, 0.5, 0.5), (40, 0.7, 0.5)])
        #expect(events([rule([upright(0.3), upright(0.6)])], observations([first, second], frames: 0...60)).isEmpty)
    }

    @Test("zone A and then zone B, from the last moment in A to the first in B")
    func zones() throws {
        let waits = walk(1, [(0, 0.25, 0.5), (200, 0.25, 0.5), (250, 0.75, 0.5)])
        let found = events([rule([square(0.2), square(0.6)], 0, 2)], observations([waits], frames: 0...250))
        #expect(found.count == 1)
        #expect((200...240).contains(found[0].time.microseconds / 40_000))
        #expect(try #require(found[0].explanation?.tests[0].value) < 1.3)
        #expect(events([rule([square(0.6), square(0.2)], 0, 2)], observations([waits], frames: 0...250)).isEmpty)
    }

    @Test("three stages of both shapes")
    func threeStages() {
        let stages = [upright(0.3), square(0.4), upright(0.6)]
        #expect(events([rule(stages)], observations([there], frames: 0...50)).count == 1)
        #expect(events([rule(stages.reversed())], observations([there], frames: 0...50)).isEmpty)
    }
}
