import Kernels
import Scene
import Testing

@testable import Vision

/// What a caller sees of one picture.
private struct Seen: Equatable {
    let maskBefore: [UInt8]
    let observation: Observation
    let mask: [UInt8]
    let counters: FrameAnalyzer.Counters
}

/// Noise, stripes that blink by more and more, somebody who walks, somebody who was there from the start and leaves a
/// ghost, a short flood and what follows: every part of the memory is in use somewhere.
private struct BusyFootage {
    static let rate = 10.0
    static let count = 84
    /// Pictures that a run goes on after a split.
    static let stretch = 16
    let pictures: [[UInt8]]

    init() {
        var scene = DrawnScene()
        pictures = (0..<Self.count).map { index in
            let time = Double(index) / Self.rate
            scene.brightness = time > 5 ? 0.9 : 1
            scene.boxes = [
                (x: time < 2 ? 30 : min(125, 30 + (time - 2) * 45), y: 60, width: 14, height: 40, level: 230)
            ]
            if time > 2.2 { scene.boxes.append((x: 140 - (time - 2.2) * 30, y: 10, width: 12, height: 30, level: 30)) }
            for stripe in 0..<18 {
                // Never twice the same, so that samples, noise and restlessness all have something to learn.
                let level = 100 + (index * 7 + stripe) % 5 * (1 + stripe / 2)
                scene.boxes.append((x: Double(stripe * 8), y: 104, width: 8, height: 14, level: level))
            }
            if time > 4.5, time < 4.95 { scene.boxes.append((x: 0, y: 0, width: 160, height: 110, level: 8)) }
            return scene.picture()
        }
    }

    private func mask(of analyzer: FrameAnalyzer) -> [UInt8] {
        var mask = [UInt8](repeating: 7, count: 160 * 120)
        analyzer.drawMask(into: &mask, width: 160, height: 120, stride: 160)
        return mask
    }

    /// Analyses pictures `range`.
    func play(_ analyzer: FrameAnalyzer, _ range: Range<Int>) -> [Seen] {
        range.map { index in
            let before = mask(of: analyzer)
            let observation = analyzer.analyze(pictures[index], seconds: Double(index) / Self.rate)
            return Seen(
                maskBefore: before, observation: observation, mask: mask(of: analyzer), counters: analyzer.counters)
        }
    }
}

@Suite struct CheckpointTests {
    @Test func aRunThatIsSplitAtAnyPictureGoesOnTheSame() throws {
        let footage = BusyFootage()
        let analyzer = makeAnalyzer()
        var checkpoints: [FrameAnalyzer.Checkpoint] = []
        let whole = (0..<BusyFootage.count).flatMap { index in
            checkpoints.append(analyzer.checkpoint())
            return footage.play(analyzer, index..<index + 1)
        }
        let undisturbed = footage.play(makeAnalyzer(), 0..<BusyFootage.count)
        #expect(whole == undisturbed, "making a checkpoint changes nothing")
        #expect(whole.contains { $0.observation.tracks.count > 1 })
        #expect(analyzer.counters.floods > 0 && analyzer.counters.ghostsTaken > 0)

        // One that has seen something else must forget all of it.
        let other = makeAnalyzer(kernels: Kernels.available[0])
        for (split, checkpoint) in checkpoints.enumerated() {
            try other.restore(checkpoint)
            let end = min(split + BusyFootage.stretch, BusyFootage.count)
            #expect(footage.play(other, split..<end) == Array(whole[split..<end]), "split at \(split)")
        }
        let fresh = FrameAnalyzer(restoring: checkpoints[40], kernels: Kernels.best)
        #expect(footage.play(fresh, 40..<BusyFootage.count) == Array(whole[40...]))
    }

    /// Each part alone is left as it was at the start: some later picture must then be judged otherwise, else the
    /// footage of the test above would not notice that a checkpoint lacks it.
    @Test func everyPartOfACheckpointMatters() throws {
        let footage = BusyFootage()
        let analyzer = makeAnalyzer()
        let empty = analyzer.checkpoint()
        var checkpoints: [FrameAnalyzer.Checkpoint] = []
        let whole = (0..<BusyFootage.count).flatMap { index in
            checkpoints.append(analyzer.checkpoint())
            return footage.play(analyzer, index..<index + 1)
        }
        let other = makeAnalyzer()
        func isNoticed(_ forget: (inout FrameAnalyzer.Checkpoint) -> Void) throws -> Bool {
            for split in [16, 27, 34, 41, 46, 47, 56, 62] {
                var checkpoint = checkpoints[split]
                forget(&checkpoint)
                try other.restore(checkpoint)
                let end = min(split + BusyFootage.stretch, BusyFootage.count)
                if footage.play(other, split..<end) != Array(whole[split..<end]) { return true }
            }
            return false
        }
        #expect(try !isNoticed { _ in })
        #expect(try isNoticed { $0.state.counters = empty.state.counters })
        #expect(try isNoticed { $0.state.phase = empty.state.phase })
        #expect(try isNoticed { $0.state.lastTime = empty.state.lastTime })
        #expect(try isNoticed { $0.state.background = empty.state.background })
        #expect(try isNoticed { $0.state.ghosts = empty.state.ghosts })
        #expect(try isNoticed { $0.state.tracker = empty.state.tracker })
        #expect(try isNoticed { $0.shake = empty.shake })
        let others = FrameAnalyzer.Checkpoint.restingPlanes + [FrameAnalyzer.Checkpoint.holdPlane]
        for plane in empty.planes.indices where !others.contains(plane) {
            #expect(try isNoticed { $0.planes[plane] = empty.planes[plane] }, "plane \(plane)")
        }
        // Whoever adds a part to the state adds a line above; health, change, what is held and what rests have tests of
        // their own.
        #expect(Mirror(reflecting: empty.state).children.count == 9 && empty.planes.count == 14)
    }

    /// The light goes out and comes back: when that is noticed, and since when it is said to be, depends on both parts.
    @Test func healthIsPartOfACheckpoint() throws {
        let rate = 25.0
        let moments = 0..<Int(6.8 * rate)
        let pictures = moments.map { index in
            var scene = DrawnScene()
            if (2.1..<6.6).contains(Double(index) / rate) {
                scene.boxes = [(x: 0, y: 0, width: 160, height: 120, level: 3)]
            }
            return scene.picture()
        }
        func play(_ analyzer: FrameAnalyzer, _ range: Range<Int>) -> [SceneHealth] {
            range.map { analyzer.analyze(pictures[$0], seconds: Double($0) / rate).health }
        }
        let analyzer = makeAnalyzer()
        let empty = analyzer.checkpoint()
        var checkpoints: [FrameAnalyzer.Checkpoint] = []
        let whole = moments.flatMap { index in
            checkpoints.append(analyzer.checkpoint())
            return play(analyzer, index..<index + 1)
        }
        #expect(whole.contains { $0.holds(.tooDark) })
        let other = makeAnalyzer()
        func isNoticed(_ forget: (inout FrameAnalyzer.Checkpoint) -> Void) throws -> Bool {
            for split in stride(from: Int(2 * rate), to: Int(2.3 * rate), by: 1) {
                var checkpoint = checkpoints[split]
                forget(&checkpoint)
                try other.restore(checkpoint)
                if play(other, split..<moments.upperBound) != Array(whole[split...]) { return true }
            }
            return false
        }
        #expect(try !isNoticed { _ in })
        #expect(try isNoticed { $0.state.health = empty.state.health })
        #expect(try isNoticed { $0.state.change.isSudden.toggle() })
    }

    /// A lamp goes on while somebody walks: his place is asked for no light.
    @Test func whatIsHeldIsPartOfACheckpoint() throws {
        let rate = 8.0
        var scene = HealthScene()
        let pictures = (0..<Int(5 * rate)).map { index in
            let time = Double(index) / rate
            scene.boxes = time < 2.5 ? [] : [(x: (time - 2.5) * 25 - 6, y: 30, width: 40, height: 70, level: 205)]
            scene.light = time < 4.5 ? (1, 1) : (1.5, 1.5)
            return scene.picture()
        }
        func play(_ analyzer: FrameAnalyzer, _ range: Range<Int>) -> Int {
            for index in range { _ = analyzer.analyze(pictures[index], seconds: Double(index) / rate) }
            return analyzer.checkpoint().planes.hashValue
        }
        let analyzer = makeHealthAnalyzer()
        let empty = analyzer.checkpoint()
        // The picture with the new light comes next.
        let split = Int(4.5 * rate)
        _ = play(analyzer, 0..<split)
        let checkpoint = analyzer.checkpoint()
        let rest = play(analyzer, split..<pictures.count)
        let other = makeHealthAnalyzer()
        try other.restore(checkpoint)
        #expect(play(other, split..<pictures.count) == rest)
        let hold = FrameAnalyzer.Checkpoint.holdPlane
        #expect(checkpoint.planes[hold].contains(255))
        try other.restore(empty)
        #expect(!other.checkpoint().planes[hold].contains(255))
        try other.restore(checkpoint)
        #expect(other.checkpoint().planes[hold] == checkpoint.planes[hold])
    }

    @Test func anotherModelOrSizeIsRefused() throws {
        let analyzer = makeAnalyzer()
        let checkpoint = analyzer.checkpoint()
        #expect(throws: CheckpointMismatch.self) { try makeAnalyzer { $0.gate += 1 }.restore(checkpoint) }
        let large = FrameAnalyzer(
            model: .test, source: PictureSize(width: 320, height: 240), kernels: Kernels.best)
        #expect(throws: CheckpointMismatch("a checkpoint of 160x120 pictures · these are 320x240")) {
            try large.restore(checkpoint)
        }
    }
}

extension FrameAnalyzer.Checkpoint {
    /// Where the background's `hold` lies among the planes.
    fileprivate static let holdPlane = 6
    /// Where those of what rests lie.
    static let restingPlanes = Array(8..<14)
}
