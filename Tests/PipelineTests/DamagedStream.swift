import Foundation
import Ingest
import Logging
import Media
import Pipeline
import Scene
import Synchronization
import TestSupport

/// What a camera films while its stream is spoilt, and the fences that watch it: nothing but sensor noise, or somebody
/// who walks about below the fences, until ``eventStart``; then somebody goes through all of them.
struct SpoiltScene: Sendable, Hashable {
    var form = VideoWriter.Form.camera(.h264, keyframeDistance: 25)
    /// Times 160x120.
    var scale = 1
    var frameRate = 25.0
    /// Somebody walks about where no fence is, so that pictures differ and a dense camera is awake.
    var isBusy = true
    var hasEvenRate = true
    /// Seconds; nil for never.
    var eventStart: Double? = Self.usualStart
    var length = Self.usualStart + 3.6

    static let usualStart = 12.0
    static let eventLength = 2.4

    static let site = """
        site: { id: "1", name: spoilt }
        cameras:
          - id: scene
            url: rtsp://127.0.0.1/scene
            fences:
              - { id: path, kind: line, points: [[0.5, 0.6], [0.5, 0.02]] }
              - { id: yard, kind: zone, points: [[0.3, 0.02], [0.7, 0.02], [0.7, 0.6], [0.3, 0.6]], raise: [enter, occupied] }
              - { id: door, kind: dwell, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.6], [0.02, 0.6]], seconds: 1 }
              - { id: hatch, kind: appear, points: [[0.3, 0.02], [0.7, 0.02], [0.7, 0.6], [0.3, 0.6]] }
              - { id: vault, kind: motion, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.6], [0.02, 0.6]], share: 0.02 }
              - { id: desk, kind: left_object, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.6], [0.02, 0.6]], seconds: 2 }
              - { id: statue, kind: removed_object, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.6], [0.02, 0.6]], seconds: 2 }
              - { id: bay, kind: stopped, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.6], [0.02, 0.6]], seconds: 1 }
              - { id: eye, kind: scene_health, seconds: 1 }
        """

    func write(to path: String) throws -> String {
        let (scale, isBusy, eventStart) = (scale, isBusy, eventStart)
        var random = SeededRandom(seed: 11)
        let grounds = (0..<(scale == 1 ? 8 : 1)).map { _ in Self.ground(scale, &random) }
        let times = times
        var footage = DrawnFootage(
            size: PictureSize(width: 160 * scale, height: 120 * scale), frameRate: frameRate, pictureCount: times.count,
            form: form
        ) { index, brush in
            brush.fill(rows: grounds[index * 5 % grounds.count])
            if isBusy {
                let way = abs(1 - (times[index] / 2.6).truncatingRemainder(dividingBy: 2))
                Self.draw(brush, left: way * 0.9, top: 0.68)
            }
            guard let eventStart else { return }
            let share = (times[index] - eventStart) / Self.eventLength
            if (0..<1).contains(share) { Self.draw(brush, left: share * 0.92, top: 0.2) }
        }
        footage.times = { times[$0] }
        return try footage.write(to: path)
    }

    /// Seconds of all pictures; where the rate is not even, the next one comes after 0.3 to 2.5 usual intervals.
    private var times: [Double] {
        var random = SeededRandom(seed: 23)
        var times: [Double] = []
        var time = 0.0
        while time < length {
            times.append(time)
            time += (hasEvenRate ? 1 : Double.random(in: 0.3...2.5, using: &random)) / frameRate
        }
        return times
    }

    /// A coat and a head, so that there is something to predict from.
    private static func draw(_ brush: borrowing DrawnFootage.Brush, left: Double, top: Double) {
        brush.fill(Box(x: left, y: top + 0.06, width: 0.08, height: 0.22), luma: 215)
        brush.fill(Box(x: left + 0.02, y: top, width: 0.04, height: 0.07), luma: 40)
    }

    /// Stones in all sizes, under sensor noise.
    private static func ground(_ scale: Int, _ random: inout SeededRandom) -> [UInt8] {
        var rows: [UInt8] = []
        rows.reserveCapacity(160 * 120 * scale * scale)
        for y in 0..<120 {
            var row: [UInt8] = []
            for x in 0..<160 {
                let stone = (x / 9 &* 37 &+ y / 7 &* 53 &+ (x / 9) &* (y / 7) &* 11) % 7 &* 9
                let luma = UInt8(80 &+ stone &+ (x &* 7 &+ y &* 3) % 9 &+ Int(random.next() >> 61))
                row += repeatElement(luma, count: scale)
            }
            for _ in 0..<scale { rows += row }
        }
        return rows
    }
}

/// What came of a stream.
struct SpoiltOutcome: Sendable {
    var decisions: [AlertDecision] = []
    var failures: [SessionFailure] = []
    var counters = FeedCounters()
    var fallbacks: [DenseFallback?] = []
    /// Until the stream's end: whoever comes back after that begins the same footage again.
    var sessions = 0
    var newest: MediaTime?
    var first: MediaTime?
    /// Stretches whose pictures came and could not be used.
    var missed = 0

    /// What was raised, but for the loss of the signal at the end of the stream.
    var raised: [AlertDecision] { decisions.filter { $0.state == .opened && $0.rule != .signal } }

    /// Alerts before anybody came.
    var falseAlerts: [String] {
        guard let first else { return [] }
        return raised.filter { ($0.start - first).seconds < SpoiltScene.usualStart - 1 }.map(text)
    }

    /// Losses of the signal while the stream went on.
    var interruptions: [SessionFailure] { failures.filter { $0.kind != .ended && $0.kind != .stopped } }

    func hasRaised(_ rule: String) -> Bool { raised.contains { $0.rule.text == rule } }

    var outline: String {
        raised.map(text).joined(separator: ", ")
            + " · \(counters.pictures) pictures of \(counters.packets) packets, damaged \(counters.corruptPackets)"
            + "+\(counters.corruptPictures)+\(counters.missedReferences), before a keyframe \(counters.picturesBeforeKeyframe), wakes \(counters.wakes)"
            + ", sessions \(sessions) \(interruptions.map(\.kind)), fallbacks \(fallbacks.map { $0?.rawValue ?? "none" })"
    }

    private func text(_ decision: AlertDecision) -> String {
        "\(decision.rule) \(decision.occurrence.rawValue) at \(((decision.start - (first ?? .epoch)).seconds * 10).rounded() / 10) s"
    }
}

/// A pipeline that notes what comes of it, also while it runs.
final class SpoiltReceiver: PictureReceiver {
    private let pipeline: CameraPipeline
    private let outlet = CollectingOutlet()
    private let outcome: @Sendable ((inout SpoiltOutcome) -> Void) -> Void

    init(_ assembly: CameraAssembly, noting outcome: @escaping @Sendable ((inout SpoiltOutcome) -> Void) -> Void) {
        self.outcome = outcome
        pipeline = CameraPipeline(
            camera: assembly.camera.id, rules: assembly.camera.rules, analysis: assembly.makeAnalysis(),
            book: assembly.makeBook(), outlet: outlet, clock: { .epoch },
            logger: Logger(label: "spoilt", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        outcome {
            if !$0.failures.contains(where: { $0.kind == .ended }) { $0.sessions += 1 }
            $0.first = $0.first ?? anchor
        }
        pipeline.sessionBegan(stream, anchor: anchor)
        note()
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        pipeline.receive(&picture, at: time)
        outcome { $0.newest = time }
        note()
    }

    var attention: PictureAttention { pipeline.attention }
    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool { pipeline.stirs(in: &picture, at: time) }
    func leftOut(until time: MediaTime) { pipeline.leftOut(until: time) }
    func missed(until time: MediaTime) {
        outcome { $0.missed += 1 }
        pipeline.missed(until: time)
    }

    func decoding(_ standing: DecodeStanding, at time: MediaTime) {
        outcome { $0.fallbacks.append(standing.fallback) }
        pipeline.decoding(standing, at: time)
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        pipeline.sessionEnded(failure, at: time)
        note()
        outcome { $0.failures.append(failure) }
    }

    private func note() {
        let decisions = outlet.decisions
        outcome { if $0.decisions.count != decisions.count { $0.decisions = decisions } }
    }
}

extension SpoiltOutcome {
    /// What came of a file.
    init(replaying path: String, mode: DecodeMode) throws {
        let assembly = try CameraAssembly(spoilt: mode)
        let outcome = SharedOutcome()
        let receiver = SpoiltReceiver(assembly, noting: { outcome.change($0) })
        let counters = try Footage(path: path, policy: assembly.decodePolicy).read(into: receiver).counters
        self = outcome.value
        self.counters = counters
    }
}

/// A feed over a camera that plays a spoilt stream once, faster than it was recorded.
enum SpoiltFeed {
    static let speed = 6

    static func run(
        _ address: String, mode: DecodeMode, transport: StreamTransport = .tcp, comesBack: Bool = false
    ) async throws -> SpoiltOutcome {
        let assembly = try CameraAssembly(spoilt: mode)
        let outcome = SharedOutcome()
        let pace = SpoiltPace(epoch: MediaTime(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)))
        let feed = CameraFeed(
            CameraFeed.Settings(
                camera: assembly.camera.id, address: StreamAddress(address), transport: transport,
                readLimit: .seconds(15), policy: assembly.decodePolicy),
            clock: { pace.now(outcome.value.newest) },
            random: SeededRandom(seed: 7), logger: Logger(label: "spoilt", factory: { _ in SwiftLogNoOpLogHandler() })
        ) { SpoiltReceiver(assembly, noting: { outcome.change($0) }) }
        feed.start()
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end, !outcome.value.isOver(comesBack) {
            try await Task.sleep(for: .milliseconds(20))
        }
        let counters = feed.status.counters
        await feed.stop()
        var result = outcome.value
        result.counters = counters
        return result
    }
}

/// A clock as fast as the stream is played, that waits for the stream where it would be ahead by more than a session
/// bears: a machine that is busy must not look like a camera whose clock drifts.
private final class SpoiltPace: Sendable {
    private static let furthest = MediaSpan.seconds(8)

    private struct Hands: Sendable {
        var time: MediaTime
        var moved = ContinuousClock.now
    }

    private let epoch: MediaTime
    private let hands: Mutex<Hands>

    init(epoch: MediaTime) {
        self.epoch = epoch
        hands = Mutex(Hands(time: epoch))
    }

    func now(_ newest: MediaTime?) -> MediaTime {
        hands.withLock { hands in
            let now = ContinuousClock.now
            let span = MediaSpan.seconds((now - hands.moved) / .seconds(1) * Double(SpoiltFeed.speed))
            hands.moved = now
            hands.time = max(hands.time, min(hands.time + span, (newest ?? epoch) + Self.furthest))
            return hands.time
        }
    }
}

private final class SharedOutcome: Sendable {
    private let shared = Mutex(SpoiltOutcome())
    var value: SpoiltOutcome { shared.withLock { $0 } }
    func change(_ body: (inout SpoiltOutcome) -> Void) { shared.withLock { body(&$0) } }
}

extension SpoiltOutcome {
    /// The stream has ended, or the connection is gone for another reason.
    /// - Parameter comesBack: whether a lost connection is to be taken up again.
    fileprivate func isOver(_ comesBack: Bool) -> Bool {
        let endings = failures.count { $0.kind != .sizeChanged && $0.kind != .timeJumped }
        return comesBack ? endings > 0 && hasRaised("yard") || endings > 8 : endings > 0
    }
}

extension CameraAssembly {
    /// The fences of ``SpoiltScene``.
    init(spoilt mode: DecodeMode) throws {
        let text = SpoiltScene.site.replacingOccurrences(
            of: "    fences:", with: "    decode: \(mode.rawValue)\n    fences:")
        let site = try ConfigurationFixture.decode(text)
        try self.init(site.cameras[0], library: .standard(), localTime: site.localTime)
    }
}

/// Lets a few trials at a time through: each wants a share of a processor.
actor TrialLane {
    static let shared = TrialLane(width: 4)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    nonisolated func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        await enter()
        do {
            let result = try await body()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
