import Foundation
import GRDB
import Scene
import TestSupport
import Testing

@testable import Journal

/// What goes first, what is passed over, and that nothing is lost by it.
@Suite struct LaneTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
        try journal.configureSinks(["dispatch"])
    }

    private func append(_ alerts: Alert...) throws { try journal.append(alerts, sinks: ["dispatch"]) }

    private func rows(isCrowded: Bool = false, excluding: Set<String> = []) async throws -> [OutboxRow] {
        try await journal.dueRows(
            sink: "dispatch", at: clock.now, excluding: excluding, isCrowded: isCrowded, limit: 100)
    }

    private func due(isCrowded: Bool = false) async throws -> [String] {
        try await rows(isCrowded: isCrowded).map { "\($0.alertID).\($0.version)" }
    }

    private func confirm(_ name: String) async throws {
        let row = try #require(try await rows().first { "\($0.alertID).\($0.version)" == name }, "\(name) is not due")
        try await journal.mark([(row: row.number, mark: .confirmed)])
    }

    @Test func whatIsGraveGoesFirstThenClassA() async throws {
        try append(sampleAlert(id: "plain", camera: "one"), sampleAlert(id: "three", camera: "two", severity: 3))
        try append(sampleAlert(id: "class-a", camera: "three", cameraClass: .a, severity: 4))
        try append(sampleAlert(id: "two", camera: "four", severity: 2))
        try append(sampleAlert(id: "one", camera: "five", cameraClass: .a, severity: 1))
        #expect(try await due() == ["one.1", "two.1", "class-a.1", "plain.1", "three.1"])
    }

    @Test func aGraveAlertTakesItsCamerasLineWithItAndOvertakesNothingInIt() async throws {
        try append(sampleAlert(id: "other", camera: "other"))
        for version in 1...3 {
            try append(sampleAlert(id: "motion", version: version, state: version == 1 ? .opened : .updated))
        }
        try append(sampleAlert(id: "door", severity: 1))
        // The rule has become harmless meanwhile: what is left in line is no longer urgent.
        try append(sampleAlert(id: "door", version: 2, state: .closed, severity: 4))
        var order: [String] = []
        while let next = try await due().first {
            order.append(next)
            try await confirm(next)
        }
        #expect(order == ["motion.1", "motion.2", "motion.3", "door.1", "other.1", "door.2"])
    }

    @Test func aFailedRowHoldsItsWholeCamera() async throws {
        try append(sampleAlert(id: "a"), sampleAlert(id: "b"))
        let first = try #require(try await rows().first)
        let later = clock.now + .seconds(60)
        try await journal.mark([(row: first.number, mark: .failed(error: "down", nextAttempt: later))])
        try append(sampleAlert(id: "grave", severity: 1))
        #expect(try await due().isEmpty)
        clock.advance(seconds: 60)
        #expect(try await due() == ["a.1"])
        #expect(try await rows(excluding: ["south-gate"]).isEmpty)
    }

    @Test func newestWaitingUpdateStandsForTheOthers() async throws {
        try append(sampleAlert(id: "a", camera: "one"))
        for version in 2...5 { try append(sampleAlert(id: "a", version: version, state: .updated, camera: "one")) }
        try append(sampleAlert(id: "b", camera: "two"))
        for version in 2...3 { try append(sampleAlert(id: "b", version: version, state: .updated, camera: "two")) }
        try append(sampleAlert(id: "b", version: 4, state: .closed, camera: "two"))
        #expect(try await journal.thin(sink: "dispatch") == 5)
        #expect(try await journal.thin(sink: "dispatch") == 0)
        var standing = try #require(try journal.reader.outbox().first)
        #expect(standing.pending == 4 && standing.superseded == 5 && standing.confirmed == 0)
        var order: [String] = []
        while let next = try await due().first {
            order.append(next)
            try await confirm(next)
        }
        #expect(order == ["a.1", "a.5", "b.1", "b.4"])
        standing = try #require(try journal.reader.outbox().first)
        #expect(standing.pending == 0 && standing.superseded == 0 && standing.confirmed == 9)
        // Versions that were passed over are in the journal as before.
        #expect(try journal.reader.alert(id: "a").map(\.decision.version) == [1, 2, 3, 4, 5])
    }

    @Test func whatWasPassedOverIsSettledByTheNewerVersionOnly() async throws {
        for version in 1...3 {
            try append(sampleAlert(id: "a", version: version, state: version == 1 ? .opened : .updated))
        }
        #expect(try await journal.thin(sink: "dispatch") == 1)
        try await confirm("a.1")
        #expect(try journal.reader.outbox().first?.superseded == 1)
        // Neither coming back nor a late end of its own attempt puts it in line again.
        try await journal.expedite(sink: "dispatch")
        #expect(try await due() == ["a.3"])
        let outcome = try journal.confirm([DeliveryReceipt(alert: "a", version: 3)])
        #expect(outcome.confirmed == 1)
        let standing = try #require(try journal.reader.outbox().first)
        #expect(standing.superseded == 0 && standing.confirmed == 3)
    }

    @Test func camerasWithNewsGoBeforeThoseWithNothingButUpdates() async throws {
        for camera in ["one", "two"] {
            try append(sampleAlert(id: camera, camera: camera))
            try await confirm("\(camera).1")
            try append(sampleAlert(id: camera, version: 2, state: .updated, camera: camera))
        }
        try append(sampleAlert(id: "late", camera: "three"))
        // An update goes before the opening behind it: it holds the camera's order.
        try append(sampleAlert(id: "behind", camera: "two"))
        #expect(try await due() == ["one.2", "two.2", "late.1"])
        #expect(try await due(isCrowded: true) == ["two.2", "late.1", "one.2"])
    }

    @Test func crowdedIsJudgedByWhatWaitsInLine() async throws {
        for number in 0..<4 { try append(sampleAlert(id: "n\(number)")) }
        #expect(try await journal.isCrowded(sink: "dispatch", above: 3))
        #expect(try await !journal.isCrowded(sink: "dispatch", above: 4))
        #expect(try await !journal.isCrowded(sink: "other", above: 0))
    }

    /// Whatever comes, is passed over or fails: each camera's versions arrive in the order in which they were raised,
    /// the newest of each alert always, and an opening is never passed over.
    @Test(arguments: 1...12) func nothingIsToldOutOfOrder(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var versions: [String: Int] = [:]
        var arrived: [OutboxRow] = []
        var closed: Set<String> = []
        for step in 0..<120 {
            switch Int.random(in: 0...5, using: &random) {
            case 0...2:
                let id = "a\(Int.random(in: 0...9, using: &random))"
                guard !closed.contains(id) else { continue }
                let version = (versions[id] ?? 0) + 1
                versions[id] = version
                let isEnd = version > 1 && Int.random(in: 0...7, using: &random) == 0
                if isEnd { closed.insert(id) }
                try append(
                    sampleAlert(
                        id: id, version: version, state: version == 1 ? .opened : isEnd ? .closed : .updated,
                        camera: "c\(id.last!.wholeNumberValue! % 3)", severity: Int.random(in: 1...4, using: &random)))
            case 3: _ = try await journal.thin(sink: "dispatch")
            default: try await deliver(&random, step: step, into: &arrived)
            }
        }
        for round in 0..<400 {
            guard try journal.reader.outbox().first?.pending ?? 0 > 0 else { break }
            clock.advance(seconds: 100)
            try await deliver(&random, step: 1000 + round, into: &arrived)
        }
        #expect(try journal.reader.outbox().first.map { $0.pending + $0.superseded } == 0, "seed \(seed)")
        for (id, count) in versions {
            let told = arrived.filter { $0.alertID == id }.map(\.version)
            #expect(told.first == 1 && told.last == count, "seed \(seed): \(id) \(told) of \(count)")
        }
        for (camera, rows) in Dictionary(grouping: arrived, by: \.camera) {
            let numbers = rows.map(\.number)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count, "seed \(seed): \(camera)")
        }
    }

    private func deliver(_ random: inout SeededRandom, step: Int, into arrived: inout [OutboxRow]) async throws {
        guard let row = try await rows(isCrowded: step % 2 == 0).first else { return }
        if Int.random(in: 0...3, using: &random) == 0 {
            let next = clock.now + .seconds(10)
            try await journal.mark([(row: row.number, mark: .failed(error: "down", nextAttempt: next))])
        } else {
            arrived.append(row)
            try await journal.mark([(row: row.number, mark: .confirmed)])
        }
    }
}
