import Foundation
import GRDB
import Scene
import TestSupport
import Testing

@testable import Journal

/// What retention leaves of the chain, and what it must leave alone.
@Suite(.timeLimit(.minutes(2))) struct ChainRetentionTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal
    private let policy = RetentionPolicy(age: .seconds(50), bytes: 1 << 30)

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
    }

    private func verify() throws -> ChainReport { try ChainVerification.run(folder: folder.path) }

    @Test func aPrunedJournalVerifiesOverOneAnchor() throws {
        for number in 0..<60 { try journal.append([sampleAlert(id: "a\(number)", state: .closed)], sinks: []) }
        clock.advance(seconds: 100)
        try journal.append([sampleAlert(id: "new", state: .closed)], sinks: [])
        #expect(try journal.prune(policy).alerts == 60)
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        #expect(report.anchors == 1)
        #expect(report.removed == 60)
        #expect(report.entries == 3)
        #expect(report.head.hasPrefix("63:"))
        // And what comes then goes on after it.
        try journal.append([sampleAlert(id: "newer", state: .closed)], sinks: [])
        #expect(try verify().head.hasPrefix("64:"))
        #expect(try verify().isSound)
    }

    @Test func theChainGoesOnWhereAllOfItWasRemoved() throws {
        try journal.append([sampleAlert(id: "a", state: .closed)], sinks: [])
        clock.advance(seconds: 100)
        #expect(try journal.prune(policy).alerts == 1)
        try journal.append([sampleAlert(id: "b", state: .closed)], sinks: [])
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        #expect(report.head.hasPrefix("4:"))
    }

    @Test func anchorsCannotBeMovedForgedOrTakenAway() throws {
        for number in 0..<6 {
            try journal.append([sampleAlert(id: "a\(number)", state: number == 3 ? .opened : .closed)], sinks: [])
        }
        clock.advance(seconds: 100)
        #expect(try journal.prune(policy).alerts == 5)
        #expect(try verify().anchors == 2)
        for sql in [
            "UPDATE chain_anchor SET last = last - 1 WHERE first = 3", "DELETE FROM chain_anchor WHERE first = 3",
            "UPDATE chain_anchor SET after = zeroblob(32)", "UPDATE chain_anchor SET signature = zeroblob(64)",
            "UPDATE chain_anchor SET time = 5",
            // An alert deleted with its entry, under an anchor made longer.
            """
            DELETE FROM legal_hold; DELETE FROM episode WHERE id = 'a3'; DELETE FROM chain WHERE subject = 'a3.1';
            UPDATE chain_anchor SET last = last + 1 WHERE first = 3
            """
        ] {
            let copy = try TemporaryFolder()
            try journal.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            for name in ["journal.sqlite", "chain.pub", "chain.key", "chain.head"] {
                try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
            }
            let forger = try AlertJournal(beside: copy.path)
            try forger.pool.write { try $0.execute(sql: sql) }
            try forger.close()
            #expect(try !ChainVerification.run(folder: copy.path).isSound, "\(sql)")
        }
        #expect(try verify().isSound)
    }

    /// Anything in any order, with retention in between: the chain is sound after each round.
    @Test func retentionLeavesASoundChainWhateverCameBefore() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var number = 0
        for round in 0..<12 {
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                number += 1
                let id = "a\(Int.random(in: max(1, number - 6)...number, using: &random))"
                clock.advance(seconds: Double.random(in: 0...4, using: &random))
                switch Int.random(in: 0..<7, using: &random) {
                case 0: _ = try journal.hold(id, who: "Li", why: "case \(number)")
                case 1: _ = try journal.release(id, who: "Li", why: "done")
                case 2: _ = try journal.record(AlertVerdict(alert: id, judgement: .confirmed, who: "desk"))
                case 3: try journal.record(.configurationLoaded, detail: ["hash": "\(number)"])
                case 4:
                    let order = ArmingOrder(
                        act: .arm, camera: CameraID("c\(number % 3)"), since: clock.now, who: "Wang", why: "\(number)")
                    try journal.record([order])
                default:
                    let isClosed = Int.random(in: 0..<3, using: &random) > 0
                    try journal.append(
                        [sampleAlert(id: "a\(number)", state: isClosed ? .closed : .opened)],
                        sinks: Bool.random(using: &random) ? ["dispatch"] : [])
                }
            }
            let rows = try await journal.dueRows(sink: "dispatch", at: clock.now, limit: 100)
            try await journal.mark(rows.map { (row: $0.number, mark: .confirmed) })
            if Bool.random(using: &random) { clock.advance(seconds: 40 * 3600) }
            let bytes: Int64 = Bool.random(using: &random) ? 0 : 1 << 30
            _ = try journal.prune(
                RetentionPolicy(age: .seconds(Double.random(in: 1...60, using: &random)), bytes: bytes))
            let report = try verify()
            #expect(report.isSound, "seed \(seed), round \(round): \(report.findings)")
        }
    }

    @Test func aHeldAlertStaysWithItsEvidenceUntilReleased() throws {
        for id in ["held", "other"] {
            try journal.append([sampleAlert(id: id, state: .closed, evidenceBytes: 10)], sinks: [])
        }
        #expect(try journal.hold("held", who: "Li", why: "police request 17"))
        #expect(try journal.reader.holds().map(\.why) == ["police request 17"])
        #expect(try !journal.reader.maySpareEvidence(alertID: "held"))
        #expect(try journal.reader.maySpareEvidence(alertID: "other"))
        clock.advance(seconds: 1000)
        let report = try journal.prune(RetentionPolicy(age: .seconds(50), bytes: 0))
        #expect(report.evidencePaths == ["stills/other-1.jpg"])
        #expect(report.isOverLimit)
        #expect(try journal.reader.alerts().map(\.decision.id) == ["held"])
        #expect(try journal.release("held", who: "Li", why: "handed over"))
        #expect(try !journal.release("held", who: "Li", why: "again"))
        #expect(try journal.prune(policy).evidencePaths == ["stills/held-1.jpg"])
        #expect(try journal.reader.alerts().isEmpty)
        let verified = try verify()
        #expect(verified.isSound, "\(verified.findings)")
    }

    @Test func nothingIsHeldThatIsNotThere() throws {
        #expect(try !journal.hold("none", who: "Li", why: "?"))
        #expect(try journal.reader.holds().isEmpty)
    }

    /// The command writes beside the daemon, into the same chain.
    @Test func holdingBesideADaemonKeepsOneChain() throws {
        try journal.append([sampleAlert(id: "a", state: .closed)], sinks: [])
        let beside = try AlertJournal(beside: folder.path)
        #expect(try beside.hold("a", who: "Li", why: "police request"))
        try journal.append([sampleAlert(id: "b", state: .closed)], sinks: [])
        #expect(try beside.release("a", who: "Li", why: "done"))
        try beside.close()
        try journal.append([sampleAlert(id: "c", state: .closed)], sinks: [])
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        #expect(report.head.hasPrefix("7:"))
    }

    @Test func runsOfNumbers() {
        #expect(Chain.runs([]) == [])
        #expect(Chain.runs([5, 3, 4, 9, 11, 10, 1]) == [1...1, 3...5, 9...11])
    }
}
