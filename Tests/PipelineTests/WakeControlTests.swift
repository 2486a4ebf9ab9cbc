import Ingest
import Logging
import Media
import Pipeline
import Scene
import TestSupport
import Testing

/// What wakes a sleeping camera and what does not, from encoded pictures to wakes.
@Suite("Wakes of a dense camera")
struct WakeControlTests {
    private static let site = """
        site: { id: "1", name: wakes }
        decode: { C: dense, quiet_s: 1 }
        cameras:
          - id: scene
            url: rtsp://127.0.0.1/scene
            fences:
              - { id: yard, kind: zone, points: [[0.3, 0.05], [0.75, 0.05], [0.75, 0.95], [0.3, 0.95]], raise: [enter] }
        """
    private static let quiet = Logger(label: "wakes", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let rate = 25

    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private struct Outcome {
        let wakes, inVain, suppressed, pictures: Int64
        /// Seconds of what was raised.
        let raised: [Double]
    }

    /// - Parameters:
    ///   - light: gain of the whole picture.
    ///   - draw: what is drawn over the scene; all at a second of the footage.
    private func watch(
        seconds: Int, light: @escaping @Sendable (Double) -> Double = { _ in 1 },
        _ draw: @escaping @Sendable (Double, borrowing DrawnFootage.Brush) -> Void
    ) throws -> Outcome {
        let path = try DrawnFootage(
            size: PictureSize(width: 160, height: 120), frameRate: Double(Self.rate),
            pictureCount: seconds * Self.rate, form: .camera(.h264, keyframeDistance: Self.rate)
        ) { index, brush in
            let second = Double(index) / Double(Self.rate)
            let gain = Int(light(second) * 256)
            brush.fill { x, y in
                let stone = 70 + (x / 9 * 37 + y / 7 * 53 + (x / 9) * (y / 7) * 11) % 7 * 9
                let luma = (stone + (x * 31 + y * 17 + index * 13) % 5) * gain
                return UInt8(min(255, luma / 256))
            }
            draw(second, brush)
        }.write(to: scratch.file("scene.mp4"))
        let site = try ConfigurationFixture.decode(Self.site)
        let assembly = try CameraAssembly(site.cameras[0], library: .standard(), localTime: site.localTime)
        let (outlet, counters) = (CollectingOutlet(), CameraCounters())
        let pipeline = CameraPipeline(
            camera: assembly.camera.id, rules: assembly.camera.rules, analysis: assembly.makeAnalysis(),
            book: assembly.makeBook(), outlet: outlet, raisesSignalAlarms: false, counters: counters,
            clock: { .epoch }, logger: Self.quiet)
        let feed = try Footage(path: path, policy: assembly.decodePolicy).read(into: pipeline).counters
        let tally = counters.snapshot
        return Outcome(
            wakes: feed.wakes, inVain: tally.falseWakes, suppressed: tally.suppressedWakes, pictures: feed.pictures,
            raised: outlet.decisions.filter { $0.state == .opened }.map { ($0.start - .epoch).seconds })
    }

    /// Somebody walks through the picture in 4 s.
    private static func walker(from begin: Double) -> @Sendable (Double, borrowing DrawnFootage.Brush) -> Void {
        { second, brush in
            let share = (second - begin) / 4
            if (0..<1).contains(share) { brush.fill(Box(x: share * 0.92, y: 0.4, width: 0.08, height: 0.3), luma: 225) }
        }
    }

    @Test("lightning wakes nobody; whoever comes afterwards does")
    func lightning() throws {
        let outcome = try watch(
            seconds: 36,
            light: { second in
                // Four strokes, each over a keyframe.
                [15.0, 17, 20, 21].contains { (-0.1..<0.3).contains(second - $0) } ? 1.4 : 1
            }, Self.walker(from: 28.3))
        #expect(outcome.wakes == 1 && outcome.inVain == 0)
        #expect(outcome.raised.count == 1 && outcome.raised.allSatisfy { (28...31).contains($0) })
    }

    @Test("dusk wakes nobody")
    func dusk() throws {
        let outcome = try watch(seconds: 76, light: { 1 - 0.5 * min(1, max(0, ($0 - 12) / 60)) }) { _, _ in }
        #expect(outcome.wakes == 0 && outcome.raised.isEmpty)
    }

    @Test("light that stays on is learnt once, and whoever comes then is found", arguments: [1.35, 0.65])
    func lamps(gain: Double) throws {
        let outcome = try watch(seconds: 44, light: { $0 < 15.5 ? 1 : gain }, Self.walker(from: 36.3))
        #expect(outcome.wakes <= 2)
        #expect(outcome.raised.count == 1 && outcome.raised.allSatisfy { (36...39).contains($0) })
    }

    @Test("the same strokes with somebody in the picture do wake")
    func lightAndSomebody() throws {
        let outcome = try watch(seconds: 30, light: { (14.9..<15.3).contains($0) ? 1.4 : 1 }, Self.walker(from: 14))
        #expect(outcome.wakes >= 1 && outcome.raised.count == 1)
    }

    @Test("leaves that sway in one place wake a few times and are believed then; whoever passes there does wake")
    func foliage() throws {
        let walker = Self.walker(from: 81.4)
        let outcome = try watch(seconds: 90) { second, brush in
            // For a tenth of a second, over every third keyframe.
            if second > 10, second < 80, (second + 0.05).truncatingRemainder(dividingBy: 3) < 0.1 {
                brush.fill(Box(x: 0.62, y: 0.3, width: 0.07, height: 0.09), luma: 170)
            }
            walker(second, brush)
        }
        #expect((3...6).contains(outcome.inVain) && outcome.suppressed > 10)
        #expect(outcome.wakes == outcome.inVain + 1)
        #expect(outcome.raised.count == 1 && outcome.raised.allSatisfy { $0 > 81 })
    }

    @Test("a picture that is hidden wakes once, not at each keyframe")
    func hidden() throws {
        let outcome = try watch(seconds: 40) { second, brush in
            if second >= 14.5 { brush.fill { x, y in UInt8(20 + (x * 5 + y * 3) % 7) } }
        }
        #expect(outcome.wakes == 1 && outcome.raised.isEmpty)
        #expect(outcome.pictures < 40 * 25 / 2)
    }
}
