import Ingest
import Kernels
import Media
import Pipeline
import Rules
import Scene
import TestSupport
import Testing
import Vision

/// What a caller sees of one picture; nil where the cadence left it out.
private struct Seen: Equatable {
    let observation: Observation?
    let events: [RuleEvent]
    let mask: [UInt8]
}

extension CameraAnalysis {
    fileprivate func look(_ picture: inout Picture, at time: MediaTime, _ size: PictureSize) throws -> Seen {
        let result = try analyze(&picture, at: time)
        var mask = [UInt8](repeating: 7, count: size.width * size.height)
        drawMask(into: &mask, stride: size.width)
        return Seen(observation: result?.observation, events: result?.events ?? [], mask: mask)
    }
}

/// Analyses footage whole and makes checkpoints before some pictures, or goes on from them and compares.
private final class SplitReceiver: PictureReceiver {
    static let stretch = 40

    private let make: () -> CameraAnalysis
    private let splits: [Int]
    private let whole: CameraAnalysis
    private var size = PictureSize(width: 1, height: 1)
    private var index = 0
    private var continued: [Int: CameraAnalysis] = [:]
    private(set) var tracks = 0
    private(set) var events = 0
    private(set) var kinds: Set<RuleKind> = []
    private(set) var failures: [String] = []

    init(splits: [Int], make: @escaping () -> CameraAnalysis) {
        self.make = make
        self.splits = splits
        whole = make()
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        size = stream.size
        whole.begin(size: size)
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        do {
            if splits.contains(index) {
                let analysis = make()
                try analysis.restore(whole.checkpoint())
                continued[index] = analysis
            }
            let expected = try whole.look(&picture, at: time, size)
            tracks += expected.observation?.tracks.count ?? 0
            events += expected.events.count
            kinds.formUnion(expected.events.map(\.kind))
            for (split, analysis) in continued {
                if try analysis.look(&picture, at: time, size) != expected {
                    failures.append("split \(split) at \(index)")
                }
                if index == split + Self.stretch { continued[split] = nil }
            }
        } catch {
            failures.append("\(error)")
        }
        index += 1
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

@Suite("Analyses that go on from a checkpoint")
struct AnalysisCheckpointTests {
    private static func analysis(_ line: Double = 0.5) throws -> CameraAnalysis {
        let across = try #require(Polyline([Point(x: line, y: 0), Point(x: line, y: 1)]))
        let all = try #require(
            Polygon([Point(x: 0.2, y: 0.2), Point(x: 0.8, y: 0.2), Point(x: 0.8, y: 1), Point(x: 0.2, y: 1)]))
        let (lineID, zoneID) = (try #require(RuleID("line")), try #require(RuleID("zone")))
        let rules = [
            FenceRule(id: lineID, anchor: .foot, watch: .line(LineRule(line: across))),
            FenceRule(id: zoneID, anchor: .foot, watch: .zone(ZoneRule(area: all)))
        ]
        let model = try ModelLibrary.standard().load("visible").model
        return CameraAnalysis(
            rules: rules, model: model, cadence: AnalysisCadence(analysisRate: 8), kernels: Kernels.best)
    }

    @Test(
        "footage split at random pictures gives the same observations, events and masks",
        .enabled(if: Corpus.isAvailable, Comment(rawValue: Corpus.requirement)))
    func footage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        let splits = (0..<8).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % 230
        }
        let first = try Self.analysis()
        var ready: [CameraAnalysis] = [first]
        for _ in splits { ready.append(try Self.analysis()) }
        let receiver = SplitReceiver(splits: splits) { ready.removeLast() }
        _ = try Footage(path: Corpus.footage("sbi_CaVignal")).read(into: receiver)
        #expect(receiver.failures == [], "seed \(seed), split at \(splits)")
        #expect(receiver.tracks > 0 && receiver.events > 0, "the footage has something to go on with")
    }

    /// One walks in, stands and walks out, watched by fences of every kind; then a lamp is switched on.
    private static let everyKind: GoldenScene = {
        let yard = "points: [[0.55, 0.35], [0.9, 0.35], [0.9, 0.8], [0.55, 0.8]]"
        let watches = [
            "kind: line, \(GoldenScene.middle)", "kind: zone, \(yard), raise: [enter, leave, occupied]",
            "kind: dwell, \(yard), seconds: 3", "kind: appear, \(yard), raise: [appear, disappear]",
            "kind: wrong_way, \(GoldenScene.everywhere), allowed: [[0.2, 0.5], [0.8, 0.5]]",
            "kind: speed, \(GoldenScene.everywhere), above_kmh: 3, below_kmh: 1, seconds: 1",
            "kind: sequence, within: [0, 5], stages: [{ shape: line, points: [[0.3, 0.95], [0.3, 0.05]] }, "
                + "{ shape: zone, \(yard) }]",
            "kind: stopped, \(yard), seconds: 2", "kind: left_object, \(yard), seconds: 2",
            "kind: occupancy, \(yard), above: 0, seconds: 1", "kind: density, \(yard), share: 0.12, seconds: 1",
            "kind: motion, \(yard), share: 0.1, cool_down: 1, rearm: 1",
            "kind: scene_health, conditions: [lighting_jump], seconds: 0"
        ]
        return GoldenScene(
            name: "every-kind", seconds: 16, story: "", ground: .view(.light(384), during: 14..<16),
            figures: [
                .way((2, -0.1, 0.65), (6, 0.7, 0.65), (9, 0.7, 0.65), (13, -0.1, 0.65)),
                .way((3, 0.6, 0.7), (4.5, 0.8, 0.7))
            ], camera: [GoldenScene.calibrated],
            fences: watches.enumerated().map { .silent("rule-\($0.offset)", $0.element, because: "") })
    }()

    @Test("a drawn scene split at random pictures gives the same events of every kind, observations and masks")
    func drawn() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let scene = Self.everyKind
        let splits = (0..<8).map { _ in Int.random(in: 1..<scene.footage.pictureCount, using: &random) }
        let assembly = try GoldenReplay.assembly(of: scene)
        let receiver = SplitReceiver(splits: splits) { assembly.makeAnalysis() }
        let scratch = try ScratchFolder()
        _ = try Footage(path: scene.footage.writeExact(to: scratch.file("scene.mkv"))).read(into: receiver)
        #expect(receiver.failures == [], "seed \(seed), split at \(splits)")
        #expect(Set(RuleKind.allCases).subtracting(receiver.kinds) == [.leftObject, .removedObject, .manual])
    }

    @Test("a checkpoint under other rules is refused")
    func otherRules() throws {
        let checkpoint = try Self.analysis().checkpoint()
        #expect(throws: CheckpointMismatch.self) { try Self.analysis(0.4).restore(checkpoint) }
    }
}
