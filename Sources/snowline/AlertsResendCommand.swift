import ArgumentParser
import Console
import Journal
import Pipeline
import Scene

struct AlertsResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Send alert versions again, confirmed or not.",
        discussion: """
            --site asks the running daemon; --data works on a data folder whose daemon does not run. Receivers know \
            what they have by its id. At most 10000 versions at once.
            """)

    @Argument(help: "Alert ids (all versions), or <alert id>.<version>.") var ids: [String] = []
    @OptionGroup var place: JournalPlace
    @OptionGroup var scope: AlertScope
    @Option(help: "Only to this sink; else to all that are configured.") var sink: String?
    @Flag(help: "Only what the dispatch side has not confirmed.") var unconfirmed = false
    @Option(help: "Who; kept in the journal.") var who: String?
    @Option(help: "Why; kept in the journal.") var why: String?

    func run() async throws {
        let filter = try scope.filter()
        let request = ResendRequest(
            ids: ids.isEmpty ? nil : ids, camera: filter.camera, rule: filter.rule, since: filter.since,
            until: filter.until, sink: sink, unconfirmed: unconfirmed ? true : nil, who: who, why: why)
        if let problem = request.problem { throw UsageTrouble(description: problem) }
        let report = try await place.change(
            "/v1/resend", body: DecisionCoder.text(request), ResendReport.self
        ) { try $0.resend(request) }
        print("\(report.queued) rows wait for their sinks again")
        for id in report.unknown { say("snowline: the journal holds no \(id); see snowline alerts list") }
        guard report.unknown.isEmpty else { throw ProgramExit.findings.code }
    }
}

extension JournalPlace {
    /// Changes the journal: by its daemon where --site is given, else directly, which needs that none runs.
    func change<Report: Decodable>(
        _ path: String, body: String, _ type: Report.Type, directly: (AlertJournal) throws -> Report
    ) async throws -> Report {
        if let data {
            let journal = try AlertJournal(folder: data)
            defer { try? journal.close() }
            return try directly(journal)
        }
        let configuration = try readSite(site ?? "", .standard())
        let token = try ControlToken.read(in: configuration.dataFolder)
        let answer = try await ConsoleClient(address: configuration.listen).post(path, token: token, body: body)
        guard answer.status == 200 else { throw answer.trouble }
        return try DecisionCoder.decode(type, from: answer.text)
    }
}
