import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// The running daemon and the dispatch side: the documented receiver, what people decide, and sending again.
@Suite(
    .enabled(
        if: SimulatedCamera.isAvailable && ExampleReceiver.isAvailable, Comment(rawValue: SimulatedCamera.requirement)),
    .timeLimit(.minutes(3)))
struct DispatchSideTests {
    @Test func theExampleReceiverGetsAllAndWhatIsAskedForAgain() async throws {
        let folder = try ScratchFolder()
        let example = try ExampleReceiver(folder: folder.path, secret: Site.environment[Site.secretVariable]!)
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))], webhook: example.url)
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("some are delivered") {
            $0.sink("dispatch").map { $0.pending == 0 && $0.confirmed >= 3 } ?? false
        }
        let id = try #require(try site.journaled().first).decision.id
        let verdict = try await Programs.snowline(
            "alerts", "verdict", id, "false", "--cause", "shadow", "--who", "desk 3", "--site", site.file)
        #expect(
            verdict.status == 0 && verdict.output.contains("verdict false (shadow), by desk 3"), "\(verdict.errors)")
        #expect(try JournalReader(folder: site.data).verdicts(alert: id).map(\.who) == ["desk 3"])
        let before = try #require(try await daemon.status().sink("dispatch")).confirmed
        let resent = try await Programs.snowline(
            "alerts", "resend", "\(id).1", "--sink", "dispatch", "--site", site.file)
        #expect(resent.status == 0 && resent.output.hasPrefix("1 rows"), "\(resent.output)\(resent.errors)")
        try await daemon.waitsForStatus("sent again") {
            $0.sink("dispatch").map { $0.pending == 0 && $0.confirmed > before } ?? false
        }
        let refused = try await daemon.post("/v1/resend", token: "wrong")
        #expect(refused.status == 401)
        #expect(try await daemon.metric("snowline_sink_unconfirmed{sink=\"dispatch\"}") == 0)
        #expect(try await daemon.metric("snowline_sink_oldest_unconfirmed_seconds{sink=\"dispatch\"}") == 0)
        try await daemon.stop()

        let kept = try example.kept()
        #expect(Set(kept.map(\.id)).count == kept.count && kept.count >= 3)
        let journaled = try site.journaled().map { "\($0.decision.id).\($0.decision.version)" }
        #expect(Set(kept.map(\.id)).isSubset(of: Set(journaled)))
        // Whatever was raised in the last moment waits for the next start; nothing else is missing.
        let compared = try await Programs.snowline("alerts", "reconcile", "--data", site.data, "--json")
        let report = try DecisionCoder.decode(ReconciliationReport.self, from: compared.output)
        let missing = Set(journaled).subtracting(kept.map(\.id))
        #expect(Set(report.differences.filter { $0.sink == "dispatch" }.map(\.id)).isSuperset(of: missing))
        #expect(report.raised == report.journaled && report.differences.allSatisfy { $0.kind == .waiting })
        try expectFitting(kept.map(\.body), folder)
        example.stop()
    }

    /// Real messages of the daemon against docs/schemas, where the check can run.
    private func expectFitting(_ bodies: [String], _ folder: ScratchFolder) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: root + "/.venv/bin/jsonschema") else { return }
        let file = folder.file("messages.jsonl")
        try Files.write(Array((bodies.joined(separator: "\n") + "\n").utf8), to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: root + "/.venv/bin/python")
        process.arguments = [root + "/scripts/schema_check.py", "messages", "alert-event.json", file]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
    }
}
