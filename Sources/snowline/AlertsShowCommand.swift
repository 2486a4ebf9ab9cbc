import ArgumentParser
import Journal
import Pipeline
import Review
import Scene

struct AlertsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one alert: its sentences, findings, versions and stills.",
        discussion: """
            --open writes a folder instead: index.html with clip and stills beside it, and alert.json; a browser shows it \
            without a network. Each file is compared with what was journaled. Ends with 1 where there is no such alert, or \
            a file is gone or is not what was journaled (all else is written).
            """)

    @Argument(help: "The alert's id.") var id: String
    @OptionGroup var place: JournalPlace
    @Flag(help: "One JSON object a line, one a version: {decision, reception, verified}.") var json = false
    @Option(help: "Write a page with clip and stills into this folder, which is made.") var open: String?
    @Option(help: "Whose times the page shows; else those of --site, or UTC.") var timezone: String?

    func validate() throws {
        if json, open != nil { throw ValidationError("--json, --open: give one of them; the folder has an alert.json") }
        if timezone != nil, open == nil { throw ValidationError("--timezone: only the page of --open has local times") }
    }

    func run() async throws {
        let reader = try place.open()
        guard let record = try AlertRecord(id, in: reader) else {
            say("snowline: no alert \(id) in \(reader.folder); see snowline alerts list")
            throw ProgramExit.findings.code
        }
        if let open {
            try write(record, to: open, reader.folder)
        } else if json {
            for version in record.versions { print(try DecisionCoder.text(version)) }
        } else {
            let lines = AlertText.lines(record.newest, versions: record.versions, dataFolder: reader.folder)
            print(lines.joined(separator: "\n"))
            for verdict in record.verdicts { print(verdict.line) }
        }
    }

    private func write(_ record: AlertRecord, to folder: String, _ dataFolder: String) throws {
        let calendar = try place.calendar(timezone)
        let copies = try AlertFolder(record, calendar: calendar, dataFolder: dataFolder).write(to: folder)
        let whole = copies.filter { $0.state == .whole }
        let clips = whole.count { $0.kind == .clip }
        print("\(folder)/index.html: \(record.versions.count) versions, \(whole.count - clips) stills, \(clips) clips")
        let bad = copies.filter { $0.state != .whole }
        for copy in bad { say("snowline: \(copy.sentence)") }
        if !bad.isEmpty { throw ProgramExit.findings.code }
    }
}

extension JournalPlace {
    /// The calendar by which a person reads times: the one that is named, else the site's, else UTC.
    func calendar(_ timezone: String?) throws -> SiteCalendar {
        if timezone == nil, let site { return try readSite(site, .standard()).calendar }
        guard let calendar = SiteCalendar(identifier: timezone ?? "UTC") else {
            throw ValidationError("--timezone \(timezone ?? ""): not known; give one like Asia/Shanghai")
        }
        return calendar
    }
}
