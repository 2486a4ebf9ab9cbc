import CFFmpeg
package import Scene

/// An open file or stream that gives the packets of its first video track.
package struct Demuxer: ~Copyable {
    /// Nil where ``reader`` reads instead.
    private let context: UnsafeMutablePointer<AVFormatContext>?
    private let reader: RTSPReader?
    private let gaps = ReceptionGaps()
    private let index: Int32
    private let interrupt: Interrupt
    let codecs: AcceptedCodecs
    private let framing: UnitFraming
    package let video: VideoStream
    /// How long it took to learn what the stream holds. What came meanwhile is kept and read at once: a live stream's
    /// first packet is about this old when it is read.
    package let probingSpan: MediaSpan

    /// Blocks until the stream is known, `options.openLimit` at most, or until `interrupt` ends it.
    package init(_ address: StreamAddress, options: DemuxerOptions, interrupt: Interrupt) throws(MediaError) {
        _ = FFmpegLibrary.prepared
        interrupt.arm(options.openLimit)
        defer { interrupt.disarm() }
        if options.readsItself, let reader = try RTSPReader.open(address, interrupt: interrupt) {
            self.reader = reader
            context = nil
            index = 0
            self.interrupt = interrupt
            codecs = options.codecs
            framing = UnitFraming(reader.parameters)
            video = reader.video
            probingSpan = .zero
            return
        }
        var opened = try Self.open(address, options: options, interrupt: interrupt)
        do throws(MediaError) {
            let began = ContinuousClock.now
            let found = try Self.findVideo(in: opened!, options: options, interrupt: interrupt)
            probingSpan = MediaSpan(microseconds: (.now - began).nanoseconds / 1000)
            reader = nil
            context = opened!
            gaps.watch(opened!)
            index = found
            self.interrupt = interrupt
            codecs = options.codecs
            framing = UnitFraming(opened!.pointee.streams[Int(found)]!.pointee.codecpar)
            video = VideoStream(opened!.pointee.streams[Int(found)]!, in: opened!)
        } catch {
            avformat_close_input(&opened)
            throw error
        }
    }

    deinit {
        guard context != nil else { return }
        // Closing an RTSP session sends TEARDOWN: a dead peer must not hold the thread.
        interrupt.arm(.milliseconds(500))
        var opened: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&opened)
        interrupt.disarm()
    }

    /// Blocks until the next packet of the video track has come, `limit` at most.
    /// - Returns: false at the end of the file or stream.
    package mutating func read(into packet: inout Packet, within limit: Duration) throws(MediaError) -> Bool {
        interrupt.arm(limit)
        defer { interrupt.disarm() }
        if let reader { return try reader.read(into: &packet) }
        while true {
            av_packet_unref(packet.raw)
            let code = av_read_frame(context, packet.raw)
            if code == CFF_ERROR_EOF, interrupt.state == .clear { return false }
            guard code >= 0 else { throw interrupt.error(code, "read") }
            // Packets of other tracks must not keep a dead video track alive.
            if packet.raw.pointee.stream_index == index {
                if gaps.take() { packet.raw.pointee.flags |= AV_PKT_FLAG_CORRUPT }
                return true
            }
            guard interrupt.state == .clear else { throw interrupt.error(CFF_ERROR_EXIT, "read") }
        }
    }

    /// Goes on with the last keyframe at or before a presentation time. Only of a file, and before packets are read.
    /// - Returns: false where the container cannot: reading goes on where it is.
    package mutating func seek(to presentation: MediaSpan) -> Bool {
        guard let context else { return false }
        let base = video.timeBase
        let ticks = av_rescale_q(
            presentation.microseconds, AVRational(num: 1, den: 1_000_000),
            AVRational(num: base.numerator, den: base.denominator))
        return av_seek_frame(context, index, ticks, AVSEEK_FLAG_BACKWARD) >= 0
    }

    /// What a packet of this stream that is marked as a keyframe is.
    package func entry(of packet: borrowing Packet) -> KeyframeEntry { framing.entry(of: packet) }

    /// The wall clock at presentation time 0, from the sender reports of RTCP, once one has come.
    package var senderClockAtZero: MediaTime? {
        if let reader { return reader.senderClockAtZero }
        guard let microseconds = ticks(context!.pointee.start_time_realtime), microseconds > 0 else { return nil }
        return MediaTime(microseconds: microseconds)
    }

    /// Whether the container ended before its header said, or a read failed on the way.
    package var sawInputError: Bool { context?.pointee.pb?.pointee.error ?? 0 < 0 }

    /// Whether everything that has come has been read; nil where FFmpeg reads, which does not tell.
    package var isDry: Bool? { reader?.isDry }

    /// The file's own text, if it has one.
    var comment: String? {
        guard let context else { return nil }
        return av_dict_get(context.pointee.metadata, "comment", nil, 0).map { String(cString: $0.pointee.value) }
    }

    var codecParameters: UnsafeMutablePointer<AVCodecParameters> {
        reader?.parameters ?? context!.pointee.streams[Int(index)]!.pointee.codecpar
    }

    private static func open(
        _ address: StreamAddress, options: DemuxerOptions, interrupt: Interrupt
    ) throws(MediaError) -> UnsafeMutablePointer<AVFormatContext>? {
        guard let made = avformat_alloc_context() else {
            throw MediaError(.outOfMemory, "open", text: "out of memory")
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = made
        made.pointee.interrupt_callback = interrupt.callback
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (key, value) in options.dictionary(for: address) { av_dict_set(&dictionary, key, value, 0) }
        // On failure FFmpeg frees the context itself.
        let code = avformat_open_input(&context, Self.location(of: address), nil, &dictionary)
        // FFmpeg's word for a kind of file that is not on the list.
        if address.filePath != nil, code == -EINVAL {
            throw MediaError(.invalidData, "open", code: code, text: "not a kind of file that footage comes in")
        }
        guard code >= 0 else { throw interrupt.error(code, "open") }
        if let left = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX) {
            let name = String(cString: left.pointee.key)
            avformat_close_input(&context)
            throw MediaError(.optionRefused, "open", text: "this FFmpeg does not know the option \"\(name)\"")
        }
        return context
    }

    private static func findVideo(
        in context: UnsafeMutablePointer<AVFormatContext>, options: DemuxerOptions, interrupt: Interrupt
    ) throws(MediaError) -> Int32 {
        // RTSP announces the codecs before anything is sent, and then nothing may ever be sent.
        if let announced = videoIndex(in: context) {
            let identifier = context.pointee.streams[Int(announced)]!.pointee.codecpar.pointee.codec_id
            if context.pointee.iformat.pointee.flags & AVFMT_NOFILE != 0 {
                _ = try options.codecs.decoder(of: identifier)
            }
            if options.trustsHeader, saysAll(context.pointee.streams[Int(announced)]!.pointee.codecpar.pointee) {
                return announced
            }
        }
        let code = avformat_find_stream_info(context, nil)
        guard interrupt.state != .timedOut else {
            throw MediaError(.noPictures, "open", code: code, text: "nothing that could be decoded")
        }
        guard code >= 0, interrupt.state == .clear else {
            throw interrupt.error(code < 0 ? code : CFF_ERROR_EXIT, "open")
        }
        if let index = videoIndex(in: context) { return index }
        throw MediaError(.noVideo, "open", text: "there is no video track")
    }

    private static func saysAll(_ parameters: AVCodecParameters) -> Bool {
        parameters.codec_id != AV_CODEC_ID_NONE && parameters.width > 0 && parameters.height > 0
    }

    private static func videoIndex(in context: UnsafeMutablePointer<AVFormatContext>) -> Int32? {
        for index in 0..<Int(context.pointee.nb_streams) {
            let stream = context.pointee.streams[index]!
            let isPicture = stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
            if stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO, !isPicture { return Int32(index) }
        }
        return nil
    }

    /// A plain path is always a file to FFmpeg, whatever it looks like.
    private static func location(of address: StreamAddress) -> String {
        address.filePath.map { "file:" + $0 } ?? address.withEncodedLogin
    }
}
