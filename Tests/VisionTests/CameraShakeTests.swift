import Kernels
import Scene
import Testing

@testable import Vision

@Suite struct CameraShakeTests {
    @Test(arguments: [(3.0, -2.0), (0.6, 0.25), (7.3, 5.6), (-1.7, 0.6), (-7.9, 7.9), (0.2, -4.5)])
    func aShiftIsMeasuredToAFractionOfAPixel(x: Double, y: Double) {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene()
        _ = run(analyzer, &scene, from: 0, for: 1.6)
        #expect(analyzer.cameraShift.isTrusted)
        #expect(abs(analyzer.shiftInPixels.x) < 0.1 && abs(analyzer.shiftInPixels.y) < 0.1)
        scene.offset = (x, y)
        let seen = analyzer.analyze(scene.picture(), seconds: 1.6)
        #expect(analyzer.cameraShift.isTrusted)
        #expect(abs(analyzer.shiftInPixels.x - x) < 0.15, "\(analyzer.shiftInPixels)")
        #expect(abs(analyzer.shiftInPixels.y - y) < 0.15, "\(analyzer.shiftInPixels)")
        #expect(seen.isSettled)
        #expect(analyzer.mask().allSatisfy { $0 == 0 }, "what the camera did is no foreground")
    }

    @Test(arguments: [-2.5, 1.5])
    func lightThatChangesAtTheSameTimeDoesNotMatter(step: Double) {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene()
        _ = run(analyzer, &scene, from: 0, for: 1.6)
        scene.offset = (step, -step)
        let bright = scene.picture().map { UInt8(min(255, Int($0) * 13 / 10)) }
        _ = analyzer.analyze(bright, seconds: 1.6)
        #expect(abs(analyzer.shiftInPixels.x - step) < 0.2 && abs(analyzer.shiftInPixels.y + step) < 0.2)
        #expect(analyzer.mask().allSatisfy { $0 == 0 })
    }

    @Test func whoCrossesAShakingPictureIsOneTrackOnTheGround() throws {
        func seen(reach: Double) -> (tracks: [Track], analyzer: FrameAnalyzer) {
            let analyzer = makeAnalyzer { $0.shakeReach = reach }
            var scene = ShakenScene()
            let seen = run(analyzer, &scene, from: 0, for: 6, rate: 12) { scene, time in
                scene.offset = sway(time, most: 5)
                scene.boxes = [(x: -14 + (time - 2.5) * 50, y: 50, width: 12, height: 30, level: 235)]
            }
            return (seen.flatMap(\.tracks), analyzer)
        }
        let (tracks, _) = seen(reach: 0.05)
        #expect(Set(tracks.map(\.id)).count == 1)
        let inside = tracks.flatMap(\.path).filter { (0.2...0.8).contains($0.box.centre.x) && $0.isMeasured }
        #expect(inside.count > 10)
        for point in inside {
            let truth = (-8 + ((point.time - MediaTime.epoch).seconds - 2.5) * 50) / 160
            #expect(abs(point.box.centre.x - truth) < 0.04, "in the coordinates of the background")
            #expect(abs(point.box.foot.y - 80.0 / 120) < 0.04)
        }
        let (loose, without) = seen(reach: 0)
        let strays = Set(loose.map(\.id)).count
        #expect(strays != 1 || without.counters.floods > 0, "without compensation this footage is not told so well")
    }

    @Test func theSwayItselfIsNeverForeground() {
        let (steady, loose) = (makeAnalyzer(), makeAnalyzer { $0.shakeReach = 0 })
        var share: [Int] = []
        for analyzer in [steady, loose] {
            var scene = ShakenScene()
            // It sways from the first picture on: also what is learnt first must lie on itself.
            _ = run(analyzer, &scene, from: 0, for: 2, rate: 12) { $0.offset = sway($1 + 0.9, most: 5) }
            var count = 0
            for index in 0..<36 {
                let time = 2 + Double(index) / 12
                _ = run(analyzer, &scene, from: time, for: 0.1) { $0.offset = sway($1 + 0.9, most: 5) }
                count += analyzer.mask().count { $0 != 0 }
            }
            share.append(count)
        }
        #expect(share[0] < 36 * 160 * 120 / 1000, "less than a thousandth of the pixels")
        #expect(share[1] > 20 * (share[0] + 36), "the same without compensation")
        #expect(steady.counters.floods == 0)
    }

    @Test(arguments: [ShakenScene.Ground.patches(seed: 3), .stripes(period: 11), .flat])
    func aCameraThatKeepsStillIsNotTouched(ground: ShakenScene.Ground) {
        let (one, other) = (makeAnalyzer(), makeAnalyzer { $0.shakeReach = 0 })
        var scene = ShakenScene(ground)
        for index in 0..<60 {
            let time = Double(index) / 10
            scene.boxes = [(x: time * 40 - 100, y: 30, width: 20, height: 40, level: 30)]
            let picture = scene.picture()
            #expect(one.analyze(picture, seconds: time) == other.analyze(picture, seconds: time))
            #expect(one.mask() == other.mask())
        }
        #expect(abs(one.shiftInPixels.x) < 0.3 && abs(one.shiftInPixels.y) < 0.3)
        #expect(one.cameraShift.awaySince == nil)
    }

    @Test func aThirdOfThePictureThatMovesIsNotTheCamera() {
        let (one, other) = (makeAnalyzer(), makeAnalyzer { $0.shakeReach = 0 })
        var scene = ShakenScene()
        for index in 0..<45 {
            let time = Double(index) / 10
            // A lorry with windows, three pixels a frame.
            let left = -60 + Double(max(0, index - 16)) * 3
            scene.boxes = (0..<6).map { (x: left + 4 + Double($0) * 9, y: 14, width: 5, height: 20, level: 20) }
            scene.boxes.append((x: left, y: 4, width: 58, height: 112, level: 225))
            let picture = scene.picture()
            #expect(one.analyze(picture, seconds: time) == other.analyze(picture, seconds: time))
            #expect(abs(one.shiftInPixels.x) < 0.4 && abs(one.shiftInPixels.y) < 0.4)
        }
        #expect(one.cameraShift.isTrusted)
    }

    @Test(arguments: [ShakenScene.Ground.flat, .stripes(period: 7), .stripes(period: 11)])
    func weakEvidenceIsNotBelieved(ground: ShakenScene.Ground) {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene(ground)
        _ = run(analyzer, &scene, from: 0, for: 1.6)
        scene.offset = (6, 0)
        _ = run(analyzer, &scene, from: 1.6, for: 0.5)
        #expect(!analyzer.cameraShift.isTrusted)
        #expect(analyzer.shiftInPixels == (0, 0))
        if case .flat = ground { #expect(analyzer.cameraShift.lostSince == nil, "it never had a texture to lose") }
    }

    @Test(arguments: [ShakenScene.Ground.patches(seed: 9), .flat])
    func anotherViewIsNotCompensated(ground: ShakenScene.Ground) {
        let (one, other) = (makeAnalyzer(), makeAnalyzer { $0.shakeReach = 0 })
        var scene = ShakenScene()
        for index in 0..<40 {
            let time = Double(index) / 10
            if index == 20 { scene.ground = ground }
            let picture = scene.picture()
            #expect(one.analyze(picture, seconds: time) == other.analyze(picture, seconds: time))
            if index == 22 {
                #expect(!one.cameraShift.isTrusted)
                #expect(one.cameraShift.lostSince == .epoch + .seconds(2))
            }
        }
    }

    @Test func aShiftBeyondReachIsNotGuessed() {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene()
        _ = run(analyzer, &scene, from: 0, for: 1.6)
        scene.offset = (21, 3)
        _ = run(analyzer, &scene, from: 1.6, for: 0.3)
        #expect(!analyzer.cameraShift.isTrusted)
        #expect(max(abs(analyzer.shiftInPixels.x), abs(analyzer.shiftInPixels.y)) < 0.1)
    }

    @Test func theUncoveredBorderIsNeitherForegroundNorLearnt() {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene()
        _ = run(analyzer, &scene, from: 0, for: 2)
        // Something bright stands where the picture ended before, and comes into view at the left.
        scene.boxes = [(x: -40, y: 0, width: 40, height: 120, level: 250)]
        scene.offset = (7, 0)
        _ = run(analyzer, &scene, from: 2, for: 4)
        #expect(abs(analyzer.shiftInPixels.x - 7) < 0.2)
        #expect(analyzer.cameraShift.awaySince == .epoch + .seconds(2))
        #expect(analyzer.mask().allSatisfy { $0 == 0 })
        scene.offset = (0, 0)
        _ = run(analyzer, &scene, from: 6, for: 0.5)
        #expect(analyzer.mask().allSatisfy { $0 == 0 }, "the right border was kept while it was out of view")
        #expect(analyzer.cameraShift.awaySince == nil)
    }

    @Test func reseedingForgetsWhereTheViewWas() {
        let analyzer = makeAnalyzer()
        var scene = ShakenScene()
        _ = run(analyzer, &scene, from: 0, for: 2)
        scene.offset = (5, 4)
        _ = run(analyzer, &scene, from: 2, for: 0.5)
        analyzer.reseed()
        #expect(analyzer.shiftInPixels == (0, 0) && analyzer.cameraShift.awaySince == nil)
        _ = run(analyzer, &scene, from: 2.5, for: 2)
        #expect(analyzer.cameraShift.isTrusted)
        #expect(abs(analyzer.shiftInPixels.x) < 0.2 && abs(analyzer.shiftInPixels.y) < 0.2)
    }

    @Test func everyInstructionSetMeasuresTheSame() {
        let all = Kernels.available.map { kernels in
            let analyzer = makeAnalyzer(kernels: kernels)
            var scene = ShakenScene()
            let seen = run(analyzer, &scene, from: 0, for: 4) { scene, time in
                scene.offset = sway(time, most: 4)
                scene.boxes = [(x: time * 30 - 60, y: 40, width: 14, height: 34, level: 30)]
            }
            return (seen, analyzer.mask(), analyzer.cameraShift)
        }
        for other in all.dropFirst() {
            #expect(other.0 == all[0].0 && other.1 == all[0].1 && other.2 == all[0].2)
        }
    }
}
