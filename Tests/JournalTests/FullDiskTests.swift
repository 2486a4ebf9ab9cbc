import Foundation
import GRDB
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Journal

@Suite(.enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.requirement)), .timeLimit(.minutes(2)))
struct FullDiskTests {
    private let stored = StoredIDs()

    private final class StoredIDs: Sendable {
        private let ids = Mutex<[String]>([])
        private let errors = Mutex<[String]>([])
        var all: [String] { ids.withLock { $0 } }
        var refusals: [String] { errors.withLock { $0 } }

        func take(_ result: Result<[Alert], any Error>) {
            let new = (try? result.get())?.map { "\($0.decision.id).\($0.decision.version)" } ?? []
            ids.withLock { $0 += new }
            if case .failure(let error) = result { errors.withLock { $0.append("\(error)") } }
        }
    }

    private func keep(_ alert: Alert, in journal: AlertJournal) throws -> KeepOutcome {
        let stored = stored
        let outcome = try journal.keep([alert], sinks: ["dispatch"]) { stored.take($0) }
        if case .stored(let alerts) = outcome { stored.take(.success(alerts)) }
        return outcome
    }

    private func eventually(_ condition: () throws -> Bool) throws {
        for _ in 0..<1500 {
            if (try? condition()) == true { return }
            Thread.sleep(forTimeInterval: 0.02)
        }
        Issue.record("waited in vain")
    }

    @Test func whatIsRefusedThoughTheDiskIsWellHoldsNobodyElseUp() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let folder = disk.path + "/data"
        let journal = try AlertJournal(folder: folder, spillLimits: SpillLimits(pause: .milliseconds(5)))
        let queue = try DatabaseQueue(path: folder + "/journal.sqlite")
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER bad BEFORE INSERT ON alert_version WHEN new.id = 'bad'
                    BEGIN SELECT RAISE(ABORT, 'not this one'); END
                    """)
        }
        // Together with others, in one transaction of many threads, and alone.
        DispatchQueue.concurrentPerform(iterations: 40) { number in
            _ = try? keep(sampleAlert(id: number == 20 ? "bad" : "b\(number)"), in: journal)
        }
        try eventually { stored.all.count == 39 && stored.refusals.count == 1 }
        #expect(stored.refusals.first?.contains("does not take this: not this one") == true, "\(stored.refusals)")
        #expect(journal.health.state == .working && journal.health.spilledAlerts == 0)
        // Among others that wait for the disk it goes alone.
        try disk.fill()
        for number in 0..<300 { _ = try keep(sampleAlert(id: "a\(number)"), in: journal) }
        #expect(journal.health.state == .full)
        _ = try keep(sampleAlert(id: "bad"), in: journal)
        _ = try keep(sampleAlert(id: "last"), in: journal)
        disk.free()
        try eventually { stored.all.last == "last.1" && stored.refusals.count == 2 }
        #expect(stored.all.count == 340 && !stored.all.contains("bad.1"))
        #expect(stored.all.suffix(301) == (0..<300).map { "a\($0).1" } + ["last.1"])
        try journal.close()
    }

    @Test func alertsOfAFullDiskWaitInMemoryAndAreJournaledInOrderOnceThereIsRoom() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let journal = try AlertJournal(folder: disk.path + "/data", spillLimits: SpillLimits(pause: .milliseconds(20)))
        let states = Mutex<[JournalHealth.State]>([])
        journal.onHealth { health in states.withLock { $0.append(health.state) } }
        for number in 0..<20 { _ = try keep(sampleAlert(id: "a\(number)"), in: journal) }
        try disk.fill()
        var spilled = 0
        for number in 20..<520 {
            if case .spilled = try keep(sampleAlert(id: "a\(number)"), in: journal) { spilled += 1 }
        }
        #expect(spilled > 100)
        #expect(journal.health.state == .full)
        #expect(journal.health.spilledAlerts == spilled)
        #expect(try journal.reader.alerts().count == 520 - spilled)
        disk.free()
        try eventually { stored.all.count == 520 }
        #expect(stored.all == (0..<520).map { "a\($0).1" })
        #expect(journal.health.state == .working && journal.health.spilledAlerts == 0)
        #expect(states.withLock { $0 } == [.full, .working])
        let sequences = try journal.reader.alerts().map(\.reception.sequence).sorted()
        #expect(sequences == Array(1...520))
        try eventually { try journal.reader.changes().last?.kind == .journalRecovered }
        #expect(try journal.reader.outbox().map(\.pending) == [520])
        let report = try ChainVerification.run(folder: disk.path + "/data")
        #expect(report.isSound, "\(report.findings)")
        try journal.close()
    }

    @Test func memoryIsBoundedAndWhatDoesNotFitIsGivenBack() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let journal = try AlertJournal(
            folder: disk.path + "/data", spillLimits: SpillLimits(alerts: 30, pause: .milliseconds(20)))
        try disk.fill()
        var refused: [Int] = []
        for number in 0..<200 {
            if case .refused = try keep(sampleAlert(id: "a\(number)"), in: journal) { refused.append(number) }
        }
        #expect(journal.health.spilledAlerts == 30)
        #expect(refused.count > 50)
        // A camera brings again what was refused; nothing is lost.
        disk.free()
        for number in refused {
            try eventually {
                if case .refused = try keep(sampleAlert(id: "a\(number)"), in: journal) { return false }
                return true
            }
        }
        try eventually { stored.all.count == 200 }
        #expect(Set(stored.all).count == 200)
        #expect(try journal.reader.alerts().count == 200)
        try journal.close()
    }

    @Test func aProcessThatEndsOnAFullDiskStillKnowsWhatItCouldNotKeep() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let journal = try AlertJournal(folder: disk.path + "/data", spillLimits: SpillLimits(pause: .milliseconds(20)))
        try disk.fill()
        for number in 0..<100 { _ = try keep(sampleAlert(id: "a\(number)"), in: journal) }
        let lost = journal.takeSpilled().map(\.decision.id)
        #expect(lost.count + stored.all.count == 100)
        #expect(journal.takeSpilled().isEmpty)
        #expect(journal.health.spilledAlerts == 0)
        try? journal.close()
    }

    @Test func aFullOrReadOnlyDiskAtTheStartIsSaidAndMayPass() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        try AlertJournal(folder: disk.path + "/data").close()
        try disk.setReadOnly(true)
        let readOnly = #expect(throws: JournalError.self) { try AlertJournal(folder: disk.path + "/data") }
        #expect(try #require(readOnly).mayPass, "\(String(describing: readOnly))")
        try disk.setReadOnly(false)
        try disk.fill()
        let full = #expect(throws: JournalError.self) {
            try AlertJournal(folder: disk.path + "/data").append([sampleAlert()], sinks: [])
        }
        #expect(try #require(full).mayPass, "\(String(describing: full))")
        disk.free()
        let journal = try AlertJournal(folder: disk.path + "/data")
        try journal.append([sampleAlert()], sinks: [])
        try journal.close()
    }

    /// What the kernel does to a file system that it no longer trusts, seen from the process: its files refuse writes.
    @Test func filesThatTurnReadOnlyWhileRunningAreWaitedFor() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path, spillLimits: SpillLimits(pause: .milliseconds(20)))
        _ = try keep(sampleAlert(id: "a0"), in: journal)
        let names = ["journal.sqlite", "journal.sqlite-wal"].map { folder.path + "/" + $0 }
        guard names.allSatisfy({ Self.setImmutable($0, true) }) else { return }
        for number in 1..<20 { _ = try keep(sampleAlert(id: "a\(number)"), in: journal) }
        let health = journal.health
        for name in names { #expect(Self.setImmutable(name, false)) }
        // Not every file system refuses writes through files that are open already.
        if stored.all.count < 20 || health.spilledAlerts > 0 {
            #expect(health.state != .working)
            #expect(health.spilledAlerts > 0)
        }
        try eventually { stored.all.count == 20 }
        #expect(stored.all == (0..<20).map { "a\($0).1" })
        #expect(journal.health.state == .working && journal.health.setAside.isEmpty)
        try journal.close()
    }

    private static func setImmutable(_ path: String, _ isImmutable: Bool) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/chattr")
        process.arguments = [isImmutable ? "+i" : "-i", path]
        process.standardError = nil
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
