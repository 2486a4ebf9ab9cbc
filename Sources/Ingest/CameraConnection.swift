import Logging
import Media
import Scene

/// One connection to a camera and the sessions it carries: a new one begins where the picture size or the time jumps.
struct CameraConnection {
    let settings: CameraFeed.Settings
    let interrupt: Interrupt
    let shared: SharedStatus
    let clock: @Sendable () -> MediaTime
    let logger: Logger
    let receiver: any PictureReceiver
    let wakeGate: WakeGate?
    let tap: PacketTap?
    private(set) var timeline: LiveTimeline
    private(set) var counters: FeedCounters
    private var session: StreamDescription?
    private var newest: MediaTime?
    private var firstDelivered: ContinuousClock.Instant?
    private var pacer: FilePacer?
    private var standing = DecodeStanding()
    private var rhythm = ReadRhythm()
    /// What the newest picture calls for.
    private var attention = PictureAttention.stirring
    private var relief = ConnectionRelief()

    init(
        settings: CameraFeed.Settings, interrupt: Interrupt, shared: SharedStatus,
        clock: @escaping @Sendable () -> MediaTime, logger: Logger, receiver: any PictureReceiver,
        timeline: LiveTimeline, counters: FeedCounters, wakeGate: WakeGate?, tap: PacketTap? = nil
    ) {
        self.settings = settings
        self.interrupt = interrupt
        self.shared = shared
        self.clock = clock
        self.logger = logger
        self.receiver = receiver
        self.wakeGate = wakeGate
        self.tap = tap
        self.timeline = timeline
        self.counters = counters
        if settings.address.filePath != nil { pacer = FilePacer() }
    }

    /// How long pictures have come, by a steady clock.
    var streamed: Duration { firstDelivered.map { .now - $0 } ?? .zero }

    /// Blocks until the connection is over.
    /// - Returns: why. The receiver has been told.
    mutating func run(firstPicture: () -> Void) -> SessionFailure {
        var stage = FailureStage.opening
        do throws(MediaError) {
            let isFile = settings.address.filePath != nil
            var stream = try DecodedStream(
                settings.address,
                options: DemuxerOptions(
                    transport: settings.transport, codecs: isFile ? .footage : .cameras, openLimit: settings.openLimit),
                interrupt: interrupt, policy: settings.policy, wakeGate: wakeGate, clock: clock,
                tap: tap)
            stage = .streaming
            stream.relief.isLive = true
            timeline.useNominal(frameRate: stream.video.frameRate)
            return try pump(&stream, firstPicture: firstPicture)
        } catch {
            return end(SessionFailure(error, at: settings.address, stage: stage))
        }
    }

    private mutating func pump(
        _ stream: inout DecodedStream, firstPicture: () -> Void
    ) throws(MediaError) -> SessionFailure {
        // Packets may come and yet no picture: damaged beyond use, or something that only looks like video.
        var lastPicture = ContinuousClock.now
        while true {
            lighten(&stream)
            let catchUps = (counters.catchUps, counters.catchUpMicroseconds)
            defer { tellCatchUp(since: catchUps) }
            switch try stream.advance(within: settings.readLimit, counters: &counters) {
            case .picture:
                lastPicture = .now
                guard deliver(&stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
                if firstDelivered == nil {
                    firstDelivered = .now
                    firstPicture()
                }
                guard rest(after: &stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
            case .glance:
                lastPicture = .now
                guard glance(&stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
            case .nothing:
                guard !interrupt.isCancelled else { throw MediaError(.cancelled, "read", text: "cancelled") }
                // Pictures that are kept until others have caught up do come.
                if stream.standing.isWaiting || stream.relief.isLeavingOut { lastPicture = .now }
                guard tellLeftOut(&stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
                if .now - lastPicture > settings.readLimit * 3 {
                    throw MediaError(.noPictures, "decode", text: "packets came, but no whole picture among them")
                }
                publish()
                guard rest(after: &stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
            case .ended: return end(SessionFailure(.ended, at: settings.address))
            }
        }
    }

    /// Sleeps for a while where everything that had come has been read, and the network keeps the rest: long where
    /// nothing but a keyframe now and then is wanted.
    /// - Returns: false where the feed was stopped meanwhile.
    private mutating func rest(after stream: inout DecodedStream) -> Bool {
        guard pacer == nil, settings.transport == .tcp, stream.mayRest else {
            rhythm.stop()
            return true
        }
        let nap = nap(&stream, wantsLittle: stream.isIdle || stream.relief.step >= .keyframes)
        return nap.map(interrupt.sleep(for:)) ?? true
    }

    /// - Parameter wantsLittle: a keyframe now and then.
    private mutating func nap(_ stream: inout DecodedStream, wantsLittle: Bool) -> Duration? {
        guard let isDry = stream.isDry else {
            if wantsLittle {
                return rhythm.nap(after: stream.newestPresentation, bytes: counters.bytes, now: .now)
            }
            rhythm.stop()
            return nil
        }
        guard isDry else { return nil }
        stream.relief.backlog.emptied()
        let longest =
            wantsLittle ? ReadRhythm.idleNap : attention == .quiet ? ReadRhythm.quietNap : ReadRhythm.awakeNap
        return rhythm.napWhenDry(longest, bytes: counters.bytes)
    }

    /// - Returns: false where the feed was stopped meanwhile.
    private mutating func deliver(_ stream: inout DecodedStream) -> Bool {
        let video = stream.video
        let presentation = presentation(&stream)
        if let wait = pacer?.wait(before: presentation), !interrupt.sleep(for: wait) { return false }
        // The first picture came while the stream was still looked into, not when it is read.
        let waited: MediaSpan = firstDelivered == nil && pacer == nil ? stream.probingSpan : .zero
        let placement = timeline.place(
            presentation: presentation, arrival: arrival(stream) - waited,
            senderClockAtZero: senderClockAtZero(stream))
        guard let time = placement.time else {
            counters.leftOut += 1
            tellAhead()
            return true
        }
        relief.isAheadTold = false
        let description = StreamDescription(
            codec: video.codec, size: stream.picture.size, nominalFrameRate: video.frameRate,
            transport: pacer == nil ? settings.transport : nil)
        endSessionIfChanged(stream, to: description, placement)
        if session == nil { begin(description, anchor: time) }
        if stream.hasShed { receiver.leftOut(until: time) }
        receive(&stream, at: time)
        return true
    }

    /// A keyframe while nothing stirs: received if nothing stirs in it either.
    /// - Returns: false where the feed was stopped meanwhile.
    private mutating func glance(_ stream: inout DecodedStream) -> Bool {
        let presentation = presentation(&stream)
        if let wait = pacer?.wait(before: presentation), !interrupt.sleep(for: wait) { return false }
        var ahead = timeline
        let placement = ahead.place(
            presentation: presentation, arrival: clock(), senderClockAtZero: senderClockAtZero(stream))
        guard session?.size == stream.picture.size, case .follows(let time) = placement else {
            stream.restart(counters: &counters)
            return true
        }
        guard !receiver.stirs(in: &stream.picture, at: time) else {
            stream.wake(counters: &counters)
            return true
        }
        timeline = ahead
        receive(&stream, at: time)
        stream.stay(counters: &counters)
        return true
    }

    private func presentation(_ stream: inout DecodedStream) -> MediaSpan? {
        stream.picture.presentationTicks.map { stream.video.timeBase.span(ticks: $0) }
    }

    private mutating func receive(_ stream: inout DecodedStream, at time: MediaTime) {
        let before = session == nil ? nil : newest
        counters.pictures += 1
        newest = time
        stream.placed(at: time)
        if stream.hasMissed { receiver.missed(until: time) }
        receiver.receive(&stream.picture, at: time)
        attention = receiver.attention
        stream.received(at: time, after: before, attention, counters: &counters)
        let now = stream.standing
        if now.fallback != standing.fallback { tell(now, at: time) }
        if now != standing { shared.update { $0.decoding = now } }
        standing = now
        tellClock(stream)
        publish()
    }

    private func tell(_ now: DecodeStanding, at time: MediaTime) {
        if let fallback = now.fallback {
            logger.warning(
                "everything is decoded",
                metadata: ["reason": "\(fallback.rawValue)", "detail": "\(fallback.headline); \(fallback.mend)"])
        } else {
            logger.notice("dense decoding is possible again")
        }
        receiver.decoding(now, at: time)
    }

    private mutating func endSessionIfChanged(
        _ stream: borrowing DecodedStream, to description: StreamDescription, _ placement: LiveTimeline.Placement
    ) {
        guard let session else { return }
        if session.size != description.size {
            counters.sizeChanges += 1
            stream.cut(because: .sizeChanged)
            end(SessionFailure(.sizeChanged, at: settings.address, what: "\(session.size) to \(description.size)"))
        } else if case .reanchored = placement {
            counters.timeJumps += 1
            stream.cut(because: .timeJumped)
            end(SessionFailure(.timeJumped, at: settings.address))
        }
    }

    private mutating func begin(_ description: StreamDescription, anchor: MediaTime) {
        session = description
        attention = .stirring
        counters.sessions += 1
        shared.update { $0.phase = .streaming(description) }
        logger.info(
            "camera session began",
            metadata: [
                "codec": "\(description.codec)", "size": "\(description.size)", "anchor": "\(anchor)",
                "address": "\(settings.address)"
            ])
        receiver.sessionBegan(description, anchor: anchor)
    }

    @discardableResult
    private mutating func end(_ failure: SessionFailure) -> SessionFailure {
        let hadSession = session != nil
        if !failure.kind.isNewBeginning {
            tap?.ring?.end(reason: failure.kind.rawValue)
            // Where the connection goes on after a pause, it is told once more.
            standing.fallback = nil
        }
        session = nil
        publish()
        shared.update { $0.lastFailure = failure }
        if hadSession {
            logger.info(
                "camera session ended", metadata: ["reason": "\(failure.kind.rawValue)", "detail": "\(failure)"])
        }
        receiver.sessionEnded(failure, at: hadSession ? newest : nil)
        return failure
    }

    private mutating func publish() {
        counters.processorMicroseconds = ThreadUsage.processorMicroseconds
        let counters = counters
        shared.update { $0.counters = counters }
    }
}

// Where the machine has too much to do, and how the clocks run.
extension CameraConnection {
    /// Does as much as is asked for from the next packet on. A camera that is paused has no session.
    private mutating func lighten(_ stream: inout DecodedStream) {
        stream.relief.keepsEverything = shared.keepsEverything
        let step = shared.loadStep
        guard step != stream.relief.step || step != relief.told else { return }
        stream.relief.step = step
        relief.told = step
        receiver.lightened(to: step)
        guard step == .paused, session != nil else { return }
        end(SessionFailure(.paused, at: settings.address))
        timeline.sessionEnded()
    }

    /// When the newest picture came; a recorded file is played when its time has come, however early it was read.
    private func arrival(_ stream: borrowing DecodedStream) -> MediaTime {
        pacer == nil ? stream.arrival ?? clock() : clock()
    }

    /// Tells the receiver of packets that were left out, once a second.
    /// - Returns: false where the feed was stopped meanwhile.
    private mutating func tellLeftOut(_ stream: inout DecodedStream) -> Bool {
        guard let passed = stream.takePassed() else { return true }
        if let wait = pacer?.wait(before: passed), !interrupt.sleep(for: wait) { return false }
        // No packet was taken after it came, whatever its stamp says.
        let now = clock()
        let time = min(timeline.pass(presentation: passed) ?? now, now)
        if let told = relief.leftOutTold, time - told < ConnectionRelief.tellingSpan, time >= told { return true }
        relief.leftOutTold = time
        receiver.leftOut(until: time)
        return true
    }

    /// Says once what the account of the watch cannot: this time was accounted for before it was set back.
    private mutating func tellAhead() {
        guard !relief.isAheadTold else { return }
        relief.isAheadTold = true
        logger.warning(
            "pictures are ahead of the server's clock and left out until it is there",
            metadata: ["newest": "\(newest.map { "\($0)" } ?? "none")", "clock": "\(clock())"])
    }

    private func tellCatchUp(since before: (count: Int64, microseconds: Int64)) {
        guard counters.catchUps > before.count else { return }
        receiver.caughtUp(after: .microseconds(counters.catchUpMicroseconds - before.microseconds))
    }

    /// By the newest report where one came with a packet, else by the first.
    private func senderClockAtZero(_ stream: borrowing DecodedStream) -> MediaTime? {
        stream.relief.senderClockAtZero ?? stream.senderClockAtZero
    }

    private mutating func tellClock(_ stream: borrowing DecodedStream) {
        var now = ClockStanding()
        now.source = timeline.source
        now.offset = stream.relief.clock.offset
        if let atZero = stream.relief.senderClockAtZero, let mediaAtZero = timeline.timeAtZero {
            now.senderMinusMedia = atZero - mediaAtZero
        }
        // Asking for the slope costs more than all the rest.
        if stream.relief.clock.windows != relief.clockWindows {
            relief.clockWindows = stream.relief.clock.windows
            relief.drift = stream.relief.clock.driftPPM
        }
        now.driftPPM = relief.drift
        guard now != relief.clock else { return }
        relief.clock = now
        shared.update { $0.clock = now }
    }
}

/// What a connection has told of its load and its clocks.
private struct ConnectionRelief {
    /// Between two words on packets that are left out: shorter than what coverage takes for lost.
    static let tellingSpan = MediaSpan.seconds(1)

    var told = LoadStep.full
    var leftOutTold: MediaTime?
    var isAheadTold = false
    var clockWindows = 0
    var drift: Double?
    var clock = ClockStanding()
}

/// Plays a recorded file at the speed it was recorded.
struct FilePacer {
    private var origin: (presentation: MediaSpan, instant: ContinuousClock.Instant)?

    mutating func wait(before presentation: MediaSpan?) -> Duration? {
        guard let presentation else { return nil }
        guard let origin else {
            origin = (presentation, .now)
            return nil
        }
        let due = origin.instant + .microseconds((presentation - origin.presentation).microseconds)
        let left = due - .now
        return left > .zero ? left : nil
    }
}
