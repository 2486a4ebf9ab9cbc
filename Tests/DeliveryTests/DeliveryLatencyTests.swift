import Delivery
import Foundation
import Journal
import Logging
import Scene
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeliveryLatencyTests {
    private func alert(_ id: String, version: Int = 1, isReplay: Bool = false) -> Alert {
        var alert = sampleAlert(id: id, version: version, state: version == 1 ? .opened : .updated, camera: id)
        alert.reception.serverTime = .now - .milliseconds(300)
        alert.reception.latencyMilliseconds = 200
        alert.reception.isReplay = isReplay
        return alert
    }

    @Test func theFirstVersionIsTimedFromItsPictureToTheSinksWord() async throws {
        let receiver = try await Receiver()
        // The second alert is taken only at the second attempt.
        receiver.answer { _, count in count == 1 ? .status(503) : .status(200) }
        let desk = try Desk([webhook(receiver.url)])
        try await desk.append(alert("a"))
        try await desk.append(alert("b"))
        try await desk.append(alert("a", version: 2))
        try await desk.append(alert("c", isReplay: true))
        try await desk.drained()
        // They are noted just after the journal knows.
        var taken: [Int64] = []
        try await eventually("both noted") {
            let latencies = await desk.dispatcher.takeLatencies()
            #expect(Array(latencies.keys) == ["dispatch"])
            taken += latencies["dispatch"] ?? []
            return taken.count >= 2
        }
        #expect(taken.count == 2, "the first versions of what was not replayed: \(taken)")
        #expect(taken.allSatisfy { (500..<120_000).contains($0) }, "\(taken)")
        #expect(await desk.dispatcher.takeLatencies()["dispatch"] == [], "told once")
        try await desk.stop()
        await receiver.stop()
    }

    /// Being asked to stop is no trouble of the journal.
    @Test func stoppingWithABacklogSaysNothingOfTheJournal() async throws {
        let dead = try await Receiver()
        await dead.stop()
        let lines = Mutex<[String]>([])
        let sink = try webhook(dead.url)
        for _ in 0..<20 {
            let folder = try TemporaryFolder()
            let journal = try AlertJournal(folder: folder.path)
            let logger = Logger(label: "test") { _ in LineNoting { line in lines.withLock { $0.append(line) } } }
            let dispatcher = Dispatcher(journal: journal, sinks: [sink], logger: logger)
            let task = Task { try await dispatcher.run() }
            for number in 0..<40 { try journal.append([alert("c\(number)")], sinks: ["dispatch"]) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...20)))
            task.cancel()
            try await task.value
            #expect(try journal.reader.outbox().first { $0.sink == "dispatch" }?.pending == 40)
        }
        let said = lines.withLock { $0 }
        #expect(!said.contains { $0.contains("CancellationError") || $0.hasPrefix("error") }, "\(said.suffix(5))")
    }
}

/// Hands on each line that is logged.
private struct LineNoting: LogHandler {
    let note: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ note: @escaping @Sendable (String) -> Void) { self.note = note }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { note("\(event.level) \(event.message) \(event.metadata ?? [:])") }
}
