import Delivery
import Foundation
import Scene
import TestSupport
import Testing

/// The feed for displays, to a real broker. What it does not promise is shown too.
@Suite(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"), .timeLimit(.minutes(5)))
struct MQTTTests {
    private let folder: TemporaryFolder
    private let broker: Broker

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker.mqtt(folder: folder.path)
    }

    private func desk() throws -> Desk {
        try Desk([
            SinkConfiguration(
                id: "feed", target: .mqtt(try MQTTTarget(host: "127.0.0.1", port: broker.port)), retry: quickRetry)
        ])
    }

    private func subscriber(_ name: String) throws -> MQTTSubscriber {
        try MQTTSubscriber(port: broker.port, topic: "snowline/#", file: folder.path + "/" + name)
    }

    @Test func alertsAndAvailabilityAreHeard() async throws {
        let ear = try subscriber("ear")
        let desk = try desk()
        try await desk.append(sampleAlert(id: "aaa"))
        try await desk.drained("feed")
        try await eventually("heard") { try ear.lines.contains { $0.topic == "snowline/alerts/_/_/south-gate" } }
        #expect(try ear.lines.contains { $0.topic == "snowline/availability" && $0.body == "online" })
        try await desk.stop()
        try await eventually("said good-bye") {
            try ear.lines.last { $0.topic == "snowline/availability" }?.body == "offline"
        }
        // Retained: who comes later knows it too.
        let late = try subscriber("late")
        try await eventually("known") { try late.lines.first?.body == "offline" }
    }

    /// Nobody subscribes: the broker acknowledges and throws away, which is not delivered.
    @Test func whatNobodyHearsStaysInTheJournal() async throws {
        let desk = try desk()
        try await desk.append(sampleAlert(id: "aaa"))
        try await eventually("said") { try await desk.status("feed")?.lastError?.contains("nobody subscribes") == true }
        #expect(try desk.pending("feed") == 1)
        let ear = try subscriber("ear")
        try await desk.drained("feed")
        try await eventually("heard") { try ear.lines.contains { $0.body.contains("aaa.1") } }
        try await desk.stop()
    }

    /// Why this is no record: acknowledged, and gone with the broker before a subscriber that was away had it.
    @Test func anAcknowledgedMessageCanBeLostWithTheBroker() async throws {
        let ear = try subscriber("ear")
        let desk = try desk()
        try await eventually("subscribed") { try ear.lines.contains { $0.body == "online" } }
        try await desk.append(sampleAlert(id: "aaa"))
        try await desk.drained("feed")
        broker.kill()
        try broker.restart()
        let late = try subscriber("late")
        try await eventually("there again") { try late.lines.contains { $0.body == "online" } }
        #expect(try !late.lines.contains { $0.body.contains("aaa.1") })
        #expect(try desk.pending("feed") == 0)
        try await desk.stop()
    }

    @Test func topicsAreChecked() {
        for topic in ["", "a/#", "+/a", "/a", "a/"] {
            #expect(throws: SinkProblem.self) { try MQTTTarget(host: "x", topic: topic) }
        }
    }
}
