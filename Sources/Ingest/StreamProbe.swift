package import Media
package import Scene

/// A first look at a camera or file, for a person who sets it up: what comes, how often a keyframe, and a picture.
package enum StreamProbe {
    package struct Report: Sendable, Hashable {
        package let stream: StreamDescription
        /// Counted over the time stamps, nil with fewer than two pictures.
        package let measuredFrameRate: Double?
        /// Pictures from one keyframe to the next, each distance seen; empty where the look was too short for two.
        package let keyframeDistances: [Int]
        /// The longest of them in media time.
        package let longestKeyframeSpan: MediaSpan?
        /// Bits of video a second, by media time.
        package let bitRate: Double?
        /// What the camera's own clock said when the first packet was made, if it sends sender reports.
        package let senderClock: MediaTime?
        package let counters: FeedCounters
        /// The length of a recorded file by its header.
        package let duration: MediaSpan?
    }

    /// Packets looked at in a file, where there is no waiting.
    private static let filePacketLimit: Int64 = 1000

    /// Blocks for the opening and `span` at most; call it on a thread of one's own.
    /// - Parameters:
    ///   - span: how long a live stream is measured; longer than the longest keyframe distance of interest.
    ///   - still: given the first sound picture.
    /// - Throws: ``SessionFailure``, or what `still` throws.
    package static func run(
        _ address: StreamAddress, options: DemuxerOptions = DemuxerOptions(), measuring span: Duration = .seconds(5),
        interrupt: Interrupt = Interrupt(), still: (inout Picture) throws -> Void
    ) throws -> Report {
        var look = Look()
        var stage = FailureStage.opening
        do throws(MediaError) {
            let isFile = address.filePath != nil
            var options = options
            if isFile { options.codecs = .footage }
            var stream = try DecodedStream(address, options: options, interrupt: interrupt)
            stage = .streaming
            let end = ContinuousClock.now + span
            while isFile ? look.counters.packets < filePacketLimit : ContinuousClock.now < end {
                let left = isFile ? span : max(.milliseconds(1), end - .now)
                if try look.advance(&stream, within: left, still: still) { break }
            }
            return try look.report(stream, transport: isFile ? nil : options.transport)
        } catch {
            if let failure = look.stillFailure { throw failure }
            throw SessionFailure(error, at: address, stage: stage)
        }
    }

    /// What has been seen so far.
    private struct Look {
        var counters = FeedCounters()
        var stillFailure: (any Error)?
        private var size: PictureSize?
        private var firstTicks: Int64?
        private var newestTicks: Int64?
        private var timed: Int64 = 0
        private var sinceKeyframe: Int?
        private var keyframeTicks: Int64?
        private var distances: [Int] = []
        private var longestTicks: Int64 = 0

        /// - Returns: true at the end of the stream or of the time.
        mutating func advance(
            _ stream: inout DecodedStream, within limit: Duration, still: (inout Picture) throws -> Void
        ) throws(MediaError) -> Bool {
            let before = counters.packets
            let step: DecodedStream.Step
            do throws(MediaError) {
                step = try stream.advance(within: limit, counters: &counters)
            } catch {
                if error.kind == .timedOut, size != nil { return true }
                throw error
            }
            if counters.packets > before { note(stream.packetNote) }
            switch step {
            case .ended: return true
            case .nothing, .glance: return false
            case .picture:
                guard size == nil else { return false }
                size = stream.picture.size
                do { try still(&stream.picture) } catch {
                    stillFailure = error
                    throw MediaError(.cancelled, "probe", text: "the still could not be made")
                }
                return false
            }
        }

        private mutating func note(_ packet: DecodedStream.ReadPacket) {
            if let ticks = packet.ticks {
                firstTicks = min(firstTicks ?? ticks, ticks)
                newestTicks = max(newestTicks ?? ticks, ticks)
                timed += 1
            }
            guard packet.isKeyframe else {
                sinceKeyframe? += 1
                return
            }
            if let sinceKeyframe { distances.append(sinceKeyframe + 1) }
            if let keyframeTicks, let ticks = packet.ticks { longestTicks = max(longestTicks, ticks - keyframeTicks) }
            sinceKeyframe = 0
            keyframeTicks = packet.ticks
        }

        func report(_ stream: borrowing DecodedStream, transport: StreamTransport?) throws(MediaError) -> Report {
            guard let size else { throw MediaError(.noPictures, "probe", text: "not one whole picture came") }
            let video = stream.video
            let seconds =
                (newestTicks ?? 0) > (firstTicks ?? 0)
                ? video.timeBase.span(ticks: newestTicks! - firstTicks!).seconds : nil
            // The newest packet's own length is not in the span.
            let rate = seconds.map { Double(timed - 1) / $0 }
            return Report(
                stream: StreamDescription(
                    codec: video.codec, size: size, nominalFrameRate: video.frameRate, transport: transport),
                measuredFrameRate: rate, keyframeDistances: distances,
                longestKeyframeSpan: longestTicks > 0 ? video.timeBase.span(ticks: longestTicks) : nil,
                bitRate: rate.map { Double(counters.bytes * 8) / Double(max(1, counters.packets)) * $0 },
                senderClock: stream.senderClockAtZero.map { $0 + video.timeBase.span(ticks: firstTicks ?? 0) },
                counters: counters, duration: video.duration)
        }
    }
}
