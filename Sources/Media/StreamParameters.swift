import CFFmpeg
package import Scene

/// What the packets of one stream need to be decoded or put into a file: codec, size and parameter sets as announced.
/// A copy that outlives the stream and never changes.
package final class StreamParameters: @unchecked Sendable {
    let raw: UnsafeMutablePointer<AVCodecParameters>
    /// FFmpeg's short name: `h264`, `hevc`, `mjpeg`.
    package let codec: String
    package let size: PictureSize
    package let timeBase: TimeBase
    package let frameRate: Double?
    let framing: UnitFraming
    /// What the stream's decoder may be.
    let codecs: AcceptedCodecs

    package init(_ demuxer: borrowing Demuxer) throws(MediaError) {
        guard let copy = avcodec_parameters_alloc() else {
            throw MediaError(.outOfMemory, "keep packets", text: "out of memory")
        }
        let code = avcodec_parameters_copy(copy, demuxer.codecParameters)
        guard code >= 0 else {
            var failed: UnsafeMutablePointer<AVCodecParameters>? = copy
            avcodec_parameters_free(&failed)
            throw MediaError(code: code, "keep packets")
        }
        raw = copy
        codec = demuxer.video.codec
        size = PictureSize(width: Int(copy.pointee.width), height: Int(copy.pointee.height))
        timeBase = demuxer.video.timeBase
        frameRate = demuxer.video.frameRate
        framing = UnitFraming(copy)
        codecs = demuxer.codecs
    }

    deinit {
        var freed: UnsafeMutablePointer<AVCodecParameters>? = raw
        avcodec_parameters_free(&freed)
    }

    /// Whether the packets can be put into a clip as they are: what browsers play from MP4.
    package var isCopyable: Bool {
        raw.pointee.codec_id == AV_CODEC_ID_H264 || raw.pointee.codec_id == AV_CODEC_ID_HEVC
    }
}
