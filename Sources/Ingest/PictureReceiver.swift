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
    /// - Parameter time: media time of the session's last picture.
    /// A failure before any picture came is told the same way, without a session: `time` is nil then.
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?)
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
    /// Sound pictures dropped because the first keyframe, or the next one after damage, had not come.
    package var picturesBeforeKeyframe: Int64 = 0
    package var sessions: Int64 = 0
    /// Connection attempts after the first.
    package var reconnects: Int64 = 0
    package var sizeChanges: Int64 = 0
    package var timeJumps: Int64 = 0

    package init() {}
}
