import Media
import Scene

/// What a stream does where the machine has too much to do, and what it must know for that.
struct StreamRelief {
    /// Only a stream that comes at its own pace can be behind; recorded footage is read as fast as it is analysed.
    var isLive = false
    var step = LoadStep.full
    /// However late it is.
    var keepsEverything = false
    var backlog = StreamBacklog()
    var clock = CameraClock()
    /// The sender's clock at presentation 0, by its newest report.
    var senderClockAtZero: MediaTime?
    /// Packets were left out: what comes next is understood only from a keyframe on.
    fileprivate var isCut = false
    fileprivate var packetsSinceCut = 0
    fileprivate var lookedAt: MediaSpan?
    /// Of the newest packet that was left out and that nobody has asked about.
    fileprivate var passed: MediaSpan?

    /// Whether pictures are left out on purpose now.
    var isLeavingOut: Bool { isCut || step >= .keyframes }
}

extension DecodedStream {
    /// The presentation time of the newest packet that was left out since this was asked last.
    mutating func takePassed() -> MediaSpan? {
        defer { relief.passed = nil }
        return relief.passed
    }

    /// Leaves the packet that was read out, or decodes it by itself, where more cannot be done.
    /// - Parameter waited: for how long the packet had not come yet when it was asked for.
    /// - Returns: nil for a packet that is handled as usual.
    mutating func relieve(waited: MediaSpan, counters: inout FeedCounters) -> Step? {
        let note = note
        measure(note, waited: waited, counters: &counters)
        switch relief.step {
        case .full, .analysis: return relieveBacklog(note, counters: &counters)
        case .keyframes: return takeKeyframe(note, counters: &counters)
        case .paused:
            leaveOut(note, counters: &counters)
            return .nothing
        }
    }

    private mutating func measure(_ note: PacketNote, waited: MediaSpan, counters: inout FeedCounters) {
        let steady = MediaSpan(microseconds: ThreadUsage.steadyMicroseconds)
        _ = relief.backlog.leavesOut(
            presentation: note.presentation, isKeyframe: note.isKeyframe, waited: waited, now: steady)
        counters.behind = relief.backlog.behind
        guard let presentation = note.presentation else { return }
        // By the newest report where the reader says it with each packet, else carried on from the first.
        let sender = packet.senderClock ?? senderClockAtZero.map { $0 + presentation }
        if let sender { relief.senderClockAtZero = sender - presentation }
        guard waited > .zero, let clock else { return }
        relief.clock.note(presentation: presentation, steady: steady, arrival: clock(), sender: sender)
    }

    private mutating func relieveBacklog(_ note: PacketNote, counters: inout FeedCounters) -> Step? {
        guard relief.keepsEverything || !relief.backlog.isDropping else {
            counters.dropped += 1
            leaveOut(note, counters: &counters)
            return .nothing
        }
        guard relief.isCut else { return nil }
        relief.packetsSinceCut += 1
        // A stream without keyframes is decoded again all the same; the gate says from when on it can be trusted.
        guard note.isKeyframe || relief.packetsSinceCut > gate.patiencePictures else {
            leaveOut(note, counters: &counters)
            return .nothing
        }
        relief.isCut = false
        forgetDecoded()
        return nil
    }

    private mutating func takeKeyframe(_ note: PacketNote, counters: inout FeedCounters) -> Step {
        let isDue =
            relief.lookedAt.map { last in
                note.presentation.map { $0 < last || $0 - last >= LoadStep.keyframeSpacing } ?? false
            } ?? true
        guard note.isKeyframe, !packet.isCorrupt, isDue else {
            leaveOut(note, counters: &counters)
            return .nothing
        }
        leaveKept(note)
        arrival = nil
        relief.lookedAt = note.presentation
        guard case .glance = look(counters: &counters) else { return .nothing }
        return .picture
    }

    private mutating func leaveOut(_ note: PacketNote, counters: inout FeedCounters) {
        counters.leftOut += 1
        relief.passed = note.presentation ?? relief.passed
        leaveKept(note)
    }

    /// What was kept and what the decoder knows is of no use any more.
    private mutating func leaveKept(_ note: PacketNote) {
        newestPresentation = note.presentation
        if !relief.isCut { relief.packetsSinceCut = 0 }
        relief.isCut = true
        hasShed = true
        if !ring.isEmpty { ring.removeAll() }
        receivedTicks = nil
        if machine.phase != .awake, let wakeGate, let ticket { wakeGate.leave(ticket) }
        machine.passed(note)
        gate.damaged()
    }
}
