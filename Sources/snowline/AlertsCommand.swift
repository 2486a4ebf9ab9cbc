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
            AlertsListCommand.self, AlertsShowCommand.self, AlertsRerunCommand.self, AlertsExportCommand.self,
            AlertsReconcileCommand.self, AlertsResendCommand.self, AlertsVerdictCommand.self, AlertsVerifyCommand.self,
            AlertsHoldCommand.self,
            AlertsReleaseCommand.self, AlertsHoldsCommand.self
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
    @OptionGroup var scope: AlertScope
    @Option(help: "At most so many, the newest.") var limit: Int?
    @Flag(help: "Only open ones.") var open = false
    @Flag(help: "One JSON object a line: {decision, reception, verified}.") var json = false

    func run() async throws {
        var filter = try scope.filter()
        filter.onlyOpen = open
        filter.limit = limit
        for alert in try place.open().alerts(filter) {
            print(json ? try DecisionCoder.text(alert) : Self.line(alert))
        }
    }

    private static func line(_ alert: Alert) -> String {
        let decision = alert.decision
        return "\(decision.start)  \(decision.state.rawValue)  \(decision.camera)  \(decision.rule)  \(decision.id)  "
            + decision.summary.en
    }
}
