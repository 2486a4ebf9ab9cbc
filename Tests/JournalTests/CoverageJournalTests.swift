import Foundation
import Journal
import Scene
import TestSupport
import Testing

@Suite("Account and orders in the journal")
struct CoverageJournalTests {
    private static let gate = CameraID("gate")!
    private static let lawn = RuleID("lawn")!
    private let scratch: ScratchFolder
    private let all = CoverageFilter(period: MediaTime.epoch..<MediaTime(microseconds: .max))

    init() throws { scratch = try ScratchFolder() }

    private func batch(
        _ camera: CameraID = gate, hour: Int64 = 0, state: CoverageState = .watched, seconds: Double, until: Int64
    ) -> CoverageBatch {
        var batch = CoverageBatch(camera: camera)
        batch.hours = [
            CoverageHour(camera: camera, rule: Self.lawn, hour: at(hour * 3600), state: state, span: .seconds(seconds))
        ]
        if state.isBlind {
            batch.gaps = [
                CoverageGap(
                    camera: camera, rule: Self.lawn, state: state, start: at(hour * 3600), end: at(until))
            ]
        }
        batch.accountedUntil = [Self.lawn: at(until)]
        return batch
    }

    @Test("sums are added, gaps replaced, cursors moved, and all of it is there after reopening")
    func adding() throws {
        do {
            let journal = try AlertJournal(folder: scratch.path)
            #expect(journal.append([batch(seconds: 20, until: 20)]).failed.isEmpty)
            #expect(journal.append([batch(seconds: 22.5, until: 42)]).error == nil)
            _ = journal.append([batch(hour: 1, state: .lost, seconds: 10, until: 3610)])
            _ = journal.append([batch(hour: 1, state: .lost, seconds: 20, until: 3630)])
            try journal.close()
        }
        let reader = try JournalReader(folder: scratch.path)
        let hours = try reader.coverage(all)
        #expect(hours.map(\.span) == [.seconds(42.5), .seconds(30)] && hours.map(\.state) == [.watched, .lost])
        #expect(try reader.coverageGaps(all).map(\.end) == [at(3630)])
        #expect(try reader.accountedUntil(camera: Self.gate) == [Self.lawn: at(3630)])
        let late = CoverageFilter(camera: Self.gate, rule: Self.lawn, period: at(3600)..<at(7200))
        #expect(try reader.coverage(late).count == 1)
        let other = CoverageFilter(camera: CameraID("other")!, period: all.period)
        #expect(try reader.coverage(other).isEmpty && reader.coverageGaps(other).isEmpty)
    }

    @Test("what is watched no more ends its account; retention takes old hours and gaps, and only those")
    func ending() throws {
        let now = MediaTime(microseconds: 100 * 86_400 * 1_000_000)
        let journal = try AlertJournal(folder: scratch.path, clock: { now })
        let cameras = (0..<40).map { CameraID("c\($0)")! }
        _ = journal.append(cameras.map { batch($0, hour: 1, state: .lost, seconds: 5, until: 3605) })
        _ = journal.append(cameras.map { batch($0, hour: 99 * 24, state: .lost, seconds: 5, until: 99 * 86_400 + 5) })
        try journal.keepAccounts(of: [cameras[0]: [Self.lawn], cameras[1]: []])
        #expect(try journal.reader.accountedUntil(camera: cameras[0]).count == 1)
        #expect(try journal.reader.accountedUntil(camera: cameras[1]).isEmpty)
        #expect(try journal.reader.accountedUntil(camera: cameras[2]).isEmpty)
        let report = try journal.prune(
            RetentionPolicy(age: MediaSpan(microseconds: 30 * 86_400 * 1_000_000), bytes: 1 << 40))
        #expect(report.coverage == 80)
        #expect(try journal.reader.coverage(all).count == 40 && journal.reader.coverageGaps(all).count == 40)
    }

    @Test("of each scope the newest order stays, every order stands among the changes, with who and why")
    func orders() throws {
        do {
            let journal = try AlertJournal(folder: scratch.path)
            try journal.record([order(.disarm, at: 10), order(.arm, camera: Self.gate, at: 11)])
            try journal.record([order(.arm, at: 20, until: 30), order(.hold, camera: Self.gate, at: 21, until: 22)])
            try journal.record([order(.preset, camera: Self.gate, at: 23)])
            try journal.close()
        }
        let reader = try JournalReader(folder: scratch.path)
        #expect(try reader.armingOrders().map(\.act) == [.arm, .arm, .hold, .preset])
        #expect(try reader.armingOrders().map(\.since) == [at(11), at(20), at(21), at(23)])
        #expect(try reader.armingOrders()[1].until == at(30))
        let changes = try reader.changes()
        #expect(changes.map(\.kind) == [.disarmed, .armed, .armed, .held, .presetTold])
        #expect(changes.allSatisfy { $0.detail["who"] == "Wang" && $0.detail["why"] == "gate repaired" })
        #expect(changes[2].detail["until"] == "\(at(30))" && changes[1].camera == Self.gate)
    }

    private func order(
        _ act: ArmingOrder.Act, camera: CameraID? = nil, at second: Int64, until: Int64? = nil
    ) -> ArmingOrder {
        ArmingOrder(
            act: act, camera: camera, since: at(second), until: until.map { at($0) }, who: "Wang",
            why: "gate repaired")
    }
}

private func at(_ second: Int64) -> MediaTime { MediaTime(microseconds: second * 1_000_000) }
