import ArgumentParser
import Foundation
import Journal
import Pipeline
import Review
import Scene

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Look at the journal, beside a running daemon or without one.",
        subcommands: [
            AlertsListCommand.self, AlertsShowCommand.self,
            AlertsVerifyCommand.self, AlertsHoldCommand.self, AlertsReleaseCommand.self, AlertsHoldsCommand.self
        ])
}

/// Where the journal is.
struct JournalPlace: ParsableArguments {
    @Option(help: "The data folder.") var data: String?
    @Option(help: "The configuration whose data folder it is.") var site: String?

    func validate() throws {
        guard (data == nil) != (site == nil) else { throw ValidationError("give --data DIR or --site site.yaml") }
    }

    func open() throws -> JournalReader { try JournalReader(folder: folder()) }

    func folder() throws -> String {
        if let data { return data }
        return try readSite(site ?? "", .standard()).dataFolder
    }
}

struct AlertsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List alerts, oldest first: the newest version of each.")

    @OptionGroup var place: JournalPlace
    @Option(help: "Only this camera.") var camera: String?
    @Option(help: "Only this rule.") var rule: String?
    @Option(help: "Only what went on at or after this time (UTC).") var since: String?
    @Option(help: "Only what started before this time (UTC).") var until: String?
    @Option(help: "At most so many, the newest.") var limit: Int?
    @Flag(help: "Only open ones.") var open = false
    @Flag(help: "One JSON object a line: {decision, reception, verified}.") var json = false

    func run() async throws {
        let filter = AlertFilter(
            camera: try camera.map { try name($0, "--camera", CameraID.init) },
            rule: try rule.map { try name($0, "--rule", RuleID.init) },
            since: try since.map { try time($0, "--since") },
            until: try until.map { try time($0, "--until") }, onlyOpen: open, limit: limit)
        for alert in try place.open().alerts(filter) {
            print(json ? try DecisionCoder.text(alert) : Self.line(alert))
        }
    }

    private static func line(_ alert: Alert) -> String {
        let decision = alert.decision
        return "\(decision.start)  \(decision.state.rawValue)  \(decision.camera)  \(decision.rule)  \(decision.id)  "
            + decision.summary.en
    }

    private func name<Name>(_ text: String, _ option: String, _ make: (String) -> Name?) throws -> Name {
        guard let name = make(text) else {
            throw ValidationError("\(option) \(text): names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        return name
    }

    private func time(_ text: String, _ option: String) throws -> MediaTime {
        guard let time = MediaTime(text) else {
            throw ValidationError("\(option) \(text): give a UTC time like 2026-11-22T09:31:02Z")
        }
        return time
    }
}

struct AlertsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one alert: its sentences, findings, versions and stills.")

    @Argument(help: "The alert's id.") var id: String
    @OptionGroup var place: JournalPlace
    @Flag(help: "One JSON object a line, one a version: {decision, reception, verified}.") var json = false

    func run() async throws {
        let reader = try place.open()
        let versions = try reader.alert(id: id)
        guard let newest = versions.last else {
            say("snowline: no alert \(id) in \(reader.folder); see snowline alerts list")
            throw ProgramExit.findings.code
        }
        if json {
            for version in versions { print(try DecisionCoder.text(version)) }
        } else {
            print(AlertText.lines(newest, versions: versions, dataFolder: reader.folder).joined(separator: "\n"))
        }
    }
}
