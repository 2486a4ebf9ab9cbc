import ArgumentParser
import CAllocator
import Console
import Foundation
import Journal
import Logging
import Pipeline
import Scene
import ServiceLifecycle
import UnixSignals

/// `snowlined`: watches the cameras of one site until it is told to stop.
@main
enum Program {
    static func main() async {
        // A decoded picture, a plane of the background or an encoder is more than this, a packet is less.
        callocator_settle(128 << 10, Int32(max(2, ProcessInfo.processInfo.activeProcessorCount)))
        // Until the daemon listens for it, a request to reload must not end it, which is what SIGHUP does by default.
        signal(SIGHUP, SIG_IGN)
        do {
            let command = try Daemon.parse()
            try await command.run()
        } catch {
            finish(error)
        }
    }

    private static func finish(_ error: any Error) -> Never {
        if Daemon.exitCode(for: error) == .success { Daemon.exit(withError: error) }
        // ArgumentParser's own errors come with the usage; all others speak for themselves.
        let isUsage = Daemon.exitCode(for: error) == .validationFailure
        let text = isUsage ? Daemon.fullMessage(for: error) : "snowlined: \(error)"
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(ProgramExit.usage.rawValue)
    }
}

struct Daemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snowlined", abstract: "Watch electronic fences on the cameras of one site.",
        discussion: "SIGHUP reads the configuration again; SIGTERM ends cleanly.", version: SnowlineVersion.text)

    /// The unit file gives the service longer than this before it is killed.
    private static let shutdownLimit: Duration = .seconds(20)

    @Option(help: "The configuration, site.yaml.") var site: String
    @Option(help: "Least level that is logged.")
    var logLevel: LogLevelOption = .info

    func run() async throws {
        var logger = Logger(label: "snowlined", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .info
        let environment: @Sendable (String) -> String? = { ProcessInfo.processInfo.environment[$0] }
        let library = ModelLibrary.standard()
        let configuration = try SiteConfiguration.load(path: site, environment: environment, modelNames: library.names)
        let supervisor = try await opened(logger) {
            try SiteSupervisor(
                file: site, configuration: configuration,
                surroundings: .init(library: library, environment: environment, clock: { .now }, logger: logger))
        }
        let console = ConsoleServer(
            source: ConsoleSource(supervisor, metrics: SiteMetrics(supervisor: supervisor), logger: logger),
            address: configuration.listen, token: try ControlToken.establish(in: configuration.dataFolder),
            logger: logger)
        var group = ServiceGroupConfiguration(
            services: [.init(service: supervisor), .init(service: console), .init(service: ReloadOnHangup(supervisor))],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = Self.shutdownLimit
        try await ServiceGroup(configuration: group).run()
        logger.notice("stopped")
    }
}

/// Opens the journal; where the disk does not let it (full, read-only, failing), waits for that to pass.
private func opened(_ logger: Logger, _ open: () throws -> SiteSupervisor) async throws -> SiteSupervisor {
    while true {
        do { return try open() } catch let error as JournalError where error.mayPass {
            logger.critical(
                "journal cannot be opened, nothing is watched until it can", metadata: ["error": "\(error)"])
        }
        try await Task.sleep(for: .seconds(2))
    }
}

/// The levels of swift-log, as the command line names them.
enum LogLevelOption: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// Reads the configuration again at each SIGHUP.
private struct ReloadOnHangup: Service {
    private let supervisor: SiteSupervisor

    init(_ supervisor: SiteSupervisor) { self.supervisor = supervisor }

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for await _ in hangups.cancelOnGracefulShutdown() { _ = await supervisor.reload() }
    }
}
