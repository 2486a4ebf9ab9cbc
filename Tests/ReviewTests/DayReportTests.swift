import Foundation
import Journal
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// The page of one day, from alerts of a replay and the account of a watch.
@Suite("Report of a day")
struct DayReportTests {
    private static let site = """
        site: { id: yard }
        listen: 127.0.0.1:8600
        data: ./data
        cameras:
          - id: gate
            url: /none.mkv
            fences:
              - { id: path, kind: line, points: [[0.5,0.95],[0.5,0.05]] }
        """

    @Test("alerts, coverage, a still that is whole, one that was changed, clips; both languages")
    func day() throws {
        let scratch = try ScratchFolder()
        let calendar = try #require(SiteCalendar(identifier: "Asia/Shanghai"))
        let day = try #require(CivilDay("2026-11-22"))
        let start = DayReport.period(day, calendar).lowerBound
        try Files.write([1, 2, 3], to: scratch.file("whole.jpg"))
        try Files.write([4, 5, 6], to: scratch.file("changed.jpg"))
        let good = evidence("whole.jpg", Digest.sha256Hex(Data([1, 2, 3])), at: start)
        let bad = evidence("changed.jpg", Digest.sha256Hex(Data([9])), at: start)
        let alerts = [
            try alert(at: start + .seconds(3600), good, in: scratch),
            try alert(at: start + .seconds(7200), bad, in: scratch)
        ]
        let hours = (0..<24).map { hour in
            CoverageHour(
                camera: CameraID("gate")!, rule: RuleID("path")!, hour: start + .seconds(Double(hour) * 3600),
                state: hour < 12 ? .watched : .lost, span: .seconds(3600))
        }
        let gap = CoverageGap(
            camera: CameraID("gate")!, rule: RuleID("path")!, state: .lost, start: start + .seconds(12 * 3600),
            end: start + .seconds(24 * 3600))
        let coverage = CoverageReport(
            DayReport.period(day, calendar), calendar: calendar, hours: hours, gaps: [gap])
        let page = DayReport(day, calendar: calendar, alerts: alerts, coverage: coverage, dataFolder: scratch.path)
            .page().html()
        try ReportPageTests.parses(page)
        #expect(page.contains("2026-11-22 值守报告") && page.contains("Report of 2026-11-22"))
        #expect(
            page.contains("2026-11-22 01:00:00") && page.contains("2026-11-22 02:00:00"), "times of the site's clock")
        #expect(page.ranges(of: "data:image/jpeg;base64,AQID").count == 1)
        #expect(page.contains("the file is not what was journaled: changed.jpg"))
        #expect(page.contains("50.0 %") && page.contains("lost 43200 s"))
        #expect(page.ranges(of: "<path d=").count == 2, "a pin an alert")
        let empty = DayReport(
            day, calendar: calendar, alerts: [],
            coverage: CoverageReport(DayReport.period(day, calendar), calendar: calendar, hours: [], gaps: []),
            dataFolder: scratch.path
        ).page().html()
        #expect(empty.contains("no alert, and no account of the watch"))
    }

    private func evidence(_ path: String, _ hash: String, at time: MediaTime) -> AlertReception.Evidence {
        AlertReception.Evidence(
            kind: .annotated, path: path, sha256: hash, bytes: 3, width: 1, height: 1, mediaTime: time)
    }

    private func alert(
        at time: MediaTime, _ evidence: AlertReception.Evidence, in scratch: ScratchFolder
    ) throws -> Alert {
        let walk = DrawnFootage(frameRate: 10, pictureCount: 90) { index, brush in
            let left = -0.15 + (Double(index) / 10 - 2) * 0.2
            let shown = max(0, left)
            brush.fill(Box(x: shown, y: 0.35, width: max(0, min(left + 0.1, 1) - shown), height: 0.3), luma: 220)
        }
        try walk.writeExact(to: scratch.file("walk.mkv"))
        let replay = try FootageReplay(
            scratch.file("walk.mkv"), assembly: CameraAssembly(firstOf: Self.site), start: time - .seconds(5),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var decision = try #require(replay.decisions.last)
        decision.start = time
        let received = AlertReception(
            serverTime: time, latencyMilliseconds: 1, sequence: 1, evidence: [evidence], isReplay: false)
        return Alert(decision: decision, reception: received)
    }
}
