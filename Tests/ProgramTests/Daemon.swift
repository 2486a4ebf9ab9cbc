import AsyncHTTPClient
import Foundation
import Journal
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// A running `snowlined`, asked only from outside: HTTP, signals, its log.
final class Daemon: Sendable {
    /// What the tests look at of `GET /v1/status`.
    struct Status: Decodable {
        struct Camera: Decodable {
            let id: String
            let name: String
            let phase: String
            let failure: String?
            let pictures: Int64
            let sessions: Int64
            let alerts: Int64
        }

        struct Sink: Decodable {
            let id: String
            let state: String
            let pending: Int
            let confirmed: Int64
            let lastError: String?

            enum CodingKeys: String, CodingKey {
                case id, state, pending, confirmed
                case lastError = "last_error"
            }
        }

        let site: String
        let cameras: [Camera]
        let sinks: [Sink]

        func camera(_ id: String) -> Camera? { cameras.first { $0.id == id } }
        func sink(_ id: String) -> Sink? { sinks.first { $0.id == id } }
    }

    struct Answer {
        let status: Int
        let type: String
        let text: String
    }

    let site: Site
    let program: RunningProgram

    /// Starts it; it may not listen yet.
    init(_ site: Site) throws {
        self.site = site
        program = try RunningProgram(
            "snowlined", ["--site", site.file, "--log-level", "debug"], environment: Site.environment)
    }

    /// Starts it and waits until it answers.
    static func running(_ site: Site, _ location: SourceLocation = #_sourceLocation) async throws -> Daemon {
        let daemon = try Daemon(site)
        try await daemon.listens(location)
        return daemon
    }

    var log: String { program.errors }

    func listens(_ location: SourceLocation = #_sourceLocation) async throws {
        let isUp = try await waits {
            guard self.program.isRunning else { return true }
            return (try? await self.get("/healthz"))?.status == 200
        }
        try #require(isUp && program.isRunning, "not up: \(log)", sourceLocation: location)
    }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path, token: nil) }

    func post(_ path: String, token: String?) async throws -> Answer { try await send(.POST, path, token: token) }

    func status() async throws -> Status {
        try DecisionCoder.decode(Status.self, from: try await get("/v1/status").text)
    }

    /// Waits until the status fits; records an issue with the last one where it never does.
    func waitsForStatus(
        _ what: String, within limit: Duration = .seconds(60), _ location: SourceLocation = #_sourceLocation,
        _ fits: (Status) async throws -> Bool
    ) async throws {
        let isThere = try await waits(within: limit) { try await fits(try await self.status()) }
        let newest = try await get("/v1/status").text
        try #require(isThere, "never: \(what); status \(newest)\n\(log.suffix(4000))", sourceLocation: location)
    }

    /// Value of a metric, by its whole name with labels.
    func metric(_ name: String) async throws -> Double? {
        try await get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// Ends it as `systemctl stop` does; it must end with 0.
    func stop(_ location: SourceLocation = #_sourceLocation) async throws {
        program.send(SIGTERM)
        let outcome = try await program.outcome(within: .seconds(20), location)
        #expect(outcome.status == 0, "\(outcome.errors.suffix(2000))", sourceLocation: location)
    }

    /// As by a power cut.
    func kill() async throws {
        program.send(SIGKILL)
        _ = try await program.outcome()
    }

    private func send(_ method: HTTPMethod, _ path: String, token: String?) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(site.port)\(path)")
        request.method = method
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 8 << 20)
        return Answer(
            status: Int(response.status.code), type: response.headers.first(name: "content-type") ?? "",
            text: String(buffer: body))
    }
}
