import Foundation
import Ingest
import Media
import Scene
import TestSupport
import Testing

/// Real RTSP over the loopback. One simulator for each test, so that one may kill or stall it.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(5)))
struct CameraFeedTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func footage(_ name: String, _ codec: VideoWriter.CameraCodec = .h264) throws -> String {
        try DrawnFootage(form: .camera(codec, keyframeDistance: 10)).write(to: folder.file(name))
    }

    @Test(arguments: VideoWriter.CameraCodec.allCases, StreamTransport.allCases)
    func picturesComeInOrder(codec: VideoWriter.CameraCodec, transport: StreamTransport) async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4", codec))"])
        let test = TestFeed(camera.address("gate"), transport: transport)
        #expect(await test.log.waits { $0.pictures.count >= 60 }, "\(test.log.failures)")
        await test.feed.stop()
        let session = try #require(test.log.sessions.first)
        #expect(session.codec == (codec == .h265 ? "hevc" : codec.rawValue))
        #expect(session.size == PictureSize(width: 160, height: 120))
        #expect(session.transport == transport)
        #expect(test.log.sessions.count == 1)
        let times = test.log.pictures
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(steps.allSatisfy { $0 > .milliseconds(30) && $0 < .milliseconds(50) }, "\(steps)")
        #expect(test.log.failures.map(\.kind) == [.stopped])
        #expect(test.feed.status.counters.pictures == Int64(times.count))
        #expect(abs((systemClock() - times[0]).seconds) < 60)
    }

    /// What a camera announces says nothing of the size of its pictures; a clip must.
    @Test(arguments: [VideoWriter.CameraCodec.h264, .h265], StreamTransport.allCases)
    func aClipCanBeMadeOfWhatWasReceived(codec: VideoWriter.CameraCodec, transport: StreamTransport) async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4", codec))"])
        let tap = PacketTap(PacketRing.History(span: .seconds(60), bytes: 8 << 20))
        let test = TestFeed(camera.address("gate"), transport: transport, tap: tap)
        #expect(await test.log.waits { $0.pictures.count >= 25 }, "\(test.log.failures)")
        await test.feed.stop()
        let ring = try #require(tap.ring)
        let start = try #require(ring.start(atOrBefore: .epoch, latest: test.log.pictures[20]))
        var packet = Packet()
        #expect(ring.read(start.serial, from: start.serial, into: &packet) == .packet)
        let path = folder.file("clip.mp4")
        var clip = try ClipFile(
            path: path, parameters: ring.parameters, treatment: .copied, first: packet, note: "received")
        var serial = start.serial
        repeat {
            #expect(try clip.append(&packet))
            serial += 1
        } while ring.read(serial, from: start.serial, into: &packet) == .packet
        try clip.finish()
        let made = try ClipInspection(path: path)
        #expect(made.size == PictureSize(width: 160, height: 120) && made.beginsWithKeyframe)
        #expect(made.packetCount == serial - start.serial && made.packetCount >= 5)
    }

    @Test func aDenseCameraSleepsAndWakes() async throws {
        // Eight seconds, of which the light is on for two; looped.
        let path = try DrawnFootage(pictureCount: 200) { index, brush in
            if (120..<170).contains(index) { brush.fill(Box(x: 0.2, y: 0.2, width: 0.6, height: 0.6), luma: 230) }
        }.write(to: folder.file("light.mp4"))
        let camera = try SimulatedCamera.serving(["gate=\(path)"])
        let gate = WakeGate(limit: 1)
        let test = TestFeed(
            camera.address("gate"), policy: DecodePolicy(.dense, quietSpan: .milliseconds(400)), wakeGate: gate,
            makeReceiver: { BrightnessNoting($0) })
        // Two whole times of light: a third one may have begun by the time the feed stops.
        #expect(await test.log.waits(.seconds(40)) { $0.wholeTimesOfLight.count >= 2 })
        #expect(await test.log.waits { _ in test.feed.status.decoding.isIdle })
        let status = test.feed.status
        await test.feed.stop()
        let times = test.log.pictures
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 } && test.log.sessions.count == 1)
        #expect(status.counters.wakes >= 1 && status.counters.pictures < status.counters.packets * 3 / 4)
        #expect(status.counters.idleMicroseconds > 2_000_000 && status.counters.caughtUp >= 10)
        #expect(status.decoding.fallback == nil && status.decoding.keyframeSpan == .milliseconds(400))
        // All of the light's pictures came, each time; the first one may have been under way when the camera opened.
        let runs = test.log.wholeTimesOfLight
        #expect(runs.dropFirst().allSatisfy { $0 == 50 }, "\(runs)")
        #expect(gate.load == (0, 0))
    }

    @Test(arguments: ["digest", "basic"])
    func theRightPasswordOpens(method: String) async throws {
        let camera = try SimulatedCamera.serving(
            ["gate=\(footage("gate.mp4"))"], options: ["--user", "watch", "--password", "geheim#/7@x", "--auth", method]
        )
        let test = TestFeed(camera.address("gate", user: "watch", password: "geheim#/7@x"))
        #expect(await test.log.waits { $0.pictures.count >= 5 }, "\(test.log.failures)")
        await test.feed.stop()
        #expect(!test.lines.text.contains("geheim"))
    }

    @Test(arguments: ["digest", "basic"], [nil, "wr0ng-secret"])
    func aWrongPasswordIsSaidAndKept(method: String, password: String?) async throws {
        let camera = try SimulatedCamera.serving(
            ["gate=\(footage("gate.mp4"))"], options: ["--user", "watch", "--password", "geheim7", "--auth", method])
        let test = TestFeed(camera.address("gate", user: password.map { _ in "watch" }, password: password))
        #expect(await test.log.waits { !$0.failures.isEmpty })
        let failure = try #require(test.log.failures.first)
        #expect(failure.kind == .unauthorized)
        guard case .waiting(_, let wait) = test.feed.status.phase else {
            Issue.record("not waiting: \(test.feed.status.phase)")
            return
        }
        #expect(wait == FeedMachine.firstAccessWait)
        await test.feed.stop()
        #expect(test.log.failures.count == 1, "one try only: more would lock the account")
        for text in [test.lines.text, "\(failure)", "\(test.feed.status)", "\(test.log.all)"] {
            #expect(!text.contains("wr0ng"))
        }
    }

    @Test func aCameraThatDiesComesBack() async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))"])
        let test = TestFeed(camera.address("gate"))
        #expect(await test.log.waits { $0.pictures.count >= 10 })
        camera.kill()
        #expect(await test.log.waits { $0.failures.contains { $0.kind == .refused } }, "\(test.log.failures)")
        try camera.restart()
        #expect(await test.log.waits { $0.sessions.count >= 2 && $0.pictures.count >= 30 })
        await test.feed.stop()
        let first = try #require(test.log.failures.first)
        #expect([.ended, .connectionLost].contains(first.kind), "\(first)")
        #expect(zip(test.log.pictures, test.log.pictures.dropFirst()).allSatisfy { $0 < $1 })
        #expect(test.feed.status.counters.reconnects >= 1)
    }

    @Test(arguments: StreamTransport.allCases)
    func aStallIsNoticed(transport: StreamTransport) async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))"])
        let test = TestFeed(
            camera.address("gate"), transport: transport, openLimit: .seconds(4), readLimit: .seconds(1))
        #expect(await test.log.waits { $0.pictures.count >= 10 })
        camera.stall()
        #expect(await test.log.waits { !$0.failures.isEmpty })
        #expect(test.log.failures.first?.kind == .stalled, "\(test.log.failures)")
        camera.resume()
        #expect(await test.log.waits { $0.sessions.count >= 2 }, "\(test.log.failures)")
        await test.feed.stop()
    }

    @Test func aChangeOfSizeInMidStreamBeginsASession() async throws {
        let small = try DrawnFootage(size: PictureSize(width: 96, height: 64), pictureCount: 25)
            .write(to: folder.file("small.mp4"))
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))+\(small)"])
        let test = TestFeed(camera.address("gate"))
        #expect(await test.log.waits { $0.sessions.count >= 3 }, "\(test.log.all.suffix(5))")
        await test.feed.stop()
        #expect(test.log.failures.prefix(2).map(\.kind) == [.sizeChanged, .sizeChanged])
        #expect(test.log.sessions.prefix(2).map(\.size.width) == [160, 96])
        #expect(test.feed.status.counters.reconnects == 0)
        #expect(zip(test.log.pictures, test.log.pictures.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func anUnknownMountIsSaid() async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))"])
        let test = TestFeed(camera.address("gaet"))
        #expect(await test.log.waits { !$0.failures.isEmpty })
        await test.feed.stop()
        #expect(test.log.failures.first?.kind == .notFound)
    }

    @Test func stoppingNeedsNoPacket() async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))"])
        let test = TestFeed(camera.address("gate"), readLimit: .seconds(3600))
        #expect(await test.log.waits { $0.pictures.count >= 5 })
        camera.stall()
        try await Task.sleep(for: .milliseconds(300))
        await test.feed.stop()
        #expect(test.log.failures.map(\.kind) == [.stopped])
    }

    @Test func aProbeTellsWhatComes() async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage("gate.mp4"))"])
        var still: PictureSize?
        let report = try StreamProbe.run(StreamAddress(camera.address("gate")), measuring: .seconds(2)) { picture in
            still = picture.size
        }
        #expect(still == PictureSize(width: 160, height: 120))
        #expect(report.stream.codec == "h264")
        #expect(report.keyframeDistances.allSatisfy { $0 == 10 } && !report.keyframeDistances.isEmpty)
        #expect(abs((report.longestKeyframeSpan?.seconds ?? 0) - 0.4) < 0.02)
        #expect(abs((report.measuredFrameRate ?? 0) - 25) < 1)
    }
}
