package import Media
package import Scene

/// What stands at the end of a feed: analysis. Called on the feed's thread only, one call at a time.
///
/// Every `sessionBegan` is followed by one `sessionEnded`. Media time rises strictly within a session and never
/// runs backwards over sessions.
package protocol PictureReceiver: AnyObject {
    /// - Parameter anchor: media time of the first picture, which follows at once.
    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime)
    /// The picture may be drawn on or blackened; it is the feed's again when the call returns.
    func receive(_ picture: inout Picture, at time: MediaTime)
    /// What the newest picture calls for. Asked after each ``receive(_:at:)``.
    var attention: PictureAttention { get }
    /// Looks at a keyframe that nothing else was decoded with, and changes nothing by it. Asked only while nothing stirs.
    /// - Returns: whether everything since the picture received last is wanted. The keyframe is received after that
    ///   then; else it is received at once.
    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool
    /// Pictures up to `time` came and were left out, because the machine had too much to do.
    func leftOut(until time: MediaTime)
    /// Pictures up to `time` came and could not be used: they were damaged, or predicted from what was.
    func missed(until time: MediaTime)
    /// More or less is done for the camera from here on, because of what the machine has to do.
    func lightened(to step: LoadStep)
    /// What was kept has been decoded, so long after it was wanted.
    func caughtUp(after wait: Duration)
    /// How the stream is decoded has changed.
    func decoding(_ standing: DecodeStanding, at time: MediaTime)
    /// - Parameter time: media time of the session's last picture.
    /// A failure before any picture came is told the same way, without a session: `time` is nil then.
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?)
}

extension PictureReceiver {
    /// Whoever does not say lets no picture be left out.
    package var attention: PictureAttention { .stirring }
    package func stirs(in picture: inout Picture, at time: MediaTime) -> Bool { true }
    package func leftOut(until time: MediaTime) {}
    package func missed(until time: MediaTime) {}
    package func lightened(to step: LoadStep) {}
    package func caughtUp(after wait: Duration) {}
    package func decoding(_ standing: DecodeStanding, at time: MediaTime) {}
}

/// What a picture calls for.
package enum PictureAttention: Hashable, Sendable {
    /// Nothing of the next ones need be seen but a keyframe now and then.
    case quiet
    /// Something may move, or is being learnt: every picture counts.
    case stirring
}

/// How a feed decodes now.
package struct DecodeStanding: Hashable, Sendable {
    package var mode = DecodeMode.strict
    /// Why everything is decoded though the camera is to be dense.
    package var fallback: DenseFallback?
    package var isIdle = false
    package var isWaiting = false
    /// From one keyframe to the next, measured last.
    package var keyframeSpan: MediaSpan?
    package var planes = DecodedPlanes.all

    package init() {}

    init(_ machine: DenseMachine, _ planes: DecodedPlanes) {
        self.planes = planes
        mode = machine.policy.mode
        fallback = machine.fallback
        isIdle = machine.phase == .idle
        isWaiting = machine.phase == .waiting
        keyframeSpan = machine.watch.span
    }
}

package struct StreamDescription: Hashable, Sendable {
    /// FFmpeg's short name: `h264`, `hevc`, `mjpeg`.
    package let codec: String
    package let size: PictureSize
    /// Pictures a second as the stream says; cameras often say nothing or something wrong.
    package let nominalFrameRate: Double?
    /// Nil for recorded footage.
    package let transport: StreamTransport?

    package init(codec: String, size: PictureSize, nominalFrameRate: Double?, transport: StreamTransport?) {
        self.codec = codec
        self.size = size
        self.nominalFrameRate = nominalFrameRate
        self.transport = transport
    }
}

/// What has gone through a feed since it was made.
package struct FeedCounters: Hashable, Sendable {
    package var packets: Int64 = 0
    package var bytes: Int64 = 0
    /// Delivered to the receiver.
    package var pictures: Int64 = 0
    /// Packets that the decoder refused or that came marked as damaged.
    package var corruptPackets: Int64 = 0
    /// Pictures that the decoder gave out damaged.
    package var corruptPictures: Int64 = 0
    /// Pictures that refer to others that never came, as after packets that were lost.
    package var missedReferences: Int64 = 0
    /// Sound pictures dropped because the first keyframe, or the next one after damage, had not come.
    package var picturesBeforeKeyframe: Int64 = 0
    package var sessions: Int64 = 0
    /// Connection attempts after the first.
    package var reconnects: Int64 = 0
    package var sizeChanges: Int64 = 0
    package var timeJumps: Int64 = 0
    /// Stirs in a keyframe that had everything since the one before decoded.
    package var wakes: Int64 = 0
    /// Times that what was kept was decoded, and from the wish to do so until it was done.
    package var catchUps: Int64 = 0
    package var catchUpMicroseconds: Int64 = 0
    /// Pictures received while catching up.
    package var caughtUp: Int64 = 0
    /// Times that kept packets had to be let go of while others caught up.
    package var sheds: Int64 = 0
    /// Media time of pictures received in keyframes only, and in all others.
    package var idleMicroseconds: Int64 = 0
    package var awakeMicroseconds: Int64 = 0
    /// Packets that were let go of because the machine has too much to do, or pictures that would have been ahead of
    /// the clock.
    package var leftOut: Int64 = 0
    /// Of these the packets that were let go of because reading was behind.
    package var dropped: Int64 = 0
    /// Processor time of the feed's thread: receiving, decoding, analysis, journaling.
    package var processorMicroseconds: Int64 = 0
    /// How much waited to be read when the newest packet was.
    package var behind = MediaSpan.zero

    /// Bytes of packets that are kept now for catching up, at most ``DecodePolicy/ringBytes`` and one packet.
    package var keptBytes: Int64 = 0

    package init() {}

    /// Packets and pictures that were damaged, or refer to what never came.
    package var damaged: Int64 { corruptPackets + corruptPictures + missedReferences }
}
