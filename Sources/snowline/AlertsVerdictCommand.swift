import ArgumentParser
import Journal
import Pipeline
import Scene

struct AlertsVerdictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict", abstract: "Say whether an alert was true, false or a duplicate; kept with the rule.",
        discussion: """
            --site tells the running daemon; --data works on a data folder whose daemon does not run. A later verdict \
            takes the earlier one's place; both are kept, with who and when.
            """)

    @Argument(help: "The alert's id.") var id: String
    @Argument(help: "true, false or duplicate.") var verdict: AlertVerdict.Judgement
    @OptionGroup var place: JournalPlace
    @Option(help: "What a false alert came from.") var cause: AlertVerdict.Cause?
    @Option(help: "In words.") var why: String?
    @Option(help: "Who decided; kept in the journal.") var who: String

    func run() async throws {
        let decided = AlertVerdict(alert: id, judgement: verdict, cause: cause, why: why, who: who)
        if let problem = decided.problem { throw UsageTrouble(description: problem) }
        let report = try await place.change(
            "/v1/receipts", body: DecisionCoder.text(Message(verdicts: [decided])), Report.self
        ) { journal in
            try journal.record(decided) ? Report(verdicts: 1, unknown: []) : Report(verdicts: 0, unknown: [id])
        }
        guard report.verdicts == 1 else {
            say("snowline: the journal holds no \(id); see snowline alerts list")
            throw ProgramExit.findings.code
        }
        print(decided.line)
    }

    private struct Message: Encodable {
        let verdicts: [AlertVerdict]
    }

    private struct Report: Decodable {
        let verdicts: Int
        let unknown: [String]
    }
}

extension AlertVerdict.Judgement: ExpressibleByArgument {}
extension AlertVerdict.Cause: ExpressibleByArgument {}

extension AlertVerdict {
    /// As a person reads it.
    var line: String {
        let reasons = [cause?.rawValue, why].compactMap { $0 }.joined(separator: ", ")
        let moment = time.map { ", at \($0)" } ?? ""
        return "verdict \(judgement.rawValue)\(reasons.isEmpty ? "" : " (\(reasons))"), by \(who)\(moment)"
    }
}
