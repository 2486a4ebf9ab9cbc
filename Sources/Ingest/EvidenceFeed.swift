package import Logging
package import Media
package import Scene
import Synchronization

/// The second stream of a camera, of which evidence is made: received and kept in a ring of packets, never decoded here.
/// A thread that connects, reads, and reconnects for ever, as ``CameraFeed`` does it.
///
/// Its packets carry media time of their own: anchored to the camera's clock (RTCP sender reports) where that is known,
/// else to arrival, as those of the analysed stream are, so that a moment is found in both.
package final class EvidenceFeed: Sendable {
    package struct Status: Sendable, Hashable {
        package var isStreaming = false
        package var packets: Int64 = 0
        package var bytes: Int64 = 0
        package var sessions: Int64 = 0
        package var reconnects: Int64 = 0
        /// Why the newest attempt or connection ended, also after the stream is back.
        package var lastFailure: SessionFailure?

        package init() {}
    }

    private let interrupt = Interrupt()
    private let shared = Mutex(Status())
    private let thread: FeedThread

    /// - Parameters:
    ///   - settings: of the second stream; nothing of it is decoded, whatever the policy says.
    ///   - tap: where its packets are kept.
    package init(
        _ settings: CameraFeed.Settings, tap: PacketTap, clock: @escaping @Sendable () -> MediaTime,
        random: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(), logger: Logger
    ) {
        let interrupt = interrupt
        let note = Relay()
        var logger = logger
        logger[metadataKey: "camera"] = "\(settings.camera)"
        let feedLogger = logger
        thread = FeedThread(name: "evidence-\(settings.camera)") {
            var loop = EvidenceLoop(
                settings: settings, tap: tap, interrupt: interrupt, clock: clock, logger: feedLogger, random: random,
                note: { change in note.feed?.change(change) })
            loop.run()
        }
        note.feed = self
    }

    /// Begins to connect. Call it once.
    package func start() { thread.start() }

    /// Ends the feed at once, and returns when its thread has ended.
    package func stop() async {
        interrupt.cancel()
        await thread.ended()
    }

    package var status: Status { shared.withLock { $0 } }

    private func change(_ body: (inout Status) -> Void) { shared.withLock { body(&$0) } }

    /// The thread's way to the feed, which may be gone before it.
    private final class Relay: Sendable {
        private struct Weak: Sendable { weak var feed: EvidenceFeed? }
        private let value = Mutex(Weak())
        var feed: EvidenceFeed? {
            get { value.withLock { $0.feed } }
            set { value.withLock { $0.feed = newValue } }
        }
    }
}

/// What runs on the thread of an ``EvidenceFeed``.
private struct EvidenceLoop<Random: RandomNumberGenerator> {
    let settings: CameraFeed.Settings
    let tap: PacketTap
    let interrupt: Interrupt
    let clock: @Sendable () -> MediaTime
    let logger: Logger
    var random: Random
    let note: ((inout EvidenceFeed.Status) -> Void) -> Void
    private var machine = FeedMachine()
    private var timeline = LiveTimeline()
    private var rhythm = ReadRhythm()
    private var newest: MediaSpan?
    private var status = EvidenceFeed.Status()

    /// A packet that is shown before its forerunner by less is out of order; by more, another time begins.
    private let reordering = MediaSpan.seconds(1)

    init(
        settings: CameraFeed.Settings, tap: PacketTap, interrupt: Interrupt, clock: @escaping @Sendable () -> MediaTime,
        logger: Logger, random: Random, note: @escaping ((inout EvidenceFeed.Status) -> Void) -> Void
    ) {
        self.settings = settings
        self.tap = tap
        self.interrupt = interrupt
        self.clock = clock
        self.logger = logger
        self.random = random
        self.note = note
    }

    mutating func run() {
        var action = machine.handle(.started, random: &random)
        while true {
            switch action {
            case .connect:
                let (failure, streamed) = connectAndReceive()
                tell(failure)
                action = machine.handle(.failed(failure.kind, streamed: streamed), random: &random)
            case .wait(let duration):
                let event: FeedMachine.Event = interrupt.sleep(for: duration) ? .waited : .stopped
                if event == .waited { status.reconnects += 1 }
                action = machine.handle(event, random: &random)
            case .finish, .none: return
            }
        }
    }

    /// One connection from opening to its end.
    private mutating func connectAndReceive() -> (SessionFailure, streamed: Duration) {
        var stage = FailureStage.opening
        var began: ContinuousClock.Instant?
        let kind: SessionFailure
        do throws(MediaError) {
            var demuxer = try Demuxer(
                settings.address, options: DemuxerOptions(transport: settings.transport, openLimit: settings.openLimit),
                interrupt: interrupt)
            let ring = tap.open(try StreamParameters(demuxer))
            stage = .streaming
            timeline.useNominal(frameRate: demuxer.video.frameRate)
            var packet = Packet()
            while try demuxer.read(into: &packet, within: settings.readLimit) {
                if began == nil {
                    began = .now
                    begin(ring)
                }
                keep(packet, demuxer.video, senderClockAtZero: demuxer.senderClockAtZero, in: ring)
                guard rest() else { throw MediaError(.cancelled, "read", text: "cancelled") }
            }
            kind = SessionFailure(.ended, at: settings.address)
        } catch {
            kind = SessionFailure(error, at: settings.address, stage: stage)
        }
        tap.ring?.end(reason: kind.kind.rawValue)
        timeline.sessionEnded()
        newest = nil
        rhythm.stop()
        return (kind, began.map { .now - $0 } ?? .zero)
    }

    private mutating func begin(_ ring: PacketRing) {
        _ = machine.handle(.pictureCame, random: &random)
        status.isStreaming = true
        status.sessions += 1
        publish()
        logger.info(
            "evidence stream began",
            metadata: [
                "codec": "\(ring.parameters.codec)", "size": "\(ring.parameters.size)", "address": "\(settings.address)"
            ])
    }

    private mutating func keep(
        _ packet: borrowing Packet, _ video: VideoStream, senderClockAtZero: MediaTime?, in ring: PacketRing
    ) {
        status.packets += 1
        status.bytes += Int64(packet.byteCount)
        let presentation = packet.presentationTicks.map { video.timeBase.span(ticks: $0) }
        if let presentation { align(presentation, senderClockAtZero, in: ring) }
        ring.pass(packet)
        if packet.isKeyframe { publish() }
    }

    /// Ties presentation times to media time, by the packets that are shown after all before them.
    private mutating func align(_ presentation: MediaSpan, _ senderClockAtZero: MediaTime?, in ring: PacketRing) {
        if let newest, presentation <= newest, newest - presentation < reordering { return }
        newest = presentation
        let placement = timeline.place(
            presentation: presentation, arrival: clock(), senderClockAtZero: senderClockAtZero)
        if case .reanchored = placement { ring.cut(at: presentation, reason: FailureKind.timeJumped.rawValue) }
        switch placement {
        case .anchored(let time), .reanchored(let time), .follows(let time):
            ring.align(presentation: presentation, time: time)
        // Its time would be later than now: the packets keep the time of those before.
        case .ahead: break
        }
    }

    /// Nothing here is urgent: what comes meanwhile waits in the connection's buffer.
    private mutating func rest() -> Bool {
        guard settings.transport == .tcp, let nap = rhythm.nap(after: newest, bytes: status.bytes, now: .now)
        else { return true }
        return interrupt.sleep(for: nap)
    }

    private mutating func tell(_ failure: SessionFailure) {
        status.isStreaming = false
        status.lastFailure = failure
        publish()
        guard failure.kind != .stopped else { return }
        logger.warning(
            "evidence stream lost, alerts are shown by the analysed one",
            metadata: ["reason": "\(failure.kind.rawValue)", "detail": "\(failure.detail)"])
    }

    private func publish() {
        let status = status
        note { $0 = status }
    }
}
