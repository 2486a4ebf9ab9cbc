import CFFmpeg
import Glibc

/// What of each picture is decoded.
package enum DecodedPlanes: String, Sendable, Hashable, Codable {
    case all
    /// Brightness alone: about a tenth less to do, and the same bytes of it. The colours are even grey.
    case luma
}

/// The functions of one build of libavcodec that a ``Decoder`` calls.
struct DecoderLibrary: Sendable {
    typealias Context = UnsafeMutablePointer<AVCodecContext>

    let find: @convention(c) (AVCodecID) -> UnsafePointer<AVCodec>?
    let make: @convention(c) (UnsafePointer<AVCodec>?) -> Context?
    let take: @convention(c) (Context?, UnsafePointer<AVCodecParameters>?) -> Int32
    let open: @convention(c) (Context?, UnsafePointer<AVCodec>?, UnsafeMutablePointer<OpaquePointer?>?) -> Int32
    let send: @convention(c) (Context?, UnsafePointer<AVPacket>?) -> Int32
    let receive: @convention(c) (Context?, UnsafeMutablePointer<AVFrame>?) -> Int32
    let flush: @convention(c) (Context?) -> Void
    let free: @convention(c) (UnsafeMutablePointer<Context?>?) -> Void
    let buffer: @convention(c) (Context?, UnsafeMutablePointer<AVFrame>?, Int32) -> Int32

    /// The one that the program is linked with.
    static let system = DecoderLibrary(
        find: avcodec_find_decoder, make: avcodec_alloc_context3, take: avcodec_parameters_to_context,
        open: avcodec_open2, send: avcodec_send_packet, receive: avcodec_receive_frame, flush: avcodec_flush_buffers,
        free: avcodec_free_context, buffer: avcodec_default_get_buffer2)

    private init(
        find: @convention(c) (AVCodecID) -> UnsafePointer<AVCodec>?,
        make: @convention(c) (UnsafePointer<AVCodec>?) -> Context?,
        take: @convention(c) (Context?, UnsafePointer<AVCodecParameters>?) -> Int32,
        open: @convention(c) (Context?, UnsafePointer<AVCodec>?, UnsafeMutablePointer<OpaquePointer?>?) -> Int32,
        send: @convention(c) (Context?, UnsafePointer<AVPacket>?) -> Int32,
        receive: @convention(c) (Context?, UnsafeMutablePointer<AVFrame>?) -> Int32,
        flush: @convention(c) (Context?) -> Void, free: @convention(c) (UnsafeMutablePointer<Context?>?) -> Void,
        buffer: @convention(c) (Context?, UnsafeMutablePointer<AVFrame>?, Int32) -> Int32
    ) {
        (self.find, self.make, self.take, self.open, self.send) = (find, make, take, open, send)
        (self.receive, self.flush, self.free, self.buffer) = (receive, flush, free, buffer)
    }

    /// What `handle` of `dlopen` exports; nil where a function is missing.
    init?(_ handle: UnsafeMutableRawPointer) {
        func symbol<Function>(_ name: String, _: Function.Type) -> Function? {
            dlsym(handle, name).map { unsafeBitCast($0, to: Function.self) }
        }
        guard let find = symbol("avcodec_find_decoder", type(of: Self.system.find)),
            let make = symbol("avcodec_alloc_context3", type(of: Self.system.make)),
            let take = symbol("avcodec_parameters_to_context", type(of: Self.system.take)),
            let open = symbol("avcodec_open2", type(of: Self.system.open)),
            let send = symbol("avcodec_send_packet", type(of: Self.system.send)),
            let receive = symbol("avcodec_receive_frame", type(of: Self.system.receive)),
            let flush = symbol("avcodec_flush_buffers", type(of: Self.system.flush)),
            let free = symbol("avcodec_free_context", type(of: Self.system.free)),
            let buffer = symbol("avcodec_default_get_buffer2", type(of: Self.system.buffer))
        else { return nil }
        self.init(
            find: find, make: make, take: take, open: open, send: send, receive: receive, flush: flush, free: free,
            buffer: buffer)
    }
}
