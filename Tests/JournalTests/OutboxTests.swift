import Foundation
import GRDB
import Scene
import Synchronization
import Testing

@testable import Journal

/// A server clock that a test moves.
final class TestClock: Sendable {
    private let time = Mutex(MediaTime(microseconds: 1_700_000_000_000_000))

    var now: MediaTime { time.withLock { $0 } }

    func advance(seconds: Double) {
        time.withLock { $0 = $0 + .seconds(seconds) }
    }
}

@Suite struct OutboxTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
    }

    private func due(_ sink: String = "dispatch", excluding: Set<String> = [], limit: Int = 8) async throws -> [String]
    {
        try await journal.dueRows(sink: sink, at: clock.now, excluding: excluding, limit: limit).map {
            "\($0.alertID).\($0.version)"
        }
    }

    private func row(_ name: String) async throws -> Int64 {
        let rows = try await journal.dueRows(sink: "dispatch", at: clock.now, limit: 100)
        return try #require(rows.first { "\($0.alertID).\($0.version)" == name }).number
    }

    @Test func oldestOfEachCameraWithClassAFirst() async throws {
        try journal.append([sampleAlert(id: "a", camera: "one")], sinks: ["dispatch"])
        try journal.append([sampleAlert(id: "a", version: 2, camera: "one")], sinks: ["dispatch"])
        try journal.append([sampleAlert(id: "b", camera: "two", cameraClass: .a)], sinks: ["dispatch", "file"])
        #expect(try await due() == ["b.1", "a.1"])
        #expect(try await due(limit: 1) == ["b.1"])
        #expect(try await due(excluding: ["two"]) == ["a.1"])
        #expect(try await due("file") == ["b.1"])
        #expect(try await due("nobody").isEmpty)
    }

    @Test func failedRowHoldsItsCameraAndRefusedOneDoesNot() async throws {
        try journal.append([sampleAlert(id: "a", camera: "one")], sinks: ["dispatch"])
        try journal.append([sampleAlert(id: "b", camera: "one")], sinks: ["dispatch"])
        let later = clock.now + .seconds(5)
        try await journal.mark([(row: row("a.1"), mark: .failed(error: "down", nextAttempt: later))])
        #expect(try await due().isEmpty)
        #expect(try await journal.nextDue(sink: "dispatch") == later)
        clock.advance(seconds: 5)
        try await journal.mark([(row: row("a.1"), mark: .refused(error: "400", nextAttempt: clock.now + .seconds(60)))])
        #expect(try await due() == ["b.1"])
        try await journal.mark([(row: row("b.1"), mark: .failed(error: "down", nextAttempt: clock.now + .seconds(90)))])
        clock.advance(seconds: 60)
        #expect(try await due() == ["a.1"])
        let standing = try #require(try journal.reader.outbox().first)
        #expect(standing.pending == 2)
        #expect(standing.refused == 1)
        #expect(standing.lastError == "down")
    }

    @Test func comingBackMakesAllDueInOrder() async throws {
        for name in ["a", "b"] { try journal.append([sampleAlert(id: name)], sinks: ["dispatch"]) }
        let later = clock.now + .seconds(300)
        try await journal.mark([(row: row("a.1"), mark: .refused(error: "401", nextAttempt: later))])
        try await journal.mark([(row: row("b.1"), mark: .failed(error: "down", nextAttempt: later))])
        #expect(try await due().isEmpty)
        try await journal.expedite(sink: "dispatch")
        #expect(try await due() == ["a.1"])
    }

    @Test func acknowledgedIsSentAgainUntilConfirmed() async throws {
        try journal.append([sampleAlert()], sinks: ["dispatch"])
        let number = try await row("a.1")
        try await journal.mark([(row: number, mark: .acknowledged(resendAt: clock.now + .seconds(60)))])
        try await journal.expedite(sink: "dispatch")
        #expect(try await due().isEmpty)
        clock.advance(seconds: 60)
        #expect(try await due() == ["a.1"])
        try await journal.mark([(row: number, mark: .confirmed)])
        #expect(try await due().isEmpty)
        #expect(try await journal.nextDue(sink: "dispatch") == nil)
        let standing = try #require(try journal.reader.outbox().first)
        #expect((standing.pending, standing.confirmed) == (0, 1))
    }

    @Test func sinksComeAndGo() async throws {
        try journal.configureSinks(["dispatch"])
        try journal.append([sampleAlert(id: "a")], sinks: ["dispatch"])
        try journal.configureSinks(["other"])
        #expect(try await due("other").isEmpty)
        try journal.append([sampleAlert(id: "b")], sinks: ["other"])
        let standings = try journal.reader.outbox()
        #expect(standings.map(\.sink) == ["dispatch", "other"])
        #expect(standings.map(\.isConfigured) == [false, true])
        #expect(standings.map(\.pending) == [1, 1])
        #expect(standings[0].oldest == clock.now)
        try journal.configureSinks(["other", "dispatch"])
        #expect(try journal.reader.outbox().map(\.isConfigured) == [true, true])
    }

    @Test func changesAreKeptInOrder() throws {
        try journal.record(.started)
        try journal.record(.sessionAnchored, camera: CameraID("one"), detail: ["reason": "refused"])
        clock.advance(seconds: 1)
        try journal.record(.sessionEnded, camera: CameraID("one"))
        #expect(try journal.reader.changes().map(\.kind) == [.started, .sessionAnchored, .sessionEnded])
        #expect(try journal.reader.changes(camera: CameraID("one"), since: clock.now).map(\.kind) == [.sessionEnded])
        #expect(try journal.reader.changes(limit: 2).first?.detail == ["reason": "refused"])
    }

    @Test func headsAreFoundByIndexNotByScan() throws {
        let plan = try journal.pool.read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + AlertJournal.dueSQL,
                arguments: ["sink": "dispatch", "now": 0, "busy": "[]", "limit": 8, "crowded": true]
            ).map { $0["detail"] as String }
        }
        let scans = plan.filter { $0.contains("SCAN outbox") }
        #expect(scans.isEmpty, "\(plan)")
    }

    @Test func standingIsCountedThroughIndexes() throws {
        let plan = try journal.pool.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + JournalReader.standingSQL).map {
                $0["detail"] as String
            }
        }
        // One look through the sinks' names for rows of sinks that were never configured.
        let bare = plan.filter { $0.hasPrefix("SCAN outbox") && !$0.contains("INDEX") }
        #expect(bare.isEmpty, "\(plan)")
    }
}
