import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// What is sent of a replay cannot be taken for the daemon's, and is in nobody's way.
@Suite(.timeLimit(.minutes(5))) struct ReplaySinkTests {
    private func replayed(_ id: String, version: Int = 1, state: AlertState = .opened) -> Alert {
        var alert = sampleAlert(id: id, version: version, state: state)
        alert.reception.isReplay = true
        alert.reception.serverTime = MediaTime("2026-11-22T01:31:02.000345Z")!
        return alert
    }

    @Test func aReplayHasANameAndAMarkOfItsOwn() async throws {
        let receiver = try await Receiver()
        let desk = try Desk([try webhook(receiver.url)])
        // In two journals, as it is: one would not take the same alert twice.
        let rehearsal = try Desk([try webhook(receiver.url).forReplay])
        try await desk.append(sampleAlert(id: "aaa"))
        try await rehearsal.append(replayed("aaa"))
        try await desk.drained()
        try await rehearsal.drained()
        try await desk.stop()
        try await rehearsal.stop()
        let marked = "replay-20261122T013102000345Z.aaa.1"
        #expect(Set(receiver.accepted.map(\.id)) == ["aaa.1", marked])
        for request in receiver.accepted {
            let event = try #require(try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
            let isReplay = request.id == marked
            #expect(event["id"] as? String == request.id)
            #expect(event["replay"] as? Bool == (isReplay ? true : nil))
            let data = event["data"] as? [String: Any]
            #expect((data?["reception"] as? [String: Any])?["replay"] as? Bool == isReplay)
            #expect((data?["decision"] as? [String: Any])?["id"] as? String == "aaa", "the decision is the daemon's")
        }
        // A receiver that sends a receipt for it confirms nothing of the daemon's.
        let report = try desk.journal.take(ReceiptMessage(json: Data(#"{"receipts": ["\#(marked)"]}"#.utf8)))
        #expect(report.confirmed == 0 && report.repeated == 0 && report.unknown == [marked])
        await receiver.stop()
    }

    @Test(.enabled(if: Schemas.areAvailable, "\(Schemas.requirement)"))
    func markedMessagesFitTheSchema() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/alerts.jsonl"
        let alerts = try GoldenAlerts.all().prefix(12).map { alert in
            var alert = alert
            alert.reception.isReplay = true
            return alert
        }
        let desk = try Desk([SinkConfiguration(id: "file", target: .file(FileTarget(path: file))).forReplay])
        try desk.journal.append(alerts, sinks: ["file"])
        try await desk.drained("file")
        try await desk.stop()
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == alerts.count && lines.allSatisfy { $0.contains(#","replay":true,"source""#) })
        let said = try Schemas.run("messages", "alert-event.json", lines)
        #expect(said.isRight, "\(said.text)")
    }

    /// The line would be thinned, by its rate and by its length: not for a replay, where every version is wanted.
    @Test func noVersionIsPassedOver() async throws {
        let receiver = try await Receiver()
        var sink = try webhook(receiver.url)
        sink.flow = DeliveryFlow(rate: DeliveryRate(perSecond: 100, burst: 1), thinAbove: 0)
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        let versions = (1...15).map { version in
            replayed("aaa", version: version, state: version == 1 ? .opened : version == 15 ? .closed : .updated)
        }
        try journal.append(versions, sinks: ["dispatch"])
        let desk = try Desk([sink.forReplay], journal: journal, folder: folder)
        try await desk.drained()
        #expect(try await desk.status()?.supersededTotal == 0)
        try await desk.stop()
        let arrived = receiver.accepted.map(\.id)
        let wanted = (1...15).map { "replay-20261122T013102000345Z.aaa.\($0)" }
        #expect(arrived == wanted)
        await receiver.stop()
    }

    /// The daemon's file is its own to put aside.
    @Test func theDaemonsFileIsNotPutAside() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/alerts.jsonl"
        let target = FileTarget(path: file, rotateBytes: 100)
        let desk = try Desk([SinkConfiguration(id: "file", target: .file(target)).forReplay], folder: folder)
        try await desk.append(replayed("aaa"), replayed("bbb"))
        try await desk.drained("file")
        try await desk.stop()
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 2)
        #expect(!FileManager.default.fileExists(atPath: file + ".1"))
    }

    /// A display that shows whether the daemon is there goes on showing it while a replay comes and goes.
    @Test(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"))
    func theDaemonsAvailabilityIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        let broker = try Broker.mqtt(folder: folder.path)
        let feed = SinkConfiguration(
            id: "feed", target: .mqtt(try MQTTTarget(host: "127.0.0.1", port: broker.port)), retry: quickRetry)
        let ear = try MQTTSubscriber(port: broker.port, topic: "snowline/#", file: folder.path + "/ear")
        let daemon = try Desk([feed])
        try await eventually("the daemon is there") { try ear.lines.contains { $0.body == "online" } }
        let rehearsal = try Desk([feed.forReplay])
        try await rehearsal.append(replayed("aaa"))
        try await rehearsal.drained("feed")
        try await rehearsal.stop()
        // Heard in the order of the broker: whatever the replay had said at its end would stand before this.
        try await daemon.append(sampleAlert(id: "bbb"))
        try await eventually("heard") { try ear.lines.contains { $0.body.contains("\"bbb.1\"") } }
        #expect(try ear.lines.contains { $0.body.contains("000345Z.aaa.1\"") })
        #expect(try ear.lines.filter { $0.topic == "snowline/availability" }.map(\.body) == ["online"])
        let late = try MQTTSubscriber(
            port: broker.port, topic: "snowline/availability", file: folder.path + "/late")
        try await eventually("known") { try late.lines.first?.body == "online" }
        try await daemon.stop()
    }

    /// A receipt is a request: the first answer counts, and it must be the daemon's.
    @Test(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"))
    func receiptsAreAnsweredByTheDaemonAlone() async throws {
        let folder = try TemporaryFolder()
        let broker = try Broker.nats(folder: folder.path)
        let listener = try NATSListener(port: broker.port)
        let bus = SinkConfiguration(
            id: "bus", target: .nats(try natsTarget(broker)), duty: .untilReceipt(resendAfter: .seconds(600)),
            retry: quickRetry)
        let rehearsal = try Desk([bus.forReplay])
        try await rehearsal.append(replayed("aaa"))
        // Done when the stream has it: nobody would confirm it.
        try await rehearsal.drained("bus")
        #expect(listener.request("receipts", #"{"receipts": ["aaa.1"]}"#) == nil, "nobody but the daemon answers")
        let daemon = try Desk([bus])
        try await daemon.append(sampleAlert(id: "aaa"))
        try await eventually("both are in the stream: neither is taken for the other") { listener.stored() == 2 }
        try await eventually("waits") { try await daemon.status("bus")?.unconfirmed == 1 }
        let answer = try #require(listener.request("receipts", #"{"receipts": ["aaa.1"]}"#))
        #expect(answer.contains(#""confirmed":1"#), "\(answer)")
        try await rehearsal.stop()
        try await daemon.stop()
    }
}
