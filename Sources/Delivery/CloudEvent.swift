import Foundation
package import Journal
import Scene

/// An alert version in CloudEvents 1.0 JSON, structured mode.
package enum CloudEvent {
    package static let contentType = "application/cloudevents+json; charset=utf-8"

    private struct Envelope: Encodable {
        let specversion = "1.0"
        let id: String
        let source: String
        let type: String
        let subject: String
        let time: MediaTime
        let datacontenttype = "application/json"
    }

    /// The event of a journaled alert. A pure function of the stored texts, so each attempt sends the same bytes.
    package static func delivery(of row: OutboxRow) throws -> Delivery {
        let decision = try DecisionCoder.decode(AlertDecision.self, from: row.decision)
        let envelope = Envelope(
            id: "\(decision.id).\(decision.version)",
            source: "urn:snowline:\(urnSafe(decision.place.site))/camera/\(decision.camera)",
            type: "org.snowline.alert.\(decision.kind.rawValue).\(decision.state.rawValue).v1",
            subject: decision.rule.text, time: decision.last)
        let data = DecisionCoder.object(decision: row.decision, reception: row.reception, verified: row.verified)
        // "data" sorts before all attributes of the envelope, so the whole object has sorted keys too.
        let body = "{\"data\":\(data)," + (try DecisionCoder.text(envelope)).dropFirst()
        let place = decision.place
        return Delivery(
            id: envelope.id, body: body, attempts: row.attempts,
            origin: Delivery.Origin(area: place.area, grid: place.grid, camera: decision.camera.text))
    }

    /// The site as it may stand in a URI: all but unreserved characters percent-encoded.
    private static func urnSafe(_ site: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return site.addingPercentEncoding(withAllowedCharacters: plain) ?? site
    }
}
