import CFFmpeg
import Scene

/// The size of the pictures of a coded stream, where nobody has said it: RTSP announces none.
enum CodedSize {
    /// As FFmpeg's parsers read it, cropped.
    /// - Parameter unit: parameter sets and the keyframe behind them, each with its start code.
    /// - Returns: nil where no size can be read.
    static func read(_ unit: [UInt8], of codec: AVCodecID) -> PictureSize? {
        guard let parser = av_parser_init(Int32(bitPattern: codec.rawValue)) else { return nil }
        defer { av_parser_close(parser) }
        var context = avcodec_alloc_context3(avcodec_find_decoder(codec))
        defer { avcodec_free_context(&context) }
        guard context != nil else { return nil }
        parser.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
        // Parsers read some bytes beyond the end.
        let padded = unit + [UInt8](repeating: 0, count: Int(AV_INPUT_BUFFER_PADDING_SIZE))
        var parsed: UnsafeMutablePointer<UInt8>?
        var count: Int32 = 0
        _ = av_parser_parse2(parser, context, &parsed, &count, padded, Int32(unit.count), 0, 0, 0)
        let (width, height) = (Int(parser.pointee.width), Int(parser.pointee.height))
        return width > 0 && height > 0 ? PictureSize(width: width, height: height) : nil
    }
}

extension Packet {
    /// A copy of its data.
    var contents: [UInt8] {
        raw.pointee.data.map { Array(UnsafeBufferPointer(start: $0, count: byteCount)) } ?? []
    }
}
