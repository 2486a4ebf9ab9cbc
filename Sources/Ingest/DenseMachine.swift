package import Scene

/// What `dense` does with each packet, and when it sleeps and wakes: a pure value. ``DecodedStream`` only does what it
/// says. Nothing in it knows a clock: the same packets and pictures give the same decisions at any speed, as long as no
/// other camera holds a wake up.
package struct DenseMachine: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        /// Everything is decoded.
        case awake
        /// Keyframes only.
        case idle
        /// Something stirs, and others are catching up.
        case waiting
        /// What was kept is decoded.
        case catchingUp
    }

    /// What is to be done with a packet.
    package enum Handling: Hashable, Sendable {
        case decode
        /// Into the ring.
        case keep
        /// A keyframe to be decoded by itself and looked at.
        case look
        /// The same, after the decoder has given out what it still holds.
        case settle
        /// Into the ring, which holds everything since the last keyframe: sleep begins within a GOP, and a stir in the
        /// next keyframe goes back to this one's.
        case rest
        /// Into the ring, and then everything is decoded: the stream is not fit any more.
        case keepAndWake
    }

    package let policy: DecodePolicy
    package private(set) var phase = Phase.awake
    package private(set) var watch = KeyframeWatch()
    /// Of the keyframe that was looked at last.
    private var looked: MediaSpan?
    /// Of the keyframe that the packets decoded since are kept behind; nil while they are not.
    private var kept: MediaSpan?
    private var quietSince: MediaTime?
    private var newest: MediaTime?

    /// Time stamps of pictures at an even rate differ by a little.
    private static let grace = MediaSpan.milliseconds(20)

    package init(_ policy: DecodePolicy) { self.policy = policy }

    /// Why everything is decoded though the camera is to be dense.
    package var fallback: DenseFallback? { policy.mode == .dense ? watch.trouble : nil }

    package mutating func packet(_ note: PacketNote, isSound: Bool = true) -> Handling {
        watch.note(note)
        guard policy.mode == .dense else { return .decode }
        switch phase {
        case .awake:
            return awake(note, isSound: isSound)
        case .idle:
            guard watch.isFit else { return .keepAndWake }
            guard note.isKeyframe, isSound, let time = note.presentation, isDue(time) else { return .keep }
            looked = time
            return .look
        case .waiting, .catchingUp: return .keep
        }
    }

    private mutating func awake(_ note: PacketNote, isSound: Bool) -> Handling {
        if note.isKeyframe { kept = note.presentation }
        if !isSound || !watch.isFit { kept = nil }
        guard isSound, watch.isFit, isQuiet, note.isKeyframe || kept != nil else { return .decode }
        phase = .idle
        looked = kept
        kept = nil
        return note.isKeyframe ? .settle : .rest
    }

    /// Whether a packet that is decoded is kept too, so that sleep can begin before the next keyframe.
    package var keepsGOP: Bool { phase == .awake && kept != nil }

    /// The ring has no room for what is decoded too.
    package mutating func forgetGOP() { kept = nil }

    /// A stir, or a stream that is not fit: what was kept is wanted.
    /// - Parameter mayCatchUp: whether it may be decoded now.
    package mutating func wake(mayCatchUp: Bool) {
        guard phase != .awake else { return }
        phase = mayCatchUp ? .catchingUp : .waiting
        quietSince = nil
    }

    /// A packet that is neither decoded nor kept, because the machine has too much to do: the GOP is measured all the
    /// same, and what comes after it is decoded as it comes.
    package mutating func passed(_ note: PacketNote) {
        watch.note(note)
        phase = .awake
        quietSince = nil
    }

    /// The ring is empty: what comes next is decoded as it comes.
    package mutating func caughtUp() {
        if phase == .catchingUp { phase = .awake }
    }

    /// The ring cannot hold a GOP.
    package mutating func ringOverflowed() { watch.fail(.ringOverflow) }

    /// A picture has been received.
    /// - Parameter isStirring: the next one is wanted whatever it shows.
    package mutating func received(at time: MediaTime, isStirring: Bool) {
        newest = time
        if isStirring { quietSince = nil } else if quietSince == nil { quietSince = time }
    }

    private var isQuiet: Bool {
        guard let quietSince, let newest else { return false }
        return newest - quietSince >= policy.quietSpan
    }

    private func isDue(_ time: MediaSpan) -> Bool {
        guard let looked else { return true }
        return time < looked || time - looked + Self.grace >= policy.leastSpacing
    }
}
