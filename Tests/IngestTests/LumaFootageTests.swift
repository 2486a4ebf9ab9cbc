import Foundation
import Ingest
import Media
import Scene
import TestSupport
import Testing

/// Notes which pictures have their colours.
private final class ColourReceiver: PictureReceiver {
    private(set) var pictures: [(time: MediaTime, hasColours: Bool, luma: [UInt8])] = []
    /// What each picture calls for, by its number.
    var calls: (Int) -> PictureAttention = { _ in .stirring }
    /// Called with the number of each picture, as long as it is received.
    var look: (Int, MediaTime) -> Void = { _, _ in }
    var attention: PictureAttention { calls(pictures.count - 1) }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}

    func receive(_ picture: inout Picture, at time: MediaTime) {
        let bytes = picture.withLuma { luma in
            (0..<luma.height).flatMap { row in
                UnsafeBufferPointer(start: luma.base + row * luma.stride, count: luma.width)
            }
        }
        pictures.append((time, picture.hasColours, bytes))
        look(pictures.count - 1, time)
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}

    var firstWithout: Int? { pictures.firstIndex { !$0.hasColours } }
    var without: [Int] { pictures.indices.filter { !pictures[$0].hasColours } }
}

@Suite("Colours are left out where they can be had when they are wanted")
struct LumaFootageTests {
    static let isThere = if case .ready = LumaDecoder.standing { true } else { false }
    static let requirement = Comment("needs scripts/luma-decoder.sh and ffmpeg")
    private static let ffmpeg = "/usr/bin/ffmpeg"
    static let canEncode = FileManager.default.isExecutableFile(atPath: ffmpeg)

    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func footage(_ form: VideoWriter.Form, count: Int = 150, name: String = "sent.ts") throws -> String {
        try DrawnFootage(size: PictureSize(width: 64, height: 64), pictureCount: count, form: form).write(
            to: folder.file(name))
    }

    private func read(
        _ path: String, _ planes: DecodedPlanes = .luma, hasTap: Bool = true, _ mode: DecodeMode = .strict
    ) throws -> ColourReceiver {
        var policy = DecodePolicy(mode)
        policy.planes = planes
        let receiver = ColourReceiver()
        let tap = hasTap ? PacketTap(PacketRing.History(span: .milliseconds(500), bytes: 1 << 20)) : nil
        _ = try Footage(path: path, policy: policy).read(into: receiver, tap: tap)
        return receiver
    }

    @Test("once the GOP is known, and no picture is lost or another for it", .enabled(if: isThere, requirement))
    func shortGOP() throws {
        let path = try footage(.camera(.h264, keyframeDistance: 25))
        let (luma, whole) = (try read(path), try read(path, .all))
        #expect(luma.firstWithout == 50, "after two groups: \(luma.firstWithout ?? -1)")
        #expect(luma.pictures.suffix(100).allSatisfy { !$0.hasColours })
        #expect(luma.pictures.map(\.time) == whole.pictures.map(\.time))
        #expect(luma.pictures.map(\.luma) == whole.pictures.map(\.luma))
        #expect(whole.firstWithout == nil)
    }

    @Test("not where nobody keeps the packets")
    func noTap() throws {
        #expect(try read(footage(.camera(.h264, keyframeDistance: 25)), hasTap: false).firstWithout == nil)
    }

    @Test(
        "not of a long GOP, of pictures out of order, of other codecs",
        arguments: [
            .camera(.h264, keyframeDistance: 100), .camera(.h265, keyframeDistance: 25),
            .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:open-gop=0"),
            .encoder(.h264, parameters: "keyint=25:scenecut=0:bframes=0:intra-refresh=1")
        ] as [VideoWriter.Form])
    func unfit(form: VideoWriter.Form) throws {
        let receiver = try read(footage(form, count: 250))
        #expect(receiver.pictures.count >= 245 && receiver.firstWithout == nil)
    }

    @Test("a GOP that grows too long brings them back", .enabled(if: isThere && canEncode, requirement))
    func growingGOP() throws {
        let path = folder.file("growing.ts")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.ffmpeg)
        process.arguments = [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", "14", "-c:v",
            "libx264", "-bf", "0",
            "-x264-params", "keyint=1000:scenecut=0", "-force_key_frames", "0,1,2,3,4,8,12", path
        ]
        try process.run()
        process.waitUntilExit()
        let receiver = try read(path)
        #expect(receiver.pictures.count == 350)
        #expect(receiver.without == Array(50..<200), "from the third keyframe to the first that came too late")
    }

    @Test(
        "a still has the decoder that made it go on, until a keyframe comes and nothing stirs",
        .enabled(if: isThere, requirement), arguments: [DecodeMode.strict, .dense])
    func still(mode: DecodeMode) throws {
        let path = try footage(.camera(.h264, keyframeDistance: 25), count: 220)
        var policy = DecodePolicy(mode, quietSpan: .seconds(20))
        policy.planes = .luma
        let (receiver, tap) = (
            ColourReceiver(), PacketTap(PacketRing.History(span: .milliseconds(500), bytes: 1 << 20))
        )
        receiver.calls = { $0 < 110 ? .stirring : .quiet }
        var stills: [Int: MediaSpan] = [:]
        receiver.look = { index, time in
            // The last one is of a picture that analysis has gone past.
            guard [60, 90, 180].contains(index), let ring = tap.ring else { return }
            var picture = Picture()
            let wanted = index == 180 ? time - .milliseconds(40) : time
            let shown = try? ring.still(at: wanted, into: &picture, then: .leftForTheStream)
            stills[index] = shown.map { wanted - $0 }
            let hasColours = picture.hasColours
            #expect(hasColours)
        }
        _ = try Footage(path: path, policy: policy).read(into: receiver, tap: tap)
        #expect(stills == [60: .zero, 90: .zero, 180: .zero])
        #expect(receiver.without == Array(50...60) + Array(125..<220))
        let whole = try read(path, .all)
        #expect(receiver.pictures.map(\.time) == whole.pictures.map(\.time))
        #expect(receiver.pictures.map(\.luma) == whole.pictures.map(\.luma))
    }

    @Test("a still of another stream leaves no decoder behind", .enabled(if: isThere, requirement))
    func stillOfAnother() throws {
        let (receiver, tap) = (
            ColourReceiver(), PacketTap(PacketRing.History(span: .milliseconds(500), bytes: 1 << 20))
        )
        receiver.look = { index, time in
            var picture = Picture()
            if index == 60 { #expect(try! tap.ring?.still(at: time, into: &picture) == time) }
        }
        var policy = DecodePolicy(.strict)
        policy.planes = .luma
        let path = try footage(.camera(.h264, keyframeDistance: 25))
        _ = try Footage(path: path, policy: policy).read(into: receiver, tap: tap)
        #expect(receiver.without == Array(50..<150))
    }

    @Test("dense decoding leaves them out too, idle and awake", .enabled(if: isThere, requirement))
    func dense() throws {
        let receiver = try read(footage(.camera(.h264, keyframeDistance: 25)), hasTap: true, .dense)
        #expect(receiver.firstWithout == 50)
        #expect(receiver.pictures.count == 150)
    }
}
