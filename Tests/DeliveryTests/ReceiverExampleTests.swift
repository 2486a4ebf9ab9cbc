import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// docs/examples/receiver.py against the webhook sink: it verifies, keeps each once, and is short.
@Suite(.enabled(if: ExampleReceiver.isAvailable, "needs /usr/bin/python3"), .timeLimit(.minutes(5)))
struct ReceiverExampleTests {
    @Test func itKeepsEachAlertOnceOverKillsAndRepeats() async throws {
        let folder = try TemporaryFolder()
        let example = try ExampleReceiver(folder: folder.path, secret: sampleSecretText)
        let desk = try Desk([try webhook(example.url)], folder: folder)
        for number in 0..<30 {
            try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number % 4)"))
            if number % 12 == 7 { try example.restart() }
        }
        try await desk.drained()
        try await desk.stop()
        // The same once more, as after an answer that got lost.
        let sink = try webhook(example.url).makeSink(SinkEnvironment(), logger: silent)
        let kept = try example.kept()
        #expect(kept.count == 30 && Set(kept.map(\.id)) == Set((0..<30).map { "n\($0).1" }))
        for one in kept {
            #expect(await sink.deliver(Delivery(id: one.id, body: one.body, attempts: 1)) == .confirmed)
        }
        await sink.close()
        #expect(try example.kept().count == 30)
        example.stop()
    }

    @Test func itRefusesWhatIsNotSignedOrOld() async throws {
        let folder = try TemporaryFolder()
        let example = try ExampleReceiver(
            folder: folder.path, secret: "whsec_" + Data(repeating: 7, count: 32).base64EncodedString())
        let message = Delivery(id: "a.1", body: "{}", attempts: 0)
        let stranger = try webhook(example.url).makeSink(SinkEnvironment(), logger: silent)
        guard case .refused(let reason) = await stranger.deliver(message) else {
            Issue.record("it took a message with a strange signature")
            return
        }
        #expect(reason.contains("401") && reason.contains("the same secret"), "\(reason)")
        await stranger.close()
        example.stop()
        let own = try ExampleReceiver(folder: folder.path, secret: sampleSecretText)
        let late = try webhook(own.url).makeSink(
            SinkEnvironment(clock: { MediaTime.now - MediaSpan.seconds(301) }), logger: silent)
        guard case .refused = await late.deliver(message) else {
            Issue.record("it took a message from five minutes ago")
            return
        }
        await late.close()
        #expect(try own.kept().isEmpty)
        own.stop()
    }

    @Test func itIsAsShortAsPromised() throws {
        let text = try String(contentsOfFile: ExampleReceiver.script, encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
    }
}
