import Crypto
import Foundation

/// The key of a webhook, as Standard Webhooks writes it: `whsec_` and base64. Never printed.
package struct WebhookSecret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private static let prefix = "whsec_"
    /// Decoded bytes of a key (Standard Webhooks, "Secret").
    private static let keySizes = 24...64

    private let key: [UInt8]

    /// - Parameters:
    ///   - text: `whsec_<base64>`, or `env:NAME` of a variable that holds it.
    ///   - environment: looks a variable up.
    /// - Throws: ``SinkProblem``, which never shows the secret.
    package init(_ text: String, environment: (String) -> String?) throws {
        var value = text
        var origin = "secret"
        if text.hasPrefix("env:") {
            let name = String(text.dropFirst(4))
            guard let held = environment(name), !held.isEmpty else {
                throw SinkProblem(
                    "environment variable \(name.isEmpty ? "(no name)" : name) is not set; "
                        + "export it as whsec_<base64 of 24 to 64 bytes>")
            }
            value = held
            origin = "environment variable \(name)"
        }
        guard value.hasPrefix(Self.prefix) else {
            throw SinkProblem("\(origin) does not begin with whsec_; make one: echo whsec_$(openssl rand -base64 32)")
        }
        guard let bytes = Data(base64Encoded: String(value.dropFirst(Self.prefix.count))) else {
            throw SinkProblem("\(origin) is not base64 after whsec_; make one: echo whsec_$(openssl rand -base64 32)")
        }
        guard Self.keySizes.contains(bytes.count) else {
            throw SinkProblem(
                "\(origin) holds a key of \(bytes.count) bytes, not 24…64; "
                    + "make one: echo whsec_$(openssl rand -base64 32)")
        }
        key = Array(bytes)
    }

    /// The value of `webhook-signature`: `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`.
    package func signature(id: String, timestamp: Int64, body: String) -> String {
        let message = Data("\(id).\(timestamp).\(body)".utf8)
        let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
        return "v1," + Data(code).base64EncodedString()
    }

    package var description: String { "whsec_…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
