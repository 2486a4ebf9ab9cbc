import CFFmpeg
package import Scene

/// Copies the video of a file packet by packet, each at another time, to the microsecond: footage whose times are known
/// better than by its own stamps.
package enum RetimedCopy {
    private static let microseconds = AVRational(num: 1, den: 1_000_000)

    /// - Parameters:
    ///   - source: a file whose packets are shown in the order in which they are decoded, as cameras send them.
    ///   - path: of the MP4 that is made; overwritten.
    ///   - time: of a packet by its presentation time in the source, in ticks of `timeBase`; from zero, rising.
    /// - Returns: how many packets were copied.
    /// - Throws: `MediaError`, also where the source's time base is another, or where packets are out of order.
    @discardableResult
    package static func write(
        _ source: String, timeBase: TimeBase, to path: String, time: (Int64) -> MediaSpan
    ) throws(MediaError) -> Int {
        _ = FFmpegLibrary.prepared
        var input: UnsafeMutablePointer<AVFormatContext>?
        var output: UnsafeMutablePointer<AVFormatContext>?
        defer {
            if output != nil { avio_closep(&output!.pointee.pb) }
            avformat_free_context(output)
            avformat_close_input(&input)
        }
        try check(avformat_open_input(&input, "file:" + source, nil, nil), "copy")
        try check(avformat_find_stream_info(input, nil), "copy")
        try check(avformat_alloc_output_context2(&output, nil, "mp4", nil), "copy")
        guard let input, let output else { throw MediaError(.outOfMemory, "copy", text: "out of memory") }
        try begin(output, path, as: input, timeBase)
        let count = try copy(from: input, to: output, time)
        try check(av_write_trailer(output), "copy")
        return count
    }

    private static func begin(
        _ output: UnsafeMutablePointer<AVFormatContext>, _ path: String,
        as input: UnsafeMutablePointer<AVFormatContext>, _ timeBase: TimeBase
    ) throws(MediaError) {
        guard input.pointee.nb_streams == 1, let from = input.pointee.streams[0],
            from.pointee.time_base.num == timeBase.numerator, from.pointee.time_base.den == timeBase.denominator
        else { throw MediaError(.invalidData, "copy", text: "not one stream with the time base that was said") }
        guard let stream = avformat_new_stream(output, nil) else {
            throw MediaError(.outOfMemory, "copy", text: "out of memory")
        }
        try check(avcodec_parameters_copy(stream.pointee.codecpar, from.pointee.codecpar), "copy")
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = microseconds
        stream.pointee.avg_frame_rate = from.pointee.avg_frame_rate
        try check(avio_open(&output.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), "copy")
        try check(avformat_write_header(output, nil), "copy")
        guard stream.pointee.time_base.num == 1, stream.pointee.time_base.den == microseconds.den else {
            throw MediaError(.invalidData, "copy", text: "the file does not keep microseconds")
        }
    }

    private static func copy(
        from input: UnsafeMutablePointer<AVFormatContext>, to output: UnsafeMutablePointer<AVFormatContext>,
        _ time: (Int64) -> MediaSpan
    ) throws(MediaError) -> Int {
        let packet = Packet()
        var count = 0
        var newest = Int64.min
        while av_read_frame(input, packet.raw) >= 0 {
            defer { av_packet_unref(packet.raw) }
            guard let ticks = packet.presentationTicks, ticks > newest else {
                throw MediaError(.invalidData, "copy", text: "packet \(count) is not shown after the one before")
            }
            newest = ticks
            let moment = time(ticks).microseconds
            packet.raw.pointee.pts = moment
            packet.raw.pointee.dts = moment
            packet.raw.pointee.duration = 0
            packet.raw.pointee.stream_index = 0
            packet.raw.pointee.pos = -1
            try check(av_write_frame(output, packet.raw), "copy")
            count += 1
        }
        return count
    }
}
