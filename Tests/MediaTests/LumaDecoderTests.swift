import Foundation
import Scene
import TestSupport
import Testing

@testable import Media

@Suite struct LumaDecoderTests {
    static var isThere: Bool { if case .ready = LumaDecoder.standing { true } else { false } }
    static let requirement = Comment("needs scripts/luma-decoder.sh")
    private static let ffmpeg = "/usr/bin/ffmpeg"
    private static var canEncode: Bool { isThere && FileManager.default.isExecutableFile(atPath: ffmpeg) }

    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Ways through the decoder, by x264's options and the pixels' format.
    static let ways: [(options: String, pixels: String)] = [
        ("cabac=1:bframes=0", "yuv420p"), ("cabac=0:bframes=0:8x8dct=0", "yuv420p"),
        ("bframes=3:b-pyramid=2", "yuv420p"),
        ("weightp=2:ref=4", "yuv420p"), ("slices=4", "yuv420p"), ("interlaced=1", "yuv420p"),
        ("no-deblock=1", "yuv420p"),
        ("intra-refresh=1:bframes=0", "yuv420p"), ("qp=0", "yuv420p"), ("constrained-intra=1", "yuv420p"),
        ("bframes=2", "yuvj420p"), ("bframes=2", "yuv422p"), ("bframes=2", "yuv444p"), ("bframes=0", "yuv420p10le")
    ]

    /// Noise, edges and motion in colours, at an odd size.
    private func encode(_ way: (options: String, pixels: String), ending: String = "ts") throws -> String {
        let path = folder.file("way.\(ending)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.ffmpeg)
        process.arguments = [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=218x124:rate=25,noise=alls=8:allf=t", "-t",
            "3",
            "-c:v", "libx264", "-preset", "veryfast", "-x264-params", "keyint=20:\(way.options)", "-pix_fmt",
            way.pixels, path
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "ffmpeg cannot encode \(way)")
        return path
    }

    private struct Seen: Equatable {
        let ticks: Int64?
        let isKeyframe: Bool, isCorrupt: Bool
        let luma: [UInt8]
        /// Of both, as a still has them.
        var colours: [UInt8] = []

        init(_ picture: borrowing Picture) throws {
            (ticks, isKeyframe, isCorrupt) = (picture.presentationTicks, picture.isKeyframe, picture.isCorrupt)
            luma = picture.withLuma { plane in
                (0..<plane.height).flatMap { row in
                    Array(UnsafeBufferPointer(start: plane.base + row * plane.stride, count: plane.width))
                }
            }
            var maker = CanvasMaker()
            var canvas = try maker.canvas(of: picture)
            canvas.withPlanes { planes in
                for row in 0..<planes.size.height / 2 {
                    for plane in [planes.blueDifference, planes.redDifference] {
                        colours += UnsafeBufferPointer(
                            start: plane + row * planes.chromaStride, count: planes.size.width / 2)
                    }
                }
            }
        }

        var withoutColours: Seen {
            var seen = self
            seen.colours = [UInt8](repeating: 128, count: colours.count)
            return seen
        }
    }

    private enum Way { case system, whole, luma }

    private func pictures(of path: String, _ way: Way, losingEvery distance: Int = .max) throws -> [Seen] {
        var demuxer = try Demuxer(
            StreamAddress("file:" + path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        var decoder =
            try way == .system ? Decoder(bySystem: demuxer) : Decoder(for: demuxer, planes: way == .luma ? .luma : .all)
        try #require(decoder.planes == (way == .luma ? .luma : .all))
        var packet = Packet(), picture = Picture(), seen: [Seen] = [], index = 0
        func take() throws {
            while case .picture = try decoder.receive(into: &picture) {
                #expect(picture.hasColours == (way != .luma))
                seen.append(try Seen(picture))
            }
        }
        while try demuxer.read(into: &packet, within: .seconds(5)) {
            defer { index += 1 }
            if index % distance == distance - 1 { continue }
            do { try decoder.send(packet) } catch { continue }
            try take()
        }
        try decoder.sendEnd()
        try take()
        return seen
    }

    @Test(
        "the brightness of every picture is the same to the byte, and its colours are even grey",
        .enabled(if: canEncode, requirement), arguments: ways
    )
    func sameLuma(way: (options: String, pixels: String)) throws {
        let path = try encode(way)
        let system = try pictures(of: path, .system)
        #expect(system.count >= 74)
        #expect(try pictures(of: path, .whole) == system, "\(way)")
        #expect(try pictures(of: path, .luma) == system.map(\.withoutColours), "\(way)")
        #expect(system.contains { $0 != $0.withoutColours })
    }

    @Test("what is damaged is noticed alike", .enabled(if: canEncode, requirement), arguments: [7, 29])
    func sameDamage(distance: Int) throws {
        let path = try encode(("bframes=0:slices=2", "yuv420p"), ending: "h264")
        var bytes = try #require(Files.read(path))
        for place in stride(from: 3000, to: bytes.count, by: 4001) { bytes[place] ^= 0x55 }
        try Files.write(bytes, to: path)
        let system = try pictures(of: path, .system, losingEvery: distance)
        let luma = try pictures(of: path, .luma, losingEvery: distance)
        #expect(system.map(\.isCorrupt) == luma.map(\.isCorrupt) && system.contains { $0.isCorrupt })
        #expect(zip(system, luma).allSatisfy { $0.isCorrupt || $0.withoutColours == $1 })
        #expect(system.contains { !$0.isCorrupt })
    }

    @Test("other codecs are decoded whole", arguments: [VideoWriter.CameraCodec.h265, .mjpeg])
    func otherCodecs(codec: VideoWriter.CameraCodec) throws {
        let path = try DrawnFootage(form: .camera(codec, keyframeDistance: 5)).write(to: folder.file("other.mkv"))
        let demuxer = try Demuxer(
            StreamAddress("file:" + path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        #expect(try Decoder(for: demuxer, planes: .luma).planes == .all)
    }

    @Test("it is looked for beside an installed program, in the build folder, or where it is said to be")
    func folders() {
        #expect(LumaDecoder.folders(named: nil, program: "/opt/x/bin/snowlined") == ["/opt/x/lib/snowline"])
        #expect(
            LumaDecoder.folders(named: nil, program: "/src/.build/x86_64/release/snowlined") == [
                "/src/.build/x86_64/lib/snowline", "/src/.build/luma-decoder"
            ])
        #expect(LumaDecoder.folders(named: "/else", program: "/opt/x/bin/snowlined") == ["/else"])
        #expect(LumaDecoder.folders(named: "", program: "") == ["/lib/snowline"])
    }

    private func reason() -> String? {
        if case .missing(let reason) = LumaDecoder.standing(in: [folder.path]) { reason } else { nil }
    }

    @Test("what is missing, no library, or one that cannot leave colours out is refused with the reason")
    func refusals() throws {
        #expect(reason()?.hasPrefix("no libavcodec-luma-") == true)
        let path = folder.file(LumaDecoder.fileName)
        try Data("not a library".utf8).write(to: URL(fileURLWithPath: path))
        #expect(reason()?.contains("cannot be loaded") == true)
        // The system's own knows everything else.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        let system = try #require(
            maps.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
                .first { $0.contains("/libavcodec.so.") })
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
            at: URL(fileURLWithPath: system).resolvingSymlinksInPath(), to: URL(fileURLWithPath: path))
        #expect(reason()?.contains("it cannot leave colours out") == true, "\(reason() ?? "ready")")
    }
}
