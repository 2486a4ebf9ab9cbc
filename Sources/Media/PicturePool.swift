import CFFmpeg
import Scene

/// Pixel buffers of one size and format that are handed out, come back by themselves when their last picture goes,
/// and are used again: after the first few pictures nothing is allocated.
///
/// Confined to one thread, though buffers may come back from any.
final class PicturePool {
    let size: PictureSize
    let format: AVPixelFormat
    private let byteCount: Int32
    private var pool: OpaquePointer?

    /// Rows begin at multiples of this many bytes.
    private static let alignment: Int32 = 64

    init(size: PictureSize, format: AVPixelFormat) throws(MediaError) {
        let width = Int32(size.width), height = Int32(size.height)
        let byteCount = try check(
            av_image_get_buffer_size(format, width, height, Self.alignment), "size a picture")
        // Some of libswscale's loops read a little over the end.
        guard let pool = av_buffer_pool_init(Int(byteCount) + 64, nil) else {
            throw MediaError(.outOfMemory, "make a picture pool", text: "out of memory")
        }
        self.size = size
        self.format = format
        self.byteCount = byteCount
        self.pool = pool
    }

    deinit { av_buffer_pool_uninit(&pool) }

    /// An own picture with undefined pixels.
    func picture() throws(MediaError) -> Picture {
        let picture = Picture()
        guard let buffer = av_buffer_pool_get(pool) else {
            throw MediaError(.outOfMemory, "make a picture", text: "out of memory")
        }
        let frame = picture.raw
        frame.pointee.buf.0 = buffer
        frame.pointee.width = Int32(size.width)
        frame.pointee.height = Int32(size.height)
        frame.pointee.format = format.rawValue
        _ = try withPlanePointers(of: frame) { (data, strides) throws(MediaError) in
            try check(
                av_image_fill_arrays(
                    data, strides, buffer.pointee.data, format, Int32(size.width), Int32(size.height), Self.alignment),
                "lay out a picture")
        }
        return picture
    }
}

/// FFmpeg takes a frame's plane pointers and line sizes as arrays; Swift sees them as tuples.
func withPlanePointers<Result>(
    of frame: UnsafeMutablePointer<AVFrame>,
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int32>) throws(MediaError) ->
        Result
) throws(MediaError) -> Result {
    let base = UnsafeMutableRawPointer(frame)
    let data = base.advanced(by: MemoryLayout<AVFrame>.offset(of: \.data)!)
    let strides = base.advanced(by: MemoryLayout<AVFrame>.offset(of: \.linesize)!)
    return try body(
        data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self), strides.assumingMemoryBound(to: Int32.self))
}
