import CFFmpeg
package import Scene

/// What a container or a session description says of its video.
package struct VideoStream: Hashable, Sendable {
    /// FFmpeg's short name: `h264`, `hevc`, `mjpeg`, `ffv1`.
    package let codec: String
    /// As announced; nil where only the first picture will tell.
    package let size: PictureSize?
    package let timeBase: TimeBase
    /// Pictures a second as announced, between 0 and 1000.
    package let frameRate: Double?
    /// From the header of a file: nil for live streams.
    package let duration: MediaSpan?
    /// Presentation time at which a file's track begins, where its header says so.
    package let start: MediaSpan?

    init(_ stream: UnsafeMutablePointer<AVStream>, in container: UnsafeMutablePointer<AVFormatContext>) {
        let parameters = stream.pointee.codecpar.pointee
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        size =
            parameters.width > 0 && parameters.height > 0
            ? PictureSize(width: Int(parameters.width), height: Int(parameters.height)) : nil
        timeBase = TimeBase(stream.pointee.time_base)
        frameRate = Self.rate(stream.pointee.avg_frame_rate) ?? Self.rate(stream.pointee.r_frame_rate)
        duration = Self.duration(stream, timeBase, in: container.pointee)
        let base = timeBase
        start = ticks(stream.pointee.start_time).map { base.span(ticks: $0) }
    }

    init(_ description: SessionDescription) {
        codec = description.codec == .h264 ? "h264" : "hevc"
        size = nil
        timeBase = TimeBase(AVRational(num: 1, den: description.clockRate))
        frameRate = description.frameRate
        duration = nil
        start = nil
    }

    /// Of the track itself, else of the file where it holds nothing else and FFmpeg did not guess it from the bit rate.
    private static func duration(
        _ stream: UnsafeMutablePointer<AVStream>, _ timeBase: TimeBase, in container: AVFormatContext
    ) -> MediaSpan? {
        guard container.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE else { return nil }
        if let own = ticks(stream.pointee.duration), own > 0 { return timeBase.span(ticks: own) }
        guard container.nb_streams == 1, let whole = ticks(container.duration), whole > 0 else { return nil }
        return MediaSpan(microseconds: whole)
    }

    private static func rate(_ rational: AVRational) -> Double? {
        guard rational.num > 0, rational.den > 0 else { return nil }
        let value = Double(rational.num) / Double(rational.den)
        return value <= 1000 ? value : nil
    }
}

/// Length of one tick of a stream's time stamps, in seconds as a fraction.
package struct TimeBase: Hashable, Sendable {
    package let numerator: Int32
    package let denominator: Int32

    init(_ rational: AVRational) { self.init(numerator: rational.num, denominator: rational.den) }

    init(numerator: Int32, denominator: Int32) {
        // A broken header may say 0/0; microseconds are as good as anything then.
        let isUsable = numerator > 0 && denominator > 0
        self.numerator = isUsable ? numerator : 1
        self.denominator = isUsable ? denominator : 1_000_000
    }

    /// Spans of any stream can be added and subtracted: 36,000 years.
    private static let most: Int64 = 1 << 60

    /// Rounded to the nearest microsecond; what no stream lasts is clamped.
    package func span(ticks: Int64) -> MediaSpan {
        let own = AVRational(num: numerator, den: denominator)
        let exact = av_rescale_q(ticks, own, AVRational(num: 1, den: 1_000_000))
        // That is also what it gives where 64 bits do not hold it.
        guard exact != .min else { return MediaSpan(microseconds: ticks < 0 ? -Self.most : Self.most) }
        return MediaSpan(microseconds: min(max(exact, -Self.most), Self.most))
    }
}
