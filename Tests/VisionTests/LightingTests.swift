import Scene
import Testing

@testable import Vision

/// Light that changes while somebody walks: he is followed under one number, and nothing else is.
@Suite struct LightingTests {
    static let rate = 8.0
    /// When he sets out, and when the light changes, he being about a third of the way across.
    private static let start = 2.5
    private static let change = 4.5
    private static let speed = 25.0

    enum Light: String, CaseIterable {
        case lampOn, lampOff, lampInHisHalf, lampInTheOtherHalf, exposureUp, exposureDown, onAndOff, lightning, cloud

        func draw(_ scene: inout HealthScene, _ time: Double) {
            scene.light = (1, 1)
            if time < 0 { return }
            switch self {
            case .lampOn: scene.light = (1.5, 1.5)
            case .lampOff: scene.light = (0.55, 0.55)
            case .lampInHisHalf: scene.light = (1.5, 1)
            case .lampInTheOtherHalf: scene.light = (1, 1.5)
            case .exposureUp: scene.light = (1.25, 1.25)
            case .exposureDown: scene.light = (0.8, 0.8)
            case .onAndOff: scene.light = time < 1 ? (1.5, 1.5) : (1, 1)
            case .lightning: scene.light = time < 0.05 ? (1.45, 1.45) : (1, 1)
            case .cloud: scene.light = (1 - min(time, 1) * 0.35, 1 - min(max(time - 0.6, 0), 1) * 0.35)
            }
        }
    }

    private func walk(_ light: Light, rate: Double, level: Int) -> [Observation] {
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        var seen = run(analyzer, &scene, from: 0, for: Self.start, rate: rate)
        seen += run(analyzer, &scene, from: Self.start, for: 6, rate: rate) { scene, time in
            scene.boxes = [(x: (time - Self.start) * Self.speed - 6, y: 50, width: 12, height: 34, level: level)]
            light.draw(&scene, time - Self.change)
        }
        return seen
    }

    @Test(
        "a walker is followed through", arguments: Light.allCases.map { (rate, $0) } + [(20, .lampOn), (20, .onAndOff)])
    func walker(rate: Double, light: Light) {
        let seen = walk(light, rate: rate, level: 205)
        let during = seen.filter { $0.time >= .epoch + .seconds(Self.start + 1.2) }
        let ids = Set(during.flatMap(\.tracks).map(\.id))
        #expect(ids.count == 1, "\(light): one number and nobody else, \(ids.count)")
        #expect(during.count { !$0.isSettled } <= (light == .lightning ? 2 : 0), "the picture stays judged")
        let crossing = during.flatMap(\.tracks).flatMap(\.path).filter { point in
            (Self.start + 1.5...Self.start + 5.4).contains((point.time - .epoch).seconds)
        }
        #expect(Double(crossing.count) >= 3.8 * rate, "without a gap")
        let far = crossing.filter { point in
            let truth = ((point.time - .epoch).seconds - Self.start) * Self.speed / 160
            return abs(point.box.centre.x - truth) > 0.06
        }
        #expect(Double(far.count) <= 0.15 * rate * 3.9, "\(light): \(far.count) of \(crossing.count) off the way")
        #expect(Double(crossing.count(where: \.isMeasured)) >= 0.85 * Double(crossing.count))
    }

    @Test("headlights that come on before a wall, and lamps in an empty room, are nobody")
    func nobody() {
        let rate = Self.rate
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        _ = run(analyzer, &scene, from: 0, for: 3, rate: rate)
        var seen = run(analyzer, &scene, from: 3, for: 5.5, rate: rate) { scene, time in
            scene.patch = (4..<7).contains(time) ? (x: 80, y: 60, radius: 40, gain: 1.5) : nil
        }
        scene.patch = nil
        for light in Light.allCases where light != .cloud {
            let start = 9 + 3 * Double(Light.allCases.firstIndex(of: light) ?? 0)
            seen += run(analyzer, &scene, from: start, for: 3, rate: rate) { scene, time in
                light.draw(&scene, time - start - 1)
            }
        }
        #expect(seen.filter { !$0.tracks.isEmpty }.map(\.time) == [])
        #expect(analyzer.counters.relearnt == 0)
    }

    @Test("somebody who comes close until he fills most of the picture keeps his number")
    func closeUp() {
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        _ = run(analyzer, &scene, from: 0, for: 3, rate: Self.rate)
        // He walks in, comes up to the lens within two seconds, stands there for two and goes away again.
        let seen = run(analyzer, &scene, from: 3, for: 10, rate: Self.rate) { scene, time in
            let near = max(0, min(1, min((time - 5) / 2, (11 - time) / 2)))
            let (width, height) = (18 + 112 * near, 40 + 80 * near)
            let x = time < 5 ? (time - 3) * 34 - 8 : time < 11 ? 60.0 : 60 + (time - 11) * 34
            scene.boxes = [
                (x: x + 20 - width / 2, y: 124 - height, width: Int(width), height: Int(height), level: 215)
            ]
        }
        let ids = Set(seen.flatMap(\.tracks).map(\.id))
        #expect(ids.count == 1, "\(ids.count) numbers")
        #expect(analyzer.counters.relearnt == 0)
        let during = seen.filter { (4.5...12.5).contains(($0.time - .epoch).seconds) }
        #expect(during.allSatisfy { $0.tracks.count == 1 })
    }

    @Test("a view that really changed is learnt anew, what was covered is not")
    func newView() {
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        _ = run(analyzer, &scene, from: 0, for: 7, rate: 8)
        scene.cover = (1, 60)
        _ = run(analyzer, &scene, from: 7, for: 8, rate: 8)
        scene.cover = nil
        let uncovered = run(analyzer, &scene, from: 15, for: 3, rate: 8)
        #expect(analyzer.counters.relearnt == 0)
        #expect(uncovered.last?.isSettled == true)
        scene.view = .other
        let moved = run(analyzer, &scene, from: 18, for: 7, rate: 8)
        #expect(analyzer.counters.relearnt == 1)
        #expect(moved.first?.isSettled == false && moved.last?.isSettled == true)
        #expect((uncovered + moved).filter { !$0.tracks.isEmpty }.map(\.time) == [])
    }
}
