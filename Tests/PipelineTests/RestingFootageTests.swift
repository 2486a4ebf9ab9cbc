import Foundation
import Logging
import Pipeline
import Review
import Scene
import TestSupport
import Testing

/// Real footage through exactly what `snowline replay` does.
@Suite("What rests on real footage") struct RestingFootageTests {
    @Test(
        "the bag that a man puts on a stool and walks away from is left, once, where it stands",
        .enabled(if: Corpus.isAvailable, Comment(rawValue: Corpus.requirement)))
    func leftBag() throws {
        let decisions = try replay("{ id: hall, kind: left_object, \(Self.everywhere), seconds: 2, attended: 0.05 }")
            .filter { $0.state == .closed }
        try #require(decisions.count == 1 && decisions[0].findings.count == 1)
        let finding = decisions[0].findings[0]
        #expect(finding.occurrence == .objectLeft)
        // The stool stands at 0.31…0.37, 0.54…0.60; he puts the bag down between 4.4 and 6 seconds.
        let box = try #require(finding.box)
        #expect(abs(box.centre.x - 0.335) < 0.02 && abs(box.centre.y - 0.57) < 0.03)
        #expect(box.width < 0.1 && box.height < 0.06)
        #expect((4.4...6).contains((finding.time - .epoch).seconds))
    }

    @Test(
        "on the same footage nothing was taken away",
        .enabled(if: Corpus.isAvailable, Comment(rawValue: Corpus.requirement)))
    func nothingTaken() throws {
        #expect(try replay("{ id: hall, kind: removed_object, \(Self.everywhere), seconds: 1 }").isEmpty)
    }

    private static let everywhere = "points: [[0, 0], [1, 0], [1, 1], [0, 1]]"

    private func replay(_ fence: String) throws -> [AlertDecision] {
        let library = ModelLibrary.standard()
        let scratch = try ScratchFolder()
        let file = scratch.file("site.yaml")
        try """
        site: { id: "000000", name: hall, timezone: Asia/Shanghai }
        cameras:
          - id: hall
            url: rtsp://127.0.0.1/hall
            fences:
              - \(fence)
        sinks:
          - { id: record, kind: file, path: alerts.jsonl }
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let site = try SiteConfiguration.load(path: file, modelNames: library.names)
        let assembly = try CameraAssembly(site.cameras[0], library: library, localTime: site.localTime, kernels: nil)
        return try FootageReplay(
            Corpus.footage("sbi_HallAndMonitor"), assembly: assembly, start: .epoch,
            logger: Logger(label: "hall", factory: { _ in SwiftLogNoOpLogHandler() })
        ).decisions
    }
}
