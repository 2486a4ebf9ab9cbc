import Media
import Scene

/// An open stream or file with its decoder: packets in, sound pictures out. What cameras and footage have in common.
///
/// In `dense` mode the pictures are those that ``DenseMachine`` asks for: keyframes to be glanced at while nothing stirs,
/// and from a stir on everything since the last quiet keyframe.
struct DecodedStream: ~Copyable {
    enum Step {
        /// `picture` holds the next sound picture.
        case picture
        /// `picture` holds a keyframe beside the others: whoever asked says ``wake(counters:)`` or ``stay()``.
        case glance
        /// The packet gave none; ask again.
        case nothing
        case ended
    }

    var picture = Picture()
    private var demuxer: Demuxer
    private var decoder: Decoder
    var packet = Packet()
    /// Of those that ``DecodedStream/relieve(counters:)`` needs, in a file of its own.
    var gate: KeyframeGate
    private var spoilt = SpoiltStamps()
    private var isDraining = false
    private var hasUndrainedPictures = false
    /// The decoder gives colours because a still wanted them, and something has stirred since.
    private var hasColoursForStills = false

    var machine: DenseMachine
    let ring: PacketRing
    let wakeGate: WakeGate?
    let ticket: WakeGate.Ticket?
    /// The clock that says when a packet came; nil where nobody asks.
    let clock: (@Sendable () -> MediaTime)?
    /// Pictures up to here have been received: the ring begins with the keyframe that was looked at.
    var receivedTicks: Int64?
    /// Of the picture that was given out last.
    var newestTicks: Int64?
    /// The decoder gives out what it holds before a keyframe is looked at.
    private var isSettling = false
    /// What ended the stream while packets were still kept.
    private var ending: Ending?
    private var wokeAt: ContinuousClock.Instant?

    private enum Ending {
        case end
        case failure(MediaError)
    }

    /// When the packet came that gave the newest picture; nil for one that was not kept.
    var arrival: MediaTime?
    /// Packets were let go of since the last picture: what they showed is not known.
    var hasShed = false
    /// Pictures were damaged or refer to what was, since the last one that was given out: what they showed is not known.
    var hasMissed = false
    /// What is done where the machine has too much to do.
    var relief = StreamRelief()

    init(
        _ address: StreamAddress, options: DemuxerOptions, interrupt: Interrupt, policy: DecodePolicy = DecodePolicy(),
        wakeGate: WakeGate? = nil, clock: (@Sendable () -> MediaTime)? = nil, tap: PacketTap? = nil
    ) throws(MediaError) {
        let demuxer = try Demuxer(address, options: options, interrupt: interrupt)
        let parameters = try StreamParameters(demuxer)
        decoder = try Decoder(for: demuxer)
        gate = KeyframeGate(frameRate: demuxer.video.frameRate)
        self.demuxer = demuxer
        ring = tap?.open(parameters) ?? PacketRing(parameters)
        machine = DenseMachine(policy)
        self.wakeGate = wakeGate
        self.clock = clock
        ticket = wakeGate?.ticket(policy.cameraClass)
    }

    deinit {
        if let wakeGate, let ticket { wakeGate.leave(ticket) }
    }

    struct ReadPacket {
        let ticks: Int64?
        let isKeyframe: Bool
    }

    /// Of the packet read last; meaningful only right after one was read.
    var packetNote: ReadPacket {
        ReadPacket(ticks: packet.presentationTicks ?? packet.decodingTicks, isKeyframe: packet.isKeyframe)
    }

    var video: VideoStream { demuxer.video }
    var probingSpan: MediaSpan { demuxer.probingSpan }
    var sawInputError: Bool { demuxer.sawInputError }
    /// The wall clock at presentation time 0 by the camera's own reports.
    var senderClockAtZero: MediaTime? { demuxer.senderClockAtZero }
    var standing: DecodeStanding { DecodeStanding(machine, decoder.planes) }
    /// Whether everything that has come has been read; nil where nobody knows.
    var isDry: Bool? { demuxer.isDry }
    var isIdle: Bool { machine.phase == .idle }
    /// Nobody waits for what is kept or held: neither a slot of the wake gate nor pictures that the decoder still has.
    var mayRest: Bool { (machine.phase == .idle || machine.phase == .awake) && !isDraining && !isSettling }
    /// Of the packet that was read last.
    var newestPresentation: MediaSpan?

    /// Of a file, before anything was read: goes on with the last keyframe at or before a presentation time.
    mutating func seek(to presentation: MediaSpan) -> Bool { demuxer.seek(to: presentation) }

    /// Reads at most one packet and decodes at most one picture.
    mutating func advance(within limit: Duration, counters: inout FeedCounters) throws(MediaError) -> Step {
        if hasUndrainedPictures || isDraining {
            let step = try receive(counters: &counters)
            if step == .ended, isSettling { return look(counters: &counters) }
            if step != .nothing || isDraining { return step }
        }
        switch machine.phase {
        case .catchingUp: return try catchUp(counters: &counters)
        case .waiting:
            guard entersGate else { break }
            // What is kept is decoded before anything is waited for: others want the slot.
            beginCatchingUp()
            return .nothing
        case .awake, .idle: break
        }
        let waits = relief.isLive ? ThreadUsage.waits : 0
        let asked = relief.isLive ? ThreadUsage.steadyMicroseconds : 0
        guard try read(within: limit) else { return .nothing }
        counters.packets += 1
        counters.bytes += Int64(packet.byteCount)
        if relief.isLive {
            let span = ThreadUsage.waits == waits ? 0 : ThreadUsage.steadyMicroseconds - asked
            if let step = relieve(waited: MediaSpan(microseconds: span), counters: &counters) { return step }
        }
        return try handle(counters: &counters)
    }

    /// The picture that was given out is placed in media time: evidence of it is found by that.
    func placed(at time: MediaTime) {
        guard ring.keepsHistory, let ticks = picture.presentationTicks else { return }
        ring.align(presentation: demuxer.video.timeBase.span(ticks: ticks), time: time)
    }

    /// The picture that was given out begins another time or size.
    func cut(because reason: FailureKind) {
        ring.cut(
            at: picture.presentationTicks.map { demuxer.video.timeBase.span(ticks: $0) }, reason: reason.rawValue)
    }

    // MARK: Packets

    /// - Returns: false at the end of the stream; what is kept or held is given out first.
    private mutating func read(within limit: Duration) throws(MediaError) -> Bool {
        do throws(MediaError) {
            if try demuxer.read(into: &packet, within: limit) { return true }
            ending = .end
        } catch {
            guard machine.phase != .awake, !ring.isEmpty, error.kind != .cancelled else { throw error }
            ending = .failure(error)
        }
        // Awake, it holds what has been decoded already.
        guard machine.phase == .awake || ring.isEmpty else {
            beginCatchingUp()
            return false
        }
        drain()
        return false
    }

    private mutating func drain() {
        isDraining = true
        try? decoder.sendEnd()
    }

    private mutating func handle(counters: inout FeedCounters) throws(MediaError) -> Step {
        arrival = nil
        let note = note
        newestPresentation = note.presentation
        switch machine.packet(note, isSound: !packet.isCorrupt) {
        case .decode:
            keepDecoded()
            choosePlanes()
            send(counters: &counters)
            return hasUndrainedPictures ? try receive(counters: &counters) : .nothing
        case .keep: keep(counters: &counters)
        case .look: return look(counters: &counters)
        case .settle:
            ring.removeAll()
            isSettling = true
            drain()
        case .rest:
            decoder.flush()
            hasUndrainedPictures = false
            receivedTicks = newestTicks
            keep(counters: &counters)
        case .keepAndWake:
            keep(counters: &counters)
            if machine.phase == .idle { wake() }
        }
        return .nothing
    }

    var note: PacketNote {
        PacketNote(
            presentation: packet.presentationTicks.map { demuxer.video.timeBase.span(ticks: $0) },
            isKeyframe: packet.isKeyframe, entry: packet.isKeyframe ? demuxer.entry(of: packet) : .instant)
    }

    private mutating func keep(counters: inout FeedCounters) {
        ring.append(&packet, arrival: clock?())
        defer { counters.keptBytes = Int64(ring.byteCount) }
        guard ring.byteCount > machine.policy.ringBytes else { return }
        if machine.phase == .waiting {
            ring.keepNewestGOP()
            counters.sheds += 1
            hasShed = true
            // What comes next does not go on from what was decoded last.
            gate.damaged()
        } else {
            machine.ringOverflowed()
            wake()
        }
    }

    /// What is decoded may be wanted once more: for evidence, and where sleep begins before the next keyframe.
    private mutating func keepDecoded() {
        guard machine.keepsGOP else {
            if !ring.isEmpty { ring.removeAll() }
            return ring.pass(packet)
        }
        if packet.isKeyframe { ring.removeAll() }
        ring.append(copyOf: packet, arrival: clock?())
        guard ring.byteCount > machine.policy.ringBytes else { return }
        ring.removeAll()
        machine.forgetGOP()
    }

    /// Analysis needs no colours. They are left out only where they can be had when an alert wants them: of packets that are
    /// kept, and within a GOP that is decoded in no time. The decoder that the packet in `packet` goes to is another then.
    private mutating func choosePlanes() {
        guard !hasColoursForStills else { return }
        let wanted: DecodedPlanes = ring.keepsHistory && machine.watch.isFit ? machine.policy.planes : .all
        guard wanted != decoder.planes, decoder.canBeReplaced(before: packet),
            let other = try? Decoder(for: ring.parameters, planes: wanted)
        else { return }
        decoder = other
    }

    private mutating func send(counters: inout FeedCounters) {
        hasUndrainedPictures = true
        if packet.isCorrupt {
            counters.corruptPackets += 1
            gate.damaged()
            spoilt.note(packet.presentationTicks)
        }
        do throws(MediaError) {
            try decoder.send(packet)
        } catch {
            counters.corruptPackets += packet.isCorrupt ? 0 : 1
            gate.damaged()
        }
    }

    // MARK: Idle

    /// Decodes the keyframe in `packet` by itself.
    mutating func look(counters: inout FeedCounters) -> Step {
        (isSettling, isDraining, hasUndrainedPictures) = (false, false, false)
        choosePlanes()
        let isWhole: Bool
        do throws(MediaError) {
            isWhole = try decoder.decodeAlone(packet, into: &picture)
        } catch {
            isWhole = false
        }
        guard isWhole, !picture.isCorrupt else {
            counters.corruptPictures += 1
            keep(counters: &counters)
            return .nothing
        }
        _ = gate.admits(isKeyframe: true)
        return .glance
    }

    /// Nothing stirs in the keyframe that was looked at: it has been received, and the ring begins anew with it.
    mutating func stay(counters: inout FeedCounters) {
        receivedTicks = picture.presentationTicks
        ring.removeAll()
        keep(counters: &counters)
    }

    /// Something stirs in the keyframe that was looked at, which has not been received: everything since the one before
    /// is wanted.
    mutating func wake(counters: inout FeedCounters) {
        keep(counters: &counters)
        counters.wakes += 1
        if machine.phase == .idle { wake() }
    }

    /// The keyframe that was looked at begins another time or size: everything from it on is decoded.
    mutating func restart(counters: inout FeedCounters) {
        ring.removeAll()
        receivedTicks = nil
        // What was kept of the old one is not looked into.
        hasMissed = true
        keep(counters: &counters)
        wake()
    }

    private mutating func wake() {
        wokeAt = .now
        machine.wake(mayCatchUp: false)
        if entersGate { beginCatchingUp() }
    }

    private var entersGate: Bool {
        guard let wakeGate, let ticket else { return true }
        return wakeGate.enters(ticket)
    }

    // MARK: Catching up

    /// What the decoder knows is not what comes before the next packet.
    mutating func forgetDecoded() {
        decoder.flush()
        hasUndrainedPictures = false
    }

    private mutating func beginCatchingUp() {
        forgetDecoded()
        machine.wake(mayCatchUp: true)
    }

    private mutating func catchUp(counters: inout FeedCounters) throws(MediaError) -> Step {
        if let taken = ring.takeFirst(into: &packet) {
            arrival = taken.arrival
            counters.keptBytes = Int64(ring.byteCount)
            send(counters: &counters)
            return try receive(counters: &counters)
        }
        machine.caughtUp()
        if let wakeGate, let ticket { wakeGate.leave(ticket) }
        if let wokeAt {
            counters.catchUps += 1
            counters.catchUpMicroseconds += (.now - wokeAt).nanoseconds / 1000
        }
        wokeAt = nil
        switch ending {
        case nil: break
        case .end: drain()
        case .failure(let error): throw error
        }
        return .nothing
    }

    /// The picture that was given out has been received.
    mutating func received(
        at time: MediaTime, after newest: MediaTime?, _ attention: PictureAttention, counters: inout FeedCounters
    ) {
        if let newest {
            let span = (time - newest).microseconds
            if machine.phase == .idle { counters.idleMicroseconds += span } else { counters.awakeMicroseconds += span }
        }
        if machine.phase == .catchingUp { counters.caughtUp += 1 }
        hasShed = false
        hasMissed = false
        keepColours(attention)
        machine.received(at: time, isStirring: attention != .quiet)
    }

    /// A still of this picture has decoded the GOP in colours: its decoder goes on for as long as something stirs, since
    /// the alert's next stills would decode it all once more.
    private mutating func keepColours(_ attention: PictureAttention) {
        if attention == .quiet { hasColoursForStills = false }
        guard ring.keepsHistory, let colours = ring.takeDecoder(after: newestTicks), machine.phase != .idle,
            decoder.planes == .luma
        else { return }
        decoder = colours
        hasColoursForStills = attention != .quiet
    }

    // MARK: Pictures

    /// Stamps further apart than any kept GOP is long belong to different times.
    private func isNear(_ ticks: Int64, _ received: Int64) -> Bool {
        let timeBase = demuxer.video.timeBase
        return timeBase.span(ticks: received) - timeBase.span(ticks: ticks) < .seconds(5)
    }

    private mutating func receive(counters: inout FeedCounters) throws(MediaError) -> Step {
        let step: Decoder.Step
        do throws(MediaError) {
            step = try decoder.receive(into: &picture)
        } catch {
            guard error.kind == .invalidData else { throw error }
            counters.corruptPictures += 1
            hasMissed = true
            gate.damaged()
            return .nothing
        }
        if decoder.takeMissedReference() {
            counters.missedReferences += 1
            gate.damaged()
        }
        switch step {
        case .needsPacket:
            hasUndrainedPictures = false
            return .nothing
        case .ended: return .ended
        case .picture: break
        }
        // The decoder does not always notice what is known of the packet: H.265 hardly ever.
        if picture.isCorrupt || spoilt.holds(picture.presentationTicks) {
            counters.corruptPictures += 1
            hasMissed = true
            gate.damaged()
            return .nothing
        }
        guard gate.admits(isKeyframe: picture.isKeyframe) else {
            counters.picturesBeforeKeyframe += 1
            hasMissed = true
            return .nothing
        }
        if let received = receivedTicks {
            if let ticks = picture.presentationTicks, ticks <= received, isNear(ticks, received) { return .nothing }
            receivedTicks = nil
        }
        newestTicks = picture.presentationTicks
        return .picture
    }
}
