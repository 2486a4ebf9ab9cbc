import ArgumentParser
import Journal
import Pipeline
import Review
import Scene

struct AlertsExportCommand: AsyncParsableCommand {
    enum Form: String, CaseIterable, ExpressibleByArgument {
        case jsonl
        case csv
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write alerts and their verdicts as JSON lines or CSV to standard output.")

    @OptionGroup var place: JournalPlace
    @OptionGroup var scope: AlertScope
    @Option(help: "jsonl or csv.") var form: Form = .jsonl
    @Flag(help: "Every version; else the newest of each alert.") var versions = false

    func run() async throws {
        let reader = try place.open()
        if form == .csv { print(AlertTable.header, terminator: AlertTable.lineEnd) }
        for newest in try reader.alerts(try scope.filter()) {
            let verdicts = try reader.verdicts(alert: newest.decision.id)
            for alert in versions ? try reader.alert(id: newest.decision.id) : [newest] {
                switch form {
                case .jsonl: print(try Self.line(alert, verdicts))
                case .csv: print(AlertTable.line(alert, verdict: verdicts.last), terminator: AlertTable.lineEnd)
                }
            }
        }
    }

    /// What `alerts list --json` prints, and the verdicts, oldest first.
    private static func line(_ alert: Alert, _ verdicts: [AlertVerdict]) throws -> String {
        String(try DecisionCoder.text(alert).dropLast()) + ",\"verdicts\":\(try DecisionCoder.text(verdicts))}"
    }
}
