import Journal
import Pipeline
import Review
import Scene
import Testing

@Suite("What snowline coverage says")
struct CoverageReportTests {
    private let calendar = SiteCalendar(identifier: "Europe/Berlin")!
    private let gate = CameraID("gate")!
    private let lawn = RuleID("lawn")!

    private func hours(_ day: String, _ state: (Int) -> CoverageState) -> [CoverageHour] {
        let date = CivilDay(day)!
        var hours: [CoverageHour] = []
        var moment = calendar.start(of: date)
        while moment < calendar.start(of: date + 1) {
            hours.append(
                CoverageHour(
                    camera: gate, rule: lawn, hour: moment, state: state(hours.count), span: .seconds(3600)))
            moment = moment + .seconds(3600)
        }
        return hours
    }

    @Test(
        "the states of a day are the day, with 23, 24 and 25 hours",
        arguments: [
            ("2027-03-28", 23), ("2026-11-22", 24), ("2027-10-31", 25)
        ])
    func days(day: String, length: Int) {
        let date = CivilDay(day)!
        let period = calendar.start(of: date)..<calendar.start(of: date + 1)
        let report = CoverageReport(
            period, calendar: calendar, hours: hours(day) { $0 < 8 ? .watched : .offSchedule }, gaps: [])
        #expect(report.rules.count == 1 && report.rules[0].days.map(\.date) == [day])
        let tally = report.rules[0].days[0].tally
        #expect(tally.period == .seconds(Double(length * 3600)) && tally.unaccounted == .zero)
        #expect(tally.spans[.offSchedule] == .seconds(Double((length - 8) * 3600)))
        #expect(tally.watchedPercent == 100 && report.total.accounted == tally.period)
    }

    @Test("per cent are rounded down; what no account covers is told as such; gaps are cut to the stretch")
    func sentences() throws {
        let date = CivilDay("2026-11-22")!
        let start = calendar.start(of: date)
        var rows = Array(hours("2026-11-22") { _ in .watched }.prefix(8))
        rows[7].span = .seconds(3599.5)
        rows.append(CoverageHour(camera: gate, rule: lawn, hour: rows[7].hour, state: .lost, span: .seconds(0.5)))
        let gap = CoverageGap(
            camera: gate, rule: lawn, state: .lost, start: start - .seconds(5), end: start + .seconds(2))
        let period = start..<(start + .seconds(2 * 86_400))
        let report = CoverageReport(period, calendar: calendar, hours: rows, gaps: [gap])
        #expect(report.total.watchedPercent == 99.9, "28799.5 of 28800 s is not all of it")
        #expect(report.total.unaccounted == .seconds(40 * 3600))
        #expect(
            report.rules[0].gaps[0].from == start && report.rules[0].days.map(\.date) == ["2026-11-22", "2026-11-23"])
        #expect(report.rules[0].days[1].tally.unaccounted == .seconds(86_400))
        #expect(
            report.lines(calendar) == [
                "2026-11-22 00:00:00 … 2026-11-24 00:00:00 Europe/Berlin",
                "gate lawn: watched 99.9 % of 8:00:00 armed, blind 0.5 s (lost 0.5 s), unaccounted 40:00:00",
                "  2026-11-22: watched 99.9 % of 8:00:00 armed, blind 0.5 s (lost 0.5 s), unaccounted 16:00:00",
                "  2026-11-23: not armed, unaccounted 24:00:00",
                "  2026-11-22 00:00:00 … 2026-11-22 00:00:02  lost  0:00:02"
            ])
        let json = try DecisionCoder.text(report)
        #expect(json.contains("\"watched_percent\":99.9") && json.contains("\"unaccounted_s\":144000"))
    }

    @Test("a stretch is widened to the hours it touches")
    func wholeHours() {
        let period = MediaTime("2026-11-22T08:30:00Z")!..<MediaTime("2026-11-22T10:00:00Z")!
        #expect(
            CoverageReport.wholeHours(period, calendar)
                == MediaTime("2026-11-22T08:00:00Z")!..<MediaTime("2026-11-22T10:00:00Z")!)
        let empty = CoverageReport(period, calendar: calendar, hours: [], gaps: [])
        #expect(empty.lines(calendar).last == "nothing accounted for: no daemon has watched in this time")
    }
}
