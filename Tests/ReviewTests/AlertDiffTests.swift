import Foundation
import Journal
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// Pairing of alerts, and two configurations over drawn footage.
@Suite("Differences of two runs")
struct AlertDiffTests {
    private static let site = """
        site: { id: yard }
        listen: 127.0.0.1:8600
        data: ./data
        cameras:
          - id: gate
            url: ./walk.mkv
            fences:
              - { id: path, kind: line, points: [[0.5,0.95],[0.5,0.05]] }
              - { id: lawn, kind: zone, points: [[0.4,0.4],[0.9,0.4],[0.9,0.95],[0.4,0.95]] }
        """
    /// A box that goes from left to right between 2 s and 8 s.
    private static let walk = DrawnFootage(frameRate: 10, pictureCount: 110) { index, brush in
        let left = -0.15 + (Double(index) / 10 - 2) * 0.2
        let shown = max(0, left)
        brush.fill(Box(x: shown, y: 0.35, width: max(0, min(left + 0.1, 1) - shown), height: 0.3), luma: 220)
    }

    private let scratch: ScratchFolder
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init() throws {
        scratch = try ScratchFolder()
        try Self.walk.writeExact(to: scratch.file("walk.mkv"))
    }

    @Test("the same configuration raises the same")
    func same() throws {
        let result = try compare(Self.site, Self.site)
        #expect(result.diff.isEmpty && result.diff.sameCount == 2 && result.problems.isEmpty, "\(result.diff.lines())")
    }

    @Test("a line elsewhere moves its alert, another zone loses it; the numbers that decided are told")
    func changed() throws {
        let moved = Self.site.replacingOccurrences(of: "[[0.5,0.95],[0.5,0.05]]", with: "[[0.6,0.95],[0.6,0.05]]")
            .replacingOccurrences(
                of: "[[0.4,0.4],[0.9,0.4],[0.9,0.95],[0.4,0.95]]", with: "[[0.1,0.1],[0.2,0.1],[0.2,0.2]]")
        let result = try compare(Self.site, moved)
        let diff = result.diff
        #expect(diff.count(.moved) == 1 && diff.count(.lost) == 1 && diff.count(.gained) == 0, "\(diff.lines())")
        let change = try #require(diff.changes.first { $0.kind == .moved })
        let shift = try #require(change.shift)
        #expect(abs(shift.seconds - 0.5) < 0.15, "a tenth of the picture at a fifth a second: \(shift)")
        #expect(diff.lines().contains { $0.hasPrefix("  before: beyond_line") }, "\(diff.lines())")
        #expect(diff.tallies.map(\.rule.text) == ["lawn", "path"] && diff.tallies[0].lost == 1)
        let back = try compare(moved, Self.site).diff
        #expect(back.count(.gained) == 1 && back.count(.moved) == 1 && back.count(.lost) == 0)

        let object = try JSONSerialization.jsonObject(
            with: Data(diff.json(before: "a.yaml", after: "b.yaml", problems: []).utf8))
        let total = (object as? [String: Any])?["total"] as? [String: Int]
        #expect(total == ["same": 0, "gained": 0, "lost": 1, "moved": 1])
        let page = DiffReport.page(diff, before: "a.yaml", after: "b.yaml", footages: result, logger: logger).html()
        #expect(page.ranges(of: "data:image/jpeg;base64,").count == 4, "two sides of two changes")
        #expect(page.contains("beyond_line") && page.contains("没有告警"))
    }

    @Test("two outputs of replay compare as the replays do, and wrong lines are named")
    func files() throws {
        let assembly = try assembly(Self.site)
        let replay = try FootageReplay(scratch.file("walk.mkv"), assembly: assembly, logger: logger)
        let file = scratch.file("alerts.jsonl")
        try Files.write(Array(try replay.lines().utf8), to: file)
        var diff = AlertDiff()
        diff.add(footage: file, before: try DecisionFile.read(file), after: replay.decisions)
        #expect(diff.isEmpty && diff.sameCount == 2)
        var gone = AlertDiff()
        gone.add(footage: file, before: try DecisionFile.read(file), after: [])
        #expect(gone.count(.lost) == 2 && gone.sameCount == 0)
        try Files.write(Array((try replay.lines() + "\n{\"decision\": 1}\n").utf8), to: file)
        let error = #expect(throws: CorpusError.self) { try DecisionFile.read(file) }
        let line = try replay.lines().split(separator: "\n").count + 2
        #expect(error?.description.contains("alerts.jsonl:\(line): not a line of replay --alerts") == true, "\(error!)")
    }

    @Test("footage that cannot be read is told, the rest is compared")
    func unreadable() throws {
        let assembly = try assembly(Self.site)
        let pairs = ["none.mkv", "walk.mkv"].map {
            FootageDiff.Pair(footage: scratch.file($0), before: assembly, after: assembly)
        }
        let result = FootageDiff(pairs, workers: 2, logger: logger)
        #expect(result.problems.count == 1 && result.problems[0].contains("none.mkv"), "\(result.problems)")
        #expect(result.diff.sameCount == 2)
    }

    @Test("one pair each, nearest first; opposite directions are no pair")
    func pairing() throws {
        let base = try #require(
            FootageReplay(scratch.file("walk.mkv"), assembly: assembly(Self.site), logger: logger).decisions.first {
                $0.rule.text == "path"
            })
        func alert(_ id: String, at seconds: Double, _ direction: CrossingDirection = .leftToRight) -> AlertDecision {
            var copy = base
            copy.id = id
            copy.start = .epoch + .seconds(seconds)
            copy.last = copy.start
            copy.findings[0].direction = direction
            return copy
        }
        var diff = AlertDiff()
        diff.add(
            footage: "f", before: [alert("a", at: 10), alert("b", at: 13)],
            after: [alert("c", at: 12.9), alert("d", at: 30), alert("e", at: 10.1, .rightToLeft)])
        #expect(diff.sameCount == 1 && diff.count(.lost) == 1 && diff.count(.gained) == 2, "\(diff.lines())")
        #expect(diff.changes.first { $0.kind == .lost }?.before?.id == "a")
    }

    @Test("cameras are found by name, by their file, or because there is one only")
    func cameras() throws {
        let library = ModelLibrary.standard()
        let two = Self.site + "\n  - { id: back, url: ./other.mkv }\n"
        let side = ComparedSide(try configuration(two), file: "two.yaml", library: library, model: nil)
        #expect(try side.camera(for: scratch.file("other.mkv"), named: nil).id.text == "back")
        #expect(try side.camera(for: "x.mkv", named: CameraID("gate")).id.text == "gate")
        let error = #expect(throws: CorpusError.self) { try side.camera(for: "x.mkv", named: nil) }
        #expect(error?.description.contains("name one with --camera; it has gate, back") == true, "\(error!)")
        let thermal = ComparedSide(try configuration(Self.site), file: "a.yaml", library: library, model: "thermal")
        #expect(try thermal.assembly(thermal.camera(for: "x", named: nil)).model.name == "thermal")
    }

    private func compare(_ before: String, _ after: String) throws -> FootageDiff {
        FootageDiff(
            [
                FootageDiff.Pair(
                    footage: scratch.file("walk.mkv"), before: try assembly(before), after: try assembly(after))
            ], logger: logger)
    }

    private func configuration(_ text: String) throws -> SiteConfiguration {
        let library = ModelLibrary.standard()
        return try SiteConfiguration.decode(
            text, file: "site.yaml",
            in: ConfigurationSurroundings(folder: scratch.path, environment: { _ in nil }, modelNames: library.names))
    }

    private func assembly(_ text: String) throws -> CameraAssembly {
        let site = try configuration(text)
        return try CameraAssembly(site.cameras[0], library: .standard(), localTime: site.localTime)
    }
}
