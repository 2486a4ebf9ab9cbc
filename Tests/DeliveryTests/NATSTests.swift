import CNATS
import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// Delivery into JetStream, to a real server.
@Suite(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"), .timeLimit(.minutes(5)))
struct NATSTests {
    private let folder: TemporaryFolder
    private let broker: Broker

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker.nats(folder: folder.path)
    }

    private func sink(
        _ duty: DeliveryDuty? = nil, replicas: Int = 1, retry: RetrySettings = quickRetry
    ) throws -> SinkConfiguration {
        SinkConfiguration(
            id: "bus", target: .nats(try natsTarget(broker, replicas: replicas)), duty: duty, retry: retry)
    }

    @Test func alertsAreFiledByAreaGridAndCameraAndKeptUntilTheDispatchSideSaysSo() async throws {
        let listener = try NATSListener(port: broker.port)
        let desk = try Desk([try sink(.untilReceipt(resendAfter: .seconds(600)))])
        try await desk.append(sampleAlert(id: "aaa"), sampleAlert(id: "bbb", camera: "north"))
        try await eventually("both are in the stream") { listener.stored() == 2 }
        #expect(listener.subjects.sorted() == ["alerts._._.north", "alerts._._.south-gate"])
        try await eventually("both wait for receipts") { try await desk.status("bus")?.unconfirmed == 2 }
        #expect(try desk.pending("bus") == 2)

        let answer = try #require(
            listener.request("receipts", #"{"receipts": ["aaa.1", "zzz.1"]}"#))
        let report = try JSONDecoder().decode(ReceiptReport.self, from: Data(answer.utf8))
        #expect(report.confirmed == 1 && report.repeated == 0 && report.verdicts == 0 && report.unknown == ["zzz.1"])
        #expect(try desk.pending("bus") == 1)
        let again = try #require(listener.request("receipts", #"{"receipts": ["aaa.1", "bbb.1"]}"#))
        #expect(again.contains("\"repeated\":1") && again.contains("\"confirmed\":1"))
        #expect(try desk.pending("bus") == 0)
        let wrong = try #require(listener.request("receipts", "[]"))
        #expect(wrong.contains("error"))
        try await desk.stop()
    }

    @Test func whatIsNotConfirmedIsSentAgainAndStoredOnce() async throws {
        let listener = try NATSListener(port: broker.port)
        let desk = try Desk([try sink(.untilReceipt(resendAfter: .milliseconds(200)))])
        try await desk.append(sampleAlert(id: "aaa"))
        try await eventually("sent three times") { listener.bodies.count >= 3 }
        #expect(Set(listener.bodies).count == 1)
        #expect(listener.stored() == 1)
        _ = try desk.journal.confirm([DeliveryReceipt(alert: "aaa", version: 1)])
        try await eventually("done") { try desk.pending("bus") == 0 }
        try await desk.stop()
    }

    @Test func aServerThatIsKilledHoldsNothingUpForGood() async throws {
        let listener = try NATSListener(port: broker.port)
        let desk = try Desk([try sink(.untilTaken)])
        for number in 0..<20 { try await desk.append(sampleAlert(id: "a\(number)")) }
        broker.kill()
        for number in 20..<40 { try await desk.append(sampleAlert(id: "a\(number)")) }
        try broker.restart()
        try await desk.drained("bus")
        try await eventually("each is stored once") { listener.stored() == 40 }
        try await desk.stop()
    }

    @Test func aStreamThatWouldLoseAlertsIsRefusedWithTheMend() async throws {
        let listener = try NATSListener(port: broker.port)
        #expect(listener.makeStream("ALERTS") { $0.Storage = js_MemoryStorage })
        let desk = try Desk([try sink()])
        try await desk.append(sampleAlert(id: "aaa"))
        try await eventually("said") { try await desk.status("bus")?.lastError?.contains("in memory") == true }
        #expect(try desk.pending("bus") == 1)
        try await desk.stop()
    }

    @Test func moreReplicasThanServersAreAProblemAndNoLoss() async throws {
        let desk = try Desk([try sink(replicas: 3)])
        try await desk.append(sampleAlert(id: "aaa"))
        try await eventually("said") { try await desk.status("bus")?.lastError?.contains("cannot be made") == true }
        #expect(try desk.pending("bus") == 1)
        try await desk.stop()
    }

    @Test func targetsAreChecked() {
        #expect(throws: SinkProblem.self) { try NATSTarget(servers: []) }
        #expect(throws: SinkProblem.self) { try NATSTarget(servers: ["http://x"]) }
        #expect(throws: SinkProblem.self) { try NATSTarget(servers: ["nats://user:secret@x"]) }
        #expect(throws: SinkProblem.self) { try NATSTarget(servers: ["nats://x"], subjectPrefix: "alerts.>") }
        #expect(throws: SinkProblem.self) { try NATSTarget(servers: ["nats://x"], stream: .init(name: "a.b")) }
        do {
            _ = try NATSTarget(servers: ["nats://user:secret@x"])
        } catch {
            #expect(!"\(error)".contains("secret"))
        }
    }
}
