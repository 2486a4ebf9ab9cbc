import ArgumentParser
import Journal
import Pipeline
import Review
import Scene

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a page of one day of the journal: timeline, coverage, alerts with stills, clips.",
        discussion: "From the journal, beside a running daemon or without one. The page (HTML) needs no network.")

    @Argument(help: "The day by the site's calendar, like 2026-11-22.") var day: String
    @OptionGroup var place: JournalPlace
    @Option(help: "Whose day; else that of --site, or UTC.") var timezone: String?
    @Option(help: "Where the page goes; report-DAY.html here if not given.") var out: String?

    func run() async throws {
        guard let day = CivilDay(day) else {
            throw ValidationError("DAY \(day): not a day of the calendar; give one like 2026-11-22")
        }
        let calendar = try place.calendar(timezone)
        let reader = try place.open()
        let period = DayReport.period(day, calendar)
        let filter = CoverageFilter(period: CoverageReport.wholeHours(period, calendar))
        let coverage = CoverageReport(
            filter.period, calendar: calendar, hours: try reader.coverage(filter), gaps: try reader.coverageGaps(filter)
        )
        let alerts = try reader.alerts(AlertFilter(since: period.lowerBound, until: period.upperBound))
        let report = DayReport(
            day, calendar: calendar, alerts: alerts, coverage: coverage, dataFolder: reader.folder)
        let file = out ?? "report-\(day).html"
        let progress = ProgressBar("report")
        defer { progress.finish() }
        try report.page { progress.update($0) }.write(to: file)
        progress.finish()
        print("\(file): \(alerts.count) alerts")
    }
}
