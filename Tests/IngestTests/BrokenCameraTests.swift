import Foundation
import Ingest
import Logging
import Media
import Scene
import TestSupport
import Testing

/// Every way a camera can be wrong has its own words.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(5)))
struct BrokenCameraTests {
    @Test(arguments: [
        ("silent", FailureKind.timedOut), ("garbage", .invalidData), ("garbage-sdp", .noVideo),
        ("closes", .invalidData), ("unauthorized", .unauthorized), ("forbidden", .forbidden), ("missing", .notFound),
        ("busy", .rejected), ("audio-only", .noVideo), ("strange-codec", .unsupportedCodec),
        ("garbage-stream", .noPictures), ("closes-playing", .ended), ("silent-playing", .noPictures)
    ])
    func isNamed(path: String, kind: FailureKind) async throws {
        let camera = try SimulatedCamera.broken()
        let test = TestFeed(
            camera.address(path, user: "watch", password: "s3cret-word"), openLimit: .milliseconds(1500),
            readLimit: .seconds(1))
        #expect(await test.log.waits { !$0.failures.isEmpty })
        await test.feed.stop()
        let failure = try #require(test.log.failures.first)
        #expect(failure.kind == kind, "\(failure)")
        #expect(failure.detail.contains(kind.headline) && failure.detail.hasPrefix("rtsp://***@127.0.0.1"))
        #expect(test.log.sessions.isEmpty)
        #expect(!(test.lines.text + "\(failure)").contains("s3cret"))
    }

    @Test func nothingListensThere() async {
        let failure = await firstFailure("rtsp://127.0.0.1:1/gate")
        #expect(failure?.kind == .refused)
    }

    @Test func theNameIsUnknown() async {
        let failure = await firstFailure("rtsp://no-such-host.invalid/gate")
        #expect(failure?.kind == .nameNotFound)
    }

    @Test func theFileIsMissing() async {
        let failure = await firstFailure("file:/nowhere/at/all.mp4")
        #expect(failure?.kind == .fileNotFound)
    }

    @Test func aFilePlaysOnceInItsOwnTime() async throws {
        let folder = try ScratchFolder()
        let path = try DrawnFootage(pictureCount: 20).write(to: folder.file("box.mp4"))
        let begin = ContinuousClock.now
        let test = TestFeed("file://\(path)")
        await test.feed.waitUntilFinished()
        #expect(ContinuousClock.now - begin > .milliseconds(700))
        #expect(test.log.pictures.count == 20)
        #expect(test.log.failures.map(\.kind) == [.ended])
        guard case .finished = test.feed.status.phase else {
            Issue.record("\(test.feed.status.phase)")
            return
        }
    }

    @Test func stoppingBeforeStartingReturns() async {
        let feed = CameraFeed(
            CameraFeed.Settings(camera: CameraID("gate")!, address: StreamAddress("rtsp://127.0.0.1:1/x")),
            clock: systemClock, logger: .init(label: "test"), makeReceiver: { RecordingReceiver(NoteLog()) })
        await feed.stop()
        feed.start()
    }

    private func firstFailure(_ address: String) async -> SessionFailure? {
        let test = TestFeed(address, openLimit: .seconds(5))
        _ = await test.log.waits { !$0.failures.isEmpty }
        await test.feed.stop()
        return test.log.failures.first
    }
}
