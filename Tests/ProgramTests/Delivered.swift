import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// A CloudEvent as it reached the receiver.
struct DeliveredEvent: Decodable {
    let id: String
    let specversion: String
    let type: String
    let source: String
    let subject: String
    let time: String
    let data: Alert

    var decision: AlertDecision { data.decision }
}

extension Receiver {
    /// All that came, however it was answered.
    func events() throws -> [DeliveredEvent] {
        try requests.map { try DecisionCoder.decode(DeliveredEvent.self, from: $0.body) }
    }

    /// Waits for an event that fits, and returns it.
    func event(
        _ what: String, within limit: Duration = .seconds(60), log: @autoclosure () -> String = "",
        _ location: SourceLocation = #_sourceLocation, where fits: (DeliveredEvent) -> Bool
    ) async throws -> DeliveredEvent {
        _ = try await waits(within: limit) { try self.events().contains(where: fits) }
        let all = try events()
        let found = all.first(where: fits)
        let seen = all.map { "\($0.id) \($0.decision.rule) \($0.decision.state)" }
        return try #require(
            found, "never came: \(what); came: \(seen)\n\(log().suffix(4000))",
            sourceLocation: location)
    }

    /// Every request is signed, names itself alike in header and body, and repeats nothing but itself.
    func expectSound(_ location: SourceLocation = #_sourceLocation) throws {
        var bodies: [String: String] = [:]
        for request in requests {
            let signature = StandardWebhooks.signature(
                key: Site.key, id: request.id, timestamp: request.timestamp, body: request.body)
            #expect(request.signature == signature, sourceLocation: location)
            let event = try DecisionCoder.decode(DeliveredEvent.self, from: request.body)
            #expect(event.id == request.id, sourceLocation: location)
            #expect(event.id == "\(event.decision.id).\(event.decision.version)", sourceLocation: location)
            #expect(bodies[request.id, default: request.body] == request.body, sourceLocation: location)
            bodies[request.id] = request.body
        }
    }
}

/// What must hold of every journal, whatever happened.
func expectWhole(_ journaled: [Alert], _ location: SourceLocation = #_sourceLocation) {
    for (camera, alerts) in Dictionary(grouping: journaled, by: \.decision.camera) {
        #expect(
            alerts.map(\.reception.sequence).sorted() == Array(1...Int64(alerts.count)), "\(camera)",
            sourceLocation: location)
    }
    for (id, versions) in Dictionary(grouping: journaled, by: \.decision.id) {
        let states = versions.sorted { $0.decision.version < $1.decision.version }.map(\.decision.state)
        #expect(
            versions.map(\.decision.version).sorted() == Array(1...versions.count), "\(id)", sourceLocation: location)
        #expect(states.first == .opened && states.dropFirst().allSatisfy { $0 != .opened }, sourceLocation: location)
        // A closed one comes once more when it is known what became of its clip.
        let ending = states.drop { $0 != .closed }
        #expect(
            ending.count <= 2 && ending.allSatisfy { $0 == .closed }, "\(id) \(states)", sourceLocation: location)
    }
}
