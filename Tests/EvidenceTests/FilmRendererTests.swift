import Evidence
import Media
import Scene
import TestSupport
import Testing

@Suite("Pictures of an annotated film")
struct FilmRendererTests {
    private static let source = PictureSize(width: 322, height: 242)
    private static let shown = PictureSize(width: 644, height: 484)

    /// All three planes of a canvas as pixels of the full size.
    private struct Pixels: Equatable {
        var size: PictureSize
        var values: [[UInt8]]

        /// Where two canvases differ.
        func changes(from other: Pixels) -> [(x: Int, y: Int)] {
            values.indices.filter { values[$0] != other.values[$0] }.map { ($0 % size.width, $0 / size.width) }
        }
    }

    /// What the renderer makes of an even grey picture.
    private func drawn(_ frames: [FilmFrame]) throws -> [Pixels] {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(size: Self.source, pictureCount: 2, form: .masks).writeMasks(
            to: folder.file("grey.mkv"))
        var demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        #expect(try demuxer.read(into: &packet, within: .seconds(5)))
        try decoder.send(packet)
        guard case .picture = try decoder.receive(into: &picture) else {
            Issue.record("no picture")
            return []
        }
        var renderer = FilmRenderer()
        var all: [Pixels] = []
        for frame in frames {
            var canvas = try renderer.canvas(of: picture, frame)
            let size = canvas.size
            let values = canvas.withPlanes { planes in
                (0..<size.width * size.height).map { index in
                    let (x, y) = (index % size.width, index / size.width)
                    let chroma = y / 2 * planes.chromaStride + x / 2
                    return [
                        planes.luma[y * planes.lumaStride + x], planes.blueDifference[chroma],
                        planes.redDifference[chroma]
                    ]
                }
            }
            all.append(Pixels(size: size, values: values))
        }
        return all
    }

    /// A grid of 32 × 24 cells, 10 pixels of the source each, and two columns and rows left over.
    private func mask(_ isForeground: (Int, Int) -> Bool) -> ForegroundMask {
        let words = (0..<24).map { row in
            (0..<32).reduce(UInt64(0)) { isForeground($1, row) ? $0 | 1 << UInt64($1) : $0 }
        }
        return ForegroundMask(
            columns: 32, rows: 24, cellWidth: 10.0 / 322, cellHeight: 10.0 / 242, rowWords: 1, words: words)
    }

    @Test("a small picture is enlarged by whole pixels, with a black strip below it")
    func frame() throws {
        let pixels = try #require(try drawn([FilmFrame()]).first)
        #expect(pixels.size == FilmRenderer.filmSize(of: Self.source))
        #expect(pixels.size.width == Self.shown.width && pixels.size.height > Self.shown.height + 40)
        #expect(pixels.size.height % 2 == 0)
        for (index, value) in pixels.values.enumerated() {
            let isStrip = index / pixels.size.width >= Self.shown.height
            guard value == (isStrip ? [0, 128, 128] : [90, 128, 128]) else {
                Issue.record("\(value) at \(index % pixels.size.width), \(index / pixels.size.width)")
                return
            }
        }
        #expect(FilmRenderer.filmSize(of: PictureSize(width: 1920, height: 1080)).width == 1920)
        #expect(FilmRenderer.filmSize(of: PictureSize(width: 8, height: 6)).width == 32, "never more than four times")
    }

    @Test("the tint lies on the foreground's cells and nowhere else, and the picture shows through")
    func tint() throws {
        let cells = mask { column, row in (8..<12).contains(column) && (4..<10).contains(row) }
        let both = try drawn([FilmFrame(), FilmFrame(foreground: cells)])
        try #require(both.count == 2)
        let changed = Set(both[1].changes(from: both[0]).map { $0.y * both[0].size.width + $0.x })
        for y in 0..<both[0].size.height {
            for x in 0..<both[0].size.width {
                let isForeground = (160..<240).contains(x) && (80..<200).contains(y)
                guard changed.contains(y * both[0].size.width + x) == isForeground else {
                    Issue.record("\(x), \(y) is \(isForeground ? "not tinted" : "touched")")
                    return
                }
            }
        }
        func luma(_ x: Int, _ y: Int) -> UInt8 { both[1].values[y * both[1].size.width + x][0] }
        #expect(abs(Int(luma(200, 140)) - 90) < 40, "translucent")
        #expect(luma(160, 140) == luma(239, 140) && luma(160, 140) == luma(200, 80), "one outline")
        #expect(luma(160, 140) != luma(162, 140), "the outline is one pixel wide")
    }

    @Test("the last cells also stand for the pixels beyond the grid")
    func leftOver() throws {
        let both = try drawn([FilmFrame(), FilmFrame(foreground: mask { column, row in column == 31 && row == 23 })])
        let changed = both[1].changes(from: both[0])
        #expect(changed.map(\.x).min() == 620 && changed.map(\.x).max() == Self.shown.width - 1)
        #expect(changed.map(\.y).min() == 460 && changed.map(\.y).max() == Self.shown.height - 1)
    }

    @Test("whatever is drawn, the strip stays untouched, and text stays in the strip", arguments: [1, 2, 3] as [UInt64])
    func strip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func share() -> Double { .random(in: -0.6...1.6, using: &random) }
        let items = (0..<12).flatMap { _ -> [Overlay.Item] in
            let box = Box(x: share(), y: share(), width: abs(share()), height: abs(share()))
            return [
                Overlay.Item(.box(box), .track), Overlay.Item(.thinBox(box), .region),
                Overlay.Item(.tag("17 1.4 m/s", on: box), .track), Overlay.Item(.mark(box.foot), .mark),
                Overlay.Item(.trail((0..<5).map { _ in Point(x: share(), y: share()) }), .track),
                Overlay.Item(.label("gate", at: Point(x: share(), y: share())), .fence)
            ]
        }
        let lines = (0..<9).map { _ in [FilmFrame.Words("covered since", .held), FilmFrame.Words("x", .quiet)] }
        let all = try drawn([FilmFrame(), FilmFrame(items: items), FilmFrame(lines: lines)])
        try #require(all.count == 3)
        let onPicture = all[1].changes(from: all[0]), below = all[2].changes(from: all[0])
        #expect(onPicture.count > 2000 && onPicture.allSatisfy { $0.y < Self.shown.height }, "seed \(seed)")
        #expect(below.count > 500 && below.allSatisfy { $0.y >= Self.shown.height }, "seed \(seed)")
    }

    @Test("a thin box and a trail touch the pixels of their lines and no others")
    func thinLines() throws {
        let box = Box(x: 0.25, y: 0.25, width: 0.5, height: 0.5)
        let trail = [Point(x: 0.1, y: 0.9), Point(x: 0.4, y: 0.9)]
        let all = try drawn([
            FilmFrame(), FilmFrame(items: [Overlay.Item(.thinBox(box), .region)]),
            FilmFrame(items: [Overlay.Item(.trail(trail), .track)])
        ])
        // Chroma is shared by four pixels, so a line is up to two of them wide in colour.
        #expect(
            all[1].changes(from: all[0]).allSatisfy { x, y in
                [161, 483].contains { abs($0 - x) <= 1 } || [121, 363].contains { abs($0 - y) <= 1 }
            })
        #expect(all[2].changes(from: all[0]).count >= 190)
        #expect(all[2].changes(from: all[0]).allSatisfy { x, y in abs(y - 435) <= 1 && (63...259).contains(x) })
    }
}
