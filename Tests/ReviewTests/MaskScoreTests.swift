import Foundation
import Media
import Scene
import TestSupport
import Testing

@testable import Review

/// The score of masks against the independent scorer, on real ground truth and drawn masks.
@Suite("The score of masks agrees with the independent scorer", .timeLimit(.minutes(5)))
struct MaskScoreTests {
    @Test(
        "every number, from video and from a tar of pictures",
        .enabled(if: PublicScorer.canScoreMasks, PublicScorer.maskRequirement),
        .enabled(if: Corpus.isAvailable, Comment(rawValue: Corpus.requirement)),
        arguments: ["sbi_CaVignal", "cdnet_pedestrians"])
    func everyNumber(name: String) throws {
        let scratch = try ScratchFolder()
        let corpus = URL(fileURLWithPath: Corpus.path)
        let folder = try #require(CorpusFolder.folders(in: corpus).first { $0.name == name })
        let meta = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.folder.appendingPathComponent("meta.json")))
        let facts = try #require(meta as? [String: Any])
        let size = PictureSize(
            width: try #require(facts["width"] as? Int), height: try #require(facts["height"] as? Int))
        // A large box that grows, so that every class of the truth is hit and missed.
        try DrawnFootage(size: size, pictureCount: try #require(facts["frames"] as? Int)) { index, brush in
            brush.fill(Box(x: 0.2, y: 0.2, width: 0.2 + Double(index % 60) / 100, height: 0.7), luma: 255)
        }.writeExact(to: scratch.file("\(name).mkv"), ground: 0)

        let theirs = try PublicScorer.score(corpus: Corpus.path, masks: scratch.path, only: name)
        let ours = MaskScore([folder], masks: URL(fileURLWithPath: scratch.path))
        #expect(ours.problems.isEmpty)
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(ours))
        #expect(object as? NSDictionary == theirs as? NSDictionary, "\(object) \(theirs)")
        let row = try #require(ours.rows.first)
        #expect(row.frames > 50 && row.f > 0.01 && row.f < 0.9, "\(row)")
    }

    @Test("truth that cannot be read is a problem of that footage")
    func unreadable() throws {
        let scratch = try ScratchFolder()
        for (name, file, bytes) in [
            ("a", "truth.tar", Array("no tar at all".utf8)), ("b", "truth.tar", [UInt8](repeating: 65, count: 700)),
            ("c", "none.mkv", [])
        ] {
            try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
            try Files.write(
                Array("{\"groundtruth_file\": \"\(file)\"}".utf8), to: scratch.file("\(name)/meta.json"))
            if !bytes.isEmpty { try Files.write(bytes, to: scratch.file("\(name)/\(file)")) }
        }
        let folders = try CorpusFolder.folders(in: URL(fileURLWithPath: scratch.path))
        let score = MaskScore(folders, masks: URL(fileURLWithPath: scratch.path))
        #expect(score.problems.count == 3 && score.rows.isEmpty && score.meanF == 0, "\(score.problems)")
        #expect(score.problems.contains { $0.contains("a/truth.tar: holds no PNG named by its frame") })
        #expect(score.problems.contains { $0.contains("is cut off, or no tar") })
    }
}
