import KernelAPI
import Kernels
import Scene
import Testing

@testable import Vision

@Suite struct FrameAnalyzerTests {
    @Test func learnsWithinTwoSecondsAndStaysQuietOnNoise() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        let seen = run(analyzer, &scene, from: 0, for: 8)
        #expect(seen.first?.isSettled == false)
        #expect(seen.first { $0.isSettled }.map { $0.time < .epoch + .seconds(2) } == true)
        #expect(seen.allSatisfy { $0.tracks.isEmpty })
        #expect(seen.last?.isStirring == false)
    }

    @Test func reportsTheWholePathOfABoxThatWalksThrough() throws {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        let seen = run(analyzer, &scene, from: 3, for: 4) { scene, time in
            scene.boxes = [(x: -12 + (time - 3) * 45, y: 50, width: 12, height: 30, level: 230)]
        }
        let reports = seen.flatMap(\.tracks)
        let path = reports.flatMap(\.path)
        #expect(Set(reports.map(\.id)).count == 1)
        #expect(path.first.map { $0.time < .epoch + .seconds(3.7) } == true, "its past is told on confirmation")
        #expect(zip(path, path.dropFirst()).allSatisfy { $0.time < $1.time })
        let middle = try #require(path.first { $0.box.centre.x > 0.5 })
        #expect(abs(middle.box.foot.y - 80.0 / 120) < 0.04)
        #expect(abs(middle.box.height - 30.0 / 120) < 0.05)
        // True centre at that moment.
        let walked: Double = (middle.time - MediaTime.epoch).seconds - 3
        let truth: Double = (walked * 45 - 6) / 160
        #expect(abs(middle.box.centre.x - truth) < 0.05)
    }

    @Test func standingStillIsNoReasonToBeForgotten() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        let seen = run(analyzer, &scene, from: 3, for: 45, rate: 8) { scene, time in
            scene.boxes = [(x: min(80, (time - 3) * 40), y: 50, width: 12, height: 30, level: 200)]
        }
        let last = seen.last?.tracks.first?.path.last
        #expect(last?.isMeasured == true)
        #expect(last.map { abs($0.box.centre.x - 86.0 / 160) < 0.03 } == true)
    }

    @Test func somethingThatSwaysOnTheSpotIsNoTrack() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        let seen = run(analyzer, &scene, from: 3, for: 10) { scene, time in
            let phase = Int(time * 10) % 8
            scene.boxes = [(x: 70 + Double(phase < 4 ? phase : 8 - phase), y: 30, width: 14, height: 20, level: 40)]
        }
        #expect(seen.allSatisfy { $0.tracks.isEmpty })
    }

    @Test(arguments: [0.6, 1.5])
    func lightThatIsSwitchedRaisesNothing(factor: Double) {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        scene.brightness = factor
        let seen = run(analyzer, &scene, from: 3, for: 5)
        #expect(seen.allSatisfy { $0.tracks.isEmpty })
        #expect(seen.last?.isSettled == true)
    }

    @Test func aCoveredCameraIsAFloodAndThenANewScene() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        scene.boxes = [(x: 0, y: 0, width: 160, height: 120, level: 10)]
        scene.boxes.append((x: 20, y: 20, width: 60, height: 60, level: 250))
        let seen = run(analyzer, &scene, from: 3, for: 6)
        #expect(seen.allSatisfy { $0.tracks.isEmpty })
        #expect(seen.first?.isSettled == false)
        #expect(seen.last?.isSettled == true)
        #expect(analyzer.counters.relearnt == 1)
    }

    @Test func reseedingEndsTracksAndGoesOnCounting() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        func walk(from start: Double) -> Set<TrackID> {
            scene.boxes = []
            _ = run(analyzer, &scene, from: start, for: 3)
            let seen = run(analyzer, &scene, from: start + 3, for: 3) { scene, time in
                scene.boxes = [(x: (time - start - 3) * 45, y: 50, width: 12, height: 30, level: 230)]
            }
            return Set(seen.flatMap(\.tracks).map(\.id))
        }
        let first = walk(from: 0)
        analyzer.reseed()
        scene.boxes = []
        #expect(!analyzer.analyze(scene.picture(), seconds: 10).isSettled)
        let second = walk(from: 10.1)
        #expect(first.count == 1 && second.count == 1)
        #expect(first.isDisjoint(with: second))
    }

    @Test func everyInstructionSetGivesTheSameObservations() {
        let all = Kernels.available.map { kernels in
            let analyzer = makeAnalyzer(kernels: kernels)
            var scene = DrawnScene()
            let seen = run(analyzer, &scene, from: 0, for: 6) { scene, time in
                scene.boxes = [(x: time * 30 - 60, y: 40, width: 14, height: 34, level: 30)]
            }
            var mask = [UInt8](repeating: 7, count: 160 * 120)
            analyzer.drawMask(into: &mask, width: 160, height: 120, stride: 160)
            return (seen, mask)
        }
        for other in all.dropFirst() {
            #expect(other.0 == all[0].0)
            #expect(other.1 == all[0].1)
        }
        #expect(all[0].0.contains { !$0.tracks.isEmpty })
    }

    @Test func maskCoversTheBoxAndNothingElse() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        scene.boxes = [(x: 60, y: 40, width: 20, height: 40, level: 240)]
        _ = run(analyzer, &scene, from: 3, for: 0.2)
        var mask = [UInt8](repeating: 7, count: 200 * 120)
        analyzer.drawMask(into: &mask, width: 160, height: 120, stride: 200)
        var (inside, outside) = (0, 0)
        for y in 0..<120 {
            for x in 0..<160 where mask[y * 200 + x] == 255 {
                if (60..<80).contains(x), (40..<80).contains(y) { inside += 1 } else { outside += 1 }
            }
            #expect(mask[y * 200 + 160] == 7, "row padding is not ours")
        }
        #expect(inside > 700)
        #expect(outside < 150)
    }

    @Test(arguments: [(1, 1), (1, 50), (3, 3), (17, 9), (641, 361), (4000, 40)])
    func oddSizesAreTaken(width: Int, height: Int) {
        let size = PictureSize(width: width, height: height)
        let analyzer = FrameAnalyzer(model: .test, source: size, kernels: Kernels.best)
        #expect(analyzer.grid.width <= DetectorModel.test.gridWidth)
        for index in 0..<20 {
            let level = UInt8(index % 2 == 0 ? 10 : 240)
            _ = analyzer.analyze([UInt8](repeating: level, count: width * height), seconds: Double(index) / 10)
        }
        var mask = [UInt8](repeating: 0, count: width * height)
        analyzer.drawMask(into: &mask, width: width, height: height, stride: width)
    }
}
