/// What is taken from a stream at most. Nothing received is trusted.
package enum MediaLimits {
    /// Pixels along one side. Beyond it a picture is refused: the session ends with `unsupportedPicture`.
    package static let pictureSide = 8192
    /// Bytes of one access unit. A bigger one is skipped and counted as broken.
    package static let packetBytes = 16 << 20
    /// Bytes of packets that one camera keeps for catching up: 2.2 s of 29 Mbit/s. Beyond it everything is decoded.
    package static let ringBytes = 8 << 20
    /// Bytes of packets that one camera keeps of a second stream for stills: 10 s of 26 Mbit/s.
    package static let evidenceRingBytes = 32 << 20
}
