import Foundation
import Scene
import TestSupport
import Testing

/// Another configuration while the daemon runs: by SIGHUP and by `POST /v1/reload`.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct ReloadTests {
    @Test func onlyWhatChangedIsStartedAnew() async throws {
        let camera = try Scenes.camera("gate", "lawn")
        let gate = Site.Camera(id: "gate", url: camera.address("gate"))
        let lawn = Site.Camera(id: "lawn", url: camera.address("lawn"), name: "草坪")
        let site = try Site([gate, lawn])
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("both stream") { $0.cameras.allSatisfy { $0.phase == "streaming" } }

        try await expectARefusal(daemon, site)
        var renamed = gate
        renamed.name = "南门二"
        try site.configure([renamed, lawn], webhook: nil)
        daemon.program.send(SIGHUP)
        try await daemon.waitsForStatus("the new name") {
            $0.camera("gate")?.name == "南门二" && $0.camera("gate")?.phase == "streaming"
        }
        let status = try await daemon.status()
        let kept = try #require(status.camera("lawn")), restarted = try #require(status.camera("gate"))
        // Who is started anew counts from nought.
        #expect(kept.pictures > restarted.pictures)
        #expect(daemon.log.contains("configuration loaded") && daemon.log.contains("changed=1"))

        try await expectTheTokenIsAsked(daemon, site)
        let token = String(decoding: try #require(Files.read("\(site.data)/control.token")), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let answer = try await daemon.post("/v1/reload", token: token)
        #expect(answer.status == 200 && answer.text.contains("\"kept\":[\"gate\",\"lawn\"]"), "\(answer.text)")
        try site.configure("cameras: [\n")
        let refused = try await daemon.post("/v1/reload", token: token)
        #expect(refused.status == 422 && refused.text.contains("site.yaml:"), "\(refused.text)")
        #expect(try await daemon.status().camera("lawn")?.pictures ?? 0 >= kept.pictures)
        try await expectReloadsToTakeTurns(daemon, [gate, lawn], token)
        try await daemon.stop()
        #expect(!daemon.log.contains(token))
    }

    @Test func theOpenAlertOfARemovedCameraIsClosed() async throws {
        let receiver = try await Receiver()
        let camera = try Scenes.camera("gate", "lawn")
        let lawn = Site.Camera(id: "lawn", url: camera.address("lawn"))
        let site = try Site([.init(id: "gate", url: camera.address("gate")), lawn], webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        let opened = try await receiver.event("yard occupied", log: daemon.log) {
            $0.decision.camera.text == "gate" && $0.decision.rule.text == "yard"
        }
        try site.configure([lawn], webhook: receiver.url)
        daemon.program.send(SIGHUP)
        let closed = try await receiver.event("closed", within: .seconds(20), log: daemon.log) {
            $0.decision.id == opened.decision.id && $0.decision.state == .closed
        }
        #expect(closed.decision.end == closed.decision.last)
        let status = try await daemon.status()
        #expect(status.cameras.map(\.id) == ["lawn"])
        try await daemon.stop()
        let journaled = try site.journaled()
        expectWhole(journaled)
        #expect(journaled.filter { $0.decision.camera.text == "gate" && $0.decision.state == .closed }.count >= 2)
        await receiver.stop()
    }

    /// A wrong file is told with line and path, and nothing changes.
    private func expectARefusal(_ daemon: Daemon, _ site: Site) async throws {
        let text = site.text
        try site.configure(
            text.replacingOccurrences(of: "name: 南门", with: "name: 别名")
                .replacingOccurrences(of: "[0.3,0.05]", with: "[2,2]"))
        daemon.program.send(SIGHUP)
        let isTold = try await waits { daemon.log.contains("configuration refused") }
        #expect(isTold)
        #expect(
            daemon.log.contains("site.yaml:12: cameras[0].fences[0].points[0]: [2,2] is outside 0…1"), "\(daemon.log)")
        let status = try await daemon.status()
        #expect(status.camera("gate")?.name == "南门" && status.cameras.allSatisfy { $0.sessions == 1 })
        try site.configure(text)
    }

    /// Many at once, each with another name for the gate: the last one written holds, and every feed still lives.
    private func expectReloadsToTakeTurns(_ daemon: Daemon, _ cameras: [Site.Camera], _ token: String) async throws {
        var cameras = cameras
        let before = try #require(try await daemon.status().camera("lawn")?.pictures)
        for round in 1...4 {
            cameras[0].name = "第\(round)"
            try daemon.site.configure(cameras, webhook: nil)
            daemon.program.send(SIGHUP)
            async let one = daemon.post("/v1/reload", token: token)
            async let two = daemon.post("/v1/reload", token: token)
            let answers = try await [one, two]
            #expect(answers.map(\.status) == [200, 200], "\(answers.map(\.text))")
        }
        try await daemon.waitsForStatus("the last name") {
            $0.camera("gate")?.name == "第4" && $0.camera("gate")?.phase == "streaming"
        }
        #expect(try await daemon.status().camera("lawn")?.pictures ?? 0 >= before)
    }

    private func expectTheTokenIsAsked(_ daemon: Daemon, _ site: Site) async throws {
        for token in [nil, "", "wrong"] {
            let answer = try await daemon.post("/v1/reload", token: token)
            #expect(answer.status == 401, "\(answer.text)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: "\(site.data)/control.token")[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
    }
}
