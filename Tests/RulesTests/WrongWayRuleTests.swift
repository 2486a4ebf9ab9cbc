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

    struct SeenAngle: Sendable {
        let aspect: Double
        let degrees: Double
    }

    private func raised(_ rule: FenceRule, _ track: DrawnTrack, aspect: Double) -> [RuleEvent] {
        var engine = RuleEngine(rules: [rule])
        engine.fit(PictureShape(aspect: aspect))
        return observations([track], frames: 0...50).flatMap { engine.events(for: $0) }
    }

    @Test(
        "angles are those that one sees, whatever the shape of the picture",
        arguments: [
            SeenAngle(aspect: 16.0 / 9, degrees: 45), SeenAngle(aspect: 9.0 / 16, degrees: 45),
            SeenAngle(aspect: 1, degrees: 45), SeenAngle(aspect: 16.0 / 9, degrees: 30),
            SeenAngle(aspect: 4.0 / 3, degrees: 60)
        ], [false, true])
    func seenAngles(scene: SeenAngle, isMirrored: Bool) throws {
        // Back at so many degrees to the arrow, as one sees it: the share of the height is `aspect` times the tangent.
        let tangent = [30.0: 0.577350269, 45: 1, 60: 1.732050808][scene.degrees]!
        let (x, y) = (0.2, 0.2 * tangent * scene.aspect)
        let scale = min(1, 0.4 / y)
        func flipped(_ value: Double) -> Double { isMirrored ? 1 - value : value }
        let back = walk(1, [(0, flipped(0.8), 0.5), (50, flipped(0.8 - x * scale), 0.5 + y * scale)])
        func rule(_ tolerance: Int) -> FenceRule {
            fence(
                .wrongWay(
                    WrongWayRule(
                        area: whole, from: Point(x: flipped(0.2), y: 0.5), to: Point(x: flipped(0.7), y: 0.5),
                        tolerance: tolerance)))
        }
        let found = raised(rule(Int(scene.degrees) + 1), back, aspect: scene.aspect)
        #expect(found.count == 1)
        #expect(raised(rule(Int(scene.degrees) - 1), back, aspect: scene.aspect).isEmpty)
        let heading = try #require(found.first?.explanation?.tests.last)
        let cosine = [30.0: 0.866025404, 45: 0.707106781, 60: 0.5][scene.degrees]!
        #expect(abs(heading.value - cosine) < 1e-6)
        // Lengths stay shares of the picture.
        let against = try #require(found.first?.explanation?.tests.first)
        let places = try #require(found.first?.explanation?.path)
        let (dx, dy) = (places[1].point.x - places[0].point.x, places[1].point.y - places[0].point.y)
        #expect(abs(against.value - (dx * dx + dy * dy).squareRoot()) < 1e-12)
    }

    @Test("a slanted arrow is met at right angles by what one sees at right angles to it")
    func slantedArrow() {
        // In a picture of 16:9 this arrow goes up at 45 degrees as one sees it.
        let arrow = WrongWayRule(
            area: whole, from: Point(x: 0.3, y: 0.8), to: Point(x: 0.48, y: 0.48), tolerance: 60)
        let straightBack = walk(1, [(0, 0.68, 0.3), (50, 0.5, 0.62)])
        let across = walk(1, [(0, 0.3, 0.3), (50, 0.48, 0.62)])
        let wide = 16.0 / 9
        let found = raised(fence(.wrongWay(arrow)), straightBack, aspect: wide)
        #expect(found.count == 1 && abs((found.first?.explanation?.tests.last?.value ?? 0) - 1) < 1e-9)
        #expect(raised(fence(.wrongWay(arrow)), across, aspect: wide).isEmpty)
        // The same shares in a square picture are another angle: 60.6 degrees between the two ways and the level.
        #expect(raised(fence(.wrongWay(arrow)), across, aspect: 1).isEmpty == false)
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
