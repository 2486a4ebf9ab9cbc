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
                sink: try webhook(receiver.url).makeSink(SinkEnvironment()),
                breakIt: { receiver.answer { _, _ in .status(503) } },
                mendIt: { receiver.answer { _, _ in .status(200) } },
                arrived: { receiver.accepted.map(\.body) },
                end: { await receiver.stop() })
        case .file:
            let path = folder.path + "/sink/alerts.jsonl"
            let sink = try SinkConfiguration(id: "file", target: .file(FileTarget(path: path)))
                .makeSink(SinkEnvironment())
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
        }
    }

    @Test(arguments: SinkKind.allCases)
    func confirmedMeansArrivedAndFailedMeansTryAgain(kind: SinkKind) async throws {
        let folder = try TemporaryFolder()
        let stage = try await stage(kind, folder)
        let deliveries = (0..<20).map { Delivery(id: "n\($0).1", body: "{\"number\":\($0),\"字\":\"南门\"}", attempts: 0) }
        let sink = stage.sink
        let outcomes = await withTaskGroup(of: SinkOutcome.self) { group in
            for delivery in deliveries { group.addTask { await sink.deliver(delivery) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0 == .confirmed })
        #expect(try stage.arrived().sorted() == deliveries.map(\.body).sorted())

        try await stage.breakIt()
        let late = Delivery(id: "late.1", body: "{\"late\":true}", attempts: 0)
        guard case .failed(let reason, _) = await stage.sink.deliver(late) else {
            Issue.record("a broken \(kind) did not fail")
            return
        }
        #expect(!reason.isEmpty)
        #expect(!reason.contains("path-secret"))
        try await stage.mendIt()
        #expect(await stage.sink.deliver(late) == .confirmed)
        #expect(try stage.arrived().contains(late.body))
        await stage.sink.close()
        await stage.end()
    }
}
