import Rules
import Scene
import Testing

@Suite("A line")
struct LineRuleTests {
    @Test("is crossed from left to right and back, at the right time and place")
    func bothWays() throws {
        let there = DrawnTrack(1, from: Point(x: 0.3, y: 0.5), to: Point(x: 0.7, y: 0.5), frames: 0...20)
        let back = DrawnTrack(2, from: Point(x: 0.7, y: 0.4), to: Point(x: 0.3, y: 0.4), frames: 30...50)
        let found = events([line(middle)], observations([there, back], frames: 0...60))
        try #require(found.count == 2)
        #expect(found.map(\.direction) == [.leftToRight, .rightToLeft])
        #expect(found.map(\.time) == [time(10), time(40)])
        #expect(found.map(\.decidedAt) == [time(11), time(41)])
        #expect(found.allSatisfy { $0.occurrence == .crossed && $0.phase == .instant && $0.kind == .line })
        let place = try #require(found[0].point)
        #expect(abs(place.x - 0.5) < 1e-12 && abs(place.y - 0.5) < 1e-12)
        #expect(found[0].measures["dead_band"] == 0.008)
        #expect(try #require(found[0].measures["distance"]) >= 0.008)
    }

    @Test("left and right are those of the picture, y down", arguments: [0, 1, 2, 3])
    func orientation(turn: Int) {
        // A line to the right: what goes down goes from its left to its right.
        var (from, to) = (Point(x: 0.5, y: 0.3), Point(x: 0.5, y: 0.7))
        var points = [Point(x: 0.1, y: 0.5), Point(x: 0.9, y: 0.5)]
        for _ in 0..<turn {
            let quarter = { (point: Point) in Point(x: 1 - point.y, y: point.x) }
            (from, to, points) = (quarter(from), quarter(to), points.map(quarter))
        }
        let walk = DrawnTrack(1, from: from, to: to, frames: 0...20, size: 0.0)
        #expect(events([line(points)], observations([walk], frames: 0...20)).map(\.direction) == [.leftToRight])
    }

    @Test("raises only the directions asked for")
    func directions() {
        let there = DrawnTrack(1, from: Point(x: 0.3, y: 0.5), to: Point(x: 0.7, y: 0.5), frames: 0...20)
        let scene = observations([there], frames: 0...20)
        #expect(events([line(middle, .leftToRight)], scene).count == 1)
        #expect(events([line(middle, .rightToLeft)], scene).isEmpty)
    }

    @Test("interpolates the moment between two points, to the microsecond")
    func interpolation() {
        let walk = DrawnTrack(1, feet: [0: Point(x: 0.4, y: 0.5), 1: Point(x: 0.7, y: 0.5)])
        let found = events([line(middle)], observations([walk], frames: 0...1, step: .milliseconds(100)))
        #expect(found.map(\.time.microseconds) == [33_333])
    }

    @Test("raises nothing for an object that trembles on it")
    func trembling() {
        var feet: [Int: Point?] = [:]
        for frame in 0..<200 { feet[frame] = Point(x: 0.5 + (frame.isMultiple(of: 2) ? 0.007 : -0.007), y: 0.5) }
        #expect(events([line(middle)], observations([DrawnTrack(1, feet: feet)], frames: 0...199)).isEmpty)
    }

    @Test("raises nothing for an object that starts on it, before it has come back")
    func startsOnTheLine() {
        let away = DrawnTrack(1, from: Point(x: 0.499, y: 0.5), to: Point(x: 0.8, y: 0.5), frames: 0...20)
        #expect(events([line(middle)], observations([away], frames: 0...20)).isEmpty)
    }

    @Test("a large object needs a larger distance")
    func largeObject() {
        // 8 % of 0.3 is 0.024: 0.02 beyond the line is not yet across.
        let near = DrawnTrack(
            1, from: Point(x: 0.4, y: 0.5), to: Point(x: 0.52, y: 0.5), frames: 0...20, size: 0.3)
        let far = DrawnTrack(2, from: Point(x: 0.4, y: 0.5), to: Point(x: 0.53, y: 0.5), frames: 0...20, size: 0.3)
        #expect(events([line(middle)], observations([near], frames: 0...20)).isEmpty)
        #expect(events([line(middle)], observations([far], frames: 0...20)).count == 1)
    }

    @Test("once across, a track must come back through the dead band to cross again")
    func oneCrossing() {
        var feet: [Int: Point?] = [0: Point(x: 0.45, y: 0.5), 1: Point(x: 0.52, y: 0.5)]
        // Back to the line and slightly over it, never clear on the left, then away.
        for (frame, x) in [0.505, 0.497, 0.505, 0.496, 0.55].enumerated() { feet[frame + 2] = Point(x: x, y: 0.5) }
        let found = events([line(middle)], observations([DrawnTrack(1, feet: feet)], frames: 0...6))
        #expect(found.count == 1)
    }

    @Test("somebody who lingers just behind it has crossed when he first came over")
    func lingering() throws {
        var feet: [Int: Point?] = [:]
        for (frame, x) in [0.45, 0.496, 0.504, 0.505, 0.506, 0.52].enumerated() { feet[frame] = Point(x: x, y: 0.5) }
        let found = events([line(middle)], observations([DrawnTrack(1, feet: feet)], frames: 0...5))
        try #require(found.count == 1)
        #expect(found[0].time == MediaTime(microseconds: 60_000))
        #expect(found[0].decidedAt == time(5))
    }

    @Test("grazing it or passing beyond its ends is no crossing")
    func grazing() {
        let graze = DrawnTrack(1, from: Point(x: 0.3, y: 0.3), to: Point(x: 0.499, y: 0.5), frames: 0...10)
        let beyond = DrawnTrack(2, from: Point(x: 0.3, y: 0.95), to: Point(x: 0.7, y: 0.95), frames: 0...20)
        #expect(events([line(middle)], observations([graze, beyond], frames: 0...20)).isEmpty)
    }

    @Test("a line drawn to the border is crossed at the border")
    func atTheBorder() {
        let walk = DrawnTrack(1, from: Point(x: 0.3, y: 1), to: Point(x: 0.7, y: 1), frames: 0...20)
        let drawn = [Point(x: 0.5, y: 1), Point(x: 0.5, y: 0.2)]
        #expect(events([line(drawn)], observations([walk], frames: 0...20)).count == 1)
    }

    @Test("a predicted place never crosses, a track found again behind the line has crossed")
    func lostAndFound() throws {
        // Seen until x = 0.46 on frame 2, lost for three frames, found again at 0.56 on frame 6.
        let lost: [Int: Point?] = [
            0: Point(x: 0.42, y: 0.5), 1: Point(x: 0.44, y: 0.5), 2: Point(x: 0.46, y: 0.5), 3: nil,
            4: nil, 5: nil
        ]
        #expect(events([line(middle)], observations([DrawnTrack(1, feet: lost)], frames: 0...8)).isEmpty)

        var found = lost
        found[6] = Point(x: 0.56, y: 0.5)
        let raised = events([line(middle)], observations([DrawnTrack(1, feet: found)], frames: 0...8))
        try #require(raised.count == 1)
        #expect(raised[0].time == MediaTime(microseconds: 2 * 40_000 + 64_000))
        #expect(raised[0].decidedAt == time(6))
        #expect(raised[0].measures["gap_s"] == 0.16)
    }

    @Test("predicted places that run over the line raise nothing")
    func predictedOver() {
        var engine = RuleEngine(rules: [line(middle)])
        for frame in 0..<10 {
            let foot = Point(x: 0.44 + 0.02 * Double(frame), y: 0.5)
            let point = TrackPoint(time: time(frame), box: box(foot: foot, size: 0.04), isMeasured: frame < 2)
            let track = Track(id: TrackID(1), firstSeen: time(0), path: [point], displacement: 0.1)
            let seen = Observation(time: time(frame), tracks: [track], isSettled: true, isStirring: true)
            #expect(engine.events(for: seen).isEmpty)
        }
    }

    @Test("a track confirmed late is judged from its true start")
    func confirmedLate() {
        let walk = DrawnTrack(
            1, from: Point(x: 0.3, y: 0.5), to: Point(x: 0.7, y: 0.5), frames: 0...20, confirmed: 18)
        let found = events([line(middle)], observations([walk], frames: 0...20))
        #expect(found.map(\.time) == [time(10)])
        #expect(found.map(\.decidedAt) == [time(18)])
    }

    @Test("two objects at once are two crossings")
    func twoAtOnce() {
        let one = DrawnTrack(1, from: Point(x: 0.3, y: 0.3), to: Point(x: 0.7, y: 0.3), frames: 0...20)
        let other = DrawnTrack(2, from: Point(x: 0.7, y: 0.6), to: Point(x: 0.3, y: 0.6), frames: 0...20)
        let found = events([line(middle)], observations([one, other], frames: 0...20))
        #expect(found.map(\.track) == [TrackID(1), TrackID(2)])
        #expect(found.map(\.direction) == [.leftToRight, .rightToLeft])
    }

    @Test("a bent line is crossed once, also through its corner", arguments: [0.3, 0.5, 0.7])
    func corner(y: Double) {
        let bent = [Point(x: 0.5, y: 0.9), Point(x: 0.5, y: 0.5), Point(x: 0.6, y: 0.1)]
        let walk = DrawnTrack(1, from: Point(x: 0.2, y: y), to: Point(x: 0.9, y: y), frames: 0...30)
        let found = events([line(bent)], observations([walk], frames: 0...30))
        #expect(found.map(\.direction) == [.leftToRight])
    }

    @Test("the centre decides where the rule says so")
    func centreAnchor() {
        // The feet stay below the line, the centre of the tall box is above it.
        let across = [Point(x: 0.1, y: 0.5), Point(x: 0.9, y: 0.5)]
        let walk = DrawnTrack(1, from: Point(x: 0.5, y: 0.8), to: Point(x: 0.5, y: 0.55), frames: 0...10, size: 0.2)
        #expect(events([line(across)], observations([walk], frames: 0...10)).isEmpty)
        #expect(events([line(across, anchor: .centre)], observations([walk], frames: 0...10)).count == 1)
    }

    @Test("an unsettled picture raises nothing")
    func unsettled() {
        let walk = DrawnTrack(1, from: Point(x: 0.3, y: 0.5), to: Point(x: 0.7, y: 0.5), frames: 0...20)
        let scene = observations([walk], frames: 0...20, unsettled: Set(0...20))
        #expect(events([line(middle)], scene).isEmpty)
        let late = DrawnTrack(1, from: Point(x: 0.3, y: 0.5), to: Point(x: 0.7, y: 0.5), frames: 0...20, confirmed: 16)
        #expect(events([line(middle)], observations([late], frames: 0...20, unsettled: Set(0...15))).isEmpty)
    }
}
