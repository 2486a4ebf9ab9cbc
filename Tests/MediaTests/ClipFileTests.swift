import Scene
import TestSupport
import Testing

@testable import Media

/// Footage into a ring, a part of the ring into a clip, and what the clip holds.
@Suite("Clips cut from a ring of packets")
struct ClipFileTests {
    private let folder: ScratchFolder
    private let base = MediaTime("2026-11-22T01:00:00Z")!

    init() throws { folder = try ScratchFolder() }

    /// Ten seconds; the brightness of each second is its own.
    private func footage(_ form: VideoWriter.Form, _ name: String) throws -> String {
        try DrawnFootage(size: PictureSize(width: 128, height: 96), pictureCount: 250, form: form) { index, brush in
            brush.fill(Box(x: 0, y: 0, width: 1, height: 1), luma: UInt8(40 + index / 25 * 16))
            brush.fill(Box(x: Double(index % 25) / 30, y: 0.4, width: 0.1, height: 0.3), luma: 230)
        }.write(to: folder.file(name))
    }

    /// Reads all packets of a file into a ring; media time is presentation time after `base`.
    private func ring(_ path: String, _ history: PacketRing.History) throws -> PacketRing {
        var demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        let ring = PacketTap(history).open(try StreamParameters(demuxer))
        var packet = Packet()
        while try demuxer.read(into: &packet, within: .seconds(5)) { ring.pass(packet) }
        ring.align(presentation: .zero, time: base)
        return ring
    }

    private func cut(
        _ ring: PacketRing, from start: PacketRing.Start, until end: MediaTime = .init(microseconds: .max),
        to path: String, _ treatment: ClipFile.Treatment = .copied
    ) throws -> Int {
        var packet = Packet()
        #expect(ring.read(start.serial, from: start.serial, into: &packet) == .packet)
        var clip = try ClipFile(
            path: path, parameters: ring.parameters, treatment: treatment, first: packet, note: "gate \(start.time)")
        var serial = start.serial
        while ring.read(serial, from: start.serial, into: &packet) == .packet {
            let ticks = packet.decodingTicks ?? -1
            let presentation = ring.parameters.timeBase.span(ticks: ticks)
            if try #require(ring.time(at: presentation)) > end { break }
            #expect(try clip.append(&packet))
            serial += 1
        }
        let count = clip.packetCount
        try clip.finish()
        return count
    }

    /// Times and middle brightness of all pictures of a file.
    private func pictures(_ path: String) throws -> [(time: MediaSpan, luma: Int, isKey: Bool)] {
        var demuxer = try Demuxer(
            StreamAddress(path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        var decoder = try Decoder(for: demuxer)
        var packet = Packet(), picture = Picture()
        var found: [(MediaSpan, Int, Bool)] = []
        while true {
            let isPacket = try demuxer.read(into: &packet, within: .seconds(5))
            if isPacket { try decoder.send(packet) } else { try decoder.sendEnd() }
            while case .picture = try decoder.receive(into: &picture) {
                let isCorrupt = picture.isCorrupt
                #expect(!isCorrupt)
                let sum = picture.withLuma { luma in
                    (0..<luma.height).reduce(0) { sum, row in
                        sum + (0..<luma.width).reduce(0) { $0 + Int(luma.base[row * luma.stride + $1]) }
                    }
                }
                found.append(
                    (demuxer.video.timeBase.span(ticks: picture.presentationTicks ?? -1), sum, picture.isKeyframe))
            }
            if !isPacket { return found }
        }
    }

    static let forms: [(VideoWriter.Form, String)] = [
        (.camera(.h264, keyframeDistance: 25), "mp4"), (.camera(.h264, keyframeDistance: 25), "ts"),
        (.camera(.h264, keyframeDistance: 25), "mkv"), (.camera(.h265, keyframeDistance: 25), "ts"),
        (.camera(.h265, keyframeDistance: 25), "mp4"),
        (.encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:b-pyramid=normal"), "ts"),
        (.encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0"), "mkv"),
        (.encoder(.h265, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:open-gop=0"), "ts")
    ]

    @Test("a copied clip holds the source's pictures from its keyframe on, times from zero", arguments: forms)
    func copied(form: VideoWriter.Form, ending: String) throws {
        let source = try footage(form, "source.\(ending)")
        let all = try pictures(source)
        let ring = try ring(source, PacketRing.History(span: .seconds(60), bytes: 8 << 20))
        let wanted = base + MediaSpan(microseconds: all[0].time.microseconds + 3_500_000)
        let start = try #require(ring.start(atOrBefore: wanted, latest: wanted))
        #expect((0...1_040_000).contains((wanted - start.time).microseconds), "the newest keyframe before")
        let path = folder.file("clip.part")
        let count = try cut(ring, from: start, to: path)
        let told = try ClipInspection(path: path)
        #expect(told.codec == (source.isEmpty || ring.parameters.codec == "h264" ? "h264" : "hevc"))
        #expect(told.size == PictureSize(width: 128, height: 96) && told.beginsWithKeyframe)
        #expect(told.start == .zero && told.packetCount == count)
        #expect(told.note == "gate \(start.time)")
        let kept = try pictures(path)
        let expected = all.filter { base + $0.time >= start.time }
        #expect(kept.count == expected.count && kept.first?.isKey == true)
        #expect(kept.map(\.luma) == expected.map(\.luma), "the very pictures")
        let offset = (start.time - base).microseconds
        for (left, right) in zip(kept, expected) {
            #expect(abs(left.time.microseconds + offset - right.time.microseconds) <= 1000)
        }
        #expect(abs(told.duration.microseconds - (all.last!.time.microseconds + 40_000 - offset)) <= 45_000)
        let bytes = try #require(Files.read(path))
        #expect(contains(bytes, "moof") && contains(bytes, ring.parameters.codec == "h264" ? "avc1" : "hvc1"))
    }

    private func contains(_ bytes: [UInt8], _ word: String) -> Bool {
        let word = Array(word.utf8)
        return bytes.indices.dropLast(word.count).contains { bytes[$0] == word[0] && Array(bytes[$0..<$0 + 4]) == word }
    }

    @Test("a clip that is encoded anew has the masks burnt in, and as many pictures")
    func encoded() throws {
        let source = try footage(.camera(.h264, keyframeDistance: 25), "source.ts")
        let ring = try ring(source, PacketRing.History(span: .seconds(60), bytes: 8 << 20))
        let first = try #require(ring.start(atOrBefore: base, latest: base + .seconds(100)))
        let path = folder.file("clip.part")
        let mask = Polygon([
            Point(x: 0.5, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1), Point(x: 0.5, y: 1)
        ])!
        _ = try cut(ring, from: first, to: path, .encoded(masks: [mask]))
        let told = try ClipInspection(path: path)
        #expect(told.codec == "h264" && told.packetCount == 250 && told.start == .zero && told.beginsWithKeyframe)
        let before = try pictures(source), after = try pictures(path)
        #expect(after.count == before.count)
        // Half of each picture is black: half of the light is gone, but for 16 a pixel.
        for (left, right) in zip(before, after).dropFirst(25 * 4) {
            #expect(Double(right.luma) < Double(left.luma) * 0.66, "\(left.luma) \(right.luma)")
        }
    }

    @Test("MJPEG does not go into a clip as it is, but encoded anew it does")
    func mjpeg() throws {
        let source = try footage(.camera(.mjpeg, keyframeDistance: 1), "source.mkv")
        let ring = try ring(source, PacketRing.History(span: .seconds(60), bytes: 32 << 20))
        let first = try #require(ring.start(atOrBefore: base, latest: base + .seconds(100)))
        #expect(!ring.parameters.isCopyable)
        #expect(throws: MediaError.self) { try cut(ring, from: first, to: folder.file("a.part")) }
        _ = try cut(ring, from: first, to: folder.file("b.part"), .encoded(masks: []))
        #expect(try ClipInspection(path: folder.file("b.part")).packetCount == 250)
    }

    @Test("one still of the ring is the picture of its time", arguments: ["ts", "mkv"])
    func still(ending: String) throws {
        let source = try footage(
            .encoder(.h264, parameters: "keyint=50:min-keyint=50:scenecut=0:bframes=2:b-adapt=0"), "source.\(ending)")
        let ring = try ring(source, PacketRing.History(span: .seconds(60), bytes: 8 << 20))
        let all = try pictures(source)
        var picture = Picture()
        for index in [0, 1, 60, 130, 249] {
            let wanted = base + all[index].time
            #expect(try ring.still(at: wanted + .milliseconds(5), into: &picture) == wanted)
            let sum = picture.withLuma { luma in
                (0..<luma.height).reduce(0) { sum, row in
                    sum + (0..<luma.width).reduce(0) { $0 + Int(luma.base[row * luma.stride + $1]) }
                }
            }
            #expect(sum == all[index].luma)
        }
        #expect(try ring.still(at: base - .seconds(1), into: &picture) == nil)
    }

    @Test("the ring keeps its span from a keyframe on, and never more than its bytes")
    func bounds() throws {
        let source = try footage(.camera(.h264, keyframeDistance: 25), "source.ts")
        let short = try ring(source, PacketRing.History(span: .seconds(3), bytes: 8 << 20))
        #expect((75...101).contains(short.holding.packets), "\(short.holding)")
        let end = base + .seconds(100)
        let oldest = try #require(short.start(atOrBefore: base, latest: end))
        var packet = Packet()
        #expect(short.read(oldest.serial, from: oldest.serial, into: &packet) == .packet)
        let isKeyframe = packet.isKeyframe
        #expect(isKeyframe)
        #expect(short.read(oldest.serial - 1, from: 0, into: &packet) == .gone)
        #expect(short.read(250, from: oldest.serial, into: &packet) == .notYet)
        short.end(reason: "stalled")
        short.end(reason: "stopped")
        #expect(short.read(250, from: oldest.serial, into: &packet) == .ended(reason: "stalled"))
        let tight = try ring(source, PacketRing.History(span: .seconds(60), bytes: 6000))
        #expect(tight.holding.bytes <= 6000)
    }

    @Test("a cut parts what came before from what comes after")
    func cuts() throws {
        let source = try footage(.camera(.h264, keyframeDistance: 25), "source.ts")
        let ring = try ring(source, PacketRing.History(span: .seconds(60), bytes: 8 << 20))
        let before = try #require(ring.start(atOrBefore: base + .seconds(3), latest: base + .seconds(3)))
        var packet = Packet()
        #expect(ring.read(101, from: before.serial, into: &packet) == .packet)
        let ticks = packet.presentationTicks ?? -1
        let presentation = ring.parameters.timeBase.span(ticks: ticks)
        ring.cut(at: presentation, reason: "time_jumped")
        #expect(ring.read(100, from: before.serial, into: &packet) == .packet)
        #expect(ring.read(101, from: before.serial, into: &packet) == .ended(reason: "time_jumped"))
        #expect(ring.start(atOrBefore: base + .seconds(9), latest: base + .seconds(9)) == nil, "no media time yet")
        ring.align(presentation: presentation, time: base + .seconds(1000))
        let after = try #require(ring.start(atOrBefore: base, latest: base + .seconds(2000)))
        #expect(after.serial > 101)
        #expect(ring.read(101, from: after.serial, into: &packet) == .packet)
    }

    @Test("what waits is given out in order and stays for clips; without history nothing stays")
    func waiting() throws {
        let source = try footage(.camera(.h264, keyframeDistance: 25), "source.ts")
        var demuxer = try Demuxer(
            StreamAddress(source), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        let parameters = try StreamParameters(demuxer)
        let rings = [
            PacketRing(parameters), PacketRing(parameters, history: .init(span: .seconds(60), bytes: 8 << 20))
        ]
        var packet = Packet(), twin = Packet()
        var order: [Int64] = []
        for _ in 0..<60 {
            #expect(try demuxer.read(into: &packet, within: .seconds(5)))
            let ticks = packet.presentationTicks ?? -1
            order.append(ticks)
            rings[1].append(&packet, arrival: nil)
            let left = packet.byteCount
            #expect(left == 0)
            #expect(rings[1].read(order.count - 1, from: 0, into: &twin) == .packet)
            rings[0].append(&twin, arrival: base)
        }
        for (ring, kept) in zip(rings, [0, 60]) {
            var given: [Int64] = []
            #expect(ring.byteCount > 0)
            while let taken = ring.takeFirst(into: &packet) {
                let ticks = packet.presentationTicks ?? -1
                given.append(ticks)
                #expect(taken.wasLast == (given.count == 60))
                #expect((taken.arrival != nil) == (kept == 0))
            }
            #expect(given == order && ring.isEmpty && ring.byteCount == 0)
            #expect(ring.holding.packets == kept)
        }
    }
}

@Suite("Decoding times of clips")
struct DecodingClockTests {
    @Test("times made from presentation times rise and are never after them", arguments: 0..<6)
    func made(delay: Int) {
        var random = SeededRandom(seed: UInt64(delay) + 5)
        var clock = DecodingClock(delay: delay, step: 3600, firstPresentation: 0)
        var last = Int64.min
        var shown = 0
        for _ in 0..<60 {
            // A group as an encoder sends it: the last first, then those before it in any order.
            let count = delay == 0 ? 1 : Int.random(in: 1...delay + 1, using: &random)
            let group = [shown + count - 1] + Array(shown..<shown + count - 1)
            shown += count
            for picture in delay <= 1 ? group : [group[0]] + group.dropFirst() {
                let stamp = clock.stamp(presentation: Int64(picture) * 3600, decoding: nil)
                #expect(stamp.decoding > last && stamp.decoding <= stamp.presentation, "seed \(delay + 5)")
                #expect(stamp.presentation == Int64(picture) * 3600)
                last = stamp.decoding
            }
        }
    }

    @Test("stamps that are missing or run backwards are mended")
    func mended() {
        var clock = DecodingClock(delay: 0, step: 3600, firstPresentation: 1000)
        #expect(clock.stamp(presentation: 1000, decoding: 1000) == (1000, 1000))
        #expect(clock.stamp(presentation: nil, decoding: nil) == (4600, 4600))
        #expect(clock.stamp(presentation: 4000, decoding: 4000) == (4601, 4601))
        #expect(clock.stamp(presentation: 9000, decoding: nil) == (9000, 9000))
    }
}
