import CFFmpeg
import Scene

/// Brings pictures into one pixel format and size by libswscale, rebuilding itself when the source changes.
/// Exact flags, so that the same picture gives the same bytes on every processor.
struct PictureConverter: ~Copyable {
    let format: AVPixelFormat
    private var context: OpaquePointer?
    private var pool: PicturePool?

    init(to format: AVPixelFormat) {
        self.format = format
    }

    deinit { sws_freeContext(context) }

    /// An own converted copy, of the source's size.
    mutating func convert(_ picture: borrowing Picture) throws(MediaError) -> Picture {
        let size = picture.size
        if pool?.size != size { pool = try PicturePool(size: size, format: format) }
        let source = picture.raw
        context = sws_getCachedContext(
            context, source.pointee.width, source.pointee.height, AVPixelFormat(source.pointee.format),
            source.pointee.width, source.pointee.height, format,
            SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, nil, nil, nil)
        guard let context, let pool else {
            throw MediaError(.unsupportedPicture, "convert a picture", text: "libswscale cannot read this pixel format")
        }
        setRange(context, of: source)
        let result = try pool.picture()
        try withPlanePointers(of: result.raw) { (data, strides) throws(MediaError) in
            try withPlanePointers(of: source) { (sourceData, sourceStrides) throws(MediaError) in
                let rows = sourceData.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { planes in
                    sws_scale(context, planes, sourceStrides, 0, source.pointee.height, data, strides)
                }
                try check(rows, "convert a picture")
            }
        }
        result.raw.pointee.pts = source.pointee.pts
        result.raw.pointee.best_effort_timestamp = source.pointee.best_effort_timestamp
        result.raw.pointee.key_frame = source.pointee.key_frame
        result.raw.pointee.color_range = format == AV_PIX_FMT_YUVJ420P ? AVCOL_RANGE_JPEG : source.pointee.color_range
        return result
    }

    /// Tells libswscale which of the two luma ranges the source uses; it knows by itself only for the J formats.
    private func setRange(_ context: OpaquePointer, of source: UnsafeMutablePointer<AVFrame>) {
        let sourceFormat = AVPixelFormat(source.pointee.format)
        let isFullRange: Bool =
            switch sourceFormat {
            case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_GRAY8:
                true
            default: source.pointee.color_range == AVCOL_RANGE_JPEG
            }
        let coefficients = sws_getCoefficients(SWS_CS_DEFAULT)
        let unity: Int32 = 1 << 16
        _ = sws_setColorspaceDetails(
            context, coefficients, isFullRange ? 1 : 0, coefficients, format == AV_PIX_FMT_YUVJ420P ? 1 : 0, 0, unity,
            unity)
    }
}
