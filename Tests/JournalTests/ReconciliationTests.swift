import Foundation
import GRDB
import Scene
import Synchronization
import Testing

@testable import Journal

/// raised = journaled = acked = confirmed, and each that is not by its name; and sending again what is asked for.
@Suite struct ReconciliationTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
        try journal.configureSinks(["bus", "dispatch"])
    }

    private func append(_ alerts: Alert..., sinks: [String] = ["bus", "dispatch"]) throws {
        try journal.append(alerts, sinks: sinks)
    }

    private func mark(_ name: String, _ sink: String, _ mark: OutboxMark) async throws {
        let rows = try await journal.dueRows(sink: sink, at: clock.now, limit: 100)
        let row = try #require(rows.first { "\($0.alertID).\($0.version)" == name })
        try await journal.mark([(row: row.number, mark: mark)])
    }

    private func differences(grace: MediaSpan = .zero) throws -> [String] {
        try journal.reader.reconcile(at: clock.now, grace: grace).differences.map {
            "\($0.kind.rawValue) \($0.id) \($0.sink ?? "-")"
        }
    }

    @Test func allConfirmedIsNoDifference() async throws {
        try append(sampleAlert(id: "a"), sampleAlert(id: "a", version: 2, state: .closed))
        #expect(try journal.confirm([.init(alert: "a", version: 1), .init(alert: "a", version: 2)]).confirmed == 4)
        let report = try journal.reader.reconcile(at: clock.now)
        #expect(report.raised == 2 && report.journaled == 2 && report.pruned == 0 && report.differences.isEmpty)
        #expect(report.sinks.map(\.journaled) == [2, 2] && report.sinks.map(\.acked) == [2, 2])
        #expect(report.sinks.map(\.confirmed) == [2, 2] && report.sinks.map(\.isConfigured) == [true, true])
    }

    @Test func eachDifferenceIsNamed() async throws {
        try append(sampleAlert(id: "a", camera: "one"), sampleAlert(id: "b", camera: "two"))
        try append(sampleAlert(id: "c", camera: "three"))
        try await mark("a.1", "bus", .acknowledged(resendAt: clock.now + .seconds(60)))
        try await mark("b.1", "bus", .refused(error: "answered 400", nextAttempt: clock.now + .seconds(60)))
        for name in ["a.1", "b.1", "c.1"] { try await mark(name, "dispatch", .confirmed) }
        let report = try journal.reader.reconcile(at: clock.now)
        #expect(try differences() == ["unconfirmed a.1 bus", "refused b.1 bus", "waiting c.1 bus"])
        #expect(report.differences[1].detail.contains("answered 400"))
        let bus = try #require(report.sinks.first { $0.sink == "bus" })
        #expect(bus.journaled == 3 && bus.acked == 1 && bus.confirmed == 0)
        // What has only just come is on its way.
        #expect(try differences(grace: .seconds(1)).isEmpty)
        clock.advance(seconds: 2)
        #expect(try differences(grace: .seconds(1)).count == 3)
    }

    @Test func whatWasPassedOverIsKnownAndNotLost() async throws {
        for version in 1...4 {
            try append(
                sampleAlert(id: "a", version: version, state: version == 1 ? .opened : .updated), sinks: ["bus"])
        }
        try journal.configureSinks(["bus"])
        #expect(try await journal.thin(sink: "bus") == 2)
        #expect(try differences().filter { $0.hasPrefix("superseded") } == ["superseded a.2 bus", "superseded a.3 bus"])
        try await mark("a.1", "bus", .confirmed)
        try await mark("a.4", "bus", .confirmed)
        let report = try journal.reader.reconcile(at: clock.now)
        #expect(report.differences.isEmpty && report.sinks.first { $0.sink == "bus" }?.superseded == 2)
        #expect(report.sinks.first { $0.sink == "bus" }?.confirmed == 4)
    }

    @Test func rowsAndVersionsThatAreGoneAreFound() throws {
        for version in 1...3 { try append(sampleAlert(id: "a", version: version)) }
        try append(sampleAlert(id: "b", camera: "two"))
        _ = try journal.confirm((1...3).map { .init(alert: "a", version: $0) } + [.init(alert: "b", version: 1)])
        #expect(try differences().isEmpty)
        try journal.pool.write { database in
            try database.execute(sql: "DELETE FROM outbox WHERE id = 'b' AND sink = 'bus'")
        }
        #expect(try differences() == ["not_queued b.1 bus"])
        try journal.pool.write { database in
            try database.execute(sql: "DELETE FROM outbox WHERE id = 'a' AND version = 2")
            try database.execute(sql: "DELETE FROM alert_version WHERE id = 'a' AND version = 2")
        }
        #expect(
            try differences() == ["not_journaled south-gate -", "version_missing a.2 -", "not_queued b.1 bus"])
    }

    @Test func whatRetentionTookIsNotMissing() throws {
        try append(sampleAlert(id: "old", state: .closed))
        _ = try journal.confirm([.init(alert: "old", version: 1)])
        clock.advance(seconds: 73 * 3600)
        try append(sampleAlert(id: "new"))
        _ = try journal.confirm([.init(alert: "new", version: 1)])
        // Rows are released first, the alert later.
        _ = try journal.prune(RetentionPolicy(age: .seconds(1e6), bytes: .max))
        #expect(try journal.reader.outbox().map(\.confirmed) == [1, 1])
        #expect(try differences().isEmpty)
        #expect(try journal.reader.reconcile(at: clock.now).sinks.map(\.confirmed) == [2, 2])
        _ = try journal.prune(RetentionPolicy(age: .seconds(10), bytes: .max))
        let report = try journal.reader.reconcile(at: clock.now)
        #expect(report.raised == 2 && report.journaled == 2 && report.pruned == 1 && report.differences.isEmpty)
    }

    @Test func aSinkOwesWhatCameAfterIt() throws {
        try append(sampleAlert(id: "a"))
        _ = try journal.confirm([.init(alert: "a", version: 1)])
        clock.advance(seconds: 1)
        try journal.configureSinks(["bus", "late"])
        try append(sampleAlert(id: "b"), sinks: ["bus", "late"])
        _ = try journal.confirm([.init(alert: "b", version: 1)])
        let report = try journal.reader.reconcile(at: clock.now)
        #expect(report.differences.isEmpty)
        #expect(
            report.sinks.map { "\($0.sink) \($0.journaled) \($0.isConfigured)" } == [
                "bus 2 true", "dispatch 1 false", "late 1 true"
            ])
    }

    @Test func confirmedAlertIsSentAgainWhenAskedFor() async throws {
        try append(sampleAlert(id: "a"), sampleAlert(id: "a", version: 2, state: .updated), sampleAlert(id: "b"))
        for name in ["a", "b"] { _ = try journal.confirm([.init(alert: name, version: 1)]) }
        _ = try journal.confirm([.init(alert: "a", version: 2)])
        let woken = Counter()
        journal.onAppend { woken.increment() }
        let report = try journal.resend(ResendRequest(ids: ["a", "b.1", "none", "b.7"], sink: "bus", who: "desk 3"))
        #expect(report.queued == 3 && report.unknown == ["none", "b.7"])
        #expect(woken.value == 1)
        #expect(try journal.reader.outbox().map(\.pending) == [3, 0])
        #expect(try await journal.dueRows(sink: "bus", at: clock.now, limit: 9).map(\.alertID) == ["a"])
        let change = try #require(try journal.reader.changes().last)
        #expect(change.kind == .resent && change.detail == ["rows": "3", "sink": "bus", "who": "desk 3"])
    }

    @Test func releasedRowsComeBackAndFiltersFit() throws {
        try append(sampleAlert(id: "a", camera: "one"), sampleAlert(id: "b", camera: "two"))
        _ = try journal.confirm([.init(alert: "a", version: 1), .init(alert: "b", version: 1)])
        clock.advance(seconds: 80 * 3600)
        _ = try journal.prune(RetentionPolicy(age: .seconds(1e6), bytes: .max))
        #expect(try journal.reader.outbox().map(\.confirmed) == [0, 0])
        #expect(try journal.resend(ResendRequest(camera: CameraID("one"))).queued == 2)
        #expect(try journal.reader.outbox().map(\.pending) == [1, 1])
        // Only what is not confirmed: the other camera's row is not there, so nothing of it is sent.
        #expect(try journal.resend(ResendRequest(unconfirmed: true)).queued == 2)
        #expect(try journal.resend(ResendRequest(since: MediaTime(microseconds: 53_000_000))).queued == 4)
        #expect(try journal.resend(ResendRequest(until: MediaTime(microseconds: 52_000_000))).queued == 0)
    }

    @Test(arguments: [
        (ResendRequest(), "name what to send again"), (ResendRequest(ids: []), "name what to send again"),
        (ResendRequest(ids: Array(repeating: "a", count: 1001)), "at most 1000"),
        (ResendRequest(ids: ["a"], sink: "paper"), "\"paper\" is not configured; there are bus, dispatch"),
        (ResendRequest(ids: ["a"], who: String(repeating: "x", count: 201)), "at most 200 characters")
    ]) func whatCannotBeSentAgainIsSaid(request: ResendRequest, words: String) throws {
        let error = #expect(throws: ResendProblem.self) { try journal.resend(request) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    /// A journal as the release before this one left it.
    @Test func anOlderJournalIsTakenOver() async throws {
        try append(sampleAlert(id: "a", cameraClass: .a, severity: 3))
        try append(sampleAlert(id: "a", version: 2, state: .updated, cameraClass: .a, severity: 3))
        try append(sampleAlert(id: "grave", camera: "two", severity: 1))
        try await journal.pool.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    DROP INDEX outbox_lanes; DROP INDEX outbox_updates; DROP INDEX outbox_superseded;
                    ALTER TABLE outbox DROP COLUMN is_update;
                    ALTER TABLE alert_version DROP COLUMN journaled;
                    ALTER TABLE camera_sequence DROP COLUMN pruned;
                    UPDATE outbox SET lane = 1;
                    UPDATE camera_sequence SET last = 7 WHERE camera = 'two';
                    DELETE FROM grdb_migrations WHERE identifier LIKE '5%';
                    """)
        }
        try journal.close()
        let again = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
        try again.configureSinks(["bus", "dispatch"])
        let due = try await again.dueRows(sink: "bus", at: clock.now, limit: 9)
        #expect(due.map(\.alertID) == ["grave", "a"])
        let report = try again.reader.reconcile(at: clock.now)
        #expect(report.raised == 9 && report.pruned == 6 && report.journaled == 9)
        #expect(report.differences.allSatisfy { $0.kind == .waiting } && report.differences.count == 6)
        #expect(try await again.thin(sink: "bus") == 0)
        try again.append([sampleAlert(id: "a", version: 3, state: .closed, cameraClass: .a)], sinks: ["bus"])
        #expect(try await again.thin(sink: "bus") == 1)
    }
}

/// Counts calls from any thread.
private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}
