import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// Orders to the running daemon, and the account of its watch: over HTTP, on the command line, over a `kill -9`.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct ArmingProgramTests {
    @Test func disarmedItRaisesNothingAlsoAfterAKillUntilItIsArmedAgain() async throws {
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))])
        let first = try await Daemon.running(site)
        try await first.waitsForStatus("an alert") { ($0.camera("gate")?.alerts ?? 0) > 0 }
        let wrong = try await first.post("/v1/disarm", token: "wrong")
        #expect(wrong.status == 401 && !first.log.contains("act=disarm"))
        let disarmed = try await Programs.snowline(
            "disarm", "--site", site.file, "--camera", "gate", "--who", "Wang", "--why", "gate repaired")
        #expect(disarmed.status == 0, "\(disarmed.errors)")
        #expect(
            disarmed.output.contains("camera gate disarmed, since ")
                && disarmed.output.contains("by Wang: gate repaired"))
        try await first.kill()

        let second = try await Daemon.running(site)
        // The walk comes again from its beginning, and is over when the next connection's begins.
        try await second.waitsForStatus("the walk is over") { ($0.camera("gate")?.pictures ?? 0) > 250 }
        #expect(try await second.status().camera("gate")?.alerts == 0, "\(second.log.suffix(3000))")
        let status = try await second.get("/v1/status").text
        #expect(
            status.contains("\"standing\":\"disarmed\"") && status.contains("\"why\":\"gate repaired\""), "\(status)")
        let said = try await Programs.snowline("status", "--site", site.file)
        #expect(
            said.output.contains("rule yard: disarmed") && said.output.contains("by Wang: gate repaired"),
            "\(said.output)")
        #expect(try await second.metric("snowline_camera_rules_armed{camera=\"gate\"}") == 0)

        let refused = try await Programs.snowline(
            "arm", "--site", site.file, "--camera", "gat", "--rule", "yard", "--who", "Wang", "--why", "y")
        #expect(
            refused.status == 2 && refused.errors.contains("camera: \"gat\" is not configured"), "\(refused.errors)")
        let armed = try await Programs.snowline(
            "arm", "--site", site.file, "--who", "Wang", "--why", "repaired", "--for", "2h")
        #expect(armed.status == 0 && armed.output.hasPrefix("the site armed until "), "\(armed.output)\(armed.errors)")
        try await second.waitsForStatus("an alert again", within: .seconds(90)) { ($0.camera("gate")?.alerts ?? 0) > 0 }
        try await second.stop()

        let journaled = try site.journaled()
        let changes = try JournalReader(folder: site.data).changes().filter { [.armed, .disarmed].contains($0.kind) }
        let ordered = try #require(changes.first { $0.kind == .disarmed }).time
        #expect(journaled.open(at: ordered).allSatisfy { $0.decision.closedBy == .disarmed }, "\(journaled)")
        #expect(
            changes.map(\.detail["who"]) == ["Wang", "Wang"]
                && changes.map(\.detail["why"]) == ["gate repaired", "repaired"])
    }

    @Test func theAccountGoesOnOverAKillAndAddsUp() async throws {
        let camera = try Scenes.camera("gate")
        let site = try Site([
            .init(id: "gate", url: camera.address("gate")), .init(id: "dead", url: "rtsp://127.0.0.1:1/gate")
        ])
        let first = try await Daemon.running(site)
        let isWritten = try await waits(within: .seconds(90)) { try coverage(site).contains { $0.state == .watched } }
        #expect(isWritten, "\(first.log.suffix(2000))")
        try await first.kill()
        let before = try accounted(site)
        try await Task.sleep(for: .seconds(2))
        let second = try await Daemon.running(site)
        let isFurther = try await waits(within: .seconds(90)) {
            try accounted(site).allSatisfy { ($0.value - before[$0.key]!).seconds > 10 }
        }
        #expect(isFurther, "\(second.log.suffix(2000))")
        try await second.stop()

        // Every rule: what the states hold together is the time from its first moment to its cursor, to the microsecond.
        let hours = try coverage(site)
        let cursors = try accounted(site)
        let gaps = try JournalReader(folder: site.data).coverageGaps(Self.all)
        #expect(cursors.count == 4)
        for (key, cursor) in cursors {
            let own = hours.filter { "\($0.camera)/\($0.rule)" == key }
            let sum = own.reduce(Int64(0)) { $0 + $1.span.microseconds }
            let start = cursor - MediaSpan(microseconds: sum)
            let started = try #require(try JournalReader(folder: site.data).changes().first { $0.kind == .started })
                .time
            #expect(abs((start - started).seconds) < 5, "\(key) \(own)")
            let stopped = gaps.filter { "\($0.camera)/\($0.rule)" == key && $0.state == .notRunning }
            #expect(stopped.count == 1 && (stopped[0].end - stopped[0].start).seconds >= 2, "\(key) \(gaps)")
            let isDead = key.hasPrefix("dead")
            #expect(
                own.contains { $0.state == .watched } == !isDead && own.contains { $0.state == .lost } == true, "\(own)"
            )
        }
        let said = try await Programs.snowline("coverage", "--site", site.file)
        #expect(
            said.status == 0 && said.output.contains("dead path: watched 0.0 % of "), "\(said.output)\(said.errors)")
        #expect(said.output.contains("not_running") && said.output.contains("total: watched "))
        let json = try await Programs.snowline(
            "coverage", "--site", site.file, "--camera", "gate", "--rule", "yard", "--json")
        #expect(
            json.output.hasPrefix("{\"fallbacks\":[],\"from\":") && json.output.contains("\"rule\":\"yard\""),
            "\(json.output)\(json.errors)")
        #expect(!json.output.contains("\"rule\":\"path\""))
    }

    @Test func footageIsJudgedByItsOwnTime() async throws {
        let site = try Site([
            .init(
                id: "gate", url: try Scenes.walk(),
                fences: Scenes.fences.map { $0.replacingOccurrences(of: " }", with: ", schedule: night }") })
        ])
        try site.configure(
            site.text + """
                schedules:
                  - { id: night, periods: [{ days: [daily], from: "22:00", to: "06:00" }] }

                """)
        let file = try Scenes.walk()
        for (start, isRaised) in [("2026-11-22T16:00:00Z", true), ("2026-11-22T04:00:00Z", false)] {
            let replay = try await Programs.snowline(
                "replay", file, "--site", site.file, "--camera", "gate", "--start", start)
            #expect(replay.status == 0, "\(replay.errors)")
            #expect(replay.output.contains("opened path") == isRaised, "\(start): \(replay.output)")
            #expect(replay.output.isEmpty == !isRaised)
        }
    }

    private static let all = CoverageFilter(period: MediaTime.epoch..<MediaTime(microseconds: .max))

    private func coverage(_ site: Site) throws -> [CoverageHour] {
        try JournalReader(folder: site.data).coverage(Self.all)
    }

    private func accounted(_ site: Site) throws -> [String: MediaTime] {
        let reader = try JournalReader(folder: site.data)
        var cursors: [String: MediaTime] = [:]
        for id in ["gate", "dead"] {
            guard let camera = CameraID(id) else { continue }
            for (rule, time) in try reader.accountedUntil(camera: camera) { cursors["\(id)/\(rule)"] = time }
        }
        return cursors
    }
}
