import Rules
import Scene
import Testing

@Suite("An appear rule")
struct AppearRuleTests {
    private let both = fence(.appear(AppearRule(area: Polygon(yard)!, raises: [.appear, .disappear])))

    @Test("tells who is first seen inside and who is last seen inside")
    func insideOnly() {
        let inside = walk(1, [(10, 0.6, 0.8), (40, 0.8, 0.8)])
        let found = events([both], observations([inside], frames: 0...80))
        #expect(told(found) == ["appear instant 10", "disappear instant 40"])
        #expect(found[1].decidedAt == time(41))
        #expect(found[0].explanation?.path.map(\.time) == [time(10), time(13)])
    }

    @Test("who walks in has not appeared, who walks out has not disappeared")
    func throughTheEdge() {
        let inAndOut = walk(1, [(0, 0.3, 0.8), (30, 0.8, 0.8), (60, 0.3, 0.8)])
        #expect(events([both], observations([inAndOut], frames: 0...80)).isEmpty)
        let comesIn = walk(2, [(0, 0.3, 0.8), (30, 0.8, 0.8)])
        #expect(told(events([both], observations([comesIn], frames: 0...80))) == ["disappear instant 30"])
        let goesOut = walk(3, [(0, 0.8, 0.8), (30, 0.3, 0.8)])
        #expect(told(events([both], observations([goesOut], frames: 0...80))) == ["appear instant 0"])
    }

    @Test("over the border of the picture nobody appears")
    func border() {
        let overBorder = walk(1, [(0, 0.98, 0.8), (30, 0.7, 0.8), (60, 0.98, 0.8)])
        #expect(events([both], observations([overBorder], frames: 0...80)).isEmpty)
        let overFloor = walk(2, [(0, 0.7, 1), (30, 0.7, 0.8), (60, 0.7, 1)])
        #expect(events([both], observations([overFloor], frames: 0...80)).isEmpty)
    }

    @Test("raises only what is asked for, and a single point is not enough")
    func asked() {
        let inside = walk(1, [(10, 0.6, 0.8), (40, 0.8, 0.8)])
        let appear = fence(.appear(AppearRule(area: Polygon(yard)!)))
        #expect(told(events([appear], observations([inside], frames: 0...80))) == ["appear instant 10"])
        let flash = DrawnTrack(1, confirmed: 10, feet: [10: Point(x: 0.7, y: 0.8)])
        #expect(events([both], observations([flash], frames: 0...80)).isEmpty)
    }

    @Test("a light switch makes nobody vanish")
    func unsettled() {
        let inside = walk(1, [(10, 0.6, 0.8), (40, 0.8, 0.8)])
        let found = events([both], observations([inside], frames: 0...80, unsettled: Set(41...50)))
        #expect(told(found) == ["appear instant 10"])
    }
}
