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
    private(set) var timeline: LiveTimeline
    private(set) var counters: FeedCounters
    private var session: StreamDescription?
    private var newest: MediaTime?
    private var firstDelivered: ContinuousClock.Instant?
    private var pacer: FilePacer?

    init(
        settings: CameraFeed.Settings, interrupt: Interrupt, shared: SharedStatus,
        clock: @escaping @Sendable () -> MediaTime, logger: Logger, receiver: any PictureReceiver,
        timeline: LiveTimeline, counters: FeedCounters
    ) {
        self.settings = settings
        self.interrupt = interrupt
        self.shared = shared
        self.clock = clock
        self.logger = logger
        self.receiver = receiver
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
                interrupt: interrupt)
            stage = .streaming
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
            switch try stream.advance(within: settings.readLimit, counters: &counters) {
            case .picture:
                lastPicture = .now
                guard deliver(&stream) else { throw MediaError(.cancelled, "read", text: "cancelled") }
                if firstDelivered == nil {
                    firstDelivered = .now
                    firstPicture()
                }
            case .nothing:
                guard !interrupt.isCancelled else { throw MediaError(.cancelled, "read", text: "cancelled") }
                if .now - lastPicture > settings.readLimit * 3 {
                    throw MediaError(.noPictures, "decode", text: "packets came, but no whole picture among them")
                }
                publish()
            case .ended: return end(SessionFailure(.ended, at: settings.address))
            }
        }
    }

    /// - Returns: false where the feed was stopped meanwhile.
    private mutating func deliver(_ stream: inout DecodedStream) -> Bool {
        let video = stream.video
        let presentation = stream.picture.presentationTicks.map { video.timeBase.span(ticks: $0) }
        if let wait = pacer?.wait(before: presentation), !interrupt.sleep(for: wait) { return false }
        // The first picture came while the stream was still looked into, not when it is read.
        let waited: MediaSpan = firstDelivered == nil && pacer == nil ? stream.probingSpan : .zero
        let placement = timeline.place(
            presentation: presentation, arrival: clock() - waited, senderClockAtZero: stream.senderClockAtZero)
        let description = StreamDescription(
            codec: video.codec, size: stream.picture.size, nominalFrameRate: video.frameRate,
            transport: pacer == nil ? settings.transport : nil)
        endSessionIfChanged(to: description, placement)
        if session == nil { begin(description, anchor: placement.time) }
        counters.pictures += 1
        newest = placement.time
        receiver.receive(&stream.picture, at: placement.time)
        publish()
        return true
    }

    private mutating func endSessionIfChanged(to description: StreamDescription, _ placement: LiveTimeline.Placement) {
        guard let session else { return }
        if session.size != description.size {
            counters.sizeChanges += 1
            end(SessionFailure(.sizeChanged, at: settings.address, what: "\(session.size) to \(description.size)"))
        } else if case .reanchored = placement {
            counters.timeJumps += 1
            end(SessionFailure(.timeJumped, at: settings.address))
        }
    }

    private mutating func begin(_ description: StreamDescription, anchor: MediaTime) {
        session = description
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

    private func publish() {
        let counters = counters
        shared.update { $0.counters = counters }
    }
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
