package import Media
package import Scene

/// Draws the pictures of an annotated film: the picture, enlarged where it is small so that strokes and letters leave
/// something to see, and below it a strip of text. All canvases have one size for one size of picture.
///
/// Keeps its buffers for the next picture; confined to one thread.
package struct FilmRenderer: ~Copyable {
    /// Pictures are enlarged by a whole factor to about this width…
    private static let usualWidth = 640
    /// …but never more than this.
    private static let mostEnlarged = 4

    private var maker = CanvasMaker()

    package init() {}

    /// Size of the film of pictures of this size.
    package static func filmSize(of picture: PictureSize) -> PictureSize {
        let shown = shownSize(of: picture)
        return PictureSize(width: shown.width, height: shown.height + stripHeight(shown))
    }

    package mutating func canvas(of picture: borrowing Picture, _ frame: FilmFrame) throws(MediaError) -> Canvas {
        let shown = Self.shownSize(of: picture.size)
        var canvas = try maker.framedCanvas(
            of: picture, enlargedBy: Self.factor(picture.size), stripHeight: Self.stripHeight(shown))
        canvas.draw(frame, on: shown, letterScale: Self.letterScale(shown))
        return canvas
    }

    private static func factor(_ picture: PictureSize) -> Int {
        max(1, min((usualWidth + picture.width / 2) / max(1, picture.width), mostEnlarged))
    }

    private static func shownSize(of picture: PictureSize) -> PictureSize {
        PictureSize(width: picture.width * factor(picture), height: picture.height * factor(picture))
    }

    private static func letterScale(_ shown: PictureSize) -> Int { max(1, (shown.width + 320) / 640) }

    /// Even, so that no row is lost to the encoder.
    private static func stripHeight(_ shown: PictureSize) -> Int {
        let height = FilmFrame.lineLimit * lineDistance(letterScale(shown)) + 2 * letterScale(shown)
        return height + (shown.height + height) % 2
    }

    fileprivate static func lineDistance(_ letterScale: Int) -> Int { (Glyphs.height + 4) * letterScale }
}

extension Canvas {
    /// - Parameter area: the part that the picture fills; the strip is what is left below it.
    fileprivate mutating func draw(_ frame: FilmFrame, on area: PictureSize, letterScale: Int) {
        withPlanes { planes in
            let painter = Painter(planes, area: area, letterScale: letterScale)
            if let foreground = frame.foreground { painter.tint(foreground, .foreground) }
            for item in frame.items { drawItem(item, painter) }
            let writer = Painter(planes, letterScale: letterScale)
            for (index, line) in frame.lines.prefix(FilmFrame.lineLimit).enumerated() {
                var x = 2 * letterScale
                let y = area.height + 2 * letterScale + index * FilmRenderer.lineDistance(letterScale)
                for words in line {
                    writer.text(words.text, at: Painter.Pixel(x: x, y: y), words.colour)
                    x += writer.width(of: words.text) + 4 * letterScale
                }
            }
        }
    }
}
