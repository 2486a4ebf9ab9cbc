import CFFmpeg
package import Scene

/// Regions of a camera's picture that nobody may see (隐私遮挡): painted black before analysis and before any still.
///
/// Rasterised once for each picture size. Confined to the feed's thread.
package final class PrivacyMask {
    /// Pixels `first..<end` of one row.
    struct Run: Hashable {
        let row: Int
        let first: Int
        let end: Int
    }

    package let polygons: [Polygon]
    private var prepared: PictureSize?
    private(set) var lumaRuns: [Run] = []
    private var pool: PicturePool?

    package init(_ polygons: [Polygon]) {
        self.polygons = polygons
    }

    package var isEmpty: Bool { polygons.isEmpty }

    func prepare(for size: PictureSize) {
        guard prepared != size else { return }
        prepared = size
        lumaRuns = polygons.flatMap { Self.runs(of: $0, size: size) }
    }

    /// An own picture of the same geometry, from buffers that are used again.
    func copy(of picture: borrowing Picture) throws(MediaError) -> Picture {
        let source = picture.raw
        let format = AVPixelFormat(source.pointee.format)
        if pool?.size != picture.size || pool?.format != format {
            pool = try PicturePool(size: picture.size, format: format)
        }
        let copy = try pool!.picture()
        try check(av_frame_copy(copy.raw, source), "copy a picture")
        try check(av_frame_copy_props(copy.raw, source), "copy a picture")
        return copy
    }

    /// Even-odd rule along the middle of each row, widened to whole pixels and by one pixel to each side and row, so
    /// that rounding never leaves a seam uncovered.
    private static func runs(of polygon: Polygon, size: PictureSize) -> [Run] {
        var runs: [Run] = []
        for row in 0..<size.height {
            let y = (Double(row) + 0.5) / Double(size.height)
            let crossings = crossings(of: polygon, at: y).map { $0 * Double(size.width) }
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let first = max(0, Int(crossings[pair].rounded(.down)) - 1)
                let end = min(size.width, Int(crossings[pair + 1].rounded(.up)) + 1)
                for covered in max(0, row - 1)...min(size.height - 1, row + 1) where end > first {
                    runs.append(Run(row: covered, first: first, end: end))
                }
            }
        }
        return runs
    }

    private static func crossings(of polygon: Polygon, at y: Double) -> [Double] {
        var crossings: [Double] = []
        var previous = polygon.vertices[polygon.vertices.count - 1]
        for vertex in polygon.vertices {
            if (vertex.y > y) != (previous.y > y) {
                crossings.append(vertex.x + (y - vertex.y) / (previous.y - vertex.y) * (previous.x - vertex.x))
            }
            previous = vertex
        }
        return crossings.sorted()
    }
}

extension Picture {
    private static let black: UInt8 = 16
    private static let colourless: UInt8 = 128

    /// Paints the mask's regions black. Where the decoder still predicts from these pixels, an own copy is painted.
    package mutating func blacken(_ mask: PrivacyMask) throws(MediaError) {
        guard !mask.isEmpty else { return }
        mask.prepare(for: size)
        if av_frame_is_writable(raw) == 0 {
            let hadColours = hasColours
            self = try mask.copy(of: self)
            hasColours = hadColours
        }
        let description = av_pix_fmt_desc_get(AVPixelFormat(raw.pointee.format))!.pointee
        let frame = raw.pointee
        for run in mask.lumaRuns {
            let row = frame.data.0! + run.row * Int(frame.linesize.0)
            (row + run.first).update(repeating: Self.black, count: run.end - run.first)
            let y = run.row >> Int(description.log2_chroma_h)
            let first = run.first >> Int(description.log2_chroma_w)
            let end = ((run.end - 1) >> Int(description.log2_chroma_w)) + 1
            if let plane = frame.data.1 {
                // Formats with two planes hold both chroma samples side by side in the second.
                let samples = frame.data.2 == nil ? 2 : 1
                (plane + y * Int(frame.linesize.1) + first * samples)
                    .update(repeating: Self.colourless, count: (end - first) * samples)
            }
            if let plane = frame.data.2 {
                (plane + y * Int(frame.linesize.2) + first).update(repeating: Self.colourless, count: end - first)
            }
        }
    }
}
