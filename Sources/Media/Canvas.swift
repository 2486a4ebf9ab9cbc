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
        fill(luma: luma)
    }

    mutating func clear() { fill(luma: 0) }

    private mutating func fill(luma: UInt8) {
        withPlanes { planes in
            let chromaRows = (planes.size.height + 1) / 2
            planes.luma.update(
                repeating: luma, count: planes.lumaStride * (planes.size.height - 1) + planes.size.width)
            let chromaCount = planes.chromaStride * (chromaRows - 1) + (planes.size.width + 1) / 2
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
    private var framedPool: PicturePool?

    package init() {}

    package mutating func canvas(of picture: borrowing Picture) throws(MediaError) -> Canvas {
        Canvas(picture: try converter.convert(picture))
    }

    /// The picture, every pixel repeated `factor` times across and down, on a canvas with a black strip of
    /// `stripHeight` rows below it.
    /// - Precondition: `factor` is positive and `stripHeight` not negative.
    package mutating func framedCanvas(
        of picture: borrowing Picture, enlargedBy factor: Int, stripHeight: Int
    ) throws(MediaError) -> Canvas {
        precondition(factor > 0 && stripHeight >= 0, "framed canvas geometry")
        let size = PictureSize(
            width: picture.size.width * factor, height: picture.size.height * factor + stripHeight)
        if framedPool?.size != size { framedPool = try PicturePool(size: size, format: AV_PIX_FMT_YUVJ420P) }
        guard let framedPool else { preconditionFailure("the pool was just made") }
        var source = Canvas(picture: try converter.convert(picture))
        var framed = Canvas(picture: try framedPool.picture())
        framed.clear()
        source.withPlanes { from in framed.withPlanes { to in enlarge(from, factor, to) } }
        return framed
    }
}

private func enlarge(_ source: borrowing CanvasPlanes, _ factor: Int, _ target: borrowing CanvasPlanes) {
    let width = source.size.width * factor, height = source.size.height * factor
    enlarge(source.luma, source.lumaStride, factor, target.luma, target.lumaStride, width: width, height: height)
    let half = (width: (width + 1) / 2, height: (height + 1) / 2)
    enlarge(
        source.blueDifference, source.chromaStride, factor, target.blueDifference, target.chromaStride,
        width: half.width, height: half.height)
    enlarge(
        source.redDifference, source.chromaStride, factor, target.redDifference, target.chromaStride,
        width: half.width, height: half.height)
}

private func enlarge(
    _ source: UnsafeMutablePointer<UInt8>, _ sourceStride: Int, _ factor: Int, _ target: UnsafeMutablePointer<UInt8>,
    _ targetStride: Int, width: Int, height: Int
) {
    for y in 0..<height {
        let row = target + y * targetStride
        if y % factor != 0 {
            row.update(from: row - targetStride, count: width)
            continue
        }
        let from = source + y / factor * sourceStride
        for x in 0..<width { row[x] = from[x / factor] }
    }
}
