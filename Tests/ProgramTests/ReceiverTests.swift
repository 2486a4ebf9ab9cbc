import Foundation
import Scene
import TestSupport
import Testing

/// The dispatch platform is away, fails, or loses its answer.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct ReceiverTests {
    @Test func alertsWaitForAReceiverThatIsDown() async throws {
        let port = try FreePort.take()
        let camera = try Scenes.camera("gate")
        let site = try Site(
            [.init(id: "gate", url: camera.address("gate"))],
            webhook: "http://127.0.0.1:\(port)/alerts?token=path-secret")
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("an attempt failed") { status in
            guard let sink = status.sink("dispatch") else { return false }
            return sink.pending >= 2 && sink.lastError?.contains("connection refused") == true
        }
        #expect(!daemon.log.contains("path-secret"))
        let receiver = try await Receiver(port: port)
        try await daemon.waitsForStatus("delivered") { $0.sink("dispatch").map { $0.pending == 0 } ?? false }
        try await daemon.stop()
        try receiver.expectSound()
        try expectAllArrivedInOrder(receiver, site, daemon)
        await receiver.stop()
    }

    @Test func failuresAndLostAnswersAreRepeatedUnderTheSameID() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in
            switch count {
            case 0..<2: .status(500)
            case 2..<4: .hangUp
            default: .status(204)
            }
        }
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))], webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("delivered") {
            $0.sink("dispatch").map { $0.pending == 0 && $0.confirmed >= 2 } ?? false
        }
        let first = try #require(receiver.requests.first)
        #expect(receiver.requests.prefix(5).map(\.id) == Array(repeating: first.id, count: 5))
        #expect(Set(receiver.requests.prefix(5).map(\.body)) == [first.body])
        try await daemon.stop()
        try receiver.expectSound()
        try expectAllArrivedInOrder(receiver, site, daemon)
        await receiver.stop()
    }

    @Test func whatWaitsFollowsAReceiverThatMoved() async throws {
        let camera = try Scenes.camera("gate")
        let gate = Site.Camera(id: "gate", url: camera.address("gate"))
        let site = try Site([gate], webhook: "http://127.0.0.1:\(try FreePort.take())/alerts")
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("alerts wait") { $0.sink("dispatch")?.pending ?? 0 >= 2 }
        let receiver = try await Receiver()
        try site.configure([gate], webhook: receiver.url)
        daemon.program.send(SIGHUP)
        try await daemon.waitsForStatus("delivered") { $0.sink("dispatch").map { $0.pending == 0 } ?? false }
        #expect(try await daemon.status().camera("gate")?.sessions == 1, "its camera did not notice")
        try await daemon.stop()
        try receiver.expectSound()
        try expectAllArrivedInOrder(receiver, site, daemon)
        await receiver.stop()
    }

    private func expectAllArrivedInOrder(_ receiver: Receiver, _ site: Site, _ daemon: Daemon) throws {
        let journaled = try site.journaled().sorted { $0.reception.sequence < $1.reception.sequence }
        expectWhole(journaled)
        let names = journaled.map { "\($0.decision.id).\($0.decision.version)" }
        let accepted = receiver.accepted.map(\.id)
        // What was journaled in the last moment before the stop may wait for the next start.
        #expect(
            accepted.count >= 2 && accepted == Array(names.prefix(accepted.count)),
            "\(accepted) \(names)\n\(daemon.log.split(separator: "\n").filter { $0.contains("sink") || $0.contains("delivery") })"
        )
    }
}
