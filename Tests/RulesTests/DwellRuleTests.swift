import Rules
import Scene
import Testing

@Suite("A dwell rule")
struct DwellRuleTests {
    private func dwell(_ seconds: Double, gap: Double = 2, conditions: RuleConditions = RuleConditions()) -> FenceRule {
        fence(
            .dwell(DwellRule(area: Polygon(yard)!, leastSpan: .seconds(seconds), gap: .seconds(gap))),
            conditions: conditions)
    }

    @Test("begins after its time, dated back to the first moment inside, and ends with the last")
    func longStay() throws {
        let stay = walk(
            1, [(0, 0.3, 0.8), (10, 0.49, 0.8), (11, 0.6, 0.8), (150, 0.7, 0.8), (151, 0.3, 0.8), (250, 0.2, 0.8)])
        let found = events([dwell(4)], observations([stay], frames: 0...260))
        #expect(told(found) == ["dwelling began 11", "dwelling ended 150"])
        #expect(found[0].decidedAt == time(111))
        let test = try #require(found[0].explanation?.tests.first)
        #expect(test.quantity == .stayed && test.value == 4 && test.limit == 4 && test.margin == 0)
        #expect(found[0].explanation?.path.first == .init(time: time(11), point: Point(x: 0.6, y: 0.8)))
        // A frame less is not long enough.
        #expect(events([dwell(5.6)], observations([stay], frames: 0...260)).isEmpty)
        #expect(events([dwell(5.56)], observations([stay], frames: 0...260)).count == 2)
    }

    @Test("an absence shorter than the gap does not interrupt it, a longer one does", arguments: [(40, 2), (60, 0)])
    func absence(frames: Int, count: Int) {
        let back = 50 + frames
        let stay = walk(
            1,
            [
                (0, 0.7, 0.8), (50, 0.7, 0.8), (51, 0.4, 0.8), (back, 0.4, 0.8), (back + 1, 0.7, 0.8),
                (back + 40, 0.7, 0.8)
            ])
        let found = events([dwell(4)], observations([stay], frames: 0...(back + 40)))
        #expect(found.count == count, "\(told(found))")
    }

    @Test("a track lost inside and found where it was goes on, elsewhere it is another object")
    func lostAndFound() {
        let one = walk(1, [(0, 0.7, 0.8), (60, 0.7, 0.8)])
        let same = walk(2, [(80, 0.71, 0.8), (140, 0.71, 0.8)])
        let other = walk(2, [(80, 0.9, 0.8), (140, 0.9, 0.8)])
        #expect(
            told(events([dwell(4)], observations([one, same], frames: 0...250))) == [
                "dwelling began 0", "dwelling ended 140"
            ])
        #expect(events([dwell(4)], observations([one, other], frames: 0...250)).isEmpty)
        // Past the gap it is another object too.
        let late = walk(2, [(120, 0.7, 0.8), (180, 0.7, 0.8)])
        #expect(events([dwell(4)], observations([one, late], frames: 0...250)).isEmpty)
    }

    @Test("two objects are two beginnings and one end")
    func two() {
        let one = walk(1, [(0, 0.6, 0.8), (200, 0.6, 0.8)])
        let other = walk(2, [(50, 0.9, 0.8), (300, 0.9, 0.8)])
        let found = events([dwell(4)], observations([one, other], frames: 0...400))
        #expect(told(found) == ["dwelling began 0", "dwelling began 50", "dwelling ended 300"])
    }

    @Test("who walks past beside the zone, on its edge or through it does not dwell")
    func passing() {
        let scene = observations(
            [
                walk(1, [(0, 0.1, 0.4), (200, 0.95, 0.4)]), walk(2, [(0, 0.49, 0.6), (200, 0.49, 0.9)]),
                walk(3, [(0, 0.3, 0.9), (60, 0.99, 0.9), (61, 0.99, 0.3), (200, 0.9, 0.3)])
            ], frames: 0...200)
        #expect(events([dwell(4)], scene).isEmpty)
    }

    @Test("the end of the session ends it, an unsettled picture does not begin it")
    func sessionEnd() {
        let stay = walk(1, [(0, 0.7, 0.8), (200, 0.7, 0.8)])
        #expect(
            told(events([dwell(4)], observations([stay], frames: 0...120))) == [
                "dwelling began 0", "dwelling ended 120"
            ])
        #expect(events([dwell(4)], observations([stay], frames: 0...120, unsettled: Set(30...120))).isEmpty)
    }
}
