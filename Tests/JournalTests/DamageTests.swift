import Foundation
import GRDB
import Scene
import Synchronization
import Testing

@testable import Journal

/// Damage inside what was already on the disk.
@Suite(.timeLimit(.minutes(2))) struct DamageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/journal.sqlite" }

    private func garble(from offset: Int, _ count: Int) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ 7) }))
        try file.close()
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func eventually(_ condition: () throws -> Bool) throws {
        for _ in 0..<2000 {
            if (try? condition()) == true { return }
            Thread.sleep(forTimeInterval: 0.01)
        }
        Issue.record("waited in vain")
    }

    @Test func aFileThatIsNoJournalIsSetAsideWithTheTime() throws {
        let bytes = Data("this is no database, whatever its name says".utf8)
        try bytes.write(to: URL(fileURLWithPath: path))
        let journal = try AlertJournal(folder: folder.path, clock: { MediaTime("2026-11-22T01:31:02Z")! })
        let aside = try #require(journal.health.setAside.first)
        #expect(aside.name == "journal.sqlite.damaged-20261122T013102Z")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + aside.name)) == bytes)
        #expect(journal.health.state == .working)
        try journal.append([sampleAlert()], sinks: ["dispatch"])
        #expect(try journal.reader.changes().map(\.kind) == [.journalSetAside])
        #expect(try journal.reader.changes().first?.detail["file"] == aside.name)
        #expect(try ChainVerification.run(folder: folder.path).isSound)
    }

    /// Opens the journal on damage in its middle and looks at what came over.
    @Test func whatCanBeReadOfADamagedJournalGoesOn() throws {
        let alerts = 300
        var journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        for number in 0..<alerts {
            try journal.append(
                [sampleAlert(id: "alert-\(number)", camera: "c\(number % 2)")], sinks: ["dispatch"])
        }
        let order = ArmingOrder(act: .disarm, camera: CameraID("c0"), since: .now, who: "Wang", why: "repair")
        try journal.record([order])
        _ = try journal.hold("alert-1", who: "Li", why: "police request")
        try journal.close()
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
        ).intValue
        // A tenth of the file, in its middle.
        try garble(from: size / 2 / 4096 * 4096, size / 10)

        journal = try AlertJournal(folder: folder.path)
        let aside = try #require(journal.health.setAside.first)
        #expect(try names().contains(aside.name))
        let saved = try journal.reader.alerts()
        #expect(saved.count == aside.savedVersions)
        #expect((1..<alerts).contains(saved.count), "\(aside)")
        #expect(!aside.unreadable.isEmpty)
        // Whatever is there is there as it was, and will be delivered.
        let texts = try Set(
            (0..<alerts).map { number in
                try DecisionCoder.text(sampleAlert(id: "alert-\(number)", camera: "c\(number % 2)").decision)
            })
        #expect(try saved.allSatisfy { texts.contains(try DecisionCoder.text($0.decision)) })
        #expect(try journal.reader.outbox().first { $0.sink == "dispatch" }?.pending == saved.count)
        // Counters go on behind all that was given away.
        let next = try journal.append([sampleAlert(id: "next", camera: "c1")], sinks: [])[0]
        let highest = saved.filter { $0.decision.camera.text == "c1" }.map(\.reception.sequence).max() ?? 0
        #expect(next.reception.sequence > highest)
        let report = try ChainVerification.run(folder: folder.path)
        #expect(report.isSound, "\(report.findings)")
    }

    /// The root of a table is gone: of the others everything comes over.
    @Test func ordersHoldsAndCountersComeOver() throws {
        var journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        for number in 0..<40 { try journal.append([sampleAlert(id: "a\(number)")], sinks: ["dispatch"]) }
        try journal.record([ArmingOrder(act: .disarm, since: .now, who: "Wang", why: "repair")])
        _ = try journal.hold("a1", who: "Li", why: "police request")
        _ = try journal.record(AlertVerdict(alert: "a2", judgement: .confirmed, who: "desk"))
        let root = try journal.pool.read { database in
            try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'coverage_gap'")
        }
        try journal.close()
        try garble(from: (try #require(root) - 1) * 4096, 4096)

        journal = try AlertJournal(folder: folder.path)
        let aside = try #require(journal.health.setAside.first)
        #expect(aside.unreadable == ["coverage_gap"])
        #expect(aside.savedVersions == 40 && aside.savedDeliveries == 40 && aside.refusedVersions == 0)
        #expect(try journal.reader.armingOrders().map(\.why) == ["repair"])
        #expect(try journal.reader.holds().map(\.alert) == ["a1"])
        #expect(try journal.reader.verdicts().map(\.alert) == ["a2"])
        #expect(try journal.reader.alert(id: "a2").map(\.verified) == [true])
        #expect(try journal.reader.lastSequence(camera: CameraID("south-gate")!) == 40)
        let report = try ChainVerification.run(folder: folder.path)
        #expect(report.isSound, "\(report.findings)")
    }

    @Test func damageMetWhileRunningIsRepairedWithoutAnEnd() throws {
        let journal = try AlertJournal(folder: folder.path)
        let states = Mutex<[JournalHealth.State]>([])
        journal.onHealth { health in states.withLock { $0.append(health.state) } }
        for number in 0..<400 {
            try journal.append([sampleAlert(id: "a\(number)", state: .closed)], sinks: ["dispatch"])
        }
        try journal.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
        ).intValue
        try garble(from: 8 * 4096, size - 8 * 4096)
        // What SQLite holds in memory would hide it from this process.
        try journal.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA shrink_memory") }
        journal.pool.releaseMemory()

        let stored = Mutex<[String]>([])
        for number in 0..<50 {
            let outcome = try journal.keep([sampleAlert(id: "later-\(number)")], sinks: ["dispatch"]) { result in
                let ids = (try? result.get())?.map(\.decision.id) ?? []
                stored.withLock { $0 += ids }
            }
            if case .stored(let alerts) = outcome { stored.withLock { $0 += alerts.map(\.decision.id) } }
            _ = try? journal.reader.alerts()
        }
        try eventually { stored.withLock { $0.count } == 50 && journal.health.state == .working }
        #expect(journal.health.setAside.count == 1)
        #expect(states.withLock { $0.first } == .damaged && states.withLock { $0.last } == .working)
        let ids = Set(try journal.reader.alerts().map(\.decision.id))
        #expect((0..<50).allSatisfy { ids.contains("later-\($0)") })
        #expect(journal.health.spilledAlerts == 0)
        let report = try ChainVerification.run(folder: folder.path)
        #expect(report.isSound, "\(report.findings)")
        try journal.close()
    }

    @Test func aCommandIsToldOfDamageAndChangesNothing() throws {
        try AlertJournal(folder: folder.path).close()
        try garble(from: 0, 100)
        let before = try names()
        let error = #expect(throws: JournalError.self) { try JournalReader(folder: folder.path).alerts() }
        #expect("\(try #require(error))".contains("is damaged"))
        #expect(throws: JournalError.self) { try AlertJournal(beside: folder.path) }
        #expect(try names().filter { $0.contains("damaged") } == before.filter { $0.contains("damaged") })
    }
}
