package import Foundation
package import Scene

/// The one way alerts become JSON: sorted keys, slashes as they are, no white space, shortest round-trip numbers.
///
/// Journal, CloudEvents, `alerts list --json` and replay output all use it, so equal decisions are equal bytes.
package enum DecisionCoder {
    /// - Throws: `EncodingError` for a number that JSON cannot say (infinite, not a number).
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    /// The same as text.
    package static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try decode(type, from: Data(text.utf8))
    }

    /// `{"decision":…,"reception":…,"verified":…}`: what webhooks carry as `data` and `alerts list --json` prints.
    package static func text(_ alert: Alert) throws -> String {
        try object(decision: text(alert.decision), reception: text(alert.reception), verified: alert.verified)
    }

    /// Puts the stored texts together without decoding them, so that what was journaled is sent byte for byte.
    package static func object(decision: String, reception: String, verified: Bool) -> String {
        "{\"decision\":\(decision),\"reception\":\(reception),\"verified\":\(verified)}"
    }
}
