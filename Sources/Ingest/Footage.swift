package import Media
package import Scene

/// A recorded file, read as fast as the receiver takes it. The same file gives the same pictures and times always.
package struct Footage {
    private let address: StreamAddress
    private let start: MediaTime
    private let policy: DecodePolicy

    /// - Parameters:
    ///   - path: of a file; never opened as anything else.
    ///   - start: media time of the first picture.
    ///   - policy: what is decoded.
    package init(path: String, start: MediaTime = .epoch, policy: DecodePolicy = DecodePolicy()) {
        address = StreamAddress("file:" + path)
        self.start = start
        self.policy = policy
    }

    package enum Ending: Hashable, Sendable {
        /// The whole file was read.
        case complete
        /// The file is cut off or damaged at its end; what was readable has been delivered.
        case truncated
    }

    package struct Outcome: Hashable, Sendable {
        package let ending: Ending
        package let counters: FeedCounters
        /// Media time of the last picture.
        package let last: MediaTime?
    }

    /// Reads the file on the calling thread. Damaged packets are skipped and counted.
    /// - Throws: ``SessionFailure`` where nothing could be read, or where `interrupt` was cancelled. The receiver has
    ///   seen `sessionEnded` by then if it saw `sessionBegan`.
    package func read(
        into receiver: any PictureReceiver, interrupt: Interrupt = Interrupt(), tap: PacketTap? = nil
    ) throws(SessionFailure) -> Outcome {
        var reading = Reading(
            address: address, timeline: FootageTimeline(start: start), receiver: receiver, tap: tap)
        do throws(MediaError) {
            var stream = try DecodedStream(
                address, options: DemuxerOptions(codecs: .footage), interrupt: interrupt, policy: policy,
                tap: tap)
            return try reading.run(&stream, interrupt: interrupt)
        } catch {
            let failure = SessionFailure(error, at: address, stage: .opening)
            reading.end(failure)
            throw failure
        }
    }
}

/// One pass over a file.
private struct Reading {
    /// A file is on a disk: longer than this, the disk is gone.
    static let readLimit = Duration.seconds(30)

    let address: StreamAddress
    var timeline: FootageTimeline
    let receiver: any PictureReceiver
    let tap: PacketTap?
    var counters = FeedCounters()
    var session: StreamDescription?
    var last: MediaTime?
    var standing = DecodeStanding()

    mutating func run(_ stream: inout DecodedStream, interrupt: Interrupt) throws(MediaError) -> Footage.Outcome {
        timeline.useNominal(frameRate: stream.video.frameRate)
        var isCutOff = false
        reading: while true {
            guard !interrupt.isCancelled else { throw MediaError(.cancelled, "read", text: "cancelled") }
            do throws(MediaError) {
                switch try stream.advance(within: Self.readLimit, counters: &counters) {
                case .picture: deliver(&stream)
                case .glance: glance(&stream)
                case .nothing: continue
                case .ended: break reading
                }
            } catch {
                guard last != nil, error.kind != .cancelled, error.kind != .unsupportedPicture else { throw error }
                isCutOff = true
                break
            }
        }
        guard last != nil else {
            throw MediaError(.invalidData, "read", text: "not one picture could be decoded")
        }
        let ending: Footage.Ending = isCutOff || stream.sawInputError || isShort(stream.video) ? .truncated : .complete
        end(SessionFailure(ending == .complete ? .ended : .truncated, at: address))
        return Footage.Outcome(ending: ending, counters: counters, last: last)
    }

    private mutating func deliver(_ stream: inout DecodedStream) {
        let video = stream.video
        let time = timeline.time(of: stream.picture.presentationTicks.map { video.timeBase.span(ticks: $0) })
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
    }

    /// A keyframe while nothing stirs: received if nothing stirs in it either.
    private mutating func glance(_ stream: inout DecodedStream) {
        var ahead = timeline
        let time = ahead.time(of: stream.picture.presentationTicks.map { stream.video.timeBase.span(ticks: $0) })
        guard session?.size == stream.picture.size else { return stream.restart(counters: &counters) }
        guard !receiver.stirs(in: &stream.picture, at: time) else { return stream.wake(counters: &counters) }
        timeline = ahead
        let before = last
        last = time
        counters.pictures += 1
        receive(&stream, at: time, after: before)
        stream.stay(counters: &counters)
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
