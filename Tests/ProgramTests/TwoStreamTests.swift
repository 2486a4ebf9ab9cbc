import Scene
import TestSupport
import Testing

/// A camera whose small stream is analysed and whose large one is shown.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct TwoStreamTests {
    @Test func stillsShowTheLargeStreamAndElseSayThatTheyDoNot() async throws {
        let receiver = try await Receiver()
        let camera = try Scenes.cameraWithTwoStreams(options: ["--user", "wach7er", "--password", "geheim7"])
        func address(_ mount: String) -> String { camera.address(mount, user: "wach7er", password: "geheim7") }
        let site = try Site(
            [
                .init(id: "gate", url: address("sub"), evidence: address("main")),
                .init(id: "lawn", url: address("sub"), evidence: "rtsp://wach7er:geheim7@127.0.0.1:1/main")
            ], webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        let gate = try await receiver.event("gate occupied", log: daemon.log) {
            $0.decision.camera.text == "gate" && $0.decision.rule.text == "yard" && $0.decision.state == .opened
        }
        try expectStills(gate.data, .evidence, Scenes.largeSize, in: site)
        let shift = gate.data.reception.evidence.map { abs(($0.mediaTime - gate.decision.last).seconds) }
        #expect(shift.allSatisfy { $0 < 1.01 }, "\(shift)")
        let lawn = try await receiver.event("lawn occupied", log: daemon.log) {
            $0.decision.camera.text == "lawn" && $0.decision.rule.text == "yard" && $0.decision.state == .opened
        }
        try expectStills(lawn.data, .analysis, Scenes.size, in: site)
        #expect(daemon.log.contains("still taken from the analysed stream"))
        #expect(try await daemon.metric("snowline_camera_evidence_streaming{camera=\"gate\"}") == 1)
        #expect(try await daemon.metric("snowline_camera_evidence_streaming{camera=\"lawn\"}") == 0)
        #expect(try await daemon.metric("snowline_camera_evidence_kept_bytes{camera=\"gate\"}") ?? 0 > 0)
        let status = try await daemon.get("/v1/status").text
        #expect(status.contains("\"evidence_stream\":{") && status.contains("connection refused"))
        try await daemon.stop()
        for text in [status, daemon.log, daemon.program.output] { #expect(!text.contains("geheim7")) }
        await receiver.stop()
    }

    private func expectStills(_ alert: Alert, _ stream: EvidenceStream, _ size: PictureSize, in site: Site) throws {
        let stills = alert.reception.evidence.filter { $0.kind == .clean || $0.kind == .annotated }
        #expect(stills.map(\.kind) == [.clean, .annotated])
        for still in stills {
            #expect(still.stream == stream && still.width == size.width && still.height == size.height)
            let bytes = try #require(Files.read("\(site.data)/\(still.path)"), "\(still.path)")
            #expect(JPEG.size(of: bytes) == size)
        }
    }
}
