import Evidence
import Media
import Scene
import TestSupport
import Testing

@Suite struct StillRendererTests {
    /// Calls `body` with the first picture of drawn footage.
    private func withPicture(_ body: (borrowing Picture) throws -> Void) throws {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(size: PictureSize(width: 322, height: 242), pictureCount: 2, form: .masks)
            .writeMasks(to: folder.file("grey.mkv"))
        var demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        #expect(try demuxer.read(into: &packet, within: .seconds(5)))
        try decoder.send(packet)
        guard case .picture = try decoder.receive(into: &picture) else {
            Issue.record("no picture")
            return
        }
        try body(picture)
    }

    private func luma(of jpeg: [UInt8]) throws -> (PictureSize, [UInt8]) {
        let folder = try ScratchFolder()
        try Files.write(jpeg, to: folder.file("still.mjpeg"))
        var demuxer = try Demuxer(
            StreamAddress(folder.file("still.mjpeg")), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt()
        )
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        _ = try demuxer.read(into: &packet, within: .seconds(5))
        try decoder.send(packet)
        _ = try decoder.receive(into: &picture)
        return (
            picture.size,
            picture.withLuma { luma in
                (0..<luma.height).flatMap { y in (0..<luma.width).map { luma.base[y * luma.stride + $0] } }
            }
        )
    }

    private var overlay: Overlay {
        let zone = Polygon([Point(x: 0.2, y: 0.2), Point(x: 0.8, y: 0.2), Point(x: 0.8, y: 0.8), Point(x: 0.2, y: 0.8)]
        )!
        let line = Polyline([Point(x: 0.5, y: 0.9), Point(x: 0.5, y: 0.1)])!
        return Overlay(
            items: Overlay.fence(.polygon(zone), name: "lawn")
                + Overlay.fence(.polyline(line), name: "path", counting: .leftToRight) + [
                    Overlay.Item(.box(Box(x: -0.2, y: 0.9, width: 0.5, height: 0.5)), .object),
                    Overlay.Item(.path([Point(x: 0, y: 0), Point(x: 1, y: 1)]), .track),
                    Overlay.Item(.mark(Point(x: 1, y: 1)), .mark)
                ], caption: ["south-gate lawn", "2026-11-22T09:31:02Z 中"])
    }

    @Test func theCleanStillShowsThePicture() throws {
        try withPicture { picture in
            var renderer = StillRenderer()
            let stills = try renderer.stills(of: picture, overlay: overlay)
            let (size, pixels) = try luma(of: stills.clean)
            #expect(size == PictureSize(width: 322, height: 242))
            #expect(pixels.allSatisfy { abs(Int($0) - 90) < 6 })
            #expect(stills.clean == (try renderer.jpeg(of: picture)))
            #expect(stills.annotated == (try renderer.jpeg(of: picture, overlay: overlay)))
        }
    }

    @Test func theAnnotatedStillShowsTheFence() throws {
        try withPicture { picture in
            var renderer = StillRenderer()
            let (size, pixels) = try luma(of: try renderer.jpeg(of: picture, overlay: overlay))
            func brightest(around x: Double, _ y: Double) -> UInt8 {
                let column = Int(x * Double(size.width)), row = Int(y * Double(size.height))
                return (row - 2...row + 2).flatMap { row in
                    (column - 2...column + 2).map { pixels[row * size.width + $0] }
                }
                .max()!
            }
            #expect(brightest(around: 0.2, 0.5) > 150)
            #expect(brightest(around: 0.8, 0.6) > 150)
            #expect(brightest(around: 0.5, 0.3) > 150)
            #expect(brightest(around: 0.65, 0.5) < 110)
        }
    }

    @Test func theGridHasALineAtEveryTenth() throws {
        try withPicture { picture in
            var renderer = StillRenderer()
            let (size, pixels) = try luma(of: try renderer.jpeg(of: picture, overlay: .grid))
            for tenth in 1...9 {
                let column = size.width * tenth / 10
                let row = Int(0.55 * Double(size.height))
                #expect((column - 1...column + 1).map { pixels[row * size.width + $0] }.max()! > 160, "\(tenth)")
            }
        }
    }
}
