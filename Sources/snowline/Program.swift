import ArgumentParser
import Foundation
import Pipeline
import Review

/// `snowline`: check, probe, replay, evaluate, and look at what the daemon has raised.
@main
enum Program {
    static func main() async {
        do {
            var command = try SnowlineCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            finish(error)
        }
    }

    /// 0 done (and help) · 1 findings · 2 usage or configuration · 3 some footage unreadable, the rest done.
    private static func finish(_ error: any Error) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        if SnowlineCommand.exitCode(for: error) == .success { SnowlineCommand.exit(withError: error) }
        // ArgumentParser's own errors come with the usage; all others speak for themselves.
        let isUsage = SnowlineCommand.exitCode(for: error) == .validationFailure
        let text = isUsage ? SnowlineCommand.fullMessage(for: error) : "snowline: \(sentence(error))"
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(ProgramExit.usage.rawValue)
    }
}

struct SnowlineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snowline",
        abstract: "Look after electronic fences: check a configuration, replay and evaluate footage, list alerts.",
        version: SnowlineVersion.text,
        subcommands: [
            CheckCommand.self, ProbeCommand.self, ReplayCommand.self, EvaluateCommand.self, AlertsCommand.self,
            StatusCommand.self, ArmCommand.self, DisarmCommand.self, HoldCommand.self, TriggerCommand.self,
            SuppressedCommand.self, CoverageCommand.self, DiffCommand.self, TuneCommand.self, ReportCommand.self
        ])
}

extension ProgramExit {
    /// Ends the command with this code, everything having been said.
    var code: ExitCode { ExitCode(rawValue) }
}

/// What went wrong in one line: Foundation's errors describe themselves in dumps.
func sentence(_ error: any Error) -> String {
    guard type(of: error) is NSError.Type || error is CocoaError else { return "\(error)" }
    let facts = (error as NSError).userInfo
    let cause = (facts[NSUnderlyingErrorKey] as? any Error).map { $0 as NSError }.flatMap { cause in
        cause.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(cause.code))).lowercased() : nil
    }
    let path = facts[NSFilePathErrorKey] as? String ?? (facts[NSURLErrorKey] as? URL)?.path
    let reason = cause ?? error.localizedDescription
    return path.map { "\($0): \(reason); check path and permissions" } ?? reason
}

/// Something of the command line that cannot be used; ends the command with 2.
struct UsageTrouble: Error, CustomStringConvertible {
    let description: String
}

/// Reads a configuration for a command that neither watches nor delivers: secrets need not be set here.
func readSite(_ file: String, _ library: ModelLibrary) throws(ConfigurationError) -> SiteConfiguration {
    try SiteConfiguration.load(path: file, modelNames: library.names, noteMissingVariable: { _ in })
}

/// Reads a configuration for a command that delivers: every secret must be set.
func readDeliveringSite(_ file: String, _ library: ModelLibrary) throws(ConfigurationError) -> SiteConfiguration {
    try SiteConfiguration.load(path: file, modelNames: library.names)
}

/// Writes a line to stderr, where everything goes that is not the command's result.
func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}
