import Foundation
import Ingest
import Media
import Scene
import TestSupport
import Testing

/// Takes what is bright for what stirs, and notes which pictures it is given.
private final class BrightnessReceiver: PictureReceiver {
    private(set) var received: [(time: MediaTime, isBright: Bool)] = []
    private(set) var fallbacks: [DenseFallback?] = []
    private(set) var glances = 0
    private(set) var attention = PictureAttention.quiet

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}

    func receive(_ picture: inout Picture, at time: MediaTime) {
        let isBright = Self.isBright(picture)
        received.append((time, isBright))
        attention = isBright ? .stirring : .quiet
    }

    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        glances += 1
        return Self.isBright(picture)
    }

    func decoding(_ standing: DecodeStanding, at time: MediaTime) { fallbacks.append(standing.fallback) }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}

    private static func isBright(_ picture: borrowing Picture) -> Bool {
        picture.withLuma { luma in luma.base[luma.height / 2 * luma.stride + luma.width / 2] > 160 }
    }

    var brightPictures: Int { received.count { $0.isBright } }
    var isInOrder: Bool { zip(received, received.dropFirst()).allSatisfy { $0.time < $1.time } }
}

@Suite("Dense decoding of footage")
struct DenseFootageTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// A dark picture that is bright in `bright`.
    private func footage(
        _ form: VideoWriter.Form, bright: Range<Int>, count: Int = 300, name: String = "light.mp4"
    ) throws -> String {
        try DrawnFootage(size: PictureSize(width: 64, height: 64), pictureCount: count, form: form) { index, brush in
            if bright.contains(index) { brush.fill(Box(x: 0.2, y: 0.2, width: 0.6, height: 0.6), luma: 230) }
        }.write(to: folder.file(name), ground: 60)
    }

    private func read(
        _ path: String, _ policy: DecodePolicy = DecodePolicy(.dense, quietSpan: .milliseconds(500))
    ) throws -> (BrightnessReceiver, FeedCounters) {
        let receiver = BrightnessReceiver()
        let outcome = try Footage(path: path, policy: policy).read(into: receiver)
        #expect(receiver.isInOrder && Int64(receiver.received.count) == outcome.counters.pictures)
        return (receiver, outcome.counters)
    }

    static let soundForms: [VideoWriter.Form] = [
        .camera(.h264, keyframeDistance: 25), .camera(.h264, keyframeDistance: 50),
        .camera(.h265, keyframeDistance: 25), .camera(.mjpeg, keyframeDistance: 1),
        .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=0:slices=4"),
        .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:open-gop=0"),
        .encoder(.h265, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:open-gop=0")
    ]

    @Test("everything from a stir on is received, and of the rest keyframes only", arguments: soundForms)
    func wakes(form: VideoWriter.Form) throws {
        let (receiver, counters) = try read(try footage(form, bright: 160..<215))
        #expect(receiver.brightPictures == 55, "the stir lasts longer than a GOP")
        #expect(counters.wakes == 1 && counters.catchUps >= 1)
        #expect(receiver.received.count < 270, "idle before and after")
        #expect(receiver.fallbacks.isEmpty && receiver.glances > 0)
    }

    @Test("a stir is found whatever its place in the GOP", arguments: Array(stride(from: 150, to: 175, by: 3)))
    func phase(first: Int) throws {
        // As long as a GOP: one keyframe is certain to show it.
        let (receiver, _) = try read(
            try footage(.camera(.h264, keyframeDistance: 25), bright: first..<first + 25, count: 250))
        #expect(receiver.brightPictures == 25)
        let (again, _) = try read(folder.file("light.mp4"))
        #expect(again.received.map(\.time) == receiver.received.map(\.time), "the same once more")
    }

    @Test("what stirs after the last keyframe is received at the end of the footage")
    func tail() throws {
        let (receiver, counters) = try read(
            try footage(.camera(.h264, keyframeDistance: 50), bright: 260..<300, count: 300))
        #expect(receiver.brightPictures == 40)
        #expect(counters.idleMicroseconds > 2_000_000)
    }

    @Test("strict receives everything", arguments: soundForms)
    func strict(form: VideoWriter.Form) throws {
        let (receiver, counters) = try read(try footage(form, bright: 60..<70, count: 120), DecodePolicy(.strict))
        #expect(receiver.received.count == 120 && receiver.glances == 0 && counters.wakes == 0)
    }

    // 26 pictures do not part into threes: the last before a keyframe is shown before it and sent after it.
    static let oddForms: [(VideoWriter.Form, DenseFallback)] = [
        (.camera(.h264, keyframeDistance: 250), .longGOP), (.camera(.h265, keyframeDistance: 250), .longGOP),
        (
            .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=2:b-adapt=0:open-gop=1"),
            .recoveryPoints
        ),
        (.encoder(.h265, parameters: "keyint=26:min-keyint=26:scenecut=0:bframes=2:b-adapt=0:open-gop=1"), .openGOP),
        (.encoder(.h264, parameters: "keyint=25:scenecut=0:bframes=0:intra-refresh=1"), .recoveryPoints)
    ]

    @Test("a stream that does not fit is decoded in full, with the reason", arguments: oddForms)
    func unfit(form: VideoWriter.Form, reason: DenseFallback) throws {
        // A transport stream is parsed as a camera's stream is.
        let (receiver, _) = try read(try footage(form, bright: 0..<0, count: 200, name: "odd.ts"))
        #expect(receiver.received.count >= 195)
        #expect(receiver.fallbacks.contains(reason), "\(receiver.fallbacks)")
    }

    @Test("a GOP that cannot be kept is a reason to decode everything")
    func overflow() throws {
        let path = try footage(.camera(.h264, keyframeDistance: 25), bright: 0..<0)
        let (receiver, _) = try read(path, DecodePolicy(.dense, quietSpan: .milliseconds(500), ringBytes: 200))
        #expect(receiver.fallbacks.first == .ringOverflow)
        #expect(receiver.received.count >= 295, "nothing was let go of")
    }

    @Test("who waits for others lets go of what cannot be kept, says so, and goes on in order")
    func waiting() async throws {
        let path = try DrawnFootage(
            size: PictureSize(width: 64, height: 64), pictureCount: 250, form: .camera(.h264, keyframeDistance: 10)
        ) { index, brush in
            let ground = index < 75 ? 60 : 190
            brush.fill { x, y in UInt8(ground + (x &* 31 &+ y &* 17 &+ index &* 13 &+ x &* y) % 41) }
        }.write(to: folder.file("noise.mp4"))
        let gate = WakeGate(limit: 1)
        let holder = gate.ticket()
        #expect(gate.enters(holder))
        let test = TestFeed(
            path, policy: DecodePolicy(.dense, quietSpan: .milliseconds(400), ringBytes: 40_000), wakeGate: gate,
            makeReceiver: { BrightnessNoting($0) })
        #expect(await test.log.waits { _ in test.feed.status.counters.sheds >= 1 }, "\(test.feed.status)")
        gate.leave(holder)
        await test.feed.waitUntilFinished()
        // However late this test looks: nothing of the stir was decoded before what could not be kept was let go of.
        let notes = test.log.all
        let letGo = notes.firstIndex { if case .leftOut = $0 { true } else { false } }
        let bright = notes.firstIndex { if case .picture(_, let mean) = $0 { mean >= 120 } else { false } }
        #expect(try #require(letGo) < #require(bright))
        let times = test.log.pictures
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 } && test.log.sessions.count == 1)
        let left = test.log.all.compactMap { if case .leftOut(let time) = $0 { time } else { nil } }
        #expect(left.count == 1 && times.contains { $0 == left.first })
        #expect(
            zip(times, times.dropFirst()).filter { $1 - $0 > .milliseconds(500) }.count == 1, "one gap, the one told of"
        )
        #expect(test.feed.status.decoding.fallback == nil && gate.load == (0, 0))
    }

    @Test("damage while idle costs one GOP at most", arguments: 1...4 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) throws {
        let path = try footage(.camera(.h264, keyframeDistance: 25), bright: 160..<240, name: "whole.ts")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SeededRandom(seed: seed)
        for _ in 0..<5 { bytes[Int.random(in: bytes.count / 4..<bytes.count / 2, using: &random)] ^= 0x55 }
        let broken = folder.file("broken.ts")
        try bytes.write(to: URL(fileURLWithPath: broken))
        let (receiver, _) = try read(broken)
        #expect(receiver.brightPictures >= 40, "seed \(seed)")
    }
}
