import Foundation
import Journal
import Scene
import Synchronization
import TestSupport
import Testing

/// `kill -9` of the daemon while an episode is open.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct CrashTests {
    @Test func anOpenEpisodeGoesOnUnderItsIDAndNothingIsMissing() async throws {
        let receiver = try await Receiver()
        // The receiver accepts each message at its second coming only: its first answer is lost on the way, so that
        // the kill finds messages that were accepted but not confirmed.
        let seen = Mutex<Set<String>>([])
        receiver.answer { id, _ in seen.withLock { $0.insert(id).inserted } ? .hangUp : .status(204) }
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))], webhook: receiver.url)
        let first = try await Daemon.running(site)
        let opened = try await openedYard(receiver, first)
        try await first.kill()
        let before = try site.journaled()
        #expect(before.contains { $0.decision.id == opened.decision.id && $0.decision.isHolding })

        let second = try await Daemon.running(site)
        let closed = try await receiver.event("yard closed", log: second.log) {
            $0.decision.id == opened.decision.id && $0.decision.state == .closed
        }
        // Found again in the second life, not just given up.
        #expect(closed.decision.count > opened.decision.count && closed.decision.version > 2)
        #expect((closed.decision.last - opened.decision.last).seconds > 1)
        let isDrained = try await waits {
            try await second.status().sink("dispatch")?.pending == 0 && Set(receiver.accepted.map(\.id)).count >= 4
        }
        #expect(isDrained, "\(second.log.suffix(2000))")
        try await second.stop()
        let journaled = try site.journaled()
        expectWhole(journaled)
        let versions = journaled.filter { $0.decision.id == opened.decision.id }.map(\.decision)
        #expect(versions.count { $0.state == .closed } == 1)
        #expect(journaled.starts(with: before) || Set(before).isSubset(of: Set(journaled)))
        try receiver.expectSound()
        let names = Set(journaled.map { "\($0.decision.id).\($0.decision.version)" })
        #expect(Set(receiver.accepted.map(\.id)) == names)
        #expect(receiver.requests.count > names.count, "what the lost answers hid was sent again")
        await receiver.stop()
    }

    @Test func anEpisodeOfACameraRemovedMeanwhileIsClosed() async throws {
        let receiver = try await Receiver()
        let camera = try Scenes.camera("gate", "lawn")
        let site = try Site(["gate", "lawn"].map { .init(id: $0, url: camera.address($0)) }, webhook: receiver.url)
        let first = try await Daemon.running(site)
        let opened = try await openedYard(receiver, first)
        try await first.kill()
        try site.configure([.init(id: "lawn", url: camera.address("lawn"))], webhook: receiver.url)
        let second = try await Daemon.running(site)
        let closed = try await receiver.event("closed", log: second.log) {
            $0.decision.id == opened.decision.id && $0.decision.state == .closed
        }
        #expect(closed.decision.end == closed.decision.last)
        #expect(!closed.data.reception.evidence.isEmpty, "it names the stills of its opening")
        try await second.stop()
        expectWhole(try site.journaled())
        await receiver.stop()
    }

    /// Killed again and again in the middle of journaling and delivering, at places drawn from a seed.
    @Test(arguments: [UInt64.random(in: 0..<1000)])
    func killedAtAnyMomentNothingIsMissing(seed: UInt64) async throws {
        let receiver = try await Receiver()
        receiver.answer { _, count in count % 3 == 0 ? .hangUp : count % 7 == 1 ? .status(503) : .status(204) }
        let camera = try Scenes.camera("gate")
        var cameras = (1...8).map { Site.Camera(id: "dead-\($0)", url: "rtsp://127.0.0.1:1/gate") }
        cameras.append(.init(id: "gate", url: camera.address("gate")))
        let site = try Site(cameras, webhook: receiver.url)
        var random = SeededRandom(seed: seed)
        var kept: Set<Alert> = []
        for _ in 0..<5 {
            let daemon = try Daemon(site)
            let goal = receiver.requests.count + Int.random(in: 1...12, using: &random)
            let isReached = try await waits { receiver.requests.count >= goal || !daemon.program.isRunning }
            #expect(isReached && daemon.program.isRunning, "seed \(seed): \(daemon.log.suffix(2000))")
            try await daemon.kill()
            let now = Set(try site.journaled())
            #expect(kept.isSubset(of: now), "seed \(seed)")
            kept = now
        }
        receiver.answer { _, _ in .status(204) }
        let last = try await Daemon.running(site)
        try await last.waitsForStatus("all delivered", within: .seconds(90)) { $0.sink("dispatch")?.pending == 0 }
        try await last.stop()
        let journaled = try site.journaled()
        expectWhole(journaled)
        #expect(kept.isSubset(of: Set(journaled)), "seed \(seed)")
        try receiver.expectSound()
        let arrived = Set(receiver.accepted.map(\.id))
        let missing = kept.map { "\($0.decision.id).\($0.decision.version)" }.filter { !arrived.contains($0) }
        #expect(missing.isEmpty, "seed \(seed)")
        await receiver.stop()
    }

    private func openedYard(_ receiver: Receiver, _ daemon: Daemon) async throws -> DeliveredEvent {
        try await receiver.event("yard occupied", log: daemon.log) {
            $0.decision.camera.text == "gate" && $0.decision.rule.text == "yard" && $0.decision.state == .opened
        }
    }
}
