import Media
import Scene

/// Draws on a canvas with plain thick strokes, each with a dark rim so that it shows on any ground.
/// Everything is clipped to the picture; whole pixels, no anti-aliasing, the same everywhere.
struct Painter {
    struct Pixel: Hashable {
        var x: Int
        var y: Int
    }

    private struct Ink {
        let luma: UInt8
        let blueDifference: UInt8
        let redDifference: UInt8

        /// JFIF 1.02: BT.601, full range.
        init(_ colour: Overlay.Colour) {
            let red = Double(colour.red), green = Double(colour.green), blue = Double(colour.blue)
            luma = UInt8((0.299 * red + 0.587 * green + 0.114 * blue).rounded())
            blueDifference = UInt8(max(0, min(255, (128 - 0.168736 * red - 0.331264 * green + 0.5 * blue).rounded())))
            redDifference = UInt8(max(0, min(255, (128 + 0.5 * red - 0.418688 * green - 0.081312 * blue).rounded())))
        }
    }

    private let luma: UnsafeMutablePointer<UInt8>
    private let lumaStride: Int
    private let blueDifference: UnsafeMutablePointer<UInt8>
    private let redDifference: UnsafeMutablePointer<UInt8>
    private let chromaStride: Int
    /// What is drawn on: the whole canvas, or its upper left part. Nothing outside is ever touched.
    let size: PictureSize
    /// Strokes grow with the picture: 1 up to 720 rows.
    let scale: Int
    /// So do letters: 1 up to 540 rows.
    let letterScale: Int

    /// - Parameters:
    ///   - area: the upper left part of the canvas to draw on; nil for all of it.
    ///   - letterScale: instead of the one that fits the height.
    /// - Precondition: the painter is used only while the planes are lent.
    init(_ planes: borrowing CanvasPlanes, area: PictureSize? = nil, letterScale: Int? = nil) {
        luma = planes.luma
        lumaStride = planes.lumaStride
        blueDifference = planes.blueDifference
        redDifference = planes.redDifference
        chromaStride = planes.chromaStride
        let size = area ?? planes.size
        precondition(size.width <= planes.size.width && size.height <= planes.size.height, "area within the canvas")
        self.size = size
        scale = max(1, (size.height + 240) / 480)
        self.letterScale = letterScale ?? max(1, (size.height + 180) / 360)
    }

    func pixel(_ point: Point) -> Pixel {
        Pixel(x: column(point.x), y: row(point.y))
    }

    func stroke(_ points: [Point], closed: Bool = false, _ colour: Overlay.Colour) {
        stroke(pixels: points.map(pixel), closed: closed, colour)
    }

    func stroke(pixels: [Pixel], closed: Bool = false, _ colour: Overlay.Colour) {
        guard let first = pixels.first else { return }
        let path = closed ? pixels + [first] : pixels
        for (ink, width) in [(Ink(.shadow), scale * 2 + 2), (Ink(colour), scale * 2)] {
            for (start, end) in zip(path, path.dropFirst()) { segment(from: start, to: end, width: width, ink) }
        }
    }

    /// A head of two strokes at `tip`, for an arrow that comes from `tail`.
    func arrowhead(from tail: Pixel, to tip: Pixel, _ colour: Overlay.Colour) {
        let dx = Double(tip.x - tail.x), dy = Double(tip.y - tail.y)
        let length = (dx * dx + dy * dy).squareRoot()
        guard length > 0 else { return }
        let reach = Double(8 * scale)
        let along = (x: dx / length * reach, y: dy / length * reach)
        for side in [-0.5, 0.5] {
            let barb = Pixel(
                x: tip.x - Int((along.x + side * along.y).rounded()),
                y: tip.y - Int((along.y - side * along.x).rounded()))
            stroke(pixels: [barb, tip], colour)
        }
    }

    func text(_ text: String, at corner: Pixel, _ colour: Overlay.Colour) {
        let advance = (Glyphs.width + 1) * letterScale
        fill(x: corner.x, y: corner.y, width: width(of: text), height: lineHeight, Ink(.shadow))
        let ink = Ink(colour)
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let left = corner.x + letterScale + index * advance
            for (column, bits) in Glyphs.columns(of: scalar).enumerated() {
                for row in 0..<Glyphs.height where bits & (1 << UInt8(row)) != 0 {
                    fill(
                        x: left + column * letterScale, y: corner.y + (row + 1) * letterScale, width: letterScale,
                        height: letterScale, ink)
                }
            }
        }
    }

    /// Width of one line of text with its border, in pixels.
    func width(of text: String) -> Int {
        (text.unicodeScalars.count * (Glyphs.width + 1) + 1) * letterScale
    }

    /// Height of one line of text with its border.
    var lineHeight: Int { (Glyphs.height + 2) * letterScale }

    func hairline(from start: Pixel, to end: Pixel, _ colour: Overlay.Colour) {
        segment(from: start, to: end, width: 1, Ink(colour))
    }

    /// Lays a translucent tint over the foreground and a solid outline one pixel wide inside its border.
    func tint(_ mask: ForegroundMask, _ colour: Overlay.Colour) {
        let ink = Ink(colour)
        let columns = cells(across: size.width, of: mask.cellWidth, count: mask.columns)
        let rows = cells(across: size.height, of: mask.cellHeight, count: mask.rows)
        func isForeground(_ x: Int, _ y: Int) -> Bool {
            !columns.indices.contains(x) || !rows.indices.contains(y)
                || mask.contains(column: columns[x], row: rows[y])
        }
        for y in 0..<size.height {
            for x in 0..<size.width where mask.contains(column: columns[x], row: rows[y]) {
                let isInner =
                    isForeground(x - 1, y) && isForeground(x + 1, y) && isForeground(x, y - 1)
                    && isForeground(x, y + 1)
                blend(x, y, ink, isSolid: !isInner)
            }
        }
    }

    /// The cell that each pixel lies in.
    private func cells(across pixels: Int, of share: Double, count: Int) -> [Int] {
        (0..<pixels).map { min(Int((Double($0) + 0.5) / (share * Double(pixels))), count - 1) }
    }

    /// Three eighths of the ink, or all of it.
    private func blend(_ x: Int, _ y: Int, _ ink: Ink, isSolid: Bool) {
        func mixed(_ ground: UInt8, _ ink: UInt8) -> UInt8 {
            isSolid ? ink : UInt8((5 * Int(ground) + 3 * Int(ink) + 4) / 8)
        }
        luma[y * lumaStride + x] = mixed(luma[y * lumaStride + x], ink.luma)
        guard x % 2 == 0, y % 2 == 0 else { return }
        let chroma = y / 2 * chromaStride + x / 2
        blueDifference[chroma] = mixed(blueDifference[chroma], ink.blueDifference)
        redDifference[chroma] = mixed(redDifference[chroma], ink.redDifference)
    }

    private func column(_ share: Double) -> Int { Int((share * Double(size.width)).rounded(.down)) }
    private func row(_ share: Double) -> Int { Int((share * Double(size.height)).rounded(.down)) }

    /// Bresenham's line with a square brush.
    private func segment(from start: Pixel, to end: Pixel, width: Int, _ ink: Ink) {
        // Clipping by the brush alone would walk for ever along a line far outside.
        let reach = 4 * (size.width + size.height)
        guard [start.x, start.y, end.x, end.y].allSatisfy({ abs($0) <= reach }) else { return }
        let dx = abs(end.x - start.x), dy = -abs(end.y - start.y)
        let stepX = start.x < end.x ? 1 : -1, stepY = start.y < end.y ? 1 : -1
        var error = dx + dy
        var place = start
        while true {
            fill(x: place.x - width / 2, y: place.y - width / 2, width: width, height: width, ink)
            if place == end { return }
            let doubled = 2 * error
            if doubled >= dy {
                error += dy
                place.x += stepX
            }
            if doubled <= dx {
                error += dx
                place.y += stepY
            }
        }
    }

    private func fill(x: Int, y: Int, width: Int, height: Int, _ ink: Ink) {
        let left = max(0, x), right = min(size.width, x + width)
        let top = max(0, y), bottom = min(size.height, y + height)
        guard left < right, top < bottom else { return }
        for row in top..<bottom {
            (luma + row * lumaStride + left).update(repeating: ink.luma, count: right - left)
            let chroma = (row / 2) * chromaStride + left / 2
            let count = (right - 1) / 2 - left / 2 + 1
            (blueDifference + chroma).update(repeating: ink.blueDifference, count: count)
            (redDifference + chroma).update(repeating: ink.redDifference, count: count)
        }
    }
}
