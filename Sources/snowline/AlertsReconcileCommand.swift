import ArgumentParser
import Journal
import Pipeline
import Scene

struct AlertsReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare what was raised with what was journaled, acknowledged and confirmed.",
        discussion: """
            From the journal, beside a running daemon or without one. Names each alert version that is not confirmed, \
            and ends with 1 where there is one. --grace leaves out what has only just come: 30s, 5m.
            """)

    @OptionGroup var place: JournalPlace
    @Option(help: "What was journaled less than this ago is on its way: 30s, 5m.") var grace: String?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if let grace, seconds(grace) == nil { throw ValidationError("--grace \(grace): give 30s, 5m or 1h") }
    }

    func run() async throws {
        let span = MediaSpan.seconds(grace.flatMap(seconds) ?? 0)
        let report = try place.open().reconcile(at: .now, grace: span)
        print(json ? try DecisionCoder.text(report) : report.lines.joined(separator: "\n"))
        guard report.differences.isEmpty else { throw ProgramExit.findings.code }
    }
}

extension ReconciliationReport {
    fileprivate var lines: [String] {
        let removed = pruned > 0 ? " (\(pruned) of them removed by retention)" : ""
        let head = "raised \(raised) \(raised == journaled ? "=" : "≠") journaled \(journaled)\(removed)"
        let sinkLines = sinks.map { sink in
            let passedOver = sink.superseded > 0 ? ", \(sink.superseded) passed over for newer versions" : ""
            return
                "sink \(sink.sink)\(sink.isConfigured ? "" : " (no longer configured)"): journaled \(sink.journaled) "
                + "\(sink.journaled == sink.acked ? "=" : "≠") acked \(sink.acked) "
                + "\(sink.acked == sink.confirmed ? "=" : "≠") confirmed \(sink.confirmed)\(passedOver)"
        }
        let named = differences.map { difference in
            let sink = difference.sink.map { " \($0)" } ?? ""
            return "\(difference.kind.rawValue) \(difference.id)\(sink): \(difference.detail)"
        }
        let end = differences.isEmpty ? "no difference" : "\(differences.count) differences"
        return [head] + sinkLines + named + [end]
    }
}
