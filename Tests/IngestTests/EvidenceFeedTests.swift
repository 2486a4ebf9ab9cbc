import Foundation
import Ingest
import Logging
import Media
import Scene
import TestSupport
import Testing

/// The second stream of a camera over real RTSP.
@Suite(
    "A stream for evidence",
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(2)))
struct EvidenceFeedTests {
    private let folder: ScratchFolder
    private let lines = RecordingLogHandler.Lines()
    private let tap = PacketTap(PacketRing.History(span: .seconds(4), bytes: 4 << 20))

    init() throws { folder = try ScratchFolder() }

    private func feed(_ address: String) -> EvidenceFeed {
        let lines = lines
        return EvidenceFeed(
            CameraFeed.Settings(
                camera: CameraID("gate")!, address: StreamAddress(address), openLimit: .seconds(5),
                readLimit: .seconds(3)),
            tap: tap, clock: systemClock, random: SeededRandom(seed: 3),
            logger: Logger(label: "test") { _ in RecordingLogHandler(lines: lines) })
    }

    private func waits(_ limit: Duration = .seconds(30), until condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return condition()
    }

    /// A picture that is bright for the second half of each two seconds.
    private func footage() throws -> String {
        try DrawnFootage(pictureCount: 100) { index, brush in
            brush.fill(Box(x: 0, y: 0, width: 1, height: 1), luma: index % 50 < 25 ? 60 : 200)
        }.write(to: folder.file("light.mp4"))
    }

    @Test(
        "its packets are kept and give the picture of a moment, also out of order",
        arguments: [
            VideoWriter.Form.camera(.h264, keyframeDistance: 10), .camera(.h265, keyframeDistance: 10),
            .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=2:b-adapt=0:open-gop=0")
        ])
    func still(form: VideoWriter.Form) async throws {
        let path = try DrawnFootage(pictureCount: 100, form: form) { index, brush in
            brush.fill(Box(x: 0, y: 0, width: 1, height: 1), luma: index % 50 < 25 ? 60 : 200)
        }.write(to: folder.file("light.mp4"))
        let camera = try SimulatedCamera.serving(["main=\(path)"])
        let feed = feed(camera.address("main"))
        feed.start()
        #expect(await waits { feed.status.packets > 90 }, "\(feed.status)")
        let ring = try #require(tap.ring)
        let until = systemClock()
        var seen = Set<Bool>()
        for step in 0..<12 {
            let wanted = until - MediaSpan.milliseconds(200 * Int64(step) + 300)
            var picture = Picture()
            guard let shown = try ring.still(at: wanted, into: &picture) else { continue }
            #expect(wanted - shown < .milliseconds(200) && shown <= wanted)
            #expect(picture.size == PictureSize(width: 160, height: 120))
            seen.insert(picture.withLuma { $0.base[$0.height / 2 * $0.stride + $0.width / 2] > 120 })
        }
        await feed.stop()
        #expect(seen == [true, false], "both halves of two seconds were there to be seen")
        #expect(ring.holding.bytes <= 4 << 20 && ring.holding.packets > 20)
        #expect(!feed.status.isStreaming && feed.status.sessions == 1)
    }

    @Test("it comes back after it was lost, and says nothing of passwords")
    func comesBack() async throws {
        let camera = try SimulatedCamera.serving(
            ["main=\(footage())"], options: ["--user", "watch", "--password", "geheim7"])
        let feed = feed(camera.address("main", user: "watch", password: "geheim7"))
        feed.start()
        #expect(await waits { feed.status.packets > 10 }, "\(feed.status)")
        camera.kill()
        #expect(await waits { feed.status.lastFailure != nil && !feed.status.isStreaming })
        try camera.restart()
        #expect(await waits { feed.status.sessions == 2 }, "\(feed.status)")
        await feed.stop()
        #expect(lines.text.contains("evidence stream lost") && !lines.text.contains("geheim7"))
    }

    @Test("what is kept is bounded in bytes")
    func bounded() async throws {
        let camera = try SimulatedCamera.serving(["main=\(footage())"])
        let small = PacketTap(PacketRing.History(span: .seconds(60), bytes: 8_000))
        let feed = EvidenceFeed(
            CameraFeed.Settings(camera: CameraID("gate")!, address: StreamAddress(camera.address("main"))), tap: small,
            clock: systemClock, random: SeededRandom(seed: 3),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        feed.start()
        #expect(await waits { feed.status.bytes > 20_000 }, "\(feed.status)")
        let held = try #require(small.ring).holding
        await feed.stop()
        #expect(held.bytes <= 8_000 && held.packets > 0)
        #expect(held.bytes > held.packets * PacketRing.overheadBytes, "a packet of nothing counts, too")
    }
}
