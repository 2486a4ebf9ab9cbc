import Foundation
import Journal
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@Suite("A site's metrics")
struct SiteMetricsTests {
    @Test("a running site tells every metric, each explained, under ids only, and what the status says")
    func wholeSite() async throws {
        let scratch = try ScratchFolder()
        // Nothing listens on port 1: the camera is lost at once, which is an alert.
        let text = ConfigurationFixture.changed("127.0.0.1:8554", to: "127.0.0.1:1")
            .replacing("/gate\n", with: "/gate\n    evidence_url: rtsp://127.0.0.1:1/main\n")
            .replacing("cameras:", with: "data: \(scratch.path)\ncameras:")
            .replacing("http://127.0.0.1:9000/alerts", with: "http://127.0.0.1:1/alerts")
        try Files.write(Array(text.utf8), to: scratch.file("site.yaml"))
        let site = try SiteConfiguration.load(
            path: scratch.file("site.yaml"), environment: { _ in ConfigurationFixture.secret },
            modelNames: ModelLibrary.standard().names)
        let supervisor = try SiteSupervisor(
            file: scratch.file("site.yaml"), configuration: site,
            surroundings: .init(
                library: .standard(), environment: { _ in ConfigurationFixture.secret }, clock: { .now },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        let running = Task { try await supervisor.run() }
        defer { running.cancel() }
        let metrics = SiteMetrics(supervisor: supervisor)
        for _ in 0..<1000 where try await supervisor.status().journaledAlerts == 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        let status = try await supervisor.status()
        let shown = try await metrics.text()
        let lines = shown.split(separator: "\n").map(String.init)
        #expect(lines.contains("snowline_camera_alerts_total{camera=\"gate\"} \(status.cameras[0].alerts)"))
        #expect(status.cameras[0].alerts == 1 && status.cameras[0].phase != "streaming")
        #expect(lines.contains("snowline_camera_streaming{camera=\"gate\"} 0"))
        #expect(lines.contains("snowline_sink_pending{sink=\"dispatch\"} 1"))
        #expect(lines.contains("snowline_cameras 1"))
        #expect(lines.contains("snowline_scene_condition{camera=\"gate\",condition=\"signal_lost\"} 1"))
        #expect(lines.contains("snowline_scene_condition{camera=\"gate\",condition=\"covered\"} 0"))
        #expect(lines.contains("snowline_scene_condition_changes_total{camera=\"gate\"} 1"))
        #expect(status.cameras[0].conditions.map(\.condition) == [.signalLost])
        let typed = Set(lines.filter { $0.hasPrefix("# TYPE") }.map { String($0.split(separator: " ")[2]) })
        #expect(typed == Set(SiteMetrics.help.keys), "told without help, or explained and never told")
        #expect(!shown.contains("hunter2") && !shown.contains("whsec_"))
        let again = try await metrics.text()
        #expect(again.contains("snowline_camera_alerts_total{camera=\"gate\"} 1\n"), "told twice, counted once")
    }
}
