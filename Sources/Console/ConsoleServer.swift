import Foundation
import Hummingbird
import HummingbirdCore
import Journal
package import Logging
import NIOCore
package import Pipeline
import Scene
import ServiceLifecycle

/// The daemon's small HTTP face: `GET /healthz`, `GET /metrics`, `GET /v1/status`, `POST /v1/reload`,
/// `POST /v1/arm`, `POST /v1/disarm`, `POST /v1/hold`, `GET /v1/cameras/{camera}/suppressed`,
/// `POST /v1/receipts`, `POST /v1/resend`, `POST /v1/cameras/{camera}/rules/{rule}/trigger`.
///
/// Reading is open to whoever reaches the address (127.0.0.1 by default); changing needs the control token.
/// Bounded: ``connectionLimit`` connections (further ones wait to be accepted), ``headerLimitBytes`` of headers,
/// ``bodyLimitBytes`` of body, ``idleSeconds`` without a byte.
package struct ConsoleServer: Service {
    package static let connectionLimit = 64
    package static let headerLimitBytes = 16 * 1024
    package static let headerCountLimit = 64
    package static let bodyLimitBytes = 64 * 1024
    package static let idleSeconds: Int64 = 30

    private let source: ConsoleSource
    private let address: SiteConfiguration.ListenAddress
    private let token: ControlToken
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - address: bound to this and nothing else; port 0 takes a free one.
    ///   - onListening: told the port once requests are answered.
    package init(
        source: ConsoleSource, address: SiteConfiguration.ListenAddress, token: ControlToken, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.source = source
        self.address = address
        self.token = token
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the task is cancelled or the service group shuts down.
    /// - Throws: ``ConsoleServerError`` where the address cannot be listened on.
    package func run() async throws {
        let channel = HTTP1Channel.Configuration(
            idleTimeout: .seconds(Self.idleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Self.headerLimitBytes, maxHeaderListSize: Self.headerLimitBytes,
                maxHeaderFieldCount: Self.headerCountLimit))
        var quiet = logger
        // Hummingbird reports every request's trouble; what matters here is logged by the routes.
        quiet.logLevel = max(.warning, logger.logLevel)
        let onListening = onListening
        let application = Application(
            router: makeRouter(),
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: quiet
        )
        do { try await application.run() } catch let error as IOError {
            throw ConsoleServerError(address, code: error.errnoCode)
        } catch is SocketAddressError.UnknownHost {
            throw ConsoleServerError(address, detail: "the host name is not known; give an address like 127.0.0.1")
        }
    }

    private func makeRouter() -> Router<BasicRequestContext> {
        let router = Router()
        let (source, token, logger) = (source, token, logger)
        router.get("healthz") { _, _ in
            let health = await source.health()
            let report = HealthReport(status: health.journalWritable ? "ok" : "failing", health: health)
            return try json(report, status: health.journalWritable ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { _, _ in
            answer(.ok, "text/plain; version=0.0.4; charset=utf-8", await source.metrics())
        }
        router.get("v1/status") { _, _ in
            answer(.ok, jsonType, await source.status())
        }
        router.post("v1/reload") { request, _ in
            guard isAuthorized(request, token) else {
                logger.warning("reload refused: no valid control token")
                return unauthorized()
            }
            // The body means nothing, but it must be read to its end, and it must end.
            _ = try await request.body.collect(upTo: Self.bodyLimitBytes)
            switch await source.reload() {
            case .applied(let changes): return try json(ReloadReport(changes))
            case .refused(let problems):
                return try json(ProblemReport(problems: problems), status: .unprocessableContent)
            }
        }
        for call in ArmingRequest.Call.allCases {
            router.post("v1/\(call.rawValue)") { request, _ in
                guard isAuthorized(request, token) else {
                    logger.warning("order refused: no valid control token", metadata: ["call": "\(call.rawValue)"])
                    return unauthorized()
                }
                let body = try await request.body.collect(upTo: Self.bodyLimitBytes)
                return try await answerOrder(body, call, source)
            }
        }
        for (call, take) in [("receipts", source.receipts), ("resend", source.resend)] {
            router.post("v1/\(call)") { request, _ in
                guard isAuthorized(request, token) else {
                    logger.warning("\(call) refused: no valid control token")
                    return unauthorized()
                }
                let body = try await request.body.collect(upTo: Self.bodyLimitBytes)
                switch await take(Data(body.readableBytesView)) {
                case .taken(let report): return answer(.ok, jsonType, report)
                case .malformed(let problem): return try json(ProblemReport(problems: [problem]), status: .badRequest)
                case .failed(let problem):
                    return try json(ProblemReport(problems: [problem]), status: .serviceUnavailable)
                }
            }
        }
        addCameraRoutes(to: router)
        return router
    }

    private func addCameraRoutes(to router: Router<BasicRequestContext>) {
        let (source, token, logger) = (source, token, logger)
        router.get("v1/cameras/:camera/suppressed") { _, context in
            let camera = context.parameters.get("camera") ?? ""
            guard let text = await source.suppressed(camera) else {
                return try json(ProblemReport(problems: ["no such camera; see GET /v1/status"]), status: .notFound)
            }
            return answer(.ok, jsonType, text)
        }
        router.post("v1/cameras/:camera/rules/:rule/trigger") { request, context in
            guard isAuthorized(request, token) else {
                logger.warning("alarm by hand refused: no valid control token")
                return unauthorized()
            }
            let body = try await request.body.collect(upTo: Self.bodyLimitBytes)
            let wanted: TriggerRequest
            switch read(TriggerRequest.self, body, page: "docs/rules.md") {
            case .success(let request): wanted = request
            case .failure(let trouble): return try json(ProblemReport(problems: [trouble.problem]), status: .badRequest)
            }
            let (camera, rule) = (context.parameters.get("camera") ?? "", context.parameters.get("rule") ?? "")
            return try answerTrigger(await source.trigger(camera, rule, wanted))
        }
    }
}

private func answerOrder(
    _ body: ByteBuffer, _ call: ArmingRequest.Call, _ source: ConsoleSource
) async throws -> Response {
    let wanted: ArmingRequest
    switch read(ArmingRequest.self, body, page: "docs/coverage.md") {
    case .success(let request): wanted = request
    case .failure(let trouble): return try json(ProblemReport(problems: [trouble.problem]), status: .badRequest)
    }
    switch await source.order(wanted, call) {
    case .done(let orders): return try json(OrderReport(orders: orders))
    case .refused(let problems): return try json(ProblemReport(problems: problems), status: .unprocessableContent)
    case .failed(let problem): return try json(ProblemReport(problems: [problem]), status: .serviceUnavailable)
    }
}

private func answerTrigger(_ outcome: TriggerOutcome) throws -> Response {
    switch outcome {
    case .raised(let receipt): try answer(.ok, jsonType, DecisionCoder.text(receipt) + "\n")
    case .unknown(let problem): try json(ProblemReport(problems: [problem]), status: .notFound)
    case .refused(let problem): try json(ProblemReport(problems: [problem]), status: .conflict)
    case .malformed(let problems): try json(ProblemReport(problems: problems), status: .unprocessableContent)
    case .failed(let problem): try json(ProblemReport(problems: [problem]), status: .serviceUnavailable)
    }
}

/// A body that is not what its call asks for.
private struct BodyTrouble: Error {
    let problem: String
}

/// - Parameter page: of the documentation, which describes the call.
private func read<Body: Decodable>(
    _ type: Body.Type, _ body: ByteBuffer, page: String
) -> Result<Body, BodyTrouble> {
    Result { try JSONDecoder().decode(type, from: Data(body.readableBytesView)) }
        .mapError { BodyTrouble(problem: problem($0, page: page)) }
}

/// Where a body is wrong; the decoder's own words quote more than that.
private func problem(_ error: any Error, page: String) -> String {
    let form = "the body is not the JSON object of this call; see \(page)"
    guard let error = error as? DecodingError else { return form }
    switch error {
    case .dataCorrupted(let context):
        guard let key = context.codingPath.last?.stringValue else { return form }
        return "\(key.prefix(64)): \(context.debugDescription)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        guard let key = context.codingPath.last?.stringValue else { return form }
        return "\(key.prefix(64)): has the wrong type; see \(page)"
    default: return form
    }
}

private struct OrderReport: Encodable {
    let orders: [ArmingOrder]
}

/// Why the daemon cannot be asked over HTTP: the address and what to do.
package struct ConsoleServerError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ address: SiteConfiguration.ListenAddress, detail: String) {
        description = "listen \(address): \(detail)"
    }

    init(_ address: SiteConfiguration.ListenAddress, code: CInt) {
        let detail =
            switch code {
            case EADDRINUSE: "another program listens there already; stop it, or change `listen`"
            case EADDRNOTAVAIL: "this machine has no such address; change `listen`"
            case EACCES: "this user may not listen there; take a port above 1023"
            default: "\(String(cString: strerror(code)).lowercased()); change `listen`"
            }
        self.init(address, detail: detail)
    }
}

private let jsonType = "application/json; charset=utf-8"

private func isAuthorized(_ request: Request, _ token: ControlToken) -> Bool {
    guard let header = request.headers[.authorization] else { return false }
    let parts = header.split(separator: " ", maxSplits: 1)
    return parts.count == 2 && parts[0].lowercased() == "bearer" && token.matches(parts[1])
}

private func unauthorized() -> Response {
    var response = answer(
        .unauthorized, jsonType, "{\"error\":\"send the token of data/control.token as authorization: Bearer …\"}\n")
    response.headers[.wwwAuthenticate] = "Bearer realm=\"snowline\""
    return response
}

private func answer(_ status: HTTPResponse.Status, _ type: String, _ text: String) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    headers[.xContentTypeOptions] = "nosniff"
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
}

private func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return answer(status, jsonType, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}

private struct HealthReport: Encodable {
    let status: String
    let health: ConsoleSource.Health

    func encode(to encoder: any Encoder) throws {
        try health.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
    }

    enum CodingKeys: String, CodingKey {
        case status
    }
}

private struct ReloadReport: Encodable {
    let added: [String]
    let removed: [String]
    let changed: [String]
    let kept: [String]
    let needsRestart: [String]

    init(_ changes: SiteChanges) {
        added = changes.added.map(\.text)
        removed = changes.removed.map(\.text)
        changed = changes.changed.map(\.text)
        kept = changes.kept.map(\.text)
        needsRestart = changes.needsRestart
    }

    enum CodingKeys: String, CodingKey {
        case added, removed, changed, kept
        case needsRestart = "needs_restart"
    }
}

private struct ProblemReport: Encodable {
    let problems: [String]
}
