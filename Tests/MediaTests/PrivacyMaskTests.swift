import Media
import Scene
import TestSupport
import Testing

@Suite struct PrivacyMaskTests {
    private let size = PictureSize(width: 160, height: 120)

    /// Decodes `count` pictures, gives each to `body`, and returns them as rows of luma.
    private func decode(
        _ path: String, _ body: (inout Picture) throws -> Void
    ) throws -> [[UInt8]] {
        let demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        return try drain(demuxer, body)
    }

    private func drain(_ demuxer: consuming Demuxer, _ body: (inout Picture) throws -> Void) throws -> [[UInt8]] {
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        var pictures: [[UInt8]] = []
        while try demuxer.read(into: &packet, within: .seconds(5)) {
            try decoder.send(packet)
            while try decoder.receive(into: &picture) == .picture {
                try body(&picture)
                pictures.append(
                    picture.withLuma { luma in
                        (0..<luma.height).flatMap { y in (0..<luma.width).map { luma.base[y * luma.stride + $0] } }
                    })
            }
        }
        return pictures
    }

    @Test(arguments: VideoWriter.CameraCodec.allCases)
    func maskedPixelsAreBlackAndAllOthersUntouched(codec: VideoWriter.CameraCodec) throws {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(size: size, pictureCount: 12, form: .camera(codec, keyframeDistance: 12))
            .write(to: folder.file("box.mp4"))
        let corner = Polygon([Point(x: 0, y: 0.5), Point(x: 0.5, y: 0.5), Point(x: 0.5, y: 1), Point(x: 0, y: 1)])!
        let mask = PrivacyMask([corner])
        let plain = try decode(path) { _ in }
        let masked = try decode(path) { try $0.blacken(mask) }
        #expect(plain.count == masked.count && plain.count >= 11)
        for (before, after) in zip(plain, masked) {
            for y in 0..<size.height {
                for x in 0..<size.width {
                    let pixel = after[y * size.width + x]
                    if x < 80 && y >= 60 {
                        #expect(pixel == 16)
                    } else if x > 82 || y < 57 {
                        // The decoder predicts the next pictures from its own copy: nothing black leaks into them.
                        #expect(pixel == before[y * size.width + x])
                    }
                }
            }
        }
    }

    @Test func triangleCoversEveryPixelWhoseMiddleIsInside() throws {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(size: size, pictureCount: 1).write(to: folder.file("one.mp4"))
        var random = SeededRandom(seed: 5)
        for _ in 0..<5 {
            let triangle = Polygon(
                (0..<3).map { _ in Point(x: .random(in: 0...1, using: &random), y: .random(in: 0...1, using: &random)) }
            )!
            let masked = try decode(path) { try $0.blacken(PrivacyMask([triangle])) }
            let picture = try #require(masked.first ?? [UInt8]?.none)
            for y in 0..<size.height {
                for x in 0..<size.width {
                    let middle = Point(x: (Double(x) + 0.5) / 160, y: (Double(y) + 0.5) / 120)
                    if triangle.contains(middle) { #expect(picture[y * size.width + x] == 16, "\(triangle) \(x) \(y)") }
                }
            }
        }
    }
}
