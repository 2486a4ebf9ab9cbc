import Rules
import Scene
import Testing

@Suite("A speed rule")
struct SpeedRuleTests {
    private func found(_ rule: SpeedRule, _ tracks: [DrawnTrack], frames: ClosedRange<Int>) -> [RuleEvent] {
        var engine = RuleEngine(rules: [fence(.speed(rule))], ground: flatGround)
        return observations(tracks, frames: frames).flatMap { engine.events(for: $0) }
    }

    private let whole = Polygon([Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0, y: 1)])!

    @Test("too fast is raised once, dated to the beginning of it, with the highest speed")
    func tooFast() throws {
        // 0.25 a second is 2.5 m/s.
        let runs = walk(1, [(0, 0.1, 0.5), (75, 0.85, 0.5)])
        let events = found(SpeedRule(area: whole, above: 2), [runs], frames: 0...75)
        // One second until there is a speed, half a second that it has to hold.
        #expect(told(events) == ["too_fast instant 25"])
        #expect(events[0].decidedAt == time(38))
        #expect(abs(try #require(events[0].measures["speed_mps"]) - 2.5) < 1e-9)
        #expect(found(SpeedRule(area: whole, above: 2.6), [runs], frames: 0...75).isEmpty)
    }

    @Test("too slow likewise, and who is only predicted has no speed")
    func tooSlow() {
        let creeps = walk(1, [(0, 0.1, 0.5), (100, 0.3, 0.5)])
        #expect(told(found(SpeedRule(area: whole, below: 1), [creeps], frames: 0...100)) == ["too_slow instant 25"])
        var feet: [Int: Point?] = [0: Point(x: 0.5, y: 0.5)]
        for frame in 1...100 { feet[frame] = .some(nil) }
        #expect(found(SpeedRule(area: whole, below: 1), [DrawnTrack(1, feet: feet)], frames: 0...100).isEmpty)
    }

    @Test("a short burst raises nothing; a second offence raises again")
    func bursts() {
        let burst = walk(1, [(0, 0.1, 0.5), (50, 0.2, 0.5), (55, 0.28, 0.5), (120, 0.41, 0.5)])
        #expect(found(SpeedRule(area: whole, above: 2), [burst], frames: 0...120).isEmpty)
        let twice = walk(1, [(0, 0.05, 0.5), (60, 0.45, 0.5), (160, 0.45, 0.5), (220, 0.85, 0.5)])
        #expect(found(SpeedRule(area: whole, above: 1.2), [twice], frames: 0...220).count == 2)
    }

    @Test("without a calibrated camera nothing is raised")
    func uncalibrated() {
        let runs = walk(1, [(0, 0.1, 0.5), (75, 0.85, 0.5)])
        #expect(events([fence(.speed(SpeedRule(area: whole, above: 1)))], observations([runs], frames: 0...75)).isEmpty)
    }
}
