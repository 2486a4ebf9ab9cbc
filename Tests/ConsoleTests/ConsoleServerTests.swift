import AsyncHTTPClient
import Console
import Logging
import NIOCore
import NIOHTTP1
import Pipeline
import Scene
import Testing

@Suite("The console over HTTP")
struct ConsoleServerTests {
    private static let token = ControlToken("0123456789012345678901234567890123456789012")

    private static func source(
        journalWritable: Bool = true, outcome: ReloadOutcome = .refused(problems: []),
        onReload: @escaping @Sendable () -> Void = {},
        order: @escaping @Sendable (ArmingRequest, ArmingRequest.Call) async -> ArmingOutcome = { _, _ in .done([]) },
        trigger: @escaping @Sendable (String, String, TriggerRequest) async -> TriggerOutcome = { _, _, _ in
            .unknown("no camera")
        }
    ) -> ConsoleSource {
        ConsoleSource(
            health: { .init(journalWritable: journalWritable, camerasConfigured: 3, camerasConnected: 2) },
            metrics: { "# TYPE snowline_cameras gauge\nsnowline_cameras 3\n" },
            status: { "{\"cameras\":[]}" },
            reload: {
                onReload()
                return outcome
            },
            order: order, trigger: trigger,
            suppressed: { $0 == "gate" ? "{\"camera\":\"gate\",\"suppressed\":[]}\n" : nil },
            receipts: { body in
                String(decoding: body, as: UTF8.self) == "{}"
                    ? .taken("{\"confirmed\":0}\n") : .malformed("no receipts")
            })
    }

    /// Runs a server on a free port for as long as `body` takes.
    private func withServer(
        _ source: ConsoleSource, _ body: @Sendable (SiteConfiguration.ListenAddress) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = ConsoleServer(
            source: source, address: .init(host: "127.0.0.1", port: 0), token: Self.token,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { port in continuation.yield(port) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await server.run()
            }
            var port: Int?
            for await value in ports {
                port = value
                break
            }
            try await body(.init(host: "127.0.0.1", port: try #require(port)))
            group.cancelAll()
        }
    }

    @Test("answers health, metrics and status to everybody")
    func reading() async throws {
        try await withServer(Self.source()) { address in
            let client = ConsoleClient(address: address)
            let health = try await client.get("/healthz")
            #expect(health.status == 200)
            #expect(
                health.text
                    == "{\"cameras_configured\":3,\"cameras_connected\":2,\"journal_writable\":true,\"status\":\"ok\"}\n"
            )
            let metrics = try await client.get("/metrics")
            #expect(metrics.status == 200 && metrics.text.hasSuffix("snowline_cameras 3\n"))
            let status = try await client.get("/v1/status")
            #expect(status.status == 200 && status.text == "{\"cameras\":[]}")
            let elsewhere = try await client.get("/elsewhere")
            #expect(elsewhere.status == 404)

            let raw = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://\(address)/metrics"), timeout: .seconds(10))
            #expect(raw.headers.first(name: "content-type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(raw.headers.first(name: "cache-control") == "no-store")
            _ = try await raw.body.collect(upTo: 1 << 20)
        }
    }

    @Test("is unhealthy where the journal cannot be written")
    func unhealthy() async throws {
        try await withServer(Self.source(journalWritable: false)) { address in
            let health = try await ConsoleClient(address: address).get("/healthz")
            #expect(health.status == 503 && health.text.contains("\"status\":\"failing\""))
        }
    }

    @Test("takes receipts with the token, and says what is wrong with them")
    func receipts() async throws {
        try await withServer(Self.source()) { address in
            let client = ConsoleClient(address: address)
            let taken = try await client.post("/v1/receipts", token: Self.token, body: "{}")
            #expect(taken.status == 200 && taken.text == "{\"confirmed\":0}\n")
            let wrong = try await client.post("/v1/receipts", token: Self.token, body: "[]")
            #expect(wrong.status == 400 && wrong.text == "{\"problems\":[\"no receipts\"]}\n")
            let stranger = try await client.post("/v1/receipts", token: ControlToken("wrong"), body: "{}")
            #expect(stranger.status == 401)
        }
    }

    @Test("reloads only with the token")
    func authorization() async throws {
        var changes = SiteChanges()
        changes.added = [try #require(CameraID("gate"))]
        let (reloads, continuation) = AsyncStream.makeStream(of: Void.self)
        let source = Self.source(outcome: .applied(changes), onReload: { continuation.yield() })
        try await withServer(source) { address in
            let client = ConsoleClient(address: address)
            let url = "http://\(address)/v1/reload"
            let offers: [String?] = [
                nil, "", "Bearer", "Bearer wrong", "Bearer \(Self.token.revealed)x", "Basic \(Self.token.revealed)",
                Self.token.revealed
            ]
            for offer in offers {
                var request = HTTPClientRequest(url: url)
                request.method = .POST
                if let offer { request.headers.add(name: "authorization", value: offer) }
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                #expect(response.status.code == 401, "\(offer ?? "nothing")")
                #expect(response.headers.first(name: "www-authenticate") == "Bearer realm=\"snowline\"")
                _ = try await response.body.collect(upTo: 1 << 20)
            }
            let read = try await client.get("/v1/reload")
            #expect(read.status != 200)
            let reload = try await client.post("/v1/reload", token: Self.token)
            #expect(reload.status == 200)
            #expect(
                reload.text
                    == "{\"added\":[\"gate\"],\"changed\":[],\"kept\":[],\"needs_restart\":[],\"removed\":[]}\n")
        }
        continuation.finish()
        var count = 0
        for await _ in reloads { count += 1 }
        #expect(count == 1)
    }

    @Test("tells why a new configuration was refused")
    func refused() async throws {
        try await withServer(Self.source(outcome: .refused(problems: ["site.yaml:3: id: is missing"]))) { address in
            let reload = try await ConsoleClient(address: address).post("/v1/reload", token: Self.token)
            #expect(reload.status == 422 && reload.text == "{\"problems\":[\"site.yaml:3: id: is missing\"]}\n")
        }
    }

    @Test("orders need the token, are read strictly, and are answered as they were taken")
    func orders() async throws {
        let source = Self.source(order: { request, call in
            guard let who = request.who else { return .refused(problems: ["who: is missing"]) }
            if who == "nobody" { return .failed("the journal cannot be written") }
            let act = ArmingOrder.Act(rawValue: call.rawValue) ?? .arm
            return .done([ArmingOrder(act: act, since: .epoch, who: who, why: request.why ?? "")])
        })
        try await withServer(source) { address in
            let client = ConsoleClient(address: address)
            for path in ["/v1/arm", "/v1/disarm", "/v1/hold"] {
                let wrong = try await client.post(path, token: ControlToken("wrong"), body: "{\"who\":\"w\"}")
                #expect(wrong.status == 401)
                let read = try await client.get(path)
                #expect(read.status != 200)
            }
            let done = try await client.post(
                "/v1/disarm", token: Self.token, body: "{\"who\":\"w\",\"why\":\"y\"}")
            #expect(
                done.status == 200
                    && done.text
                        == "{\"orders\":[{\"act\":\"disarm\",\"since\":\"1970-01-01T00:00:00.000000Z\",\"who\":\"w\",\"why\":\"y\"}]}\n",
                "\(done.text)")
            let bodies = [
                ("{}", 422, "who: is missing"), ("{\"who\":\"nobody\"}", 503, "the journal cannot be written"),
                ("{\"who\":\"w\",\"wy\":\"y\"}", 400, "wy: unknown key; allowed: camera, rule, until"),
                ("{\"seconds\":\"5\"}", 400, "seconds: has the wrong type"),
                ("", 400, "the body is not the JSON object"),
                ("[1,", 400, "the body is not the JSON object")
            ]
            for (body, status, problem) in bodies {
                let answer = try await client.post("/v1/arm", token: Self.token, body: body)
                #expect(answer.status == status && answer.text.contains(problem), "\(body): \(answer)")
            }
        }
    }

    @Test("an alarm by hand needs the token, is read strictly, and every refusal has its own answer")
    func triggers() async throws {
        let source = Self.source(trigger: { camera, rule, request in
            switch (camera, rule, request.who) {
            case ("gate", "button", "Wang"):
                .raised(.init(alert: "k7dw", version: 1, time: .epoch, hasPicture: true))
            case ("gate", "button", nil): .malformed(["who: is missing", "why: is missing"])
            case ("gate", "lawn", _): .refused("rule lawn is of kind zone")
            case ("gate", "full", _): .failed("the journal cannot be written")
            default: .unknown("camera \(camera) is not configured")
            }
        })
        @Sendable func path(_ camera: String, _ rule: String) -> String {
            "/v1/cameras/\(camera)/rules/\(rule)/trigger"
        }
        try await withServer(source) { address in
            let client = ConsoleClient(address: address)
            let body = "{\"who\":\"Wang\",\"why\":\"smoke\"}"
            let wrong = try await client.post(path("gate", "button"), token: ControlToken("wrong"), body: body)
            #expect(wrong.status == 401)
            let read = try await client.get(path("gate", "button"))
            #expect(read.status != 200)
            let done = try await client.post(path("gate", "button"), token: Self.token, body: body)
            #expect(
                done.status == 200
                    && done.text
                        == "{\"alert\":\"k7dw\",\"picture\":true,\"time\":\"1970-01-01T00:00:00.000000Z\",\"version\":1}\n",
                "\(done.text)")
            let cases = [
                (path("gate", "button"), "{}", 422, "\"who: is missing\",\"why: is missing\""),
                (path("gate", "lawn"), body, 409, "rule lawn is of kind zone"),
                (path("gate", "full"), body, 503, "the journal cannot be written"),
                (path("yard", "button"), body, 404, "camera yard is not configured"),
                (path("gate", "button"), "{\"when\":1}", 400, "when: unknown key; allowed: who, why"),
                (path("gate", "button"), "{\"who\":5}", 400, "who: has the wrong type; see docs/rules.md"),
                (path("gate", "button"), "", 400, "the body is not the JSON object of this call")
            ]
            for (path, body, status, problem) in cases {
                let answer = try await client.post(path, token: Self.token, body: body)
                #expect(answer.status == status && answer.text.contains(problem), "\(path) \(body): \(answer)")
            }
        }
    }

    @Test("what was suppressed is told to everybody, of cameras that there are")
    func suppressed() async throws {
        try await withServer(Self.source()) { address in
            let client = ConsoleClient(address: address)
            let known = try await client.get("/v1/cameras/gate/suppressed")
            #expect(known.status == 200 && known.text == "{\"camera\":\"gate\",\"suppressed\":[]}\n")
            let unknown = try await client.get("/v1/cameras/yard/suppressed")
            #expect(unknown.status == 404 && unknown.text.contains("no such camera"))
        }
    }

    @Test("takes no endless body and no endless headers, and lives on")
    func limits() async throws {
        try await withServer(Self.source()) { address in
            var large = HTTPClientRequest(url: "http://\(address)/v1/reload")
            large.method = .POST
            large.headers.add(name: "authorization", value: "Bearer \(Self.token.revealed)")
            large.body = .bytes(ByteBuffer(repeating: 65, count: ConsoleServer.bodyLimitBytes + 1))
            // Either refused by an answer or by a closed connection.
            let body = try? await HTTPClient.shared.execute(large, timeout: .seconds(10))
            #expect(body.map { $0.status.code == 413 } ?? true)

            var wide = HTTPClientRequest(url: "http://\(address)/healthz")
            wide.headers.add(name: "x-wide", value: String(repeating: "x", count: ConsoleServer.headerLimitBytes + 1))
            let header = try? await HTTPClient.shared.execute(wide, timeout: .seconds(10))
            #expect(header.map { (400..<500).contains($0.status.code) } ?? true)

            let health = try await ConsoleClient(address: address).get("/healthz")
            #expect(health.status == 200)
        }
    }

    @Test("a client says where nobody answers")
    func nobody() async throws {
        let error = await #expect(throws: ConsoleClientError.self) {
            try await ConsoleClient(address: .init(host: "0.0.0.0", port: 1)).get("/v1/status")
        }
        #expect(
            error?.description == "127.0.0.1:1: no daemon answers; check that snowlined runs with this site.yaml")
    }
}
