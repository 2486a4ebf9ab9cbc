import Foundation
import Journal
import Scene
import Testing

@Suite struct RetentionTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
    }

    private func ids() throws -> [String] { try journal.reader.alerts().map(\.decision.id).sorted() }

    @Test func oldClosedAlertsGoWithTheirEvidence() throws {
        try journal.append([sampleAlert(id: "old", state: .closed, evidenceBytes: 10)], sinks: [])
        try journal.append([sampleAlert(id: "open")], sinks: [])
        try journal.record(.started)
        clock.advance(seconds: 100)
        try journal.append([sampleAlert(id: "new", state: .closed)], sinks: [])
        let report = try journal.prune(RetentionPolicy(age: .seconds(50), bytes: 1 << 30))
        #expect(try ids() == ["new", "open"])
        #expect(report.alerts == 1)
        #expect(report.changes == 1)
        #expect(report.evidencePaths == ["stills/old-1.jpg"])
        #expect(!report.isOverLimit)
    }

    @Test func undeliveredAlertsStayHoweverOld() async throws {
        try journal.append([sampleAlert(id: "a", state: .closed)], sinks: ["dispatch"])
        clock.advance(seconds: 1000 * 86_400)
        let policy = RetentionPolicy(age: .seconds(50), bytes: 0)
        #expect(try journal.prune(policy).isOverLimit)
        #expect(try ids() == ["a"])
        let rows = try await journal.dueRows(sink: "dispatch", at: clock.now, limit: 1)
        try await journal.mark([(row: rows[0].number, mark: .confirmed)])
        clock.advance(seconds: 71 * 3600)
        #expect(try journal.prune(policy).outboxRows == 0)
        #expect(try ids() == ["a"])
        clock.advance(seconds: 2 * 3600)
        #expect(try journal.prune(policy).outboxRows == 1)
        #expect(try ids().isEmpty)
    }

    @Test func oldestGoFirstWhenThereIsTooMuch() throws {
        for number in 0..<450 {
            try journal.append(
                [sampleAlert(id: "n\(1000 + number)", state: .closed, evidenceBytes: 1 << 20)], sinks: [])
            clock.advance(seconds: 1)
        }
        let report = try journal.prune(RetentionPolicy(age: .seconds(1e9), bytes: 300 << 20))
        let left = try ids()
        #expect(left.last == "n1449")
        #expect(left.first == "n\(1450 - left.count)")
        #expect((50...299).contains(left.count))
        #expect(report.alerts == 450 - left.count)
        #expect(report.bytesLeft <= 300 << 20)
        #expect(try journal.reader.lastSequence(camera: #require(CameraID("south-gate"))) == 450)
    }
}
