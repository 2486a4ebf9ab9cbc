import Foundation
import Media
import Scene
import TestSupport
import Testing

/// docs/review.md word for word: every block of commands is run, in order, on a drawn recording.
@Suite(.timeLimit(.minutes(5)))
struct TutorialTests {
    private static let canCut = FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg")

    @Test(.enabled(if: canCut, "needs ffmpeg"))
    func everyCommandOfTheTutorialDoesWhatItSays() async throws {
        let blocks = try Self.blocks()
        #expect(blocks.count >= 9, "\(blocks.count) blocks")
        let folder = try ScratchFolder()
        try Self.recording().write(to: folder.file("gate.mp4"))
        for (number, block) in blocks.enumerated() {
            let script = folder.file("step\(number).sh")
            let head =
                "set -euo pipefail\ncd '\(folder.path)'\nsnowline() { '\(Programs.url("snowline").path)' \"$@\"; }\n"
            try Files.write(Array((head + block).utf8), to: script)
            let outcome = try await RunningProgram("/usr/bin/bash", [script]).outcome(within: .seconds(120))
            #expect(outcome.status == 0, "step \(number + 1): \(block)\n\(outcome.output)\n\(outcome.errors)")
            guard outcome.status == 0 else { return }
        }
        for file in [
            "gate.jpg", "drawn/gate.jpg", "film.mp4", "evaluation.html", "tuned/patch.yaml", "tuned/card.md",
            "tuned/report.html", "diff.html", "desk.jsonl", "rehearsal/alerts.jsonl"
        ] {
            #expect(Files.read(folder.file(file))?.isEmpty == false, "\(file)")
        }
        #expect(try Self.number("before.json", "total", "false", folder) == 3, "the small thing, once a clip")
        #expect(try Self.number("before.json", "total", "found", folder) == 3)
        #expect(try Self.number("tuned/tune.json", "held_out", "false", folder) == 0)
        #expect(try Self.number("tuned/tune.json", "held_out", "found", folder) == 3)
        #expect(try Self.number("diff.json", "total", "moved", folder) == 1, "one alert over all three walks, before")
        #expect(try Self.number("diff.json", "total", "gained", folder) == 2)
        #expect(try Self.number("diff.json", "total", "lost", folder) == 0)
        let sent = String(decoding: Files.read(folder.file("desk.jsonl")) ?? [], as: UTF8.self).split(separator: "\n")
        #expect(sent.count >= 6 && sent.allSatisfy { $0.contains("\"replay\":true,\"source\"") })
    }

    private static func blocks() throws -> [String] {
        let text = try #require(Files.text(inProject: "docs/review.md"))
        return text.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    private static func number(_ file: String, _ part: String, _ key: String, _ folder: ScratchFolder) throws -> Int? {
        let bytes = try #require(Files.read(folder.file(file)), "\(file)")
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        return (object?[part] as? [String: Any])?[key] as? Int
    }

    /// Three times 13 s: a walker over the lawn, then something small.
    private static func recording() -> DrawnFootage {
        DrawnFootage(
            size: PictureSize(width: 160, height: 120), frameRate: 10, pictureCount: 390,
            form: .camera(.h264, keyframeDistance: 10)
        ) { index, brush in
            let second = Double(index % 130) / 10
            for (start, side, row) in [(2.0, 0.25, 0.5), (6.5, 0.07, 0.7)] {
                let left = -side + (second - start) * 0.35
                let shown = max(0, left)
                guard second > start, left < 1 else { continue }
                brush.fill(Box(x: shown, y: row, width: max(0, min(left + side, 1) - shown), height: side), luma: 220)
            }
        }
    }
}
