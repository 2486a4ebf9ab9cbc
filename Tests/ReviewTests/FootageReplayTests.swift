import Foundation
import Ingest
import Journal
import Logging
import Media
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

@Suite("Replay of recorded footage")
struct FootageReplayTests {
    private static let site = """
        site: { id: "1", name: drawn }
        cameras:
          - id: scene
            url: rtsp://127.0.0.1/scene
            fences:
              - { id: path, kind: line, points: [[0.5, 0.95], [0.5, 0.05]] }
        sinks:
          - { id: record, kind: file, path: alerts.jsonl }
        """
    private static let quiet = Logger(label: "replay", factory: { _ in SwiftLogNoOpLogHandler() })

    private let scratch: ScratchFolder
    private let assembly: CameraAssembly

    init() throws {
        scratch = try ScratchFolder()
        assembly = try CameraAssembly(firstOf: Self.site)
    }

    @Test("the annotated film is a video with every picture, and filming changes no decision")
    func film() throws {
        let footage = try DrawnFootage(frameRate: 10, pictureCount: 40) { index, brush in
            if index >= 15 {
                brush.fill(Box(x: Double(index - 15) / 25 * 0.9, y: 0.4, width: 0.1, height: 0.3), luma: 220)
            }
        }.write(to: scratch.file("footage.mp4"))
        let plain = try FootageReplay(footage, assembly: assembly, logger: Self.quiet)
        var told: [Double] = []
        let filmed = try FootageReplay(
            footage, assembly: assembly, film: scratch.file("film.mp4"), logger: Self.quiet
        ) { told.append($0) }
        #expect(try plain.lines() == filmed.lines())
        #expect(filmed.decisions.contains { $0.rule.text == "path" })
        #expect(told.count == 40 && told == told.sorted(), "progress is told for each picture")
        let tally = try PictureTally(scratch.file("film.mp4"))
        // Four times as large, with a strip of text below.
        let size = PictureSize(width: 640, height: 548)
        #expect(tally.pictures == 40 && tally.sizes == [size] && tally.codec == "h264")
        #expect(tally.levels.count > 2)
    }

    @Test("what a filter kept from being raised is told with its numbers and in both languages, the same each time")
    func suppressed() throws {
        let site = try SiteConfiguration.decode(
            Self.site.replacingOccurrences(of: "0.05]] }", with: "0.05]], size: { min: 0.3 } }"), file: "site.yaml",
            in: ConfigurationSurroundings(folder: "/", environment: { _ in nil }, modelNames: ["visible"]))
        let strict = try CameraAssembly(site.cameras[0], library: .standard(), localTime: site.localTime)
        let footage = try DrawnFootage(frameRate: 10, pictureCount: 40) { index, brush in
            if index >= 15 {
                brush.fill(Box(x: Double(index - 15) / 25 * 0.9, y: 0.4, width: 0.1, height: 0.3), luma: 220)
            }
        }.write(to: scratch.file("footage.mp4"))
        let replay = try FootageReplay(footage, assembly: strict, logger: Self.quiet)
        #expect(replay.decisions.isEmpty)
        let entry = try #require(replay.suppressed.first)
        #expect(entry.candidate.filter == .sizeLeast && entry.candidate.limit == 0.3 && entry.candidate.value < 0.1)
        #expect(
            entry.reason.en.hasPrefix("rule path did not raise crossed at ")
                && entry.reason.en.hasSuffix("less than 30 %"))
        #expect(entry.reason.zh.hasPrefix("规则 path 未报警"))
        let lines = try replay.suppressedLines().split(separator: "\n")
        #expect(lines.count == replay.suppressed.count)
        let read = try DecisionCoder.decode(SuppressedReport.Entry.self, from: String(lines[0]))
        #expect(
            read == entry && lines[0].contains("\"filter\":\"size_min\"") && lines[0].contains("\"reason\":{\"en\""))
        let again = try FootageReplay(footage, assembly: strict, logger: Self.quiet)
        #expect(try again.suppressedLines() == replay.suppressedLines())
        // Without the filter it is raised, and nothing is suppressed.
        let plain = try FootageReplay(footage, assembly: assembly, logger: Self.quiet)
        #expect(plain.decisions.contains { $0.rule.text == "path" } && plain.suppressed.isEmpty)
    }

    @Test("a film that cannot be written, and footage that cannot be read, are errors")
    func errors() throws {
        let footage = try DrawnFootage(pictureCount: 5).write(to: scratch.file("footage.mp4"))
        #expect(throws: MediaError.self) {
            try FootageReplay(footage, assembly: assembly, film: "/nowhere/film.mp4", logger: Self.quiet)
        }
        #expect(throws: SessionFailure.self) {
            try FootageReplay(scratch.file("none.mp4"), assembly: assembly, logger: Self.quiet)
        }
    }

    @Test("every line is one object with a decision, and nothing of this server")
    func lines() throws {
        let footage = try DrawnFootage(frameRate: 10, pictureCount: 40) { index, brush in
            if index >= 15 {
                brush.fill(Box(x: Double(index - 15) / 25 * 0.9, y: 0.4, width: 0.1, height: 0.3), luma: 220)
            }
        }.write(to: scratch.file("footage.mp4"))
        let replay = try FootageReplay(footage, assembly: assembly, logger: Self.quiet)
        let lines = try replay.lines().split(separator: "\n")
        #expect(!lines.isEmpty && lines.count == replay.decisions.count)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"decision":{"#) && !$0.contains("reception") })
        #expect(replay.decisions.last?.state == .closed, "the footage's end closes what is open")
    }
}

@Suite("Progress bar")
struct ProgressBarTests {
    @Test("it is silent where stderr is no terminal")
    func silent() throws {
        // The tests' stderr is a pipe or a file here; a bar made for it never draws, whatever the time.
        let output = try StandardErrorCapture.run {
            let bar = ProgressBar("work", isEnabled: false)
            for step in 0...10 { bar.update(Double(step) / 10) }
            bar.finish()
            let young = ProgressBar("work", isEnabled: true)
            young.update(0.5)
            young.finish()
        }
        #expect(!output.contains("work ["))
    }
}
