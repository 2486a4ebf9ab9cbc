package import Logging
package import Media
package import Scene
import Synchronization

/// One camera: a thread that connects, decodes and hands pictures to its receiver, and reconnects for ever.
///
/// Everything that blocks has a deadline; ``stop()`` ends it at once. A recorded file as address plays once in real time.
package final class CameraFeed: Sendable {
    package struct Settings: Sendable {
        package var camera: CameraID
        package var address: StreamAddress
        package var transport: StreamTransport
        /// For name, connection, description and first data together.
        package var openLimit: Duration
        /// Stall watchdog: without a packet for this long the session ends.
        package var readLimit: Duration
        package var policy: DecodePolicy

        package init(
            camera: CameraID, address: StreamAddress, transport: StreamTransport = .tcp,
            openLimit: Duration = .seconds(10), readLimit: Duration = .seconds(10),
            policy: DecodePolicy = DecodePolicy()
        ) {
            self.camera = camera
            self.address = address
            self.transport = transport
            self.openLimit = openLimit
            self.readLimit = readLimit
            self.policy = policy
        }
    }

    package enum Phase: Sendable, Hashable {
        case idle
        case connecting
        case streaming(StreamDescription)
        /// Trying again after `wait`, because of `failure`.
        case waiting(SessionFailure, wait: Duration)
        case finished(SessionFailure?)
    }

    package struct Status: Sendable, Hashable {
        package var phase = Phase.idle
        package var counters = FeedCounters()
        /// Why the newest session or attempt ended, also after the stream is back.
        package var lastFailure: SessionFailure?
        package var decoding = DecodeStanding()
        package var clock = ClockStanding()
        /// As asked for by ``lighten(to:)``.
        package var loadStep = LoadStep.full
    }

    private let settings: Settings
    private let interrupt = Interrupt()
    private let shared = SharedStatus()
    private let thread: FeedThread

    /// - Parameters:
    ///   - clock: the server's wall clock, for anchoring media time.
    ///   - random: spreads the reconnections.
    ///   - wakeGate: shared by all cameras of a site; nil where each may catch up at once.
    ///   - tap: where the newest packets are kept for evidence; nil where nobody wants them.
    ///   - makeReceiver: called once on the feed's thread; the receiver lives and dies there.
    package init(
        _ settings: Settings, clock: @escaping @Sendable () -> MediaTime,
        random: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(), logger: Logger,
        wakeGate: WakeGate? = nil, tap: PacketTap? = nil,
        makeReceiver: @escaping @Sendable () -> any PictureReceiver
    ) {
        self.settings = settings
        let interrupt = interrupt, shared = shared
        thread = FeedThread(name: "feed-\(settings.camera)") {
            var logger = logger
            logger[metadataKey: "camera"] = "\(settings.camera)"
            var loop = FeedLoop(
                settings: settings, interrupt: interrupt, shared: shared, clock: clock, random: random, logger: logger,
                receiver: makeReceiver(), wakeGate: wakeGate, tap: tap)
            loop.run()
        }
    }

    /// Begins to connect. Call it once.
    package func start() { thread.start() }

    /// Ends the feed at once, and returns when its thread has ended and the receiver has been released.
    package func stop() async {
        interrupt.cancel()
        await thread.ended()
    }

    /// Returns when the feed has ended by itself (a recorded file) or by ``stop()``.
    package func waitUntilFinished() async { await thread.ended() }

    package var status: Status { shared.snapshot }

    /// Whether everything is decoded however late it is, instead of letting the newest win.
    package func keepEverything(_ isKept: Bool) { shared.keepEverything(isKept) }

    /// How much is done for the camera from its next packet on.
    package func lighten(to step: LoadStep) { shared.lighten(to: step) }
}

/// The feed's status, written by its thread, read by anyone.
final class SharedStatus: Sendable {
    private let value = Mutex(CameraFeed.Status())
    /// Beside the status, since the feed's thread asks with each packet.
    private let step = Atomic(LoadStep.full.rawValue)
    private let keepsAll = Atomic(false)

    var snapshot: CameraFeed.Status { value.withLock { $0 } }

    var loadStep: LoadStep { LoadStep(rawValue: step.load(ordering: .relaxed)) ?? .full }

    var keepsEverything: Bool { keepsAll.load(ordering: .relaxed) }

    func keepEverything(_ isKept: Bool) { keepsAll.store(isKept, ordering: .relaxed) }

    func lighten(to next: LoadStep) {
        step.store(next.rawValue, ordering: .relaxed)
        update { $0.loadStep = next }
    }

    func update(_ change: (inout CameraFeed.Status) -> Void) { value.withLock { change(&$0) } }
}
