import Foundation
import Scene
import TestSupport
import Testing

/// Faults of cameras as the operator sees them.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct CameraFaultTests {
    @Test func aLostCameraIsAnAlarmAndItsReturnEndsIt() async throws {
        let receiver = try await Receiver()
        let dying = try Scenes.camera("gate"), sound = try Scenes.camera("lawn")
        let site = try Site(
            [.init(id: "gate", url: dying.address("gate")), .init(id: "lawn", url: sound.address("lawn"))],
            webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("both stream") { $0.cameras.allSatisfy { $0.phase == "streaming" } }
        dying.kill()
        let lost = try await receiver.event("signal lost", log: daemon.log) { $0.decision.occurrence == .signalLost }
        #expect(lost.type == "org.snowline.alert.scene_health.opened.v1")
        #expect(lost.decision.camera.text == "gate" && lost.decision.isHolding)
        #expect(lost.decision.summary.zh.contains("视频信号中断"))
        try await daemon.waitsForStatus("refused") {
            $0.camera("gate")?.failure?.contains("connection refused; check the port in url") == true
        }
        let told = try await Programs.snowline("status", "--site", site.file)
        #expect(told.output.contains("1 of 2 cameras streaming") && told.output.contains("connection refused"))
        try dying.restart()
        let back = try await receiver.event("signal back", log: daemon.log) {
            $0.decision.id == lost.decision.id && $0.decision.state == .closed
        }
        #expect(back.decision.end ?? .epoch > lost.decision.start)
        #expect(back.decision.summary.zh.contains("视频信号已恢复"))
        let status = try await daemon.status()
        #expect(status.camera("gate")?.phase == "streaming" && status.camera("gate")?.sessions == 2)
        #expect(status.camera("lawn")?.sessions == 1, "its neighbour did not notice")
        try await daemon.stop()
        expectWhole(try site.journaled())
        await receiver.stop()
    }

    @Test func passwordsAndUsersAppearNowhere() async throws {
        let (user, right, wrong) = ("wach7er", "geheim#/7@x", "fal5ch#/@y")
        let receiver = try await Receiver()
        let camera = try Scenes.camera("gate", options: ["--user", user, "--password", right])
        let site = try Site(
            [
                .init(id: "open", url: "\"\(camera.address("gate", user: user, password: right))\""),
                .init(id: "shut", url: "\"\(camera.address("gate", user: user, password: wrong))\"")
            ], webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        let alarm = try await receiver.event("signal lost", log: daemon.log) { $0.decision.camera.text == "shut" }
        #expect(alarm.decision.occurrence == .signalLost)
        try await daemon.waitsForStatus("one streams, one is locked out") { status in
            status.camera("open")?.phase == "streaming"
                && status.camera("shut")?.failure?.contains("the camera wants another user name or password") == true
        }
        // A wrong file with the same addresses, so that problems are told too.
        let text = site.text
        try site.configure(text.replacingOccurrences(of: "[0.3,0.05]", with: "[2,2]"))
        let checked = try await Programs.snowline("check", site.file)
        daemon.program.send(SIGHUP)
        #expect(try await waits { daemon.log.contains("configuration refused") })
        try site.configure(text)
        var texts = [
            "status": try await daemon.get("/v1/status").text, "metrics": try await daemon.get("/metrics").text,
            "health": try await daemon.get("/healthz").text, "check": checked.output + checked.errors
        ]
        let status = try await Programs.snowline("status", "--site", site.file)
        #expect(status.status == 0)
        texts["snowline status"] = status.output + status.errors
        let probe = try await Programs.snowline(
            "probe", camera.address("gate", user: user, password: wrong), "--seconds", "1")
        #expect(probe.status == 3)
        texts["probe"] = probe.output + probe.errors
        try await daemon.stop()
        texts["log"] = daemon.log + daemon.program.output
        texts["webhook"] = receiver.requests.map(\.body).joined()
        #expect(daemon.log.contains("shut"))
        for (place, text) in texts {
            for secret in [user, right, wrong, "geheim", "fal5ch"] {
                #expect(!text.contains(secret), "\(place): \(text)")
            }
        }
        try expectNoBytes(of: [user, "geheim", "fal5ch"], below: site.data)
        await receiver.stop()
    }

    /// No file of the data folder, journal included, holds one of the words.
    private func expectNoBytes(of words: [String], below folder: String) throws {
        let paths = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        #expect(paths.count > 2)
        for path in paths {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else { continue }
            for word in words { #expect(data.range(of: Data(word.utf8)) == nil, "\(path) holds \(word)") }
        }
    }
}
