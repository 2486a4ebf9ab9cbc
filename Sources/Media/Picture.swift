import CFFmpeg
package import Scene

/// One decoded picture, owned. Its pixels may be shared with the decoder, which still predicts from them,
/// so they change only through ``blacken(_:)``, which copies first where it must.
package struct Picture: ~Copyable, @unchecked Sendable {
    let raw: UnsafeMutablePointer<AVFrame>
    /// False where the decoder has left them out, and they are even grey.
    package internal(set) var hasColours = true

    /// An empty place for a decoder to fill.
    package init() {
        guard let frame = av_frame_alloc() else { fatalError("out of memory for a picture") }
        raw = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = raw
        av_frame_free(&frame)
    }

    package var isEmpty: Bool { raw.pointee.data.0 == nil }

    /// In pixels; 0x0 where the picture is empty.
    package var size: PictureSize {
        PictureSize(width: Int(raw.pointee.width), height: Int(raw.pointee.height))
    }

    /// Whether decoding could begin here: nothing in it is predicted from an earlier picture.
    package var isKeyframe: Bool { raw.pointee.key_frame != 0 }

    /// Whether the decoder says that parts are missing or made up.
    package var isCorrupt: Bool {
        raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
    }

    /// Presentation time in the stream's time base, worked out from decoding times where the stream gives none.
    package var presentationTicks: Int64? {
        ticks(raw.pointee.best_effort_timestamp) ?? ticks(raw.pointee.pts)
    }

    /// Lends the luma plane for the length of the call.
    /// - Precondition: the picture is not empty.
    package func withLuma<Result, Failure: Error>(
        _ body: (LumaPlane) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let base = raw.pointee.data.0 else { preconditionFailure("an empty picture has no luma") }
        return try body(
            LumaPlane(
                base: UnsafePointer(base), width: Int(raw.pointee.width), height: Int(raw.pointee.height),
                stride: Int(raw.pointee.linesize.0)))
    }

    /// A second owner of the same pixels, which no later ``blacken(_:)`` of either changes for the other.
    package func shared() throws(MediaError) -> Picture {
        var twin = Picture()
        try check(av_frame_ref(twin.raw, raw), "share a picture")
        twin.hasColours = hasColours
        return twin
    }
}

/// Pixel formats whose first plane is 8-bit luma, one byte a pixel: taken as they lie. All others (10 bit, RGB,
/// palettes) are converted to 4:2:0 by libswscale first.
enum LumaFirstFormat {
    static func contains(_ format: AVPixelFormat) -> Bool {
        switch format {
        case AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV444P,
            AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV440P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV411P, AV_PIX_FMT_YUV410P,
            AV_PIX_FMT_NV12, AV_PIX_FMT_NV21, AV_PIX_FMT_GRAY8:
            true
        default: false
        }
    }
}
