import Kernels
import Scene
import Testing

@testable import Vision

private func foreground(_ analyzer: FrameAnalyzer, columns: Range<Int>, rows: Range<Int>) -> Int {
    var mask = [UInt8](repeating: 0, count: 160 * 120)
    analyzer.drawMask(into: &mask, width: 160, height: 120, stride: 160)
    return rows.reduce(0) { sum, y in sum + columns.count { mask[y * 160 + $0] == 255 } }
}

@Suite struct GhostTests {
    @Test func whoStoodThereFromTheStartLeavesNoGhost() {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        scene.boxes = [(x: 30, y: 50, width: 14, height: 40, level: 230)]
        _ = run(analyzer, &scene, from: 0, for: 3)
        _ = run(analyzer, &scene, from: 3, for: 3) { scene, time in
            scene.boxes[0].x = min(110, 30 + (time - 3) * 45)
        }
        #expect(analyzer.counters.ghostsTaken == 1)
        #expect(foreground(analyzer, columns: 28..<46, rows: 48..<92) < 30)
        #expect(foreground(analyzer, columns: 110..<124, rows: 50..<90) > 400, "who walked away is still seen")
    }

    /// Who was learnt with the scene walks away; whatever follows the hole that he leaves ends with it.
    @Test(arguments: [30.0, 45, 60]) func nothingIsFollowedWhereAGhostWas(speed: Double) {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        scene.boxes = [(x: 30, y: 50, width: 14, height: 40, level: 230)]
        _ = run(analyzer, &scene, from: 0, for: 3)
        var followed = 0
        for picture in 0..<50 {
            let seen = run(analyzer, &scene, from: 3 + 0.1 * Double(picture), for: 0.1) { scene, time in
                scene.boxes[0].x = min(110, 30 + (time - 3) * speed)
            }
            let tracks = analyzer.counters.ghostsTaken == 0 ? [] : seen.flatMap(\.tracks)
            followed += tracks.count { $0.path.last.map { $0.box.centre.x < 46.0 / 160 } == true }
        }
        #expect(analyzer.counters.ghostsTaken == 1)
        #expect(followed == 0)
    }

    @Test func onlyATrackThatIsMostlyTheGhostEnds() {
        let layout = GridLayout(width: 320, height: 240)
        var tracker = Tracker(model: .test, layout: layout, toPicture: (1 / 320, 1 / 240))
        let places = [60.0, 200.0]
        func show(_ picture: Int) {
            let regions = places.map { place in
                let x = place + 8 * Double(picture)
                return Region(
                    box: GridBox(left: x - 12, top: 100, right: x + 12, bottom: 140), area: 900, contrastSum: 36_000)
            }
            let time = MediaTime.epoch + .milliseconds(100 * Int64(picture))
            tracker.update(regions, at: time, elapsed: picture == 0 ? 0 : 0.1) { $0 }
        }
        for picture in 0..<8 { show(picture) }
        let before = tracker.report()
        #expect(before.count == 2)
        let ghost = tracker.tracks[0].box
        tracker.end(on: ghost.grown(40, 40))
        #expect(tracker.tracks.count == 2, "a far larger ghost is not that track")
        tracker.end(on: ghost.grown(2, 2))
        #expect(tracker.report().map(\.id) == [before[1].id])
        #expect(tracker.tracks.count == 1)
    }

    @Test(arguments: [20, 230]) func whoComesAndStandsStillIsNoGhost(level: Int) {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        // Something with an outline of its own stands behind the place.
        scene.boxes = [(x: 60, y: 20, width: 60, height: 60, level: 90)]
        _ = run(analyzer, &scene, from: 0, for: 3)
        scene.boxes.append((x: 0, y: 40, width: 16, height: 44, level: level))
        let seen = run(analyzer, &scene, from: 3, for: 30) { scene, time in
            scene.boxes[1].x = min(84, (time - 3) * 40)
        }
        #expect(analyzer.counters.ghostsTaken == 0)
        #expect(seen.last?.tracks.first?.path.last?.isMeasured == true)
    }

    @Test func aPlaceIsOneOnlyWhileItIsSeen() {
        var test = GhostTest(.test)
        let box = GridBox(left: 10, top: 10, right: 20, bottom: 40)
        func confirms(_ box: GridBox, _ seconds: Double) -> Bool { test.confirms(box, at: .epoch + .seconds(seconds)) }
        #expect(!confirms(box, 0))
        #expect(!confirms(box.grown(20, 20), 0.1))
        #expect(!confirms(box, 0.2))
        #expect(!confirms(box, 0.55), "it was lost for longer than the patience")
        for step in 0..<5 { #expect(!confirms(box, 0.65 + 0.05 * Double(step)), "seen often, but not for long") }
        #expect(confirms(box, 1.15))
        #expect(!confirms(box, 1.3), "forgotten once it is confirmed")
        for step in 0..<4 { #expect(!confirms(box, 1.5 + 0.2 * Double(step)), "long, but not seen often enough") }
    }
}
