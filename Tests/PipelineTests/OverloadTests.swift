import Foundation
import Ingest
import Journal
import Logging
import Media
import Pipeline
import Scene
import TestSupport
import Testing

/// A running site that is asked for more than its cores allow.
@Suite("A site under overload", .timeLimit(.minutes(4)))
struct OverloadTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func configure(cores: Double, shed: String = "on") throws {
        let cameras = ["a": "A", "b": "B", "c": "C"].sorted { $0.key < $1.key }.map { id, name in
            """
              - id: \(id)
                class: \(name)
                url: \(scratch.file("camera.mp4"))
                fences: [{ id: yard, kind: zone, points: [[0,0.2],[1,0.2],[1,1],[0,1]] }]
            """
        }
        let text = """
            site: { id: "1" }
            data: \(scratch.path)
            load: { shed: \(shed), cores: \(cores) }
            cameras:
            \(cameras.joined(separator: "\n"))
            """
        try Files.write(Array(text.utf8), to: scratch.file("site.yaml"))
    }

    private func supervisor() throws -> SiteSupervisor {
        // Plays in real time, as a camera would, for longer than the test takes.
        try DrawnFootage(frameRate: 10, pictureCount: 2000).write(to: scratch.file("camera.mp4"))
        let site = try SiteConfiguration.load(
            path: scratch.file("site.yaml"), environment: { _ in nil }, modelNames: ModelLibrary.standard().names)
        var surroundings = SiteSupervisor.Surroundings(
            library: .standard(), environment: { _ in nil }, clock: { .now },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        surroundings.loadPace.patience = .seconds(1)
        surroundings.loadPace.hold = .seconds(2)
        surroundings.loadPace.settling = .zero
        return try SiteSupervisor(file: scratch.file("site.yaml"), configuration: site, surroundings: surroundings)
    }

    private func changes(_ kind: JournalChange.Kind) throws -> [JournalChange] {
        try JournalReader(folder: scratch.path).changes().filter { $0.kind == kind }
    }

    @Test("load is shed by class and step, told and accounted for, and comes back by itself")
    func shedAndRecover() async throws {
        try configure(cores: 0.05)
        let supervisor = try supervisor()
        let running = Task { try await supervisor.run() }
        defer { running.cancel() }
        let metrics = SiteMetrics(supervisor: supervisor)
        _ = try await metrics.text()

        try await reaches("camera c is paused", supervisor) { $0["c"] == "paused" }
        try await reaches("camera b is shed", supervisor) { $0["b"] != "full" }
        let shed = try changes(.loadShed)
        let steps = shed.compactMap { change in change.camera.map { ($0.text, change.detail["to"] ?? "") } }
        let paused = try #require(steps.firstIndex { $0 == ("c", "paused") })
        #expect(steps.prefix(paused).allSatisfy { $0.0 == "c" }, "B or A gave before C was paused: \(steps)")
        #expect(shed.allSatisfy { $0.detail["reason"] != nil && $0.detail["cores"] == "0.05" })
        #expect(try changes(.loadTooMuch).count == 1)

        let status = try await supervisor.status()
        #expect(status.load.cores == 0.05 && status.load.neededCores > 0.05 && status.load.lightened >= 2)
        #expect(status.load.sentence.contains("this machine has 0.05"), "\(status.load.sentence)")
        #expect(status.cameras.first { $0.id.text == "c" }?.phase == "paused")
        try await reaches("coverage says so", supervisor) { _ in
            try await supervisor.status().cameras.first { $0.id.text == "c" }?.coverageSeconds["shed"] ?? 0 >= 1
        }
        let shown = try await metrics.text()
        #expect(shown.contains("snowline_camera_load_step{camera=\"c\"} 3\n"))
        #expect(!shown.contains("snowline_camera_left_out_total{camera=\"c\"} 0\n"))

        // The machine has room again: nobody restarts anything.
        try configure(cores: 64)
        guard case .applied(let applied) = await supervisor.reload() else { return #expect(Bool(false), "refused") }
        #expect(applied.kept.count == 3 && applied.changed.isEmpty, "cameras go on")
        try await reaches("all of them see again", supervisor) { $0.values.allSatisfy { $0 != "paused" } }
        for camera in ["a", "b", "c"] {
            try await reaches("camera \(camera) comes back", supervisor) { _ in
                let shed = try changes(.loadShed).last { $0.camera?.text == camera }
                let back = try changes(.loadReturned).last { $0.camera?.text == camera }
                return shed == nil || back?.detail["to"] == "full"
            }
        }
        #expect(try changes(.loadFits).count == 1)
        let alerts = try JournalReader(folder: scratch.path).alerts()
        #expect(alerts.allSatisfy { $0.decision.rule != .signal }, "no signal was lost")
    }

    @Test("switched off by the configuration, nothing is shed")
    func off() async throws {
        try configure(cores: 0.05, shed: "off")
        let supervisor = try supervisor()
        let running = Task { try await supervisor.run() }
        defer { running.cancel() }
        try await reaches("it measures", supervisor) { _ in try await supervisor.status().load.usedCores > 0.05 }
        try await Task.sleep(for: .seconds(3))
        #expect(try changes(.loadShed).isEmpty)
        let status = try await supervisor.status()
        #expect(status.load.shed == "off" && status.cameras.allSatisfy { $0.load.step == "full" })
    }

    private func reaches(
        _ what: String, _ supervisor: SiteSupervisor, _ location: SourceLocation = #_sourceLocation,
        _ holds: ([String: String]) async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(60)
        var steps: [String: String] = [:]
        while ContinuousClock.now < end {
            let status = try await supervisor.status()
            steps = Dictionary(uniqueKeysWithValues: status.cameras.map { ($0.id.text, $0.load.step) })
            if !steps.isEmpty, try await holds(steps) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("never: \(what); \(steps)", sourceLocation: location)
    }
}
