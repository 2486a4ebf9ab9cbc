import Foundation
import TestSupport
import Testing

/// The built programs, beside the test program.
enum Programs {
    /// - Parameter name: of one of ours, or the path of another program.
    static func url(_ name: String) -> URL {
        guard !name.hasPrefix("/") else { return URL(fileURLWithPath: name) }
        return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// What a program did, once it has ended.
    struct Outcome: Sendable {
        /// Exit status; the negative number of the signal where one ended it.
        let status: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs `snowline` in a network namespace of its own, where there is no route to anywhere.
    static func snowlineWithoutNetwork(_ arguments: String...) async throws -> Outcome {
        try await RunningProgram("/usr/bin/unshare", isolation + [url("snowline").path] + arguments).outcome()
    }

    /// Whether this machine lets us make such a namespace.
    static let canIsolate: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = isolation + ["true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private static let isolation = ["--map-root-user", "--net"]

    /// Runs `snowline` with the arguments to its end.
    static func snowline(_ arguments: String...) async throws -> Outcome {
        try await RunningProgram("snowline", arguments).outcome()
    }
}

/// A program that runs, with everything it says kept in files (a pipe could fill and hold it).
final class RunningProgram: Sendable {
    private let process: Process
    private let folder: ScratchFolder
    let identifier: Int32

    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        folder = try ScratchFolder()
        process = Process()
        process.executableURL = Programs.url(name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(folder.file("output"))
        process.standardError = try Self.file(folder.file("errors"))
        try process.run()
        identifier = process.processIdentifier
    }

    deinit {
        if process.isRunning { kill(identifier, SIGKILL) }
    }

    var output: String { text("output") }
    var errors: String { text("errors") }
    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for its end; records an issue and kills it where it does not come within the limit.
    func outcome(
        within limit: Duration = .seconds(60), _ location: SourceLocation = #_sourceLocation
    ) async throws -> Programs.Outcome {
        let ended = try await waits(within: limit) { !self.process.isRunning }
        if !ended {
            Issue.record("still runs after \(limit); it said: \(errors)", sourceLocation: location)
            send(SIGKILL)
            _ = try await waits(within: .seconds(10)) { !self.process.isRunning }
        }
        let status = process.terminationStatus
        return Programs.Outcome(
            status: process.terminationReason == .exit ? status : -status, output: output, errors: errors)
    }

    private func text(_ name: String) -> String {
        String(decoding: Files.read(folder.file(name)) ?? [], as: UTF8.self)
    }

    private static func file(_ path: String) throws -> FileHandle {
        try Files.write([], to: path)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}

/// Looks again and again until the condition holds; the limit only ends a test that fails.
func waits(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
