package import Media
package import Scene

/// What of a stream is decoded.
package enum DecodeMode: String, Sendable, Codable, CaseIterable {
    /// Every picture.
    case strict
    /// Keyframes only while nothing stirs; from a stir on everything since the last quiet keyframe, until it is quiet
    /// again. Needs a keyframe at least every ``DecodePolicy/longestKeyframeSpan``.
    case dense
}

/// How a feed decodes: the mode that is asked for, and the limits of `dense`.
package struct DecodePolicy: Hashable, Sendable {
    /// Keyframes further apart would leave the camera blind for too long.
    package static let longestKeyframeSpan = MediaSpan.milliseconds(2200)
    package static let usualQuietSpan = MediaSpan.seconds(1)
    /// Bytes of packets kept for catching up.
    package static let usualRingBytes = MediaLimits.ringBytes

    package var mode: DecodeMode
    /// How long nothing may stir before a camera goes back to keyframes.
    package var quietSpan: MediaSpan
    /// While idle, keyframes that follow one another faster than this are left out: a stream of keyframes alone (MJPEG)
    /// is looked at as often as a decoded one.
    package var leastSpacing: MediaSpan
    package var ringBytes: Int
    /// What analysis needs of a picture. `luma` is kept to where ``LumaDecoder`` is there, the stream's GOP is short and its
    /// packets are kept (a ``PacketTap``), so that whoever wants colours can have them.
    package var planes = DecodedPlanes.all
    /// Who goes first where several cameras want to catch up.
    package var cameraClass = CameraClass.c

    package init(
        _ mode: DecodeMode = .strict, quietSpan: MediaSpan = Self.usualQuietSpan, analysisRate: Double = 8,
        ringBytes: Int = Self.usualRingBytes
    ) {
        self.mode = mode
        self.quietSpan = quietSpan
        leastSpacing = .seconds(1 / analysisRate)
        self.ringBytes = ringBytes
    }
}
