package import Media
package import Scene

/// Why a camera that is to be `dense` is decoded in full.
package enum DenseFallback: String, Sendable, Codable, CaseIterable {
    case longGOP = "long_gop"
    case noKeyframes = "no_keyframes"
    case openGOP = "open_gop"
    case recoveryPoints = "recovery_points"
    case noTimeStamps = "no_time_stamps"
    case ringOverflow = "ring_overflow"

    /// The fixed part of the message, a heading of docs/troubleshooting.md.
    package var headline: String {
        switch self {
        case .longGOP: "keyframes are too far apart for dense decoding"
        case .noKeyframes: "no keyframe comes"
        case .openGOP: "the stream has open GOPs"
        case .recoveryPoints: "the stream is refreshed without keyframes"
        case .noTimeStamps: "packets come without time stamps"
        case .ringOverflow: "a GOP is too large to be kept"
        }
    }

    /// What to do about it, as the second half of the message.
    package var mend: String {
        switch self {
        case .longGOP:
            "set the camera's GOP (I-frame interval) to 2 seconds of pictures or less, and switch smart codecs off"
        case .noKeyframes: "set a fixed GOP (I-frame interval) in the camera"
        case .openGOP: "switch open GOP off in the encoder, or give the camera decode: strict"
        case .recoveryPoints: "switch intra refresh and open GOP off in the encoder, or give the camera decode: strict"
        case .noTimeStamps: "check the camera's RTP time stamps, or give the camera decode: strict"
        case .ringOverflow: "lower the camera's bit rate or its GOP, or give the camera decode: strict"
        }
    }
}

/// What is known of a packet before it is decoded.
package struct PacketNote: Hashable, Sendable {
    package var presentation: MediaSpan?
    package var isKeyframe: Bool
    package var entry: KeyframeEntry

    package init(presentation: MediaSpan?, isKeyframe: Bool = false, entry: KeyframeEntry = .instant) {
        self.presentation = presentation
        self.isKeyframe = isKeyframe
        self.entry = entry
    }
}

/// Measures a stream's real GOP, packet by packet and all the time, and says whether `dense` can be kept on it.
/// A pure value.
///
/// Trouble counts at once; it is over only after ``goodGOPs`` sound GOPs that last ``goodSpan`` together, so that a
/// stream on the verge does not flutter.
package struct KeyframeWatch: Hashable, Sendable {
    /// Sound GOPs before a new stream is trusted.
    static let firstGOPs = 2
    static let goodGOPs = 5
    static let goodSpan = MediaSpan.seconds(10)
    /// Without a keyframe for this long it is no question of the GOP's length any more.
    static let patience = MediaSpan.seconds(10)
    /// A stamp that is so far from the newest belongs to another time.
    private static let jump = MediaSpan.seconds(10)
    /// Packets without a stamp that a stream may begin with.
    private static let unstampedMost = 4

    package private(set) var trouble: DenseFallback?
    /// From the last keyframe but one to the last.
    package private(set) var span: MediaSpan?
    private var key: MediaSpan?
    private var first: MediaSpan?
    private var newest: MediaSpan?
    private var soundGOPs = 0
    private var soundSpan = MediaSpan.zero
    private var isDamaged = false
    private var unstamped = 0

    package init() {}

    package var isFit: Bool { trouble == nil && soundGOPs >= Self.firstGOPs }

    package mutating func fail(_ reason: DenseFallback) {
        trouble = reason
        soundGOPs = 0
        soundSpan = .zero
        isDamaged = true
    }

    package mutating func note(_ packet: PacketNote) {
        guard let time = packet.presentation else {
            unstamped += 1
            if unstamped > Self.unstampedMost || soundGOPs > 0 && packet.isKeyframe { fail(.noTimeStamps) }
            return
        }
        unstamped = 0
        if let newest, time > newest + Self.jump || newest > time + Self.jump { forgetTimes() }
        first = first ?? time
        newest = max(newest ?? time, time)
        if packet.isKeyframe { return noteKeyframe(at: time, packet.entry) }
        let since = time - (key ?? first ?? time)
        if key != nil, since < .zero { fail(.openGOP) }
        if since > DecodePolicy.longestKeyframeSpan, key != nil || since > Self.patience {
            fail(since > Self.patience ? .noKeyframes : .longGOP)
        }
    }

    private mutating func noteKeyframe(at time: MediaSpan, _ entry: KeyframeEntry) {
        if let key, time > key {
            let span = time - key
            self.span = span
            if span > DecodePolicy.longestKeyframeSpan {
                fail(span > Self.patience ? .noKeyframes : .longGOP)
            } else if !isDamaged {
                soundGOPs = min(soundGOPs + 1, Self.goodGOPs)
                soundSpan = min(soundSpan + span, Self.goodSpan)
            }
        }
        key = time
        isDamaged = false
        if entry == .recoveryPoint { fail(.recoveryPoints) }
        if trouble != nil, soundGOPs >= Self.goodGOPs, soundSpan >= Self.goodSpan { trouble = nil }
    }

    private mutating func forgetTimes() {
        (key, first, newest) = (nil, nil, nil)
        soundGOPs = 0
        soundSpan = .zero
    }
}
