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
        /// An extension attribute: there, and true, only where footage was replayed.
        let replay: Bool?
    }

    /// What of the reception decides how the message names itself.
    private struct Marking: Decodable {
        let serverTime: MediaTime
        let isReplay: Bool

        enum CodingKeys: String, CodingKey {
            case serverTime = "server_time"
            case isReplay = "replay"
        }
    }

    /// The event of a journaled alert. A pure function of the stored texts, so each attempt sends the same bytes.
    ///
    /// An alert of a replay has the id that the daemon gives it, and its message must neither be taken for the daemon's
    /// nor stand in its way: the id of the message begins with `replay-` and the moment at which it was journaled.
    package static func delivery(of row: OutboxRow) throws -> Delivery {
        let decision = try DecisionCoder.decode(AlertDecision.self, from: row.decision)
        let marking = try DecisionCoder.decode(Marking.self, from: row.reception)
        let run = marking.isReplay ? "replay-\(compact(marking.serverTime))." : ""
        let envelope = Envelope(
            id: "\(run)\(decision.id).\(decision.version)",
            source: "urn:snowline:\(urnSafe(decision.place.site))/camera/\(decision.camera)",
            type: "org.snowline.alert.\(decision.kind.rawValue).\(decision.state.rawValue).v1",
            subject: decision.rule.text, time: decision.last, replay: marking.isReplay ? true : nil)
        let data = DecisionCoder.object(decision: row.decision, reception: row.reception, verified: row.verified)
        // "data" sorts before all attributes of the envelope, so the whole object has sorted keys too.
        let body = "{\"data\":\(data)," + (try DecisionCoder.text(envelope)).dropFirst()
        let place = decision.place
        return Delivery(
            id: envelope.id, body: body, attempts: row.attempts,
            origin: Delivery.Origin(area: place.area, grid: place.grid, camera: decision.camera.text))
    }

    /// Like `20261122T013102123456Z`: to the microsecond, and without a dot, behind which a version would be looked for.
    private static func compact(_ time: MediaTime) -> String { time.description.filter { !"-:.".contains($0) } }

    /// The site as it may stand in a URI: all but unreserved characters percent-encoded.
    private static func urnSafe(_ site: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return site.addingPercentEncoding(withAllowedCharacters: plain) ?? site
    }
}
