import ArgumentParser
import Foundation
import Journal
import Pipeline
import Review
import Scene

struct CoverageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage", abstract: "Say how well the fences were watched, and when they were blind and why.",
        discussion: """
            From the journal, beside a running daemon or without one. --from and --to are days of the site's calendar \
            (2026-11-22; --to names the last day) or UTC times, taken to whole hours. Without them: today.
            """)

    @OptionGroup var place: JournalPlace
    @Option(help: "First day, or UTC time.") var from: String?
    @Option(help: "Last day, or UTC time; else now.") var to: String?
    @Option(help: "Only this camera.") var camera: String?
    @Option(help: "Only this rule.") var rule: String?
    @Option(help: "Whose days and hours; else those of --site, or UTC.") var timezone: String?
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
        let calendar = try calendar()
        let now = MediaTime.now
        let start = try from.map { try moment($0, "--from", calendar) } ?? calendar.start(of: calendar.day(of: now))
        let end = try to.map { try moment($0, "--to", calendar, isEnd: true) } ?? max(now, start + .seconds(1))
        guard start < end else { throw ValidationError("--to is not after --from") }
        let period = CoverageReport.wholeHours(start..<end, calendar)
        let filter = CoverageFilter(
            camera: try camera.map { try name($0, "--camera", CameraID.init) },
            rule: try rule.map { try name($0, "--rule") { $0 == RuleID.signal.text ? .signal : RuleID($0) } },
            period: period)
        let reader = try place.open()
        let changes = try reader.changes(DenseFallbackSpan.kinds, in: period)
        let report = CoverageReport(
            period, calendar: calendar, hours: try reader.coverage(filter), gaps: try reader.coverageGaps(filter),
            fallbacks: changes.map { DenseFallbackSpan.spans($0, in: period, camera: filter.camera) })
        print(json ? try DecisionCoder.text(report) : report.lines(calendar).joined(separator: "\n"))
    }

    private func calendar() throws -> SiteCalendar {
        if timezone == nil, let site = place.site { return try readSite(site, .standard()).calendar }
        guard let calendar = SiteCalendar(identifier: timezone ?? "UTC") else {
            throw ValidationError("--timezone \(timezone ?? ""): not known; give one like Asia/Shanghai")
        }
        return calendar
    }

    private func moment(
        _ text: String, _ option: String, _ calendar: SiteCalendar, isEnd: Bool = false
    ) throws -> MediaTime {
        if let day = CivilDay(text) { return calendar.start(of: isEnd ? day + 1 : day) }
        guard let time = MediaTime(text) else {
            throw ValidationError(
                "\(option) \(text): give a day like 2026-11-22 or a UTC time like 2026-11-22T09:31:02Z")
        }
        return time
    }

    private func name<Name>(_ text: String, _ option: String, _ make: (String) -> Name?) throws -> Name {
        guard let name = make(text) else {
            throw ValidationError("\(option) \(text): names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        return name
    }
}
