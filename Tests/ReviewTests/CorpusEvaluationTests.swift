import Foundation
import Media
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// `evaluate` on a corpus drawn into a temporary folder.
@Suite("Evaluation of a corpus")
struct CorpusEvaluationTests {
    private static let fences = """
        [{"id": "path", "kind": "line", "points": [[0.5, 0.95], [0.5, 0.05]], "direction": "any", "anchor": "foot",
          "judged_from_s": 0, "judged_to_s": 10, "events": [
            {"start_s": 4, "end_s": 6, "cross_s": 5, "direction": "left_to_right"}]},
         {"id": "yard", "kind": "zone", "points": [[0.4, 0.4], [0.9, 0.4], [0.9, 0.95], [0.4, 0.95]], "anchor": "foot",
          "judged_from_s": 0, "judged_to_s": 10, "events": [{"start_s": 4.5, "end_s": 7}]}]
        """

    /// A box that goes from left to right between 2 s and 8 s.
    private static let walk = DrawnFootage(frameRate: 10, pictureCount: 100) { index, brush in
        let left = -0.15 + (Double(index) / 10 - 2) * 0.2
        let shown = max(0, left)
        brush.fill(Box(x: shown, y: 0.35, width: max(0, min(left + 0.1, 1) - shown), height: 0.3), luma: 220)
    }

    private let scratch: ScratchFolder
    private let models: EvaluationModels

    init() throws {
        scratch = try ScratchFolder()
        models = try EvaluationModels(library: .standard())
    }

    @Test("finds the drawn events, ignores folders without meta.json, reports what is unreadable and does the rest")
    func wholeCorpus() throws {
        try add("walk", meta: #"{"video_file": "clip.mkv", "groundtruth_file": "groundtruth.mkv"}"#)
        try Self.walk.writeExact(to: scratch.file("walk/clip.mkv"))
        try add("broken", meta: "{}")
        try Files.write(Array("this is no video".utf8), to: scratch.file("broken/input.mp4"))
        try add("absent", meta: "{}")
        try add("stranger", meta: nil)
        let masks = URL(fileURLWithPath: scratch.file("masks"))
        let evaluation = try CorpusEvaluation(corpus: corpus, models: models, maskFolder: masks, workers: 2)

        #expect(evaluation.footages.map(\.folder.name) == ["walk"])
        #expect(evaluation.problems.count == 2)
        #expect(evaluation.problems.first?.hasPrefix("absent: ") == true)
        #expect(evaluation.problems.last?.hasPrefix("broken: ") == true)
        let score = evaluation.score
        #expect(score.eventCount == 2 && score.foundCount == 2 && score.alertCount == 2, "\(score.table())")
        let lines = try evaluation.alertLines().split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains(#""direction":null"#) == true)
        #expect(
            lines.last?.contains(#""direction":"left_to_right","end_s":null,"footage":"walk","rule":"path""#) == true)
        #expect(Files.names(in: masks.path) == ["walk.mkv"])
    }

    @Test("the mask file has one picture for each of the footage, of its size, only black and white")
    func masks() throws {
        try add("walk", meta: #"{"video_file": "clip.mkv", "groundtruth_file": "groundtruth.mkv"}"#)
        try Self.walk.writeExact(to: scratch.file("walk/clip.mkv"))
        let masks = URL(fileURLWithPath: scratch.file("masks"))
        _ = try CorpusEvaluation(corpus: corpus, models: models, maskFolder: masks)
        let read = try PictureTally(masks.appendingPathComponent("walk.mkv").path)
        #expect(read.pictures == 100 && read.sizes == [Self.walk.size])
        #expect(read.levels == [0, 255], "something moved, something did not")
    }

    @Test("the result does not depend on how many work side by side")
    func workers() throws {
        for name in ["one", "two", "three"] {
            try add(name, meta: "{}")
            try Self.walk.write(to: scratch.file("\(name)/input.mp4"))
        }
        let alone = try CorpusEvaluation(corpus: corpus, models: models, maskFolder: nil, workers: 1)
        let together = try CorpusEvaluation(corpus: corpus, models: models, maskFolder: nil, workers: 3)
        #expect(try alone.alertLines() == together.alertLines())
        #expect(try alone.score.json() == together.score.json())
        #expect(alone.footages.map(\.folder.name) == ["one", "three", "two"])
    }

    @Test("footage that is cut off is used and said")
    func truncated() throws {
        try add("cut", meta: #"{"video_file": "clip.mkv"}"#)
        let whole = scratch.file("whole.mkv")
        try Self.walk.writeExact(to: whole)
        let bytes = try #require(Files.read(whole))
        try Files.write(Array(bytes.prefix(bytes.count / 2)), to: scratch.file("cut/clip.mkv"))
        let evaluation = try CorpusEvaluation(corpus: corpus, models: models, maskFolder: nil)
        #expect(evaluation.problems == ["cut: the footage is cut off"])
        #expect(evaluation.footages.count == 1)
    }

    @Test(
        "fences that cannot be read name file and place",
        arguments: [
            (#"[{"id": "a"}]"#, "no \"kind\""), (#"{"id": "a"}"#, "top level"), ("[", "fences.json")
        ])
    func wrongFences(text: String, expected: String) throws {
        try add("walk", meta: "{}", fences: text)
        let error = try #require(throws: CorpusError.self) { try CorpusFolder.folders(in: corpus) }
        #expect(error.description.contains("walk/fences.json") && error.description.contains(expected), "\(error)")
    }

    @Test("a folder with nothing in it is an error, not a perfect score")
    func emptyCorpus() {
        #expect(throws: CorpusError.self) { try CorpusEvaluation(corpus: corpus, models: models, maskFolder: nil) }
    }

    @Test("thermal footage is told by its tag alone")
    func thermal() throws {
        try add("cold", meta: #"{"nuisance": ["thermal", "noise"]}"#)
        try add("day", meta: #"{"nuisance": ["shadow"], "notes": "thermal"}"#)
        #expect(try CorpusFolder.folders(in: corpus).map(\.isThermal) == [true, false])
    }

    private var corpus: URL { URL(fileURLWithPath: scratch.path) }

    private func add(_ name: String, meta: String?, fences: String = fences) throws {
        try FileManager.default.createDirectory(
            atPath: scratch.file(name), withIntermediateDirectories: true)
        if let meta { try Files.write(Array(meta.utf8), to: scratch.file("\(name)/meta.json")) }
        try Files.write(Array(fences.utf8), to: scratch.file("\(name)/fences.json"))
    }
}
