import Scene
import Testing

@testable import Vision

extension FrameAnalyzer {
    fileprivate func glance(_ pixels: [UInt8], seconds: Double) -> Glance {
        pixels.withUnsafeBufferPointer { buffer in
            glance(
                LumaPlane(base: buffer.baseAddress!, width: source.width, height: source.height, stride: source.width),
                at: .epoch + .seconds(seconds))
        }
    }
}

@Suite("A glance at a picture")
struct GlanceTests {
    private static let stranger = (x: 60.0, y: 40.0, width: 16, height: 40, level: 230)

    private func settled(_ scene: inout DrawnScene) -> FrameAnalyzer {
        let analyzer = makeAnalyzer()
        _ = run(analyzer, &scene, from: 0, for: 6)
        return analyzer
    }

    @Test("shows what would be followed, and nothing where nothing is")
    func sees() {
        var scene = DrawnScene()
        let analyzer = settled(&scene)
        let quiet = analyzer.glance(scene.picture(), seconds: 7)
        #expect(quiet.state == .watching && quiet.regions.isEmpty)
        scene.boxes = [Self.stranger]
        let seen = analyzer.glance(scene.picture(), seconds: 8)
        #expect(seen.state == .watching && seen.regions.count == 1)
        let box = seen.regions.first ?? Box(x: 0, y: 0, width: 0, height: 0)
        #expect(abs(box.x - 60.0 / 160) < 0.05 && abs(box.height - 40.0 / 120) < 0.1)
        #expect(seen.motion != MotionGrid())
        #expect(makeAnalyzer().glance(scene.picture(), seconds: 0).state == .learning)
    }

    @Test("changes nothing: with glances at whatever comes between, the analysis is the same")
    func changesNothing() {
        var scene = DrawnScene()
        let plain = makeAnalyzer()
        let glancing = makeAnalyzer()
        for index in 0..<90 {
            let time = Double(index) / 10
            scene.boxes = time > 6 ? [(x: (time - 6) * 30, y: 50, width: 14, height: 36, level: 220)] : []
            scene.brightness = time > 7.5 ? 0.8 : 1
            let pixels = scene.picture()
            var strange = scene
            strange.brightness = [1, 1.6, 0.35, 0.7][index % 4]
            strange.boxes.append(Self.stranger)
            if index % 5 == 0 { strange.boxes.append((x: 0, y: 0, width: 160, height: 115, level: 10)) }
            _ = glancing.glance(strange.picture(), seconds: time)
            #expect(plain.analyze(pixels, seconds: time) == glancing.analyze(pixels, seconds: time), "\(time)")
            #expect(plain.counters == glancing.counters)
        }
        #expect(plain.checkpoint().planes == glancing.checkpoint().planes)
        #expect(plain.checkpoint().shake == glancing.checkpoint().shake)
    }

    @Test("another light is no stir; something before the lens is a flood")
    func light() {
        var scene = DrawnScene()
        let analyzer = settled(&scene)
        for brightness in [0.6, 0.75, 1.35, 1.6] {
            scene.brightness = brightness
            let seen = analyzer.glance(scene.picture(), seconds: 7)
            #expect(seen.regions.isEmpty && seen.state != .flooded, "\(brightness)")
        }
        scene.brightness = 1
        scene.boxes = (0..<8).map { (x: Double($0) * 20, y: 0, width: 20, height: 120, level: $0 % 2 == 0 ? 20 : 250) }
        #expect(analyzer.glance(scene.picture(), seconds: 8).state == .flooded)
    }
}

@Suite("Pictures two seconds apart")
struct SparsePictureTests {
    @Test("raise nothing, follow the light, and what comes then is seen", arguments: [0.5, 1.0])
    func sparse(rate: Double) {
        var scene = DrawnScene()
        let analyzer = makeAnalyzer()
        _ = run(analyzer, &scene, from: 0, for: 6)
        // Dusk: half the light within five minutes.
        let seen = run(analyzer, &scene, from: 6, for: 300, rate: rate) { scene, time in
            scene.brightness = 1 - 0.5 * (time - 6) / 300
        }
        #expect(seen.allSatisfy { $0.tracks.isEmpty && $0.isSettled && !$0.isStirring })
        #expect(seen.allSatisfy { $0.health == .good }, "\(seen.compactMap { $0.health == .good ? nil : $0.time })")
        let walk = run(analyzer, &scene, from: 306, for: 3) { scene, time in
            scene.boxes = [(x: 10 + (time - 306) * 40, y: 50, width: 14, height: 40, level: 220)]
        }
        #expect(walk.contains { !$0.tracks.isEmpty })
    }

    @Test("unrest of a former event fades with the time, not with the pictures")
    func unrest() {
        var scene = DrawnScene()
        let analyzer = makeAnalyzer()
        _ = run(analyzer, &scene, from: 0, for: 6)
        let still = analyzer.checkpoint()
        // Something blinks for a while.
        _ = run(analyzer, &scene, from: 6, for: 4) { scene, time in
            scene.boxes = Int(time * 10) % 2 == 0 ? [(x: 60, y: 40, width: 30, height: 40, level: 180)] : []
        }
        scene.boxes = []
        let restless = analyzer.checkpoint()
        _ = run(analyzer, &scene, from: 10, for: 60, rate: 0.5)
        func unrest(_ checkpoint: FrameAnalyzer.Checkpoint) -> Int {
            // The planes in the order of BackgroundModel.carriedPlanes: samples, mean, noise, restless, …
            checkpoint.planes[3].reduce(0) { $0 + Int($1) }
        }
        #expect(unrest(restless) > unrest(still) + 1000)
        #expect(unrest(analyzer.checkpoint()) < unrest(still) + unrest(restless) / 20)
    }
}
