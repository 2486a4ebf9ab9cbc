import CFFmpeg
package import Scene

/// An own copy of a picture to draw on: 4:2:0, full range (0…255), as JPEG wants it.
package struct Canvas: ~Copyable, @unchecked Sendable {
    let picture: Picture

    package var size: PictureSize { picture.size }

    init(picture: consuming Picture) { self.picture = picture }

    /// An even grey ground.
    package init(size: PictureSize, luma: UInt8) throws(MediaError) {
        picture = try PicturePool(size: size, format: AV_PIX_FMT_YUVJ420P).picture()
        withPlanes { planes in
            let chromaRows = (size.height + 1) / 2
            planes.luma.update(repeating: luma, count: planes.lumaStride * (size.height - 1) + size.width)
            let chromaCount = planes.chromaStride * (chromaRows - 1) + (size.width + 1) / 2
            planes.blueDifference.update(repeating: 128, count: chromaCount)
            planes.redDifference.update(repeating: 128, count: chromaCount)
        }
    }

    /// Lends the three planes for the length of the call.
    package mutating func withPlanes<Result>(_ body: (borrowing CanvasPlanes) throws -> Result) rethrows -> Result {
        let frame = picture.raw.pointee
        return try body(
            CanvasPlanes(
                luma: frame.data.0!, lumaStride: Int(frame.linesize.0), blueDifference: frame.data.1!,
                redDifference: frame.data.2!, chromaStride: Int(frame.linesize.1), size: picture.size))
    }
}

/// The pixels of a ``Canvas``, valid only during the call that lends them. Chroma has half the width and height,
/// rounded up.
package struct CanvasPlanes: ~Copyable {
    package let luma: UnsafeMutablePointer<UInt8>
    package let lumaStride: Int
    package let blueDifference: UnsafeMutablePointer<UInt8>
    package let redDifference: UnsafeMutablePointer<UInt8>
    package let chromaStride: Int
    package let size: PictureSize
}

/// Makes canvases from pictures of any format; keeps its conversion and buffers for the next of the same size.
package struct CanvasMaker: ~Copyable {
    private var converter = PictureConverter(to: AV_PIX_FMT_YUVJ420P)

    package init() {}

    package mutating func canvas(of picture: borrowing Picture) throws(MediaError) -> Canvas {
        Canvas(picture: try converter.convert(picture))
    }
}
