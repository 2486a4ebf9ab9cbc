import CFFmpeg
import Scene

/// JPEG files by libavcodec. The same canvas gives the same bytes.
package struct JPEGEncoder: ~Copyable {
    /// Quantiser scale 1 (best) … 31.
    private let quality: Int32
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var packet = Packet()
    /// The encoder insists on rising times, though a JPEG holds none.
    private var encodedCount: Int64 = 0

    /// - Parameter quality: quantiser scale, 1 (best) … 31; 3 keeps small figures recognisable.
    package init(quality: Int = 3) {
        self.quality = Int32(min(max(quality, 1), 31))
    }

    deinit {
        var closing = context
        avcodec_free_context(&closing)
    }

    package mutating func encode(_ canvas: borrowing Canvas) throws(MediaError) -> [UInt8] {
        let encoder = try encoder(for: canvas.size)
        let frame = canvas.picture.raw
        frame.pointee.quality = encoder.pointee.global_quality
        // Time and type of the source picture mean nothing here.
        encodedCount += 1
        frame.pointee.pts = encodedCount
        frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
        try check(avcodec_send_frame(encoder, frame), "encode a still")
        try check(avcodec_receive_packet(encoder, packet.raw), "encode a still")
        defer { av_packet_unref(packet.raw) }
        return Array(UnsafeBufferPointer(start: packet.raw.pointee.data, count: packet.byteCount))
    }

    private mutating func encoder(for size: PictureSize) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        if let context, Int(context.pointee.width) == size.width, Int(context.pointee.height) == size.height {
            return context
        }
        avcodec_free_context(&context)
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let made = avcodec_alloc_context3(codec) else {
            throw MediaError(.unsupportedCodec, "encode a still", text: "this FFmpeg has no JPEG encoder")
        }
        context = made
        made.pointee.width = Int32(size.width)
        made.pointee.height = Int32(size.height)
        made.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        made.pointee.color_range = AVCOL_RANGE_JPEG
        made.pointee.time_base = AVRational(num: 1, den: 25)
        made.pointee.thread_count = 1
        made.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        made.pointee.global_quality = quality * FF_QP2LAMBDA
        let code = avcodec_open2(made, codec, nil)
        if code < 0 { avcodec_free_context(&context) }
        try check(code, "encode a still")
        return made
    }
}
