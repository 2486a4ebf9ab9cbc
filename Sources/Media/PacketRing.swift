import CFFmpeg
package import Scene
import Synchronization

/// The newest packets of one stream, owned and counted in bytes: those that wait to be decoded, and behind them, where
/// evidence is made of the stream, those of the last seconds. Nothing is copied: packets that are given out share their
/// data with the ring.
///
/// One session fills it; anybody may read. A packet keeps its serial number for as long as it is here.
package final class PacketRing: Sendable {
    /// What is kept of what has been decoded.
    package struct History: Hashable, Sendable {
        /// At least so much, from a keyframe on, where the bytes allow it.
        package var span: MediaSpan
        /// With what waits; the oldest go first. What waits is never let go of for it.
        package var bytes: Int

        package init(span: MediaSpan, bytes: Int) {
            self.span = span
            self.bytes = bytes
        }
    }

    /// A keyframe that a clip can begin with.
    package struct Start: Hashable, Sendable {
        package let serial: Int
        package let time: MediaTime
    }

    package enum Reading: Hashable, Sendable {
        /// The packet is in the reader's hands.
        case packet
        case notYet
        /// Let go of before it was read.
        case gone
        /// What comes after belongs to another time or picture size, or nothing comes.
        case ended(reason: String)
    }

    /// What a packet takes besides what is in it: the structures, the padding, the entry. Without it a flood of tiny packets
    /// would take many times the bytes that are allowed.
    package static let overheadBytes = 384

    package let parameters: StreamParameters
    private let history: History?
    private let state: Mutex<Shelf>
    private let left = Mutex<LeftDecoder?>(nil)

    private struct LeftDecoder: ~Copyable, Sendable {
        let decoder: Decoder
        /// Of the picture that it gave last.
        let ticks: Int64
    }

    /// - Parameter history: nil where only what waits is kept.
    package init(_ parameters: StreamParameters, history: History? = nil) {
        self.parameters = parameters
        self.history = history
        state = Mutex(Shelf(history: history))
    }

    // MARK: Filling, on the session's thread

    package var keepsHistory: Bool { history != nil }
    /// Of what waits.
    package var byteCount: Int { state.withLock { $0.waitingBytes } }
    package var isEmpty: Bool { state.withLock { $0.isEmpty } }

    /// Takes what is in `packet`, which waits then, and leaves it empty.
    /// - Parameter arrival: given back with the packet.
    package func append(_ packet: inout Packet, arrival: MediaTime?) {
        let label = label(of: packet, arrival: arrival)
        state.withLock { $0.append(&packet, label) }
    }

    /// Shares the data of `packet`, which waits then too and stays whole.
    package func append(copyOf packet: borrowing Packet, arrival: MediaTime?) {
        let label = label(of: packet, arrival: arrival)
        state.withLock { $0.append(copyOf: packet, label) }
    }

    /// Keeps a packet that is decoded at once.
    package func pass(_ packet: borrowing Packet) {
        guard history != nil else { return }
        let label = label(of: packet, arrival: nil)
        state.withLock { $0.pass(packet, label) }
    }

    /// Gives out the oldest packet that waits, and when it came; nil where none does.
    package func takeFirst(into packet: inout Packet) -> (arrival: MediaTime?, wasLast: Bool)? {
        state.withLock { $0.takeFirst(into: &packet) }
    }

    /// Nothing waits any more.
    package func removeAll() { state.withLock { $0.skip(to: nil) } }

    /// Of what waits everything before the newest keyframe waits no more; everything where none but the oldest packet
    /// is one.
    package func keepNewestGOP() { state.withLock { $0.skipToNewestKeyframe() } }

    /// Ties presentation times to media time.
    package func align(presentation: MediaSpan, time: MediaTime) {
        guard history != nil else { return }
        state.withLock { $0.offset = time - MediaTime(microseconds: presentation.microseconds) }
    }

    /// What begins at `presentation` does not go on from what came before: no clip holds both.
    package func cut(at presentation: MediaSpan?, reason: String) {
        state.withLock { $0.cut(at: presentation, reason) }
    }

    /// Nothing more comes. The first reason counts.
    package func end(reason: String) { state.withLock { $0.ending = $0.ending ?? reason } }

    /// A decoder of the whole picture that was sent everything up to the picture of `ticks`, if a still has left one. One of
    /// another picture is closed: it is of no use any more.
    package func takeDecoder(after ticks: Int64?) -> Decoder? {
        guard let taken = left.withLock({ $0.take() }), taken.ticks == ticks else { return nil }
        return taken.decoder
    }

    func leave(_ decoder: consuming Decoder, after ticks: Int64) {
        var leaving: LeftDecoder? = LeftDecoder(decoder: decoder, ticks: ticks)
        left.withLock { $0 = leaving.take() }
    }

    // MARK: Reading, on any thread

    /// The newest keyframe at or before `time` that decoding can begin at, else the oldest before `latest`.
    package func start(atOrBefore time: MediaTime, latest: MediaTime) -> Start? {
        state.withLock { $0.start(atOrBefore: time, latest: latest) }
    }

    /// - Parameters:
    ///   - serial: of the packet that is wanted.
    ///   - start: where the reader began.
    package func read(_ serial: Int, from start: Int, into packet: inout Packet) -> Reading {
        state.withLock { $0.read(serial, from: start, into: &packet) }
    }

    /// Media time of a presentation time; nil before the first picture was given out.
    package func time(at presentation: MediaSpan) -> MediaTime? {
        state.withLock { $0.offset.map { MediaTime(microseconds: presentation.microseconds) + $0 } }
    }

    /// Packets and bytes, ``overheadBytes`` each included, that are held in all.
    package var holding: (packets: Int, bytes: Int) { state.withLock { ($0.count, $0.byteCount) } }

    private func label(of packet: borrowing Packet, arrival: MediaTime?) -> Shelf.Label {
        let entry = packet.isKeyframe && !packet.isCorrupt ? parameters.framing.entry(of: packet) : .recoveryPoint
        return Shelf.Label(
            bytes: packet.byteCount + Self.overheadBytes, arrival: arrival,
            presentation: (packet.presentationTicks ?? packet.decodingTicks)
                .map { parameters.timeBase.span(ticks: $0) },
            isKeyframe: packet.isKeyframe, isStart: packet.isKeyframe && entry != .recoveryPoint)
    }
}

/// Where a camera's newest packets are found by whoever makes evidence of them: the ring of the connection that runs, or
/// of the one that ended last. It does not matter which session fills it, that of the analysis or one for evidence alone.
package final class PacketTap: Sendable {
    package let history: PacketRing.History
    private let current = Mutex<PacketRing?>(nil)

    package init(_ history: PacketRing.History) { self.history = history }

    package var ring: PacketRing? { current.withLock { $0 } }

    /// A connection begins: its packets go into the ring that is given back. The one before has ended.
    package func open(_ parameters: StreamParameters) -> PacketRing {
        let ring = PacketRing(parameters, history: history)
        let before = current.withLock { current in
            defer { current = ring }
            return current
        }
        before?.end(reason: "ended")
        return ring
    }
}
