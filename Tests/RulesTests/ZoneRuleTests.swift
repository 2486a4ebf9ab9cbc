import Rules
import Scene
import Testing

@Suite("A zone")
struct ZoneRuleTests {
    private let all: Set<ZoneRule.Raise> = [.enter, .leave, .occupied]

    @Test("is occupied from the first point inside to the last, and ends after one empty second")
    func occupied() {
        // Inside (x >= 0.5) on frames 10…20 and again outside from frame 21 on.
        var feet: [Int: Point?] = [:]
        for frame in 0...40 { feet[frame] = Point(x: (10...20).contains(frame) ? 0.6 : 0.3, y: 0.8) }
        let found = events([zone(yard)], observations([DrawnTrack(1, feet: feet)], frames: 0...80))
        #expect(found.map(\.phase) == [.began, .ended])
        #expect(found.map(\.time) == [time(10), time(20)])
        #expect(found.map(\.decidedAt) == [time(13), time(45)])
        #expect(found.map(\.occurrence) == [.occupied, .occupied])
        #expect(found[1].measures["dwell_s"] == 0.4)
    }

    @Test("raises enter and leave once each, dated back")
    func enterAndLeave() {
        var feet: [Int: Point?] = [:]
        for frame in 0...40 { feet[frame] = Point(x: (10...20).contains(frame) ? 0.6 : 0.3, y: 0.8) }
        let found = events(
            [zone(yard, raises: [.enter, .leave])], observations([DrawnTrack(1, feet: feet)], frames: 0...80))
        #expect(found.map(\.occurrence) == [.entered, .left])
        #expect(found.map(\.time) == [time(10), time(21)])
        #expect(found.allSatisfy { $0.phase == .instant })
    }

    @Test("what is first seen inside has not entered, what is lost inside has not left")
    func appearsAndVanishes() {
        let stay = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 5...30)
        let found = events([zone(yard, raises: all)], observations([stay], frames: 0...80))
        #expect(found.map(\.occurrence) == [.occupied, .occupied])
        #expect(found.map(\.time) == [time(5), time(30)])
    }

    @Test("a point that trembles on the edge makes no storm")
    func flicker() {
        var feet: [Int: Point?] = [:]
        for frame in 0...300 { feet[frame] = Point(x: frame % 4 < 2 ? 0.499 : 0.501, y: 0.8) }
        let found = events([zone(yard, raises: all)], observations([DrawnTrack(1, feet: feet)], frames: 0...300))
        #expect(found.isEmpty)
    }

    @Test("a flicker to the outside neither leaves nor ends")
    func shortAbsence() {
        var feet: [Int: Point?] = [:]
        for frame in 0...60 { feet[frame] = Point(x: frame == 30 || frame == 31 ? 0.49 : 0.55, y: 0.8) }
        let found = events([zone(yard, raises: all)], observations([DrawnTrack(1, feet: feet)], frames: 0...60))
        #expect(found.map(\.phase) == [.began, .ended])
        #expect(found.map(\.time) == [time(0), time(60)])
    }

    @Test("slow frames need two points, not more")
    func slowFrames() {
        var feet: [Int: Point?] = [:]
        for frame in 0...20 { feet[frame] = Point(x: frame == 3 || frame >= 10 && frame < 12 ? 0.6 : 0.3, y: 0.8) }
        let scene = observations([DrawnTrack(1, feet: feet)], frames: 0...40, step: .milliseconds(125))
        let found = events([zone(yard)], scene)
        #expect(found.map(\.time) == [time(10, .milliseconds(125)), time(11, .milliseconds(125))])
    }

    @Test("somebody who stands still and is only predicted keeps it occupied; it ends where he was last seen")
    func standingStill() {
        var feet: [Int: Point?] = [:]
        for frame in 0...10 { feet[frame] = Point(x: 0.7, y: 0.8) }
        for frame in 11...200 { feet[frame] = .some(nil) }
        let scene = observations([DrawnTrack(1, feet: feet)], frames: 0...300)
        let found = events([zone(yard)], scene)
        #expect(found.map(\.phase) == [.began, .ended])
        #expect(found.map(\.time) == [time(0), time(10)])
        #expect(found[1].decidedAt == time(225))
    }

    @Test("two people one after the other are one occupation if the zone was not empty for a second")
    func relay() {
        let one = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 0...30)
        let soon = DrawnTrack(2, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 50...80)
        let late = DrawnTrack(3, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 110...140)
        let found = events([zone(yard)], observations([one, soon, late], frames: 0...200))
        #expect(found.map(\.time) == [time(0), time(80), time(110), time(140)])
    }

    @Test("two stays in the past of a track confirmed late are two occupations, in order")
    func lateConfirmation() {
        var feet: [Int: Point?] = [:]
        for frame in 0...100 {
            let isInside = (5...15).contains(frame) || (60...80).contains(frame)
            feet[frame] = Point(x: isInside ? 0.6 : 0.3, y: 0.8)
        }
        let scene = observations([DrawnTrack(1, confirmed: 90, feet: feet)], frames: 0...150)
        let found = events([zone(yard, raises: all)], scene)
        #expect(found.filter { $0.occurrence == .occupied }.map(\.time) == [time(5), time(15), time(60), time(80)])
        #expect(found.filter { $0.occurrence == .entered }.map(\.time) == [time(5), time(60)])
        #expect(found.filter { $0.occurrence == .left }.map(\.time) == [time(16), time(81)])
        #expect(found.allSatisfy { $0.decidedAt >= $0.time })
    }

    @Test("pasts that arrive together are judged in the order of time, whoever comes first in the list")
    func pastsInOrder() {
        let late = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 60...90, confirmed: 90)
        let early = DrawnTrack(2, from: Point(x: 0.7, y: 0.6), to: Point(x: 0.8, y: 0.6), frames: 0...10, confirmed: 90)
        var feet = early.feet
        for frame in 11...90 { feet[frame] = Point(x: 0.2, y: 0.6) }
        let scene = observations([late, DrawnTrack(2, confirmed: 90, feet: feet)], frames: 0...150)
        #expect(events([zone(yard)], scene).map(\.time) == [time(0), time(10), time(60), time(90)])
    }

    @Test("occupations never overlap, however far back a new track's past goes")
    func noOverlap() {
        let short = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 0...20)
        let hidden = DrawnTrack(
            2, from: Point(x: 0.7, y: 0.7), to: Point(x: 0.8, y: 0.7), frames: 10...90, confirmed: 60)
        let found = events([zone(yard)], observations([short, hidden], frames: 0...150))
        #expect(found.map(\.time) == [time(0), time(20), time(20), time(90)])
    }

    @Test("an unsettled picture begins nothing and keeps what is open")
    func unsettled() {
        let stay = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 0...20)
        let scene = observations([stay], frames: 0...80, unsettled: Set(15...60))
        let found = events([zone(yard)], scene)
        #expect(found.map(\.phase) == [.began, .ended])
        #expect(found.map(\.time) == [time(0), time(14)])
        #expect(found[1].decidedAt == time(61))
        #expect(events([zone(yard)], observations([stay], frames: 0...14, unsettled: Set(0...14))).isEmpty)
    }

    @Test("the end of the session ends what is open")
    func finish() {
        let stay = DrawnTrack(1, from: Point(x: 0.7, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 0...20)
        let found = events([zone(yard)], observations([stay], frames: 0...20))
        #expect(found.map(\.time) == [time(0), time(20)])
        #expect(found[1].decidedAt == time(20))
    }

    @Test("after the end of a session nothing of it is left")
    func nextSession() {
        var engine = RuleEngine(rules: [zone(yard), line(middle)])
        let stay = DrawnTrack(1, from: Point(x: 0.45, y: 0.8), to: Point(x: 0.8, y: 0.8), frames: 100...120)
        let scene = observations([stay], frames: 100...120)
        let first = scene.flatMap { engine.events(for: $0) } + engine.finish(at: time(120))
        let again = scene.flatMap { engine.events(for: $0) } + engine.finish(at: time(120))
        #expect(first == again)
        #expect(first.count == 3)
    }
}
