package import Media
package import Scene

/// Recorded files of one camera, read as fast as the receiver takes them. The same files give the same pictures and
/// times always.
///
/// A segment that begins within ``joint`` of the end of the one before goes on with it: recorders write the second into
/// a file's name, and cut at the next keyframe. After a longer gap another session begins; what two segments show alike
/// is received once.
package struct Footage {
    package static let joint = MediaSpan.seconds(2)

    /// A part of a file this far in is sought, not decoded up to.
    private static let seekLeast = MediaSpan.seconds(10)

    private let segments: [FootageSegment]
    private let start: MediaTime
    private let policy: DecodePolicy
    private let window: FootageWindow

    /// - Parameters:
    ///   - path: of a file; never opened as anything else.
    ///   - start: media time of the first picture.
    ///   - policy: what is decoded.
    package init(path: String, start: MediaTime = .epoch, policy: DecodePolicy = DecodePolicy()) {
        self.init([FootageSegment(path: path)], start: start, policy: policy)
    }

    /// - Parameters:
    ///   - segments: in the order of time.
    ///   - start: media time of the first picture, where the first segment does not say.
    package init(
        _ segments: [FootageSegment], start: MediaTime = .epoch, policy: DecodePolicy = DecodePolicy(),
        window: FootageWindow = FootageWindow()
    ) {
        self.segments = segments
        self.start = start
        self.policy = policy
        self.window = window
    }

    package enum Ending: Hashable, Sendable {
        /// Every file was read to its end.
        case complete
        /// A file is cut off or damaged at its end; what was readable has been delivered.
        case truncated
    }

    package struct Outcome: Hashable, Sendable {
        package let ending: Ending
        package let counters: FeedCounters
        /// Media time of the last picture.
        package let last: MediaTime?
        /// Segments of which nothing could be read; the others have been.
        package let unreadable: [SessionFailure]
        /// Where stamps jumped within a file; the first few.
        package let jumps: [SessionFailure]
        /// Whether any were set back: what time it was after that nobody knows.
        package let isSetBack: Bool
    }

    /// Reads the files on the calling thread. Damaged packets are skipped and counted.
    /// - Throws: ``SessionFailure`` where nothing could be read, or where `interrupt` was cancelled. The receiver has
    ///   seen `sessionEnded` by then if it saw `sessionBegan`.
    package func read(
        into receiver: any PictureReceiver, interrupt: Interrupt = Interrupt(), tap: PacketTap? = nil
    ) throws(SessionFailure) -> Outcome {
        var reading = Reading(start: start, window: window, receiver: receiver, tap: tap)
        var unreadable: [SessionFailure] = []
        var ending = Ending.complete
        for (index, segment) in segments.enumerated() {
            let following = segments.indices.contains(index + 1) ? segments[index + 1].start : nil
            guard reading.concerns(segment, before: following) else { continue }
            let address = StreamAddress("file:" + segment.path)
            // Before another connection begins to fill the ring of evidence.
            reading.approach(segment, at: address)
            do throws(MediaError) {
                var stream = try DecodedStream(
                    address, options: DemuxerOptions(codecs: .footage), interrupt: interrupt, policy: policy, tap: tap)
                reading.settle(&stream, seekLeast: Self.seekLeast)
                if try reading.run(&stream, interrupt: interrupt) == .truncated { ending = .truncated }
            } catch {
                let failure = SessionFailure(error, at: address, stage: .opening)
                reading.end(failure)
                if error.kind == .cancelled { throw failure }
                unreadable.append(failure)
            }
        }
        if reading.counters.pictures == 0, let first = unreadable.first { throw first }
        reading.end(SessionFailure(reading.isCutOff ? .truncated : .ended, at: reading.address))
        return Outcome(
            ending: ending, counters: reading.counters, last: reading.last, unreadable: unreadable,
            jumps: reading.jumps, isSetBack: reading.isSetBack)
    }
}

/// One pass over the files.
private struct Reading {
    /// A file is on a disk: longer than this, the disk is gone.
    static let readLimit = Duration.seconds(30)
    /// Jumps of stamps that are told; further ones are counted.
    static let toldJumps = 10

    let window: FootageWindow
    let receiver: any PictureReceiver
    var timeline: FootageTimeline
    var address = StreamAddress("file:")
    let tap: PacketTap?
    var counters = FeedCounters()
    var session: StreamDescription?
    var last: MediaTime?
    var standing = DecodeStanding()
    private(set) var jumps: [SessionFailure] = []
    private(set) var isSetBack = false
    /// The newest file ended before its time.
    var isCutOff = false
    /// What the segment before showed already.
    private var seenUntil: MediaTime?
    private var isFirst = true

    init(start: MediaTime, window: FootageWindow, receiver: any PictureReceiver, tap: PacketTap?) {
        self.window = window
        self.receiver = receiver
        self.tap = tap
        timeline = FootageTimeline(start: start)
    }

    /// Whether a segment can hold anything of the window.
    func concerns(_ segment: FootageSegment, before following: MediaTime?) -> Bool {
        if let start = segment.start, window.isAfter(start) { return false }
        return following.map { !window.isBefore($0) } ?? true
    }

    /// Says when the segment begins, and ends the session if it does not go on with the one before.
    mutating func approach(_ segment: FootageSegment, at address: StreamAddress) {
        let expected = timeline.next
        let before = self.address
        self.address = address
        defer { isCutOff = false }
        guard !isFirst else {
            isFirst = false
            timeline = FootageTimeline(start: segment.start ?? expected)
            return
        }
        let start = segment.start ?? expected
        // What follows on a file that cannot be read begins when it says.
        let isJoined = session != nil && start - expected <= Footage.joint && expected - start <= Footage.joint
        if session != nil, !isJoined {
            let away = (start - expected).seconds
            let gap = "\(Int(abs(away).rounded())) s \(away > 0 ? "missing" : "recorded twice")"
            end(SessionFailure(isCutOff ? .truncated : .ended, at: before, what: gap))
        }
        seenUntil = last
        timeline = FootageTimeline(start: isJoined ? expected : start)
    }

    /// Goes to where the window begins.
    mutating func settle(_ stream: inout DecodedStream, seekLeast: MediaSpan) {
        timeline.useNominal(frameRate: stream.video.frameRate)
        guard let from = window.from, from - timeline.next > seekLeast, let origin = stream.video.start else { return }
        if stream.seek(to: origin + (from - timeline.next)) { timeline.begin(at: origin) }
    }

    /// Reads one file, or as much of it as lies in the window.
    mutating func run(_ stream: inout DecodedStream, interrupt: Interrupt) throws(MediaError) -> Footage.Ending {
        var hasGivenAny = false
        reading: while true {
            guard !interrupt.isCancelled else { throw MediaError(.cancelled, "read", text: "cancelled") }
            do throws(MediaError) {
                switch try stream.advance(within: Self.readLimit, counters: &counters) {
                case .picture:
                    hasGivenAny = true
                    guard deliver(&stream) else { return .complete }
                case .glance:
                    hasGivenAny = true
                    guard glance(&stream) else { return .complete }
                case .nothing: continue
                case .ended: break reading
                }
            } catch {
                guard hasGivenAny, error.kind != .cancelled, error.kind != .unsupportedPicture else { throw error }
                isCutOff = true
                break
            }
        }
        guard hasGivenAny else {
            throw MediaError(.invalidData, "read", text: "not one picture could be decoded")
        }
        isCutOff = isCutOff || stream.sawInputError || isShort(stream.video)
        return isCutOff ? .truncated : .complete
    }

    /// - Returns: false once the window is over.
    private mutating func deliver(_ stream: inout DecodedStream) -> Bool {
        let video = stream.video
        let time = timeline.time(of: stream.picture.presentationTicks.map { video.timeBase.span(ticks: $0) })
        if window.isAfter(time) { return false }
        noteJump(&stream, at: time)
        if isPassedOver(time) { return true }
        let description = StreamDescription(
            codec: video.codec, size: stream.picture.size, nominalFrameRate: video.frameRate, transport: nil)
        if let session, session.size != description.size {
            counters.sizeChanges += 1
            stream.cut(because: .sizeChanged)
            end(SessionFailure(.sizeChanged, at: address, what: "\(session.size) to \(description.size)"))
        }
        if session == nil {
            session = description
            counters.sessions += 1
            receiver.sessionBegan(description, anchor: time)
        }
        counters.pictures += 1
        let before = last
        last = time
        receive(&stream, at: time, after: before)
        return true
    }

    /// Stamps that jumped begin another session, as they do live.
    private mutating func noteJump(_ stream: inout DecodedStream, at time: MediaTime) {
        guard let jump = timeline.jump else { return }
        counters.timeJumps += 1
        if case .back = jump { isSetBack = true }
        let failure = SessionFailure(.timeJumped, at: address, what: "\(jump.text) at \(time)")
        if jumps.count < Self.toldJumps { jumps.append(failure) }
        stream.cut(because: .timeJumped)
        end(failure)
    }

    /// Before the window, or shown by the segment before already.
    private func isPassedOver(_ time: MediaTime) -> Bool {
        if let seenUntil, time <= seenUntil { return true }
        return window.isBefore(time)
    }

    /// A keyframe while nothing stirs: received if nothing stirs in it either.
    /// - Returns: false once the window is over.
    private mutating func glance(_ stream: inout DecodedStream) -> Bool {
        var ahead = timeline
        let time = ahead.time(of: stream.picture.presentationTicks.map { stream.video.timeBase.span(ticks: $0) })
        if window.isAfter(time) { return false }
        guard session?.size == stream.picture.size, ahead.jump == nil else {
            stream.restart(counters: &counters)
            return true
        }
        guard !receiver.stirs(in: &stream.picture, at: time) else {
            stream.wake(counters: &counters)
            return true
        }
        timeline = ahead
        let before = last
        last = time
        counters.pictures += 1
        receive(&stream, at: time, after: before)
        stream.stay(counters: &counters)
        return true
    }

    private mutating func receive(_ stream: inout DecodedStream, at time: MediaTime, after before: MediaTime?) {
        stream.placed(at: time)
        receiver.receive(&stream.picture, at: time)
        stream.received(at: time, after: before, receiver.attention, counters: &counters)
        let now = stream.standing
        if now.fallback != standing.fallback { receiver.decoding(now, at: time) }
        standing = now
    }

    mutating func end(_ failure: SessionFailure) {
        guard session != nil else { return }
        session = nil
        if !failure.kind.isNewBeginning { tap?.ring?.end(reason: failure.kind.rawValue) }
        receiver.sessionEnded(failure, at: last)
    }

    /// Whether more than a second is missing of what the file's header promised.
    private func isShort(_ video: VideoStream) -> Bool {
        guard let duration = video.duration, let last = timeline.newestSpan else { return false }
        return duration - last > .seconds(1) && duration - last > .seconds(duration.seconds * 0.02)
    }
}
