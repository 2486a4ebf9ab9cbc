import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import Pipeline

/// Asks a running daemon over its HTTP face; for `snowline status` and scripts.
package struct ConsoleClient: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        package let text: String
    }

    /// Largest answer that is read.
    package static let answerLimitBytes = 8 << 20
    package static let timeoutSeconds: Int64 = 15

    private let address: SiteConfiguration.ListenAddress

    /// - Parameter address: the daemon's `listen`; an address that means "all interfaces" is asked on this machine.
    package init(address: SiteConfiguration.ListenAddress) {
        let local = ["0.0.0.0": "127.0.0.1", "::": "::1"]
        self.address = .init(host: local[address.host] ?? address.host, port: address.port)
    }

    /// - Parameter path: such as `/v1/status`.
    /// - Throws: ``ConsoleClientError`` where nobody answers.
    package func get(_ path: String) async throws(ConsoleClientError) -> Answer {
        try await send(.GET, path, token: nil)
    }

    /// - Parameter body: JSON, or nothing.
    package func post(
        _ path: String, token: ControlToken, body: String = ""
    ) async throws(ConsoleClientError) -> Answer {
        try await send(.POST, path, token: token, body: body)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, token: ControlToken?, body: String = ""
    ) async throws(ConsoleClientError) -> Answer {
        var request = HTTPClientRequest(url: "http://\(address)\(path)")
        request.method = method
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token.revealed)") }
        if !body.isEmpty {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        var configuration = HTTPClient.Configuration()
        // Whether a daemon answers is the question: a refused connection is the answer, not a reason to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let answer: Answer
            do {
                let response = try await client.execute(request, timeout: .seconds(Self.timeoutSeconds))
                let body = try await response.body.collect(upTo: Self.answerLimitBytes)
                answer = Answer(status: Int(response.status.code), text: String(buffer: body))
            } catch {
                try? await client.shutdown()
                throw error
            }
            try? await client.shutdown()
            return answer
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw ConsoleClientError(
                description: "\(address): no answer for \(Self.timeoutSeconds) s; the daemon hangs, see its log")
        } catch {
            throw ConsoleClientError(
                description: "\(address): no daemon answers; check that snowlined runs with this site.yaml")
        }
    }
}

/// Why the daemon could not be asked.
package struct ConsoleClientError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}
