import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// The journal from the shell: verified, held, damaged, on a disk that is full.
@Suite(.timeLimit(.minutes(3)))
struct JournalProgramTests {
    let site: Site

    init() throws { site = try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")]) }

    private func alert(_ id: String) -> Alert {
        let time = MediaTime("2026-11-22T01:31:02Z")!
        return Alert(
            decision: AlertDecision(
                id: id, version: 1, state: .closed, camera: CameraID("gate")!,
                place: CameraPlace(
                    site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "gate", cameraClass: .c),
                rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: nil, start: time,
                last: time, end: time, count: 1, findings: [], measures: [:], summary: .init(zh: "", en: "crossed"),
                provenance: .init(model: "m", modelHash: "h", configurationHash: "c")),
            reception: AlertReception(
                serverTime: time, latencyMilliseconds: 0, sequence: 0, evidence: [], isReplay: false))
    }

    @Test func verifyNamesAFlippedByteAndEndsWith1() async throws {
        let journal = try AlertJournal(folder: site.data)
        try journal.append([alert("first"), alert("second")], sinks: [])
        try journal.close()
        let good = try await Programs.snowline("alerts", "verify", "--data", site.data)
        #expect(good.status == 0, "\(good.output)\(good.errors)")
        #expect(good.output.contains("4 entries, 0 removed by retention under 0 signed anchors: sound"))
        let head = try #require(good.lines.first { $0.hasPrefix("head ") }).dropFirst(5)
        let key = try #require(good.lines.first { $0.hasPrefix("key ") }).dropFirst(4)
        let again = try await Programs.snowline(
            "alerts", "verify", "--site", site.file, "--head", "\(head)", "--key", "\(key)")
        #expect(again.status == 0)

        var bytes = try Data(contentsOf: URL(fileURLWithPath: site.data + "/journal.sqlite"))
        let place = try #require(bytes.range(of: Data("\"en\":\"crossed\"".utf8)))
        bytes[place.lowerBound + 6] ^= 1
        try bytes.write(to: URL(fileURLWithPath: site.data + "/journal.sqlite"))
        let bad = try await Programs.snowline("alerts", "verify", "--data", site.data)
        #expect(bad.status == 1)
        #expect(bad.lines.count { $0.contains("the alert version was changed") } == 1, "\(bad.output)")
        #expect(bad.output.contains("(alert first.1, ") || bad.output.contains("(alert second.1, "))
        let json = try await Programs.snowline("alerts", "verify", "--data", site.data, "--json")
        #expect(json.status == 1)
        let report = try DecisionCoder.decode(ChainReport.self, from: json.output)
        #expect(report.findings.count == 1 && report.entries == 4)
        for wrong in [["--head", "12"], ["--key", "abc"]] {
            let outcome = try await RunningProgram(
                "snowline", ["alerts", "verify", "--data", site.data] + wrong
            ).outcome()
            #expect(outcome.status == 2 && outcome.errors.contains(wrong[0]))
        }
    }

    @Test func alertsAreHeldListedAndReleased() async throws {
        let journal = try AlertJournal(folder: site.data)
        try journal.append([alert("first")], sinks: [])
        // Beside whoever has the journal open.
        let held = try await Programs.snowline(
            "alerts", "hold", "first", "--why", "police request 17", "--who", "Li", "--data", site.data)
        #expect(held.status == 0, "\(held.errors)")
        let list = try await Programs.snowline("alerts", "holds", "--data", site.data)
        #expect(list.lines.count == 1 && list.output.contains("first  by Li: police request 17"))
        #expect(try journal.prune(RetentionPolicy(age: .seconds(0), bytes: 0)).alerts == 0)
        let unknown = try await Programs.snowline("alerts", "hold", "none", "--why", "x", "--data", site.data)
        #expect(unknown.status == 1 && unknown.errors.contains("no alert none"))
        let blank = try await Programs.snowline("alerts", "hold", "first", "--why", " ", "--data", site.data)
        #expect(blank.status == 2)
        let released = try await Programs.snowline("alerts", "release", "first", "--why", "done", "--data", site.data)
        #expect(released.status == 0, "\(released.errors)")
        let again = try await Programs.snowline("alerts", "release", "first", "--why", "done", "--data", site.data)
        #expect(again.status == 1)
        #expect(try await Programs.snowline("alerts", "verify", "--data", site.data).status == 0)
        #expect(try journal.prune(RetentionPolicy(age: .seconds(0), bytes: 0)).alerts == 1)
        try journal.close()
    }

    @Test func aDaemonStartsOnADamagedJournalAndSaysSo() async throws {
        try FileManager.default.createDirectory(atPath: site.data, withIntermediateDirectories: true)
        try Files.write(Array("no journal".utf8), to: site.data + "/journal.sqlite")
        let daemon = try await Daemon.running(site)
        #expect(try await daemon.get("/healthz").status == 200)
        let status = try await daemon.get("/v1/status").text
        #expect(status.contains("\"set_aside\":[{") && status.contains("journal.sqlite.damaged-"), "\(status)")
        #expect(try await daemon.metric("snowline_journal_set_aside") == 1)
        // What it raises goes into the new journal.
        while try site.journaled().isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        try await daemon.stop()
        #expect(daemon.log.contains("damaged journal set aside, another one begun"))
        #expect(try await Programs.snowline("alerts", "verify", "--data", site.data).status == 0)
    }

    @Test(.enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.requirement)))
    func aDaemonThatStartsOnAFullDiskWaitsForRoom() async throws {
        let disk = try SmallDisk(kilobytes: 16_000, at: site.data)
        try disk.fill()
        let daemon = try Daemon(site)
        while !daemon.log.contains("nothing is watched until it can") {
            try await Task.sleep(for: .milliseconds(50))
        }
        disk.free()
        while (try? site.journaled())?.isEmpty ?? true { try await Task.sleep(for: .milliseconds(50)) }
        try await daemon.stop()
    }
}
