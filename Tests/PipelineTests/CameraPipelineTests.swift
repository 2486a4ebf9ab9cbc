import Alerts
import Evidence
import Ingest
import Logging
import Media
import Pipeline
import Scene
import TestSupport
import Testing

/// Keeps what a pipeline tells its outlet.
final class RecordingOutlet: AlertOutlet {
    private(set) var decisions: [AlertDecision] = []
    private(set) var picturesShown = 0
    private(set) var overlays: [Overlay] = []
    private(set) var endings: [String] = []
    private(set) var beginnings = 0
    private(set) var conditions: [ConditionChange] = []
    private(set) var suppressed: [SuppressedCandidate] = []
    private(set) var fallbacks: [String] = []

    func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime
    ) {
        self.decisions += decisions
        picturesShown += 1
        overlays.append(overlay())
    }

    func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) { self.decisions += decisions }

    func note(_ change: CameraNote) {
        switch change {
        case .began: beginnings += 1
        case .ended(let kind, _, _): endings.append(kind)
        case .condition(let change): conditions.append(change)
        case .suppressed(let candidates): suppressed += candidates
        case .decoding(let fallback, let time): fallbacks.append("\(fallback ?? "none") \(time.wholeSecond)")
        }
    }

    var outline: [String] { decisions.map { "\($0.occurrence.rawValue) \($0.state.rawValue) \($0.last.wholeSecond)" } }
}

@Suite("A camera's pipeline")
struct CameraPipelineTests {
    private static let size = PictureSize(width: 160, height: 120)
    private static let address = StreamAddress("rtsp://127.0.0.1/scene")
    private static let stream = StreamDescription(codec: "h264", size: size, nominalFrameRate: 25, transport: .tcp)

    private let outlet = RecordingOutlet()
    private let assembly: CameraAssembly

    init() throws {
        let site = try ConfigurationFixture.decode(ConfigurationFixture.minimal)
        assembly = try CameraAssembly(site.cameras[0], library: .standard(), localTime: site.localTime)
    }

    private func pipeline(
        restoring: [AlertDecision] = [], raisesSignalAlarms: Bool = true, clock: MediaTime = at(1000)
    ) -> CameraPipeline {
        CameraPipeline(
            camera: assembly.camera.id, rules: assembly.camera.rules, analysis: assembly.makeAnalysis(),
            book: assembly.makeBook(restoring: restoring), outlet: outlet, raisesSignalAlarms: raisesSignalAlarms,
            clock: { clock }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func end(_ pipeline: CameraPipeline, _ kind: FailureKind, at time: MediaTime?) {
        pipeline.sessionEnded(SessionFailure(kind, at: Self.address), at: time)
    }

    @Test("a lost signal is an alarm, raised once however many attempts fail, and the next session ends it")
    func lostAndBack() {
        let pipeline = pipeline()
        pipeline.sessionBegan(Self.stream, anchor: at(100))
        end(pipeline, .connectionLost, at: at(110))
        for _ in 0..<5 { end(pipeline, .refused, at: nil) }
        #expect(outlet.outline == ["signal_lost opened 110"])
        pipeline.sessionBegan(Self.stream, anchor: at(150))
        #expect(outlet.outline == ["signal_lost opened 110", "signal_lost updated 150"])
        #expect(outlet.decisions.last?.isHolding == false)
        #expect(outlet.endings.count == 6 && outlet.beginnings == 2)
        // A condition of the picture as well: told once when it begins, once when it ends.
        #expect(outlet.conditions.map(\.condition) == [.signalLost, .signalLost])
        #expect(outlet.conditions.map(\.since) == [at(110), at(110)])
        #expect(outlet.conditions.map(\.end) == [nil, at(150)])
    }

    @Test("that everything is decoded, and why, is handed on to be journaled")
    func fallback() {
        let pipeline = pipeline()
        pipeline.sessionBegan(Self.stream, anchor: at(100))
        var standing = DecodeStanding()
        standing.mode = .dense
        standing.fallback = .openGOP
        pipeline.decoding(standing, at: at(104))
        standing.fallback = nil
        pipeline.decoding(standing, at: at(140))
        #expect(outlet.fallbacks == ["open_gop 104", "none 140"])
    }

    @Test("a camera that was never there is lost by the server's clock")
    func neverThere() {
        end(pipeline(clock: at(777)), .unreachable, at: nil)
        #expect(outlet.outline == ["signal_lost opened 777"])
    }

    @Test("a session that begins anew by itself is no loss", arguments: [FailureKind.sizeChanged, .timeJumped, .paused])
    func newBeginning(kind: FailureKind) {
        let pipeline = pipeline()
        pipeline.sessionBegan(Self.stream, anchor: at(100))
        end(pipeline, kind, at: at(110))
        pipeline.sessionBegan(Self.stream, anchor: at(111))
        #expect(outlet.decisions.isEmpty && outlet.endings == [kind.rawValue])
    }

    @Test("every other ending is a loss", arguments: FailureKind.allCases)
    func losses(kind: FailureKind) {
        let pipeline = pipeline()
        pipeline.sessionBegan(Self.stream, anchor: at(100))
        end(pipeline, kind, at: at(110))
        let isNone = [.sizeChanged, .timeJumped, .paused, .stopped].contains(kind)
        #expect(outlet.decisions.isEmpty == isNone, "\(kind)")
    }

    @Test("a feed that is asked to stop leaves its episodes open; restored, the next session ends the loss")
    func stopAndRestore() throws {
        let first = pipeline()
        first.sessionBegan(Self.stream, anchor: at(100))
        end(first, .stalled, at: at(110))
        end(first, .stopped, at: nil)
        #expect(outlet.outline == ["signal_lost opened 110"])

        let second = pipeline(restoring: outlet.decisions)
        second.sessionBegan(Self.stream, anchor: at(200))
        #expect(outlet.outline == ["signal_lost opened 110", "signal_lost updated 200"])
        #expect(Set(outlet.decisions.map(\.id)).count == 1, "the same alert goes on")
        #expect(outlet.decisions.map(\.version) == [1, 2])
    }

    @Test("a restored loss that goes on raises no second alarm")
    func restoredLossGoesOn() {
        let first = pipeline()
        end(first, .refused, at: nil)
        let second = pipeline(restoring: outlet.decisions, clock: at(1010))
        end(second, .refused, at: nil)
        #expect(Set(outlet.decisions.map(\.id)).count == 1)
        #expect(outlet.decisions.count { $0.state == .opened } == 1)
    }

    @Test("footage that ends is no loss")
    func footage() {
        let pipeline = pipeline(raisesSignalAlarms: false)
        pipeline.sessionBegan(Self.stream, anchor: at(0))
        end(pipeline, .ended, at: at(10))
        pipeline.finishFootage(at: at(10))
        #expect(outlet.decisions.isEmpty)
    }

    @Test("decisions on a picture come with it and with an overlay that names them")
    func overlays() throws {
        let scratch = try ScratchFolder()
        let footage = try GoldenScene.leftToRight.footage.writeExact(to: scratch.file("scene.mkv"))
        let pipeline = pipeline(raisesSignalAlarms: false)
        _ = try Footage(path: footage).read(into: pipeline)
        let opened = outlet.decisions.filter { $0.state == .opened }
        #expect(opened.map(\.rule.text).contains("path"), "\(outlet.outline)")
        #expect(outlet.picturesShown == outlet.overlays.count && outlet.picturesShown >= opened.count)
        #expect(outlet.overlays.contains { $0.caption.first == "gate: path crossed" })
        #expect(outlet.overlays.allSatisfy { !$0.items.isEmpty })
    }
}

private func at(_ second: Int64) -> MediaTime { MediaTime(microseconds: second * 1_000_000) }
