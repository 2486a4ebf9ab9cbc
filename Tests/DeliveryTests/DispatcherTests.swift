import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DispatcherTests {
    @Test func deadSinkDoesNotHoldUpTheOther() async throws {
        let dead = try await Receiver()
        await dead.stop()
        let receiver = try await Receiver()
        let desk = try Desk([webhook(dead.url, id: "dead"), webhook(receiver.url, id: "alive")])
        for number in 0..<30 { try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number % 5)")) }
        try await desk.drained("alive")
        #expect(receiver.accepted.count == 30)
        #expect(try desk.pending("dead") == 30)
        try await desk.stop()
        await receiver.stop()
    }

    @Test func camerasKeepTheirOrderThroughFailures() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in
            switch count % 11 {
            case 3: .status(503)
            case 7: .hangUp
            default: .status(200)
            }
        }
        let desk = try Desk([webhook(receiver.url)])
        for number in 0..<200 {
            let version = number / 10 + 1
            try await desk.append(
                sampleAlert(id: "episode-\(number % 10)", version: version, camera: "c\(number % 10)"))
        }
        try await desk.drained()
        try await desk.stop()
        let accepted = receiver.accepted.map(\.id)
        #expect(accepted.count >= 200)
        for camera in 0..<10 {
            let ids = accepted.filter { $0.hasPrefix("episode-\(camera).") }
            #expect(ids == (1...20).map { "episode-\(camera).\($0)" })
        }
        await receiver.stop()
    }

    @Test func nothingIsLostWhenStoppedInTheMiddle() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count % 5 == 4 ? .hangUp : .status(200) }
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        let sink = try webhook(receiver.url)
        for round in 0..<4 {
            let desk = try Desk([sink], journal: journal, folder: folder)
            for number in 0..<15 {
                try await desk.append(sampleAlert(id: "r\(round)-\(number)", camera: "c\(number % 4)"))
            }
            try await eventually("some have arrived") { receiver.accepted.count > round * 10 }
            try await desk.stop()
        }
        let desk = try Desk([sink], journal: journal, folder: folder)
        try await desk.drained()
        try await desk.stop()
        #expect(Set(receiver.accepted.map(\.id)).count == 60)
        await receiver.stop()
    }

    @Test func sinksComeAndGoAtReload() async throws {
        let first = try await Receiver()
        let second = try await Receiver()
        let desk = try Desk([webhook(first.url, id: "first")])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.drained("first")
        await first.stop()
        try await desk.append(sampleAlert(id: "b"))
        try await desk.dispatcher.reload([webhook(second.url, id: "second")])
        try await desk.append(sampleAlert(id: "c"))
        try await desk.drained("second")
        #expect(second.accepted.map(\.id) == ["c.1"])
        let removed = try #require(try await desk.status("first"))
        #expect(removed.state == .removed)
        #expect(removed.pending == 1)
        // The same sink at another address takes up its rows.
        try await desk.dispatcher.reload([webhook(second.url, id: "first")])
        try await desk.drained("first")
        #expect(second.accepted.map(\.id) == ["c.1", "b.1"])
        try await desk.stop()
        await second.stop()
    }

    @Test func sinkThatCannotBeSetUpIsReported() async throws {
        let receiver = try await Receiver()
        let target = try WebhookTarget(
            url: "https://127.0.0.1:1/", secret: sampleSecret(), certificateAuthorityFile: "/nonexistent/ca.pem")
        let desk = try Desk([
            SinkConfiguration(id: "broken", target: .webhook(target)), webhook(receiver.url)
        ])
        try await desk.append(sampleAlert(id: "a"))
        try await desk.drained()
        guard case .unusable(let reason) = try await desk.status("broken")?.state else {
            Issue.record("the sink is not reported")
            return
        }
        #expect(reason.hasPrefix("ca file /nonexistent/ca.pem cannot be read"))
        #expect(try desk.pending("broken") == 1)
        try await desk.stop()
        await receiver.stop()
    }
}
