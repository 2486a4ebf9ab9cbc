import Logging
import Media
import Scene

/// What runs on a feed's thread: does what ``FeedMachine`` says and turns what happens into its events.
struct FeedLoop<Random: RandomNumberGenerator> {
    let settings: CameraFeed.Settings
    let interrupt: Interrupt
    let shared: SharedStatus
    let clock: @Sendable () -> MediaTime
    var random: Random
    let logger: Logger
    let receiver: any PictureReceiver
    let wakeGate: WakeGate?
    let tap: PacketTap?
    private var machine: FeedMachine
    private var timeline = LiveTimeline()
    private var counters = FeedCounters()

    init(
        settings: CameraFeed.Settings, interrupt: Interrupt, shared: SharedStatus,
        clock: @escaping @Sendable () -> MediaTime, random: Random, logger: Logger, receiver: any PictureReceiver,
        wakeGate: WakeGate? = nil, tap: PacketTap? = nil
    ) {
        self.settings = settings
        self.interrupt = interrupt
        self.shared = shared
        self.clock = clock
        self.random = random
        self.logger = logger
        self.receiver = receiver
        self.wakeGate = wakeGate
        self.tap = tap
        machine = FeedMachine(isRecording: settings.address.filePath != nil)
    }

    mutating func run() {
        var action = machine.handle(.started, random: &random)
        var lastFailure: SessionFailure?
        while true {
            switch action {
            case .connect:
                let (failure, streamed) = connectAndStream()
                lastFailure = failure
                action = machine.handle(.failed(failure.kind, streamed: streamed), random: &random)
            case .wait(let duration):
                tellWaiting(lastFailure!, duration)
                let event: FeedMachine.Event = interrupt.sleep(for: duration) ? .waited : .stopped
                if event == .waited { counters.reconnects += 1 }
                action = machine.handle(event, random: &random)
            case .finish:
                shared.update { $0.phase = .finished(lastFailure) }
                logger.info("camera feed finished")
                return
            case .none: preconditionFailure("the feed's machine has nothing to do and nothing to wait for")
            }
        }
    }

    /// One connection from opening to its end.
    private mutating func connectAndStream() -> (SessionFailure, streamed: Duration) {
        shared.update { $0.phase = .connecting }
        logger.debug("camera connecting", metadata: ["address": "\(settings.address)"])
        var connection = CameraConnection(
            settings: settings, interrupt: interrupt, shared: shared, clock: clock, logger: logger, receiver: receiver,
            timeline: timeline, counters: counters, wakeGate: wakeGate, tap: tap)
        let failure = connection.run {
            _ = machine.handle(.pictureCame, random: &random)
        }
        timeline = connection.timeline
        timeline.sessionEnded()
        counters = connection.counters
        // What was kept went with the connection.
        counters.keptBytes = 0
        return (failure, connection.streamed)
    }

    private func tellWaiting(_ failure: SessionFailure, _ wait: Duration) {
        let counters = counters
        shared.update {
            $0.phase = .waiting(failure, wait: wait)
            $0.counters = counters
        }
        logger.warning(
            "camera reconnecting",
            metadata: [
                "reason": "\(failure.kind.rawValue)", "detail": "\(failure.detail)",
                "wait_ms": "\(wait.milliseconds)", "reconnects": "\(counters.reconnects)"
            ])
    }
}
