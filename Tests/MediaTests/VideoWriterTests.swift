import Media
import Scene
import TestSupport
import Testing

@Suite struct VideoWriterTests {
    private func decode(_ path: String, _ body: (borrowing Picture, MediaSpan) throws -> Void) throws {
        var demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        let timeBase = demuxer.video.timeBase
        while true {
            let isPacket = try demuxer.read(into: &packet, within: .seconds(5))
            if isPacket { try decoder.send(packet) } else { try decoder.sendEnd() }
            while case .picture = try decoder.receive(into: &picture) {
                try body(picture, timeBase.span(ticks: picture.presentationTicks ?? -1))
            }
            if !isPacket { return }
        }
    }

    @Test(arguments: [
        PictureSize(width: 64, height: 48), PictureSize(width: 37, height: 21), PictureSize(width: 16, height: 12)
    ])
    func masksComeBackExactly(size: PictureSize) throws {
        let folder = try ScratchFolder()
        let path = folder.file("masks.mkv")
        var random = SeededRandom(seed: 9)
        var written: [[UInt8]] = []
        var writer = try VideoWriter(path: path, form: .masks, size: size, frameRate: 25)
        for index in 0..<7 {
            let mask = (0..<size.width * size.height).map { _ in Bool.random(using: &random) ? UInt8(255) : 0 }
            written.append(mask)
            try writer.appendMask(at: .milliseconds(Int64(index) * 40)) { pixels, stride in
                for (place, value) in mask.enumerated() {
                    pixels[place / size.width * stride + place % size.width] = value
                }
            }
        }
        try writer.finish()
        var read: [[UInt8]] = []
        try decode(path) { picture, time in
            #expect(time == .milliseconds(Int64(read.count) * 40))
            #expect(picture.size == size)
            read.append(
                picture.withLuma { luma in
                    (0..<luma.height).flatMap { y in (0..<luma.width).map { luma.base[y * luma.stride + $0] } }
                })
        }
        #expect(read == written)
    }

    @Test(arguments: ["mp4", "mkv", "ts"])
    func aFilmKeepsItsTimes(ending: String) throws {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(size: PictureSize(width: 65, height: 49), pictureCount: 12, form: .film)
            .write(to: folder.file("film.\(ending)"))
        var times: [MediaSpan] = []
        try decode(path) { picture, time in
            #expect(picture.size == PictureSize(width: 64, height: 48))
            times.append(time)
        }
        #expect(times.count == 12)
        let steps = zip(times, times.dropFirst()).map { $1.microseconds - $0.microseconds }
        #expect(steps.allSatisfy { abs($0 - 40_000) <= 1000 }, "\(steps)")
    }

    @Test func aPathThatCannotBeWrittenSaysSo() {
        let error = #expect(throws: MediaError.self) {
            let writer = try VideoWriter(
                path: "/nowhere/at/all.mkv", form: .masks, size: PictureSize(width: 8, height: 8), frameRate: 25)
            try writer.finish()
        }
        #expect(error?.kind == .fileNotFound)
    }
}
