import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// What people ask of a camera while the daemon runs: alarms by hand, what was suppressed, holding its view.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(4)))
struct ManualProgramTests {
    private static let button = "{ id: button, kind: manual, severity: 1 }"
    /// Larger than the box that walks: it raises nothing, and says so.
    private static let giants =
        "{ id: giants, kind: line, points: [[0.3,0.05],[0.3,0.95]], size: { min: 0.5 } }"

    @Test func anAlarmByHandIsJournaledAndDeliveredAlsoFromACameraThatIsNotThere() async throws {
        let camera = try Scenes.camera("gate")
        let site = try Site([
            .init(id: "gate", url: camera.address("gate"), fences: Scenes.fences + [Self.button, Self.giants]),
            .init(id: "dead", url: "rtsp://127.0.0.1:1/gate", fences: [Self.button])
        ])
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("pictures") { ($0.camera("gate")?.pictures ?? 0) > 20 }
        let wrong = try await daemon.post("/v1/cameras/gate/rules/button/trigger", token: "wrong")
        #expect(wrong.status == 401)
        let raised = try await Programs.snowline(
            "trigger", "--site", site.file, "--camera", "gate", "--rule", "button", "--who", "Wang", "--why", "smoke",
            "--json")
        #expect(raised.status == 0 && raised.output.contains("\"picture\":true"), "\(raised.output)\(raised.errors)")
        let dead = try await Programs.snowline(
            "trigger", "--site", site.file, "--camera", "dead", "--rule", "button", "--who", "Li", "--why", "noise")
        #expect(dead.status == 0 && dead.output.contains(", version 1, at "), "\(dead.output)\(dead.errors)")
        #expect(dead.output.hasSuffix(", without a picture\n"))
        for (camera, rule, problem) in [
            ("gate", "path", "rule path is of kind line"), ("gate", "bell", "camera gate has no rule \"bell\""),
            ("yard", "button", "camera \"yard\" is not configured")
        ] {
            let refused = try await Programs.snowline(
                "trigger", "--site", site.file, "--camera", camera, "--rule", rule, "--who", "Wang", "--why", "smoke")
            #expect(refused.status == 2 && refused.errors.contains(problem), "\(refused.errors)")
        }
        _ = try await Programs.snowline(
            "disarm", "--site", site.file, "--camera", "gate", "--rule", "button", "--who", "Li", "--why", "tests")
        let disarmed = try await Programs.snowline(
            "trigger", "--site", site.file, "--camera", "gate", "--rule", "button", "--who", "Wang", "--why", "smoke")
        #expect(
            disarmed.status == 2 && disarmed.errors.contains("rule button is disarmed, by Li: tests"),
            "\(disarmed.errors)")

        let isSuppressed = try await waits(within: .seconds(60)) {
            try await daemon.get("/v1/cameras/gate/suppressed").text.contains("\"size_min\"")
        }
        #expect(isSuppressed, "\(daemon.log.suffix(2000))")
        let told = try await Programs.snowline("suppressed", "--site", site.file, "--camera", "gate")
        #expect(
            told.status == 0 && told.output.contains("rule giants did not raise crossed at")
                && told.output.contains("less than 50 %"), "\(told.output)\(told.errors)")
        let unknown = try await daemon.get("/v1/cameras/yard/suppressed")
        #expect(unknown.status == 404)

        let isDelivered = try await waits(within: .seconds(30)) {
            String(decoding: Files.read(site.alertFile) ?? [], as: UTF8.self).contains(
                "org.snowline.alert.manual.opened")
        }
        #expect(isDelivered, "\(daemon.log.suffix(2000))")
        try await daemon.stop()
        let journaled = try site.journaled()
        expectWhole(journaled)
        let opened = journaled.filter { $0.decision.kind == .manual && $0.decision.state == .opened }
        #expect(opened.map(\.decision.camera.text).sorted() == ["dead", "gate"])
        for alert in opened {
            let isGate = alert.decision.camera.text == "gate"
            #expect(alert.decision.explanation?.request?.who == (isGate ? "Wang" : "Li"))
            #expect(alert.reception.evidence.count == (isGate ? 2 : 0) && alert.decision.severity == 1)
        }
        #expect(!journaled.contains { $0.decision.rule.text == "giants" })
    }

    @Test func heldItRaisesNothingAndSaysSoReleasedItRaisesAgain() async throws {
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))])
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("an alert") { ($0.camera("gate")?.alerts ?? 0) > 0 }
        let hold = try await Programs.snowline(
            "hold", "--site", site.file, "--camera", "gate", "--for", "10m", "--who", "ptz", "--why", "tour")
        #expect(hold.status == 0 && hold.output.hasPrefix("camera gate held until "), "\(hold.errors)")
        try await daemon.waitsForStatus("held") { _ in
            try await daemon.get("/v1/status").text.contains("\"standing\":\"held\"")
        }
        let first = try #require(try await daemon.status().camera("gate"))
        // More than a whole loop of the walk.
        let pictures = first.pictures + Int64((Scenes.length + 3) * Scenes.frameRate)
        try await daemon.waitsForStatus("a loop later") { ($0.camera("gate")?.pictures ?? 0) > pictures }
        let later = try #require(try await daemon.status().camera("gate"))
        #expect(later.alerts == first.alerts, "\(daemon.log.suffix(3000))")
        let status = try await daemon.get("/v1/status").text
        #expect(status.contains("\"coverage\":\"held\"") && !status.contains("\"coverage\":\"watched\""), "\(status)")
        #expect(try await daemon.metric("snowline_camera_rules_armed{camera=\"gate\"}") == 0)

        let release = try await Programs.snowline(
            "hold", "--site", site.file, "--camera", "gate", "--for", "0s", "--who", "ptz", "--why", "tour is over")
        #expect(release.status == 0, "\(release.errors)")
        try await daemon.waitsForStatus("an alert again", within: .seconds(90)) {
            ($0.camera("gate")?.alerts ?? 0) > later.alerts
        }
        try await daemon.stop()
        let journaled = try site.journaled()
        expectWhole(journaled)
        let ordered = try #require(try JournalReader(folder: site.data).changes().first { $0.kind == .held }).time
        #expect(journaled.open(at: ordered).allSatisfy { $0.decision.closedBy == .held }, "\(journaled)")
        let hours = try JournalReader(folder: site.data).coverage(
            CoverageFilter(period: MediaTime.epoch..<MediaTime(microseconds: .max)))
        for rule in ["path", "yard"] {
            let held = hours.filter { $0.rule.text == rule && $0.state == .held }.reduce(0.0) { $0 + $1.span.seconds }
            #expect(held > Scenes.length && hours.contains { $0.rule.text == rule && $0.state == .watched }, "\(hours)")
        }
        let changes = try JournalReader(folder: site.data).changes().filter { $0.kind == .held }
        #expect(changes.map(\.detail["why"]) == ["tour", "tour is over"])
    }
}
