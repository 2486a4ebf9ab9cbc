import Rules
import Scene
import Testing

@Suite("A wrong-way rule")
struct WrongWayRuleTests {
    private let whole = Polygon([Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0, y: 1)])!

    /// The right way is to the right.
    private func oneWay(tolerance: Int = 60, way: Double = 0.05, area: Polygon? = nil) -> FenceRule {
        fence(
            .wrongWay(
                WrongWayRule(
                    area: area ?? whole, from: Point(x: 0.2, y: 0.5), to: Point(x: 0.7, y: 0.5), leastWay: way,
                    tolerance: tolerance)))
    }

    @Test("the right way raises nothing, the other one raises once")
    func bothWays() throws {
        let right = walk(1, [(0, 0.2, 0.5), (50, 0.8, 0.5)])
        #expect(events([oneWay()], observations([right], frames: 0...60)).isEmpty)
        let wrong = walk(2, [(0, 0.8, 0.5), (50, 0.3, 0.5)])
        let found = events([oneWay()], observations([wrong], frames: 0...60))
        // 0.01 a frame: 0.05 is reached on frame 5 or, by a rounding, 6.
        #expect(found.count == 1 && [5, 6].contains(found[0].time.microseconds / 40_000), "\(told(found))")
        let tests = try #require(found[0].explanation?.tests)
        #expect(tests.map(\.quantity) == [.against, .heading] && tests.allSatisfy { $0.margin >= 0 })
        #expect(abs(tests[1].value - 1) < 1e-12)
    }

    @Test("within the tolerance, not beyond it", arguments: [(30.0, 1), (59.0, 1), (61.0, 0), (90.0, 0), (150.0, 0)])
    func angle(degrees: Double, count: Int) {
        // Tangents of the angles: the way goes 0.4 along its leg to the left, 0.4 tan(angle) down.
        let leg = [
            "30.0": (-0.4, 0.230940), "59.0": (-0.2, 0.332856), "61.0": (-0.2, 0.360810), "90.0": (0, 0.4),
            "150.0": (0.4, 0.230940)
        ]["\(degrees)"]!
        let slanted = walk(1, [(0, 0.5, 0.3), (40, 0.5 + leg.0, 0.3 + leg.1)])
        #expect(events([oneWay()], observations([slanted], frames: 0...40)).count == count)
    }

    @Test("cosines without the C library are cosines")
    func cosines() {
        // Every direction of the arrow is alike: turned by a quarter it raises what goes up.
        let up = fence(
            .wrongWay(WrongWayRule(area: whole, from: Point(x: 0.5, y: 0.1), to: Point(x: 0.5, y: 0.9), tolerance: 1)))
        let climbs = walk(1, [(0, 0.5, 0.9), (40, 0.5, 0.4)])
        let found = events([up], observations([climbs], frames: 0...40))
        #expect(found.count == 1)
        #expect(abs((found.first?.explanation?.tests[1].limit ?? 0) - 0.999847695156391) < 1e-14)
        let sixty = events([oneWay()], observations([walk(1, [(0, 0.8, 0.5), (50, 0.3, 0.5)])], frames: 0...50))
        #expect(abs((sixty.first?.explanation?.tests[1].limit ?? 0) - 0.5) < 1e-13)
    }

    @Test("trembling adds up to nothing, a turn is measured from the farthest point")
    func meandering() {
        var feet: [Int: Point?] = [:]
        for frame in 0...400 { feet[frame] = Point(x: 0.5 + (frame % 4 < 2 ? 0.02 : -0.02), y: 0.5) }
        #expect(events([oneWay()], observations([DrawnTrack(1, feet: feet)], frames: 0...400)).isEmpty)
        let turns = walk(1, [(0, 0.2, 0.5), (40, 0.6, 0.5), (50, 0.56, 0.5), (60, 0.62, 0.5), (80, 0.5, 0.5)])
        let found = events([oneWay()], observations([turns], frames: 0...80))
        #expect(found.count == 1)
        #expect(found.first?.explanation?.path.first?.time == time(60))
    }

    @Test("again only after the right way")
    func again() {
        let twice = walk(1, [(0, 0.8, 0.5), (40, 0.4, 0.5), (60, 0.6, 0.5), (90, 0.3, 0.5)])
        #expect(events([oneWay()], observations([twice], frames: 0...90)).count == 2)
        let hardly = walk(1, [(0, 0.8, 0.5), (40, 0.4, 0.5), (44, 0.44, 0.5), (60, 0.28, 0.5)])
        #expect(events([oneWay()], observations([hardly], frames: 0...60)).count == 1)
    }

    @Test("only inside its zone, and two at once are two")
    func zoneAndCrowd() {
        let outside = walk(1, [(0, 0.9, 0.3), (50, 0.4, 0.3)])
        #expect(events([oneWay(area: Polygon(yard))], observations([outside], frames: 0...50)).isEmpty)
        let one = walk(1, [(0, 0.9, 0.8), (30, 0.6, 0.8)])
        let other = walk(2, [(0, 0.95, 0.6), (30, 0.65, 0.6)])
        #expect(
            events([oneWay(area: Polygon(yard))], observations([one, other], frames: 0...30)).map(\.track) == [
                TrackID(1), TrackID(2)
            ])
    }
}
