import ArgumentParser
import Logging
import Pipeline
import Review
import Scene

/// Sending a replay's alerts through the sinks of the site.
struct ReplaySending: ParsableArguments {
    /// Names that are listed before the rest is only counted.
    static let toldLimit = 20

    @Option(
        help: """
            Send all alert versions through the site's sinks, marked as a replay. They are journaled in this folder \
            first, never the daemon's; the same command once more sends what was not delivered.
            """)
    var republish: String?
    @Option(help: "Send to this sink only; may be given more than once.") var sink: [String] = []
    @Option(help: "Seconds without any delivery after which --republish gives up.")
    var patience = Double(Republication.usualPatience.components.seconds)

    func validate() throws {
        guard republish != nil || sink.isEmpty else {
            throw ValidationError("--sink means nothing without --republish")
        }
        guard (1...86_400).contains(patience) else {
            throw ValidationError("--patience \(patience): give 1 to 86400 seconds")
        }
    }

    /// Opens the journal, before a long replay that could not be sent; nil where nothing is to be sent.
    func prepared(_ configuration: SiteConfiguration) throws -> SendingReplay? {
        guard let republish else { return nil }
        var logger = Logger(label: "snowline", factory: { StreamLogHandler.standardError(label: $0) })
        // What fails is told at the end, not at each attempt.
        logger.logLevel = .critical
        do {
            return SendingReplay(
                republication: try Republication(
                    folder: republish, site: configuration, only: sink, patience: .seconds(patience), logger: logger))
        } catch let problem as RepublicationProblem {
            throw UsageTrouble(description: "--republish: \(problem)")
        }
    }
}

/// A replay that is to be sent.
struct SendingReplay {
    let republication: Republication

    /// Shows how far it is.
    func send(_ versions: [Alert]) async throws -> Republication.Report {
        let progress = ProgressBar("send")
        defer { progress.finish() }
        do {
            return try await republication.send(versions) { share, count in
                progress.update(share, note: "\(count) delivered")
            }
        } catch let problem as RepublicationProblem {
            throw UsageTrouble(description: "--republish: \(problem)")
        }
    }
}

extension Republication.Report {
    /// Says of each sink what it has, and names what it has not.
    /// - Returns: whether each has all.
    func told(_ sending: ReplaySending) -> Bool {
        for sink in sinks {
            let before = sink.deliveredBefore > 0 ? ", \(sink.deliveredBefore) of them before" : ""
            print("sink \(sink.id) (\(sink.kind)): \(sink.delivered) of \(versions) delivered\(before)")
            if let problem = sink.problem { print("  \(problem)") }
            for left in sink.undelivered.prefix(ReplaySending.toldLimit) { print("  not \(left.id): \(left.detail)") }
            let more = sink.undelivered.count - ReplaySending.toldLimit
            if more > 0 { print("  and \(more) more; see snowline alerts reconcile --data \(sending.republish ?? "")") }
        }
        return isWhole
    }
}
