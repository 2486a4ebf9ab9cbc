import Evidence
import Foundation
import Journal
import Logging
import Scene
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(3)))
struct TakenAlertIDTests {
    private func decision(_ id: String, summary: String) -> AlertDecision {
        let start = MediaTime(microseconds: 52_000_000)
        return AlertDecision(
            id: id, version: 1, state: .opened, camera: CameraID("gate")!,
            place: CameraPlace(
                site: "530302", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "南门", cameraClass: .a),
            rule: RuleID("yard")!, ruleRevision: "r1", kind: .zone, occurrence: .occupied, anchor: .foot, start: start,
            last: start, end: nil, isHolding: true, count: 1, findings: [], measures: [:],
            summary: .init(zh: summary, en: summary),
            provenance: .init(model: "visible", modelHash: "m", configurationHash: "c"))
    }

    @Test func anAlertUnderATakenIDNeverHoldsTheCamera() throws {
        let folder = try ScratchFolder()
        let journal = try AlertJournal(folder: folder.path)
        let counters = CameraCounters()
        let outlet = JournalOutlet(
            camera: CameraID("gate")!, journal: journal, sinks: SharedSinks(["dispatch"]),
            store: EvidenceStore(folder: folder.path), restoring: [], clock: { MediaTime(microseconds: 53_000_000) },
            counters: counters, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let at = MediaTime(microseconds: 52_000_000)
        outlet.publish([decision("a", summary: "first")], decidedAt: at)
        outlet.publish([decision("a", summary: "other"), decision("b", summary: "sound")], decidedAt: at)
        let kept = try journal.reader.alerts()
        #expect(kept.map(\.decision.summary.en).sorted() == ["first", "sound"])
        #expect(kept.map(\.reception.sequence).sorted() == [1, 2])
        #expect(counters.snapshot.journalFailures == 1)
        try journal.close()
    }
}
