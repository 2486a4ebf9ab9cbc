import Delivery
import Foundation
import Scene
import TestSupport
import Testing

/// What every kind of sink owes its relay; a new kind gets a stage here or does not compile.
@Suite(.timeLimit(.minutes(5))) struct SinkContractTests {
    /// The far end of a sink, which a test can break and look into.
    private struct Stage {
        let sink: any Sink
        /// What it says of a delivery that has arrived.
        var taken = SinkOutcome.confirmed
        let breakIt: () async throws -> Void
        let mendIt: () async throws -> Void
        /// Bodies that arrived whole.
        let arrived: () throws -> [String]
        let end: () async -> Void
    }

    private func stage(_ kind: SinkKind, _ folder: TemporaryFolder) async throws -> Stage {
        switch kind {
        case .webhook:
            let receiver = try await Receiver()
            return Stage(
                sink: try webhook(receiver.url).makeSink(SinkEnvironment(), logger: silent),
                breakIt: { receiver.answer { _, _ in .status(503) } },
                mendIt: { receiver.answer { _, _ in .status(200) } },
                arrived: { receiver.accepted.map(\.body) },
                end: { await receiver.stop() })
        case .file:
            let path = folder.path + "/sink/alerts.jsonl"
            let sink = try SinkConfiguration(id: "file", target: .file(FileTarget(path: path)))
                .makeSink(SinkEnvironment(), logger: silent)
            return Stage(
                sink: sink,
                breakIt: {
                    await sink.close()
                    try FileManager.default.moveItem(atPath: folder.path + "/sink", toPath: folder.path + "/away")
                    try Data().write(to: URL(fileURLWithPath: folder.path + "/sink"))
                },
                mendIt: {
                    try FileManager.default.removeItem(atPath: folder.path + "/sink")
                    try FileManager.default.moveItem(atPath: folder.path + "/away", toPath: folder.path + "/sink")
                },
                arrived: { try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init) },
                end: {})
        case .mqtt:
            let broker = try Broker.mqtt(folder: folder.path)
            let subscriber = try MQTTSubscriber(
                port: broker.port, topic: "snowline/alerts/#", file: folder.path + "/heard")
            let sink = try SinkConfiguration(
                id: "feed", target: .mqtt(try MQTTTarget(host: "127.0.0.1", port: broker.port))
            )
            .makeSink(SinkEnvironment(), logger: silent)
            return Stage(
                sink: sink, taken: .acknowledged, breakIt: { broker.kill() }, mendIt: { try broker.restart() },
                arrived: { try subscriber.lines.map(\.body) }, end: { broker.kill() })
        case .nats:
            let broker = try Broker.nats(folder: folder.path)
            let listener = try NATSListener(port: broker.port)
            let sink = try SinkConfiguration(id: "bus", target: .nats(try natsTarget(broker)))
                .makeSink(SinkEnvironment(), logger: silent)
            return Stage(
                sink: sink, taken: .acknowledged, breakIt: { broker.kill() }, mendIt: { try broker.restart() },
                arrived: { listener.bodies }, end: { broker.kill() })
        }
    }

    @Test(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"), arguments: SinkKind.allCases)
    func confirmedMeansArrivedAndFailedMeansTryAgain(kind: SinkKind) async throws {
        let folder = try TemporaryFolder()
        let stage = try await stage(kind, folder)
        let deliveries = (0..<20).map { Delivery(id: "n\($0).1", body: "{\"number\":\($0),\"字\":\"南门\"}", attempts: 0) }
        let sink = stage.sink
        // A client connects, and a subscriber subscribes, when it can.
        try await eventually("\(kind) takes the first") { await sink.deliver(deliveries[0]) == stage.taken }
        let outcomes = await withTaskGroup(of: SinkOutcome.self) { group in
            for delivery in deliveries.dropFirst() { group.addTask { await sink.deliver(delivery) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0 == stage.taken }, "\(outcomes)")
        try await eventually("all have arrived") {
            try stage.arrived().sorted() == deliveries.map(\.body).sorted()
        }

        try await stage.breakIt()
        let late = Delivery(id: "late.1", body: "{\"late\":true}", attempts: 0)
        guard case .failed(let reason, _) = await stage.sink.deliver(late) else {
            Issue.record("a broken \(kind) did not fail")
            return
        }
        #expect(!reason.isEmpty)
        #expect(!reason.contains("path-secret"))
        try await stage.mendIt()
        try await eventually("\(kind) takes it again") { await sink.deliver(late) == stage.taken }
        try await eventually("it has arrived") { try stage.arrived().contains(late.body) }
        await stage.sink.close()
        await stage.end()
    }
}
