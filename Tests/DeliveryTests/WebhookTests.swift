import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// Against a real server, with the faults a real one has.
@Suite(.timeLimit(.minutes(5))) struct WebhookTests {
    @Test func eventCarriesWhatTheContractSays() async throws {
        let receiver = try await Receiver()
        let desk = try Desk([webhook(receiver.url)])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.drained()
        try await desk.stop()
        let request = try #require(receiver.accepted.first)
        #expect(receiver.requests.count == 1)
        #expect(request.id == "a.1")
        #expect(request.contentType == "application/cloudevents+json; charset=utf-8")
        #expect(request.path == "/alerts?token=path-secret")
        #expect(
            request.signature == independentSignature(id: request.id, timestamp: request.timestamp, body: request.body))
        let event = try #require(try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
        #expect(event["specversion"] as? String == "1.0")
        #expect(event["id"] as? String == "a.1")
        #expect(event["source"] as? String == "urn:snowline:530302/camera/south-gate")
        #expect(event["type"] as? String == "org.snowline.alert.zone.opened.v1")
        #expect(event["subject"] as? String == "lawn")
        #expect(event["time"] as? String == "1970-01-01T00:00:52.000000Z")
        #expect(event["datacontenttype"] as? String == "application/json")
        let stored = try #require(try desk.journal.reader.alert(id: "a").first)
        #expect(request.body.contains("\"data\":" + (try DecisionCoder.text(stored)) + ","))
        #expect(request.body.hasPrefix("{\"data\":{\"decision\":"))
        await receiver.stop()
    }

    @Test func receiverThatIsDownGetsEverythingWhenItIsBack() async throws {
        let receiver = try await Receiver()
        await receiver.stop()
        let desk = try Desk([webhook(receiver.url)])
        for number in 0..<20 { try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number % 3)")) }
        try await eventually("the outage is noticed") {
            guard case .backingOff = try await desk.status()?.state else { return false }
            return true
        }
        let status = try #require(try await desk.status())
        #expect(status.pending == 20)
        #expect(status.oldestAge != nil)
        #expect(status.lastError?.contains("connection refused; is the receiver running on that port") == true)
        #expect(status.lastError?.contains("path-secret") == false)
        let again = try await Receiver(port: receiver.port)
        try await desk.drained()
        #expect(Set(again.accepted.map(\.id)) == Set((0..<20).map { "n\($0).1" }))
        #expect(try await desk.status()?.state == .working)
        #expect(try await desk.status()?.lastError == nil)
        try await desk.stop()
        await again.stop()
    }

    @Test func eachAttemptIsTheSameMessageSignedAnew() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count < 6 ? .status(count % 2 == 0 ? 500 : 503) : .status(200) }
        let desk = try Desk([webhook(receiver.url)])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.drained()
        try await desk.stop()
        let requests = receiver.requests
        #expect(requests.count == 7)
        #expect(Set(requests.map(\.body)).count == 1)
        #expect(Set(requests.map(\.id)) == ["a.1"])
        for request in requests {
            #expect(
                request.signature
                    == independentSignature(id: request.id, timestamp: request.timestamp, body: request.body))
        }
        await receiver.stop()
    }

    @Test func lostAnswerMeansTheSameIDAgain() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count % 2 == 0 ? .hangUp : .status(202) }
        let desk = try Desk([webhook(receiver.url)])
        for number in 0..<5 { try await desk.append(sampleAlert(id: "n\(number)")) }
        try await desk.drained()
        try await desk.stop()
        let ids = receiver.requests.map(\.id)
        #expect(ids.count > 5)
        #expect(Set(ids) == Set((0..<5).map { "n\($0).1" }))
        for id in Set(ids) { #expect(Set(receiver.requests.filter { $0.id == id }.map(\.body)).count == 1) }
        await receiver.stop()
    }

    @Test func slowReceiverIsAskedAgain() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count == 0 ? .late(milliseconds: 3000) : .status(200) }
        let desk = try Desk([webhook(receiver.url, totalTimeout: .milliseconds(300))])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.drained()
        #expect(receiver.requests.map(\.id) == ["a.1", "a.1"])
        #expect(try await desk.status()?.failedAttempts == 1)
        try await desk.stop()
        await receiver.stop()
    }

    @Test func longAnswerDoesNotUndoTheConfirmation() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, _ in .long(bytes: 1 << 20) }
        let desk = try Desk([webhook(receiver.url)])
        for number in 0..<3 { try await desk.append(sampleAlert(id: "n\(number)")) }
        try await desk.drained()
        #expect(receiver.requests.count == 3)
        try await desk.stop()
        await receiver.stop()
    }

    @Test func retryAfterIsHonoured() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count == 0 ? .status(429, headers: ["retry-after": "1"]) : .status(200) }
        let desk = try Desk([webhook(receiver.url)])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.append(sampleAlert(id: "b", camera: "other"))
        try await desk.drained()
        try await desk.stop()
        let requests = receiver.requests
        let again = try #require(requests.last { $0.id == requests[0].id })
        #expect(again.arrived - requests[0].arrived >= .milliseconds(990))
        await receiver.stop()
    }

    @Test func goneDisablesTheSinkUntilReload() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, _ in .status(410) }
        let sink = try webhook(receiver.url)
        let desk = try Desk([sink])
        try await desk.append(sampleAlert(id: "a"))
        try await eventually("the sink is disabled") {
            guard case .disabled = try await desk.status()?.state else { return false }
            return true
        }
        try await desk.append(sampleAlert(id: "b"))
        try await Task.sleep(for: .milliseconds(100))
        #expect(receiver.requests.count == 1)
        #expect(try desk.pending() == 2)
        #expect(try desk.journal.reader.changes().map(\.kind) == [.sinkDisabled])
        receiver.answer { _, _ in .status(200) }
        try await desk.dispatcher.reload([sink])
        try await desk.drained()
        #expect(receiver.accepted.map(\.id) == ["a.1", "b.1"])
        try await desk.stop()
        await receiver.stop()
    }

    @Test func refusedMessageStandsAsideVisibly() async throws {
        let receiver = try await Receiver()
        receiver.answer { id, _ in .status(id == "bad.1" ? 400 : 200) }
        let desk = try Desk([webhook(receiver.url)])
        try await desk.append(sampleAlert(id: "bad"))
        for number in 0..<5 { try await desk.append(sampleAlert(id: "n\(number)")) }
        try await eventually("the others have gone through") { try desk.pending() == 1 }
        #expect(receiver.accepted.count == 5)
        try await eventually("it is tried again") { receiver.requests.filter { $0.id == "bad.1" }.count >= 3 }
        let status = try #require(try await desk.status())
        #expect(status.pending == 1)
        #expect(status.refused == 1)
        #expect(status.lastError?.contains("answered 400") == true)
        #expect(status.state == .working)
        receiver.answer { _, _ in .status(200) }
        try await desk.drained()
        try await desk.stop()
        await receiver.stop()
    }

    @Test(arguments: [401, 404, 302])
    func wrongSettingsOpenTheBreakerAndLoseNothing(status: Int) async throws {
        let receiver = try await Receiver()
        receiver.answer { _, _ in .status(status, headers: ["location": "/elsewhere"]) }
        let desk = try Desk([webhook(receiver.url)])
        for number in 0..<12 { try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number % 2)")) }
        try await eventually("the sink is left alone") {
            guard case .backingOff = try await desk.status()?.state else { return false }
            return true
        }
        receiver.answer { _, _ in .status(200) }
        try await desk.drained()
        #expect(Set(receiver.accepted.map(\.id)) == Set((0..<12).map { "n\($0).1" }))
        #expect(receiver.requests.allSatisfy { $0.path.hasPrefix("/alerts") })
        try await desk.stop()
        await receiver.stop()
    }
}
