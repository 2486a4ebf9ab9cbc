import Alerts
import Evidence
import Rules
import Scene
import Testing
import Vision

@testable import Pipeline

@Suite("What a film shows")
struct FilmSceneTests {
    private static let camera = CameraID("gate")!
    private static let path = FenceRule(
        id: RuleID("path")!, anchor: .foot,
        watch: .line(LineRule(line: Polyline([Point(x: 0.5, y: 0.9), Point(x: 0.5, y: 0.1)])!, directions: .any)))
    private static let lawn = FenceRule(
        id: RuleID("lawn")!, anchor: .foot,
        watch: .zone(
            ZoneRule(area: Polygon([Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1)])!, raises: [.occupied])))

    private func at(_ seconds: Double) -> MediaTime { .epoch + .seconds(seconds) }

    private func observation(
        _ seconds: Double, tracks: [Track] = [], isSettled: Bool = true, health: SceneHealth = .good
    ) -> Observation {
        Observation(time: at(seconds), tracks: tracks, isSettled: isSettled, isStirring: false, health: health)
    }

    private func around(
        trails: TrackTrails = TrackTrails(), state: AnalysisView.State? = .watching, candidates: [Box] = [],
        episodes: [AlertDecision] = [], perspective: Perspective? = nil
    ) -> FilmScene.Surroundings {
        let mask = ForegroundMask(columns: 1, rows: 1, cellWidth: 1, cellHeight: 1, rowWords: 1, words: [1])
        return FilmScene.Surroundings(
            camera: Self.camera, rules: [Self.path, Self.lawn], trails: trails,
            view: state.map { AnalysisView(state: $0, foreground: mask, regions: [], candidates: candidates) },
            episodes: episodes, ground: perspective.map { ($0, PictureSize(width: 640, height: 480)) })
    }

    private func colours(_ frame: FilmFrame) -> [String: Overlay.Colour] {
        var colours: [String: Overlay.Colour] = [:]
        for item in frame.items {
            if case .label(let name, _) = item.shape { colours[name] = item.colour }
        }
        return colours
    }

    private func text(_ frame: FilmFrame) -> String {
        frame.lines.map { $0.map(\.text).joined(separator: " ") }.joined(separator: "\n")
    }

    /// The episodes of a book after these events.
    private func episodes(_ events: [RuleEvent], at time: MediaTime) -> [AlertDecision] {
        let watched = WatchedCamera(
            id: Self.camera,
            place: CameraPlace(
                site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "南门", cameraClass: .c),
            rules: [
                RuleID("path")!: .init(revision: "r", anchor: .foot),
                RuleID("lawn")!: .init(revision: "r", anchor: .foot)
            ],
            provenance: .init(model: "visible", modelHash: "m", configurationHash: "c"))
        var book = AlertBook(camera: watched, localTime: { $0.description }, restoring: [])
        _ = book.handle(events, at: time)
        return book.openEpisodes
    }

    private func event(
        _ rule: String, _ kind: RuleKind, _ occurrence: Occurrence, _ phase: RuleEvent.Phase
    ) -> RuleEvent {
        RuleEvent(
            rule: RuleID(rule)!, kind: kind, occurrence: occurrence, phase: phase, time: at(10), decidedAt: at(10),
            direction: kind == .line ? .leftToRight : nil, box: Box(x: 0.4, y: 0.4, width: 0.1, height: 0.2),
            point: Point(x: 0.45, y: 0.6))
    }

    @Test("a fence is idle, held while its condition holds, and crossed for a moment")
    func fences() {
        var scene = FilmScene()
        let events = [event("path", .line, .crossed, .instant), event("lawn", .zone, .occupied, .began)]
        scene.note(observation(9), [])
        #expect(colours(scene.frame(around(), at: at(9))) == ["path": .fence, "lawn": .fence])
        scene.note(observation(10), events)
        let open = episodes(events, at: at(10))
        #expect(open.count == 2)
        let now = scene.frame(around(episodes: open), at: at(11))
        #expect(colours(now) == ["path": .crossed, "lawn": .held])
        #expect(text(now).contains("lawn occupied since") && text(now).contains("path crossed since"))
        #expect(colours(scene.frame(around(episodes: open), at: at(12))) == ["path": .fence, "lawn": .held])
        #expect(text(scene.frame(around(), at: at(30))).contains("no open alert"))
    }

    @Test("the state and what is wrong with the picture are told, each condition with its beginning")
    func state() {
        var scene = FilmScene()
        #expect(text(scene.frame(around(state: nil), at: at(0))).contains("learning the background"))
        #expect(text(scene.frame(around(state: .learning), at: at(0))).contains("learning the background"))
        scene.note(observation(1, isSettled: false), [])
        #expect(text(scene.frame(around(), at: at(1))).contains("not settled"))
        var health = SceneHealth.good
        health.set(.covered, since: at(65))
        health.set(.blurred, since: at(66))
        scene.note(observation(70, health: health), [])
        let frame = scene.frame(around(state: .flooded(since: at(69))), at: at(70))
        #expect(text(frame).contains("most of the picture changed, since 1970-01-01T00:01:09"))
        #expect(text(frame).contains("covered since 1970-01-01T00:01:05") && text(frame).contains("blurred since"))
        #expect(frame.lines[1].map(\.colour) == [.held, .held])
        #expect(frame.lines.count == FilmFrame.lineLimit && frame.lines.last == FilmFrame.legend)
        scene.note(observation(71), [])
        let good = text(scene.frame(around(candidates: [Box(x: 0, y: 0, width: 0.1, height: 0.1)]), at: at(71)))
        #expect(good.contains("settled") && good.contains("picture good") && good.contains("candidates 1"))
    }

    @Test("a track shows its number, and its speed once the ground is calibrated; a predicted one looks different")
    func tracks() throws {
        let street = try Perspective(
            far: .init(row: 0.3, height: 0.1), near: .init(row: 0.9, height: 0.4), verticalViewDegrees: 40)
        var trails = TrackTrails(), scene = FilmScene()
        for step in 0...12 {
            let box = Box(x: 0.2 + 0.02 * Double(step), y: 0.5, width: 0.1, height: 0.3)
            let point = TrackPoint(time: at(Double(step) / 10), box: box, isMeasured: step < 12)
            let track = Track(id: TrackID(7), firstSeen: at(0), path: [point], displacement: 0.1)
            let seen = observation(Double(step) / 10, tracks: [track])
            trails.follow(seen)
            scene.note(seen, [])
            let frame = scene.frame(around(trails: trails, perspective: street), at: at(Double(step) / 10))
            let tag = try #require(
                frame.items.compactMap { item -> (String, Overlay.Colour)? in
                    if case .tag(let text, _) = item.shape { (text, item.colour) } else { nil }
                }.first)
            // 0.02 of 4/3 of the height each tenth of a second, where a person of 1.7 m is 0.35 tall.
            let isLong = step >= 8
            #expect(tag.0 == (isLong ? "7 1.3 m/s" : "7"), "step \(step)")
            #expect(tag.1 == (step < 12 ? .track : .predicted))
        }
        let blind = scene.frame(around(trails: trails), at: at(1.2))
        #expect(!blind.items.contains { if case .tag(let text, _) = $0.shape { text.contains("m/s") } else { false } })
        #expect(
            blind.items.contains {
                if case .trail(let feet) = $0.shape { feet.count == 13 && $0.colour == .predicted } else { false }
            })
    }
}
