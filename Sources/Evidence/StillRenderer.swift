package import Media
package import Scene

/// A picture as evidence: JPEG files, clean and with what decided drawn on it. Same picture and overlay, same bytes.
///
/// Keeps its buffers for the next picture; confined to one thread.
package struct StillRenderer: ~Copyable {
    private var maker = CanvasMaker()
    private var encoder: JPEGEncoder

    package struct Stills: Sendable, Hashable {
        package let clean: [UInt8]
        package let annotated: [UInt8]
        package let size: PictureSize
    }

    /// - Parameter quality: quantiser scale, 1 (best) … 31.
    package init(quality: Int = 3) {
        encoder = JPEGEncoder(quality: quality)
    }

    /// Both stills of an alert.
    package mutating func stills(of picture: borrowing Picture, overlay: Overlay) throws(MediaError) -> Stills {
        var canvas = try maker.canvas(of: picture)
        let clean = try encoder.encode(canvas)
        canvas.draw(overlay)
        return Stills(clean: clean, annotated: try encoder.encode(canvas), size: picture.size)
    }

    /// One JPEG with the overlay drawn (`Overlay()` for none, `Overlay.grid` for the grid of `probe`).
    package mutating func jpeg(
        of picture: borrowing Picture, overlay: Overlay = Overlay()
    ) throws(MediaError) -> [UInt8] {
        var canvas = try maker.canvas(of: picture)
        canvas.draw(overlay)
        return try encoder.encode(canvas)
    }
}

extension Canvas {
    package mutating func draw(_ overlay: Overlay) {
        withPlanes { planes in
            let painter = Painter(planes)
            if overlay.hasGrid { drawGrid(painter) }
            for item in overlay.items { drawItem(item, painter) }
            for (index, line) in overlay.caption.enumerated() {
                painter.text(line, at: Painter.Pixel(x: 0, y: index * painter.lineHeight), .text)
            }
        }
    }
}

func drawItem(_ item: Overlay.Item, _ painter: Painter) {
    switch item.shape {
    case .polygon(let polygon): painter.stroke(polygon.vertices, closed: true, item.colour)
    case .line(let line, let counting): drawLine(line, counting: counting, item.colour, painter)
    case .box(let box): painter.stroke(box.corners, closed: true, item.colour)
    case .thinBox(let box):
        let corners = box.corners.map(painter.pixel)
        for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
            painter.hairline(from: start, to: end, item.colour)
        }
    case .path(let points): painter.stroke(points, item.colour)
    case .trail(let points):
        let pixels = points.map(painter.pixel)
        for (start, end) in zip(pixels, pixels.dropFirst()) { painter.hairline(from: start, to: end, item.colour) }
    case .mark(let point):
        let centre = painter.pixel(point), reach = 4 * painter.scale
        for sign in [-1, 1] {
            painter.stroke(
                pixels: [
                    Painter.Pixel(x: centre.x - reach, y: centre.y - sign * reach),
                    Painter.Pixel(x: centre.x + reach, y: centre.y + sign * reach)
                ], item.colour)
        }
    case .label(let text, let point): drawText(text, at: painter.pixel(point), item.colour, painter)
    case .tag(let text, let box):
        var corner = painter.pixel(Point(x: box.x, y: box.y))
        corner.y -= painter.lineHeight + painter.scale
        if corner.y < 0 { corner.y = painter.pixel(box.foot).y + 2 * painter.scale }
        drawText(text, at: corner, item.colour, painter)
    }
}

/// Kept inside the picture as far as it fits.
private func drawText(_ text: String, at place: Painter.Pixel, _ colour: Overlay.Colour, _ painter: Painter) {
    let corner = Painter.Pixel(
        x: max(0, min(place.x, painter.size.width - painter.width(of: text))),
        y: max(0, min(place.y, painter.size.height - painter.lineHeight)))
    painter.text(text, at: corner, colour)
}

extension Box {
    fileprivate var corners: [Point] {
        let right = x + width, bottom = y + height
        return [Point(x: x, y: y), Point(x: right, y: y), Point(x: right, y: bottom), Point(x: x, y: bottom)]
    }
}

/// The line, a head at its last point, and in its middle one arrow across for each crossing that counts.
private func drawLine(
    _ line: Polyline, counting: CrossingDirection?, _ colour: Overlay.Colour, _ painter: Painter
) {
    painter.stroke(line.points, colour)
    let pixels = line.points.map(painter.pixel)
    painter.arrowhead(from: pixels[pixels.count - 2], to: pixels[pixels.count - 1], colour)
    let segment = (pixels.count - 1) / 2
    let start = pixels[segment], end = pixels[segment + 1]
    let middle = Painter.Pixel(x: (start.x + end.x) / 2, y: (start.y + end.y) / 2)
    let dx = Double(end.x - start.x), dy = Double(end.y - start.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return }
    let reach = Double(14 * painter.scale)
    // Looking from first to last point with y down, the right hand lies at (-dy, dx).
    for direction in CrossingDirection.allCases where counting == nil || counting == direction {
        let sign: Double = direction == .leftToRight ? 1 : -1
        let tip = Painter.Pixel(
            x: middle.x + Int((-dy / length * reach * sign).rounded()),
            y: middle.y + Int((dx / length * reach * sign).rounded()))
        painter.stroke(pixels: [middle, tip], colour)
        painter.arrowhead(from: middle, to: tip, colour)
    }
}

private func drawGrid(_ painter: Painter) {
    let size = painter.size
    for tenth in 1...9 {
        let place = painter.pixel(Point(x: Double(tenth) / 10, y: Double(tenth) / 10))
        for (offset, colour) in [(1, Overlay.Colour.shadow), (0, Overlay.Colour.text)] {
            painter.hairline(
                from: Painter.Pixel(x: place.x + offset, y: 0),
                to: Painter.Pixel(x: place.x + offset, y: size.height - 1),
                colour)
            painter.hairline(
                from: Painter.Pixel(x: 0, y: place.y + offset),
                to: Painter.Pixel(x: size.width - 1, y: place.y + offset),
                colour)
        }
    }
    for tenth in 0...9 {
        let place = painter.pixel(Point(x: Double(tenth) / 10, y: Double(tenth) / 10))
        let share = tenth == 0 ? "0" : "0.\(tenth)"
        painter.text(share, at: Painter.Pixel(x: place.x + 2, y: 0), .fence)
        if tenth > 0 { painter.text(share, at: Painter.Pixel(x: 0, y: place.y + 2), .fence) }
    }
    painter.text("1", at: Painter.Pixel(x: size.width - painter.width(of: "1"), y: 0), .fence)
    painter.text("1", at: Painter.Pixel(x: 0, y: size.height - painter.lineHeight), .fence)
}
