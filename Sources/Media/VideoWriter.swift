import CFFmpeg
package import Scene

/// Writes a video file: masks as grey FFV1 in Matroska (exact), or canvases as H.264.
///
/// A file is whole only after ``finish()``; a writer that goes without it leaves what it has written.
package struct VideoWriter: ~Copyable {
    package enum Form: Sendable, Hashable {
        /// Grey FFV1 in Matroska, whatever the path's ending.
        case masks
        /// H.264 for a person to look at; the container follows the path's ending.
        case film
        /// H.264 as fragmented MP4, whatever the path's ending: evidence that is encoded anew.
        case clip
        /// As a network camera sends it: a keyframe at a fixed distance in pictures, no pictures out of order.
        case camera(CameraCodec, keyframeDistance: Int)
        /// As an encoder with settings of its own makes it: parameters of libx264 or libx265, `name=value` with colons.
        case encoder(CameraCodec, parameters: String)

        fileprivate var pixelFormat: AVPixelFormat {
            switch self {
            case .masks: AV_PIX_FMT_GRAY8
            case .film, .clip, .camera, .encoder: AV_PIX_FMT_YUVJ420P
            }
        }

        fileprivate var codec: AVCodecID {
            switch self {
            case .masks: AV_CODEC_ID_FFV1
            case .film, .clip, .camera(.h264, _), .encoder(.h264, _): AV_CODEC_ID_H264
            case .camera(.h265, _), .encoder(.h265, _): AV_CODEC_ID_HEVC
            case .camera(.mjpeg, _), .encoder(.mjpeg, _): AV_CODEC_ID_MJPEG
            }
        }

        fileprivate var container: String? {
            switch self {
            case .masks: "matroska"
            case .clip: "mp4"
            case .film, .camera, .encoder: nil
            }
        }
    }

    package enum CameraCodec: String, Sendable, CaseIterable {
        case h264
        case h265
        case mjpeg
    }

    private static let microseconds = AVRational(num: 1, den: 1_000_000)

    private let form: Form
    private let size: PictureSize
    private let container: UnsafeMutablePointer<AVFormatContext>
    private let encoder: UnsafeMutablePointer<AVCodecContext>
    private let pool: PicturePool
    private var packet = Packet()
    private var newestPresentation = Int64.min

    /// Creates or overwrites the file.
    /// - Parameters:
    ///   - frameRate: pictures a second, for players that ask; the pictures' own times decide.
    ///   - note: free text that the file carries; clips only.
    package init(
        path: String, form: Form, size: PictureSize, frameRate: Double, note: String? = nil
    ) throws(MediaError) {
        _ = FFmpegLibrary.prepared
        let path = "file:" + path
        // libx264 takes even sizes only for 4:2:0; the odd row or column is left out.
        let size = form != .masks ? PictureSize(width: size.width & ~1, height: size.height & ~1) : size
        let pool = try PicturePool(size: size, format: form.pixelFormat)
        var encoder: UnsafeMutablePointer<AVCodecContext>?
        var container: UnsafeMutablePointer<AVFormatContext>?
        do throws(MediaError) {
            try check(avformat_alloc_output_context2(&container, nil, form.container, path), "create a video")
            encoder = try Self.makeEncoder(form: form, size: size, frameRate: frameRate, for: container!)
            try Self.writeHeader(container!, encoder!, path: path, form: form, note: note)
        } catch {
            avcodec_free_context(&encoder)
            if container != nil { avio_closep(&container!.pointee.pb) }
            avformat_free_context(container)
            throw error
        }
        self.form = form
        self.size = size
        self.pool = pool
        self.encoder = encoder!
        self.container = container!
    }

    deinit {
        var encoder: UnsafeMutablePointer<AVCodecContext>? = encoder
        avcodec_free_context(&encoder)
        avio_closep(&container.pointee.pb)
        avformat_free_context(container)
    }

    /// Appends one grey picture that `draw` fills: every row has `stride` bytes, of which the writer's width count.
    /// - Parameter time: since the beginning of the file; must rise.
    package mutating func appendMask(
        at time: MediaSpan, _ draw: (_ pixels: UnsafeMutablePointer<UInt8>, _ stride: Int) throws -> Void
    ) throws {
        precondition(form == .masks, "a film takes canvases")
        let picture = try pool.picture()
        try draw(picture.raw.pointee.data.0!, Int(picture.raw.pointee.linesize.0))
        try append(picture, at: time)
    }

    /// Appends one canvas of the writer's size.
    /// - Parameter time: since the beginning of the file; must rise.
    package mutating func append(_ canvas: borrowing Canvas, at time: MediaSpan) throws(MediaError) {
        precondition(form != .masks, "a mask file takes masks")
        guard canvas.size.width & ~1 == size.width, canvas.size.height & ~1 == size.height else {
            throw MediaError(
                .unsupportedPicture, "write a video", text: "picture of \(canvas.size) in a video of \(size)")
        }
        // The encoder may keep a reference; drawing on the canvas afterwards must not change what it sees.
        let copy = try pool.picture()
        let source = canvas.picture.raw
        withCopiedPlanes(from: source, to: copy.raw)
        copy.raw.pointee.color_range = AVCOL_RANGE_JPEG
        try append(copy, at: time)
    }

    /// Writes what the encoder still holds and the file's index.
    package consuming func finish() throws(MediaError) {
        try check(avcodec_send_frame(encoder, nil), "finish a video")
        try drain()
        try check(av_write_trailer(container), "finish a video")
        try check(avio_closep(&container.pointee.pb), "finish a video")
    }

    private mutating func append(_ picture: borrowing Picture, at time: MediaSpan) throws(MediaError) {
        newestPresentation =
            newestPresentation == .min ? time.microseconds : max(time.microseconds, newestPresentation + 1)
        picture.raw.pointee.pts = newestPresentation
        picture.raw.pointee.quality = encoder.pointee.global_quality
        try check(avcodec_send_frame(encoder, picture.raw), "write a video")
        try drain()
    }

    private mutating func drain() throws(MediaError) {
        while true {
            let code = avcodec_receive_packet(encoder, packet.raw)
            if code == CFF_ERROR_EAGAIN || code == CFF_ERROR_EOF { return }
            try check(code, "write a video")
            let stream = container.pointee.streams[0]!
            packet.raw.pointee.stream_index = 0
            av_packet_rescale_ts(packet.raw, Self.microseconds, stream.pointee.time_base)
            try check(av_interleaved_write_frame(container, packet.raw), "write a video")
        }
    }

    private func withCopiedPlanes(from source: UnsafeMutablePointer<AVFrame>, to target: UnsafeMutablePointer<AVFrame>)
    {
        let width = Int32(size.width), height = Int32(size.height)
        av_image_copy_plane(
            target.pointee.data.0, target.pointee.linesize.0, source.pointee.data.0, source.pointee.linesize.0, width,
            height)
        av_image_copy_plane(
            target.pointee.data.1, target.pointee.linesize.1, source.pointee.data.1, source.pointee.linesize.1,
            width / 2,
            height / 2)
        av_image_copy_plane(
            target.pointee.data.2, target.pointee.linesize.2, source.pointee.data.2, source.pointee.linesize.2,
            width / 2,
            height / 2)
    }

    private static func makeEncoder(
        form: Form, size: PictureSize, frameRate: Double, for container: UnsafeMutablePointer<AVFormatContext>
    ) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext>? {
        guard let codec = avcodec_find_encoder(form.codec), let made = avcodec_alloc_context3(codec) else {
            throw MediaError(.unsupportedCodec, "create a video", text: "this FFmpeg cannot encode \(form)")
        }
        made.pointee.width = Int32(size.width)
        made.pointee.height = Int32(size.height)
        made.pointee.pix_fmt = form.pixelFormat
        made.pointee.color_range = AVCOL_RANGE_JPEG
        made.pointee.time_base = Self.microseconds
        made.pointee.framerate = av_d2q(frameRate, 1_000_000)
        made.pointee.thread_count = 1
        made.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        if container.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
            made.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        Self.set(form, on: made)
        var failed: UnsafeMutablePointer<AVCodecContext>? = made
        let code = avcodec_open2(made, codec, nil)
        if code < 0 { avcodec_free_context(&failed) }
        try check(code, "create a video")
        return made
    }

    private static func set(_ form: Form, on encoder: UnsafeMutablePointer<AVCodecContext>) {
        switch form {
        case .masks:
            // FFV1 version 3: every slice carries a checksum.
            encoder.pointee.level = 3
        case .film:
            av_opt_set(encoder.pointee.priv_data, "preset", "veryfast", 0)
            av_opt_set(encoder.pointee.priv_data, "crf", "24", 0)
        case .clip:
            encoder.pointee.gop_size = 50
            encoder.pointee.max_b_frames = 0
            av_opt_set(encoder.pointee.priv_data, "preset", "superfast", 0)
            av_opt_set(encoder.pointee.priv_data, "crf", "25", 0)
        case .encoder(let codec, let parameters):
            av_opt_set(encoder.pointee.priv_data, "preset", "ultrafast", 0)
            let quiet = codec == .h265 ? "log-level=none:pools=none:" : ""
            av_opt_set(
                encoder.pointee.priv_data, codec == .h265 ? "x265-params" : "x264-params", quiet + parameters, 0)
        case .camera(let codec, let keyframeDistance):
            encoder.pointee.gop_size = Int32(keyframeDistance)
            encoder.pointee.keyint_min = Int32(keyframeDistance)
            encoder.pointee.max_b_frames = 0
            guard codec != .mjpeg else {
                encoder.pointee.flags |= AV_CODEC_FLAG_QSCALE
                encoder.pointee.global_quality = 3 * FF_QP2LAMBDA
                // The tables that RFC 2435 knows: a camera's stream cannot carry others.
                av_opt_set(encoder.pointee.priv_data, "huffman", "default", 0)
                return
            }
            av_opt_set(encoder.pointee.priv_data, "preset", "ultrafast", 0)
            av_opt_set(encoder.pointee.priv_data, "tune", "zerolatency", 0)
            av_opt_set(encoder.pointee.priv_data, "crf", "20", 0)
            av_opt_set(encoder.pointee.priv_data, "sc_threshold", "0", 0)
            // libx265 writes its log to stderr by itself.
            if codec == .h265 {
                av_opt_set(encoder.pointee.priv_data, "x265-params", "log-level=none:pools=none:scenecut=0", 0)
            }
        }
    }

    private static func writeHeader(
        _ container: UnsafeMutablePointer<AVFormatContext>, _ encoder: UnsafeMutablePointer<AVCodecContext>,
        path: String, form: Form, note: String?
    ) throws(MediaError) {
        guard let stream = avformat_new_stream(container, nil) else {
            throw MediaError(.outOfMemory, "create a video", text: "out of memory")
        }
        try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder), "create a video")
        stream.pointee.time_base = encoder.pointee.time_base
        stream.pointee.avg_frame_rate = encoder.pointee.framerate
        container.pointee.flags |= AVFMT_FLAG_BITEXACT
        try check(avio_open(&container.pointee.pb, path, AVIO_FLAG_WRITE), "create a video")
        guard form == .clip else {
            try check(avformat_write_header(container, nil), "create a video")
            return
        }
        try ClipMuxer.writeHeader(container, note: note)
    }
}
