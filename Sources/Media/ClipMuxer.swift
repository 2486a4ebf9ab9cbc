import CFFmpeg
import Scene

/// Puts packets of a camera as they are into a fragmented MP4 (H.264 as `avc1`, H.265 as `hvc1`), times from zero.
///
/// The file is whole after ``finish()``; what was written before that can be played up to the last keyframe.
struct ClipMuxer: ~Copyable {
    private let container: UnsafeMutablePointer<AVFormatContext>
    private let parameters: StreamParameters
    private let known: ParameterSets
    private var clock: DecodingClock
    private let origin: Int64

    /// - Parameters:
    ///   - first: the keyframe that the clip begins with.
    ///   - note: free text that the file carries.
    init(
        path: String, parameters: StreamParameters, first: borrowing Packet, note: String
    ) throws(MediaError) {
        _ = FFmpegLibrary.prepared
        guard parameters.isCopyable else {
            throw MediaError(.unsupportedCodec, "write a clip", text: "\(parameters.codec) does not go into a clip")
        }
        guard let origin = first.presentationTicks ?? first.decodingTicks else {
            throw MediaError(.invalidData, "write a clip", text: "the keyframe has no time stamp")
        }
        // What the camera sends among its pictures is newer than what it said of them.
        let inBand = parameters.sets(in: first)
        let sets = inBand.isEmpty ? parameters.announcedSets : inBand
        var container: UnsafeMutablePointer<AVFormatContext>?
        do throws(MediaError) {
            try check(avformat_alloc_output_context2(&container, nil, "mp4", nil), "write a clip")
            try Self.addStream(to: container!, parameters, sets, first)
            try check(avio_open(&container!.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), "write a clip")
            try Self.writeHeader(container!, note: note)
        } catch {
            if container != nil { avio_closep(&container!.pointee.pb) }
            avformat_free_context(container)
            throw error
        }
        self.container = container!
        self.parameters = parameters
        self.origin = origin
        known = sets
        clock = DecodingClock(parameters, firstPresentation: origin)
    }

    deinit {
        avio_closep(&container.pointee.pb)
        avformat_free_context(container)
    }

    /// Appends what is in `packet` and leaves it empty.
    /// - Returns: false, and nothing is written, where the parameter sets change: players would not follow.
    mutating func append(_ packet: inout Packet) throws(MediaError) -> Bool {
        if packet.isKeyframe, !parameters.sets(in: packet).units.isSubset(of: known.units) { return false }
        let raw = packet.raw
        let (presentation, decoding) = clock.stamp(
            presentation: packet.presentationTicks, decoding: packet.decodingTicks)
        // Shown before the first keyframe, and predicted from what is not in the clip.
        guard presentation >= origin else { return true }
        raw.pointee.pts = presentation - origin
        raw.pointee.dts = decoding - origin
        raw.pointee.duration = max(raw.pointee.duration, 0)
        raw.pointee.stream_index = 0
        raw.pointee.pos = -1
        let own = AVRational(num: parameters.timeBase.numerator, den: parameters.timeBase.denominator)
        av_packet_rescale_ts(raw, own, container.pointee.streams[0]!.pointee.time_base)
        defer { av_packet_unref(raw) }
        try check(av_write_frame(container, raw), "write a clip")
        return true
    }

    /// Completes the file.
    consuming func finish() throws(MediaError) {
        try check(av_write_trailer(container), "write a clip")
        try check(container.pointee.pb.pointee.error, "write a clip")
        try check(avio_closep(&container.pointee.pb), "write a clip")
    }

    private static func addStream(
        to container: UnsafeMutablePointer<AVFormatContext>, _ parameters: StreamParameters, _ sets: ParameterSets,
        _ first: borrowing Packet
    ) throws(MediaError) {
        guard let stream = avformat_new_stream(container, nil), let target = stream.pointee.codecpar else {
            throw MediaError(.outOfMemory, "write a clip", text: "out of memory")
        }
        try check(avcodec_parameters_copy(target, parameters.raw), "write a clip")
        if parameters.hasStartCodes {
            guard !sets.isEmpty else {
                throw MediaError(.invalidData, "write a clip", text: "the stream's parameter sets have not come")
            }
            try replaceDescription(of: target, by: sets.annexB)
            // What the sets say, not what was announced: RTSP announces nothing, and a camera may have been set anew.
            if let size = CodedSize.read(sets.annexB + first.contents, of: target.pointee.codec_id) {
                target.pointee.width = Int32(size.width)
                target.pointee.height = Int32(size.height)
            }
        }
        // FFmpeg's own choice for H.265 is hev1, which some browsers refuse.
        target.pointee.codec_tag = target.pointee.codec_id == AV_CODEC_ID_HEVC ? Self.tag("hvc1") : Self.tag("avc1")
        stream.pointee.time_base = AVRational(
            num: parameters.timeBase.numerator, den: parameters.timeBase.denominator)
        if let rate = parameters.frameRate { stream.pointee.avg_frame_rate = av_d2q(rate, 1_000_000) }
    }

    private static func replaceDescription(
        of parameters: UnsafeMutablePointer<AVCodecParameters>, by bytes: [UInt8]
    ) throws(MediaError) {
        av_freep(&parameters.pointee.extradata)
        let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let memory = av_mallocz(bytes.count + padding) else {
            parameters.pointee.extradata_size = 0
            throw MediaError(.outOfMemory, "write a clip", text: "out of memory")
        }
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(bytes.count)
    }

    /// A fragment a keyframe; the head is written with the first, so that it can say that times begin at zero.
    static func writeHeader(
        _ container: UnsafeMutablePointer<AVFormatContext>, note: String?
    ) throws(MediaError) {
        container.pointee.flags |= AVFMT_FLAG_BITEXACT
        if let note { av_dict_set(&container.pointee.metadata, "comment", note, 0) }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "movflags", "frag_keyframe+delay_moov+default_base_moof", 0)
        try check(avformat_write_header(container, &options), "write a clip")
    }

    private static func tag(_ text: StaticString) -> UInt32 {
        text.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }
}

/// Decoding times that rise strictly and are never after presentation: the stream's own where it has them, else made
/// from its presentation times. A pure value, in ticks of the stream.
struct DecodingClock: Hashable {
    /// FFmpeg's own limit (MAX_REORDER_DELAY).
    private static let delayMost = 16

    /// Presentation times of the packets that may still be decoded before others.
    private var pending: [Int64]
    private var last = Int64.min
    private var lastPresentation: Int64
    private let step: Int64

    init(_ parameters: StreamParameters, firstPresentation: Int64) {
        let ticksPerSecond = Double(parameters.timeBase.denominator) / Double(parameters.timeBase.numerator)
        self.init(
            delay: Int(parameters.raw.pointee.video_delay),
            step: Int64(ticksPerSecond / (parameters.frameRate ?? 25)), firstPresentation: firstPresentation)
    }

    /// - Parameters:
    ///   - delay: pictures that are decoded ahead of being shown.
    ///   - step: ticks from one picture to the next, where nothing better is known.
    init(delay: Int, step: Int64, firstPresentation: Int64) {
        self.step = max(1, step)
        let delay = min(max(delay, 0), Self.delayMost)
        pending = (0..<delay).map { firstPresentation - Int64(delay - $0) * max(1, step) }
        lastPresentation = firstPresentation - max(1, step)
    }

    mutating func stamp(presentation: Int64?, decoding: Int64?) -> (presentation: Int64, decoding: Int64) {
        let wanted = presentation ?? decoding ?? lastPresentation + step
        pending.append(wanted)
        let least = pending.indices.min { pending[$0] < pending[$1] }!
        let made = pending.remove(at: least)
        lastPresentation = wanted
        let time = last == .min ? decoding ?? made : max(decoding ?? made, last + 1)
        last = min(time, max(wanted, last == .min ? wanted : last + 1))
        return (max(wanted, last), last)
    }
}
