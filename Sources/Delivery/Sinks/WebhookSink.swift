import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import Scene

/// An HTTP endpoint that takes CloudEvents.
package struct WebhookTarget: Hashable, Sendable {
    package var url: String
    package var secret: WebhookSecret
    /// While a secret is being changed: messages are signed with both.
    package var previousSecret: WebhookSecret?
    /// PEM file with the certificates to trust instead of the system's.
    package var certificateAuthorityFile: String?
    package var connectTimeout: Duration
    package var totalTimeout: Duration

    /// - Throws: ``SinkProblem`` for a URL that is not plain http or https, or carries credentials.
    package init(
        url: String, secret: WebhookSecret, previousSecret: WebhookSecret? = nil,
        certificateAuthorityFile: String? = nil, connectTimeout: Duration = .seconds(5),
        totalTimeout: Duration = .seconds(10)
    ) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw SinkProblem("the webhook's url is not http://host… or https://host…") }
        guard parts.user == nil, parts.password == nil else {
            throw SinkProblem(
                "the webhook's url carries a user name or password; receivers check the signature instead")
        }
        guard parts.fragment == nil else { throw SinkProblem("the webhook's url has a # part; leave it out") }
        self.url = url
        self.secret = secret
        self.previousSecret = previousSecret
        self.certificateAuthorityFile = certificateAuthorityFile
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
    }

    /// Scheme, host and port: what errors and logs may show (paths and queries can hold tokens).
    package var origin: String {
        guard let parts = URLComponents(string: url) else { return "webhook" }
        return "\(parts.scheme ?? "")://\(parts.host ?? "")" + (parts.port.map { ":\($0)" } ?? "")
    }
}

/// Posts CloudEvents in structured mode with Standard Webhooks headers; a 2xx answer confirms.
package final class WebhookSink: Sink {
    /// Bytes of an answer that are read; the rest is left.
    private static let answerLimit = 64 << 10

    private let target: WebhookTarget
    private let clock: @Sendable () -> MediaTime
    private let client: HTTPClient

    package init(_ target: WebhookTarget, clock: @escaping @Sendable () -> MediaTime) throws {
        self.target = target
        self.clock = clock
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .nanoseconds(target.connectTimeout.span.microseconds * 1000)
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        if let file = target.certificateAuthorityFile {
            configuration.tlsConfiguration = try Self.trusting(file)
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func deliver(_ delivery: Delivery) async -> SinkOutcome {
        let deadline = NIODeadline.now() + .nanoseconds(target.totalTimeout.span.microseconds * 1000)
        do {
            let answer = try await client.execute(request(delivery), deadline: deadline)
            let outcome = WebhookAnswer.outcome(
                status: Int(answer.status.code), retryAfter: answer.headers.first(name: "retry-after"), now: clock(),
                origin: target.origin)
            // Read so that the connection can be used again; what it says does not change the outcome.
            _ = try? await answer.body.collect(upTo: Self.answerLimit)
            return outcome
        } catch {
            return .failed(reason: "\(target.origin): \(WebhookAnswer.sentence(error))", retryAfter: nil)
        }
    }

    package func close() async {
        try? await client.shutdown()
    }

    private func request(_ delivery: Delivery) -> HTTPClientRequest {
        let timestamp = clock().wholeSecond
        var request = HTTPClientRequest(url: target.url)
        request.method = .POST
        request.headers = [
            "content-type": CloudEvent.contentType,
            "user-agent": "snowline",
            "webhook-id": delivery.id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": signatures(of: delivery, at: timestamp)
        ]
        request.body = .bytes(ByteBuffer(string: delivery.body))
        return request
    }

    /// One for each secret, separated by blanks (Standard Webhooks, "Signature scheme"): a receiver takes any.
    private func signatures(of delivery: Delivery, at timestamp: Int64) -> String {
        [target.secret, target.previousSecret].compactMap { secret in
            secret?.signature(id: delivery.id, timestamp: timestamp, body: delivery.body)
        }.joined(separator: " ")
    }

    private static func trusting(_ file: String) throws -> TLSConfiguration {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            return configuration
        } catch {
            throw SinkProblem("ca file \(file) cannot be read as PEM certificates; check path, rights and content")
        }
    }
}

/// What answers and errors mean.
enum WebhookAnswer {
    static func outcome(status: Int, retryAfter: String?, now: MediaTime, origin: String) -> SinkOutcome {
        let reason = "\(origin) answered \(status)"
        switch status {
        case 200..<300:
            return .confirmed
        case 410:
            return .gone(
                reason: reason + " (gone): the receiver wants no more alerts; they are kept; "
                    + "mend the url or remove the sink, then reload")
        case 408, 425, 429, 500...:
            return .failed(reason: reason, retryAfter: retryAfter.flatMap { wait($0, now: now) })
        case 300..<400:
            return .refused(reason: reason + ": redirects are not followed; configure the final url")
        case 401, 403:
            return .refused(reason: reason + ": check that both sides have the same secret and clocks within 5 minutes")
        case 404, 405:
            return .refused(reason: reason + ": check the path of the url")
        case 413:
            return .refused(reason: reason + ": the receiver must take bodies of 64 KiB")
        default:
            return .refused(reason: reason + ": see the receiver's log for why it refuses this alert")
        }
    }

    /// `Retry-After` as seconds or as an HTTP date.
    static func wait(_ text: String, now: MediaTime) -> Duration? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Int64(text) { return seconds >= 0 ? .seconds(min(seconds, 86_400)) : nil }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        let seconds = date.timeIntervalSince1970 - Double(now.wholeSecond)
        return .seconds(min(max(seconds, 0), 86_400))
    }

    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return "no connection in time; check address, network and firewall"
            case .readTimeout, .deadlineExceeded: return "no answer in time; the receiver is slow or hangs"
            case .remoteConnectionClosed: return "the receiver closed the connection without an answer"
            case .cancelled: return "stopped while waiting for the answer"
            default: return "\(error.shortDescription)"
            }
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return "connection refused; is the receiver running on that port"
        case let error as IOError:
            return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError where error.dnsAError != nil && error.connectionErrors.isEmpty:
            return "host name not found; check the url and the name server"
        case let error as NIOConnectionError:
            return error.connectionErrors.first.map { sentence($0.error) } ?? "no connection"
        case is NIOSSLError, is BoringSSLError:
            return "the TLS connection failed (\(error)); check the certificate, or give its authority as `ca`"
        case is CancellationError:
            return "stopped while waiting for the answer"
        default:
            return "\(type(of: error))"
        }
    }
}
