import Kernels
import Scene
import Testing

@testable import Vision

/// A drawn street: a person is 10 pixels tall far away and 84 at the lower edge.
@Suite struct SizeLimitTests {
    private static let street = try? Perspective(
        far: .init(row: 0.3, height: 10.0 / 120), near: .init(row: 0.95, height: 0.7))

    private func analyzer(_ perspective: Perspective?) -> FrameAnalyzer {
        // Limits as a busy yard wants them: a far person is below, a cat close to the camera above.
        var model = DetectorModel.test
        model.areaLeast = 0.006
        model.travelLeast = 0.2
        model.shiftLeast = 0.05
        return FrameAnalyzer(
            model: model, source: PictureSize(width: 160, height: 120), perspective: perspective, kernels: Kernels.best)
    }

    private func tracks(
        _ perspective: Perspective?, _ box: @escaping (Double) -> (x: Double, y: Double, width: Int, height: Int)
    ) -> Set<TrackID> {
        let analyzer = analyzer(perspective)
        var scene = DrawnScene()
        _ = run(analyzer, &scene, from: 0, for: 3)
        let seen = run(analyzer, &scene, from: 3, for: 4) { scene, time in
            let place = box(time - 3)
            scene.boxes = [(x: place.x, y: place.y, width: place.width, height: place.height, level: 235)]
        }
        return Set(seen.flatMap(\.tracks).map(\.id))
    }

    @Test func aFarWalkerIsFoundOnlyWithPerspective() throws {
        let street = try #require(Self.street)
        func walker(_ seconds: Double) -> (x: Double, y: Double, width: Int, height: Int) {
            (x: 40 + seconds * 6, y: 27, width: 5, height: 10)
        }
        #expect(tracks(nil, walker).isEmpty)
        #expect(tracks(street, walker).count == 1)
    }

    @Test func aCheckpointGoesOnWithItsPerspectiveAndRefusesAnother() throws {
        let street = try #require(Self.street)
        let first = analyzer(street)
        var scene = DrawnScene()
        _ = run(first, &scene, from: 0, for: 3)
        func walk(_ analyzer: FrameAnalyzer) -> [Observation] {
            var scene = scene
            return run(analyzer, &scene, from: 3, for: 4) { scene, time in
                scene.boxes = [(x: 40 + (time - 3) * 6, y: 27, width: 5, height: 10, level: 235)]
            }
        }
        let checkpoint = first.checkpoint()
        let seen = walk(FrameAnalyzer(restoring: checkpoint, kernels: Kernels.best))
        #expect(seen == walk(first) && seen.contains { !$0.tracks.isEmpty })
        #expect(throws: CheckpointMismatch("a checkpoint of another perspective")) {
            try analyzer(nil).restore(checkpoint)
        }
    }

    @Test func somethingSmallCloseToTheCameraIsIgnoredOnlyWithPerspective() throws {
        let street = try #require(Self.street)
        func cat(_ seconds: Double) -> (x: Double, y: Double, width: Int, height: Int) {
            (x: 5 + seconds * 30, y: 96, width: 18, height: 14)
        }
        #expect(tracks(nil, cat).count == 1)
        #expect(tracks(street, cat).isEmpty)
    }

    @Test func aPersonCloseToTheCameraCountsEitherWay() throws {
        let street = try #require(Self.street)
        func person(_ seconds: Double) -> (x: Double, y: Double, width: Int, height: Int) {
            (x: seconds * 30, y: 30, width: 28, height: 80)
        }
        #expect(tracks(nil, person).count == 1)
        #expect(tracks(street, person).count == 1)
    }

    @Test func withoutPerspectiveTheLimitsAreTheModelsOnEveryRow() {
        let model = DetectorModel.test
        let layout = GridLayout(width: 160, height: 120)
        let limits = SizeLimits(model: model, layout: layout, rowOfPicture: 1.0 / 120, perspective: nil)
        for bottom in stride(from: 0.0, through: 120, by: 7) {
            #expect(limits.area(bottom: bottom) == model.areaLeast * 160 * 120)
            #expect(limits.travel(bottom: bottom) == model.travelLeast * 200)
            #expect(limits.shift(bottom: bottom) == model.shiftLeast * 200)
            #expect(limits.bigArea(bottom: bottom) == model.bigArea * 160 * 120)
        }
        #expect(limits.pieceArea() == max(4, Int(model.areaLeast * 160 * 120 / 6)))
    }

    @Test func limitsGrowDownwardsAndStayTheModelsAboveTheHorizon() throws {
        let model = DetectorModel.test
        let layout = GridLayout(width: 160, height: 120)
        let street = try #require(Self.street)
        let limits = SizeLimits(model: model, layout: layout, rowOfPicture: 1.0 / 120, perspective: street)
        let horizon = try #require(street.horizon) * 120
        #expect(limits.area(bottom: horizon - 1) == model.areaLeast * 160 * 120)
        let rows = Array(stride(from: horizon + 1, through: 120, by: 1))
        for (upper, lower) in zip(rows, rows.dropFirst()) {
            #expect(limits.area(bottom: upper) <= limits.area(bottom: lower))
            #expect(limits.travel(bottom: upper) <= limits.travel(bottom: lower))
            #expect(limits.bigArea(bottom: upper) <= limits.bigArea(bottom: lower))
        }
        // A cat is a tenth of a person's area or less, half a person from the side a tenth of the height's square.
        let person = street.personHeight(atRow: 0.9) * 120
        #expect((0.03...0.1).contains(limits.area(bottom: 0.9 * 120) / (person * person)))
        #expect(Double(limits.pieceArea()) <= limits.area(bottom: horizon + 1))
    }
}
