import Media
import Scene

/// An open stream or file with its decoder: packets in, sound pictures out. What cameras and footage have in common.
struct DecodedStream: ~Copyable {
    enum Step {
        /// `picture` holds the next sound picture.
        case picture
        /// The packet gave none; ask again.
        case nothing
        case ended
    }

    var picture = Picture()
    private var demuxer: Demuxer
    private var decoder: Decoder
    private var packet = Packet()
    private var gate = KeyframeGate()
    private var isDraining = false
    private var hasUndrainedPictures = false

    init(
        _ address: StreamAddress, options: DemuxerOptions, interrupt: Interrupt
    ) throws(MediaError) {
        let demuxer = try Demuxer(address, options: options, interrupt: interrupt)
        decoder = try Decoder(for: demuxer)
        self.demuxer = demuxer
    }

    struct PacketNote {
        let ticks: Int64?
        let isKeyframe: Bool
    }

    /// Of the packet read last; meaningful only right after one was read.
    var packetNote: PacketNote {
        PacketNote(ticks: packet.presentationTicks ?? packet.decodingTicks, isKeyframe: packet.isKeyframe)
    }

    var video: VideoStream { demuxer.video }
    var probingSpan: MediaSpan { demuxer.probingSpan }
    var sawInputError: Bool { demuxer.sawInputError }
    /// The wall clock at presentation time 0 by the camera's own reports.
    var senderClockAtZero: MediaTime? { demuxer.senderClockAtZero }

    /// Reads at most one packet and decodes at most one picture.
    mutating func advance(within limit: Duration, counters: inout FeedCounters) throws(MediaError) -> Step {
        if hasUndrainedPictures || isDraining {
            let step = try receive(counters: &counters)
            if step != .nothing || isDraining { return step }
        }
        guard try demuxer.read(into: &packet, within: limit) else {
            isDraining = true
            try? decoder.sendEnd()
            return .nothing
        }
        counters.packets += 1
        counters.bytes += Int64(packet.byteCount)
        send(counters: &counters)
        return hasUndrainedPictures ? try receive(counters: &counters) : .nothing
    }

    private mutating func send(counters: inout FeedCounters) {
        hasUndrainedPictures = true
        if packet.isCorrupt {
            counters.corruptPackets += 1
            gate.damaged()
        }
        do throws(MediaError) {
            try decoder.send(packet)
        } catch {
            counters.corruptPackets += packet.isCorrupt ? 0 : 1
            gate.damaged()
        }
    }

    private mutating func receive(counters: inout FeedCounters) throws(MediaError) -> Step {
        let step: Decoder.Step
        do throws(MediaError) {
            step = try decoder.receive(into: &picture)
        } catch {
            guard error.kind == .invalidData else { throw error }
            counters.corruptPictures += 1
            gate.damaged()
            return .nothing
        }
        switch step {
        case .needsPacket:
            hasUndrainedPictures = false
            return .nothing
        case .ended: return .ended
        case .picture: break
        }
        if picture.isCorrupt {
            counters.corruptPictures += 1
            gate.damaged()
            return .nothing
        }
        guard gate.admits(isKeyframe: picture.isKeyframe) else {
            counters.picturesBeforeKeyframe += 1
            return .nothing
        }
        return .picture
    }
}
