import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// `snowline alerts show --open`: a folder that a browser shows without a network.
@Suite(.timeLimit(.minutes(3)))
struct AlertPageTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func show(_ walk: JournaledWalk, _ id: String, _ more: String...) async throws -> Programs.Outcome {
        try await RunningProgram("snowline", ["alerts", "show", id, "--site", walk.site.file] + more).outcome()
    }

    private func page(_ name: String) -> String {
        String(decoding: Files.read(folder.file("\(name)/index.html")) ?? [], as: UTF8.self)
    }

    @Test func thePageShowsAllOfTheAlertBesideItsFiles() async throws {
        let walk = try await JournaledWalk()
        let alert = try walk.alert(of: "path")
        let id = alert.decision.id
        let judged = try await Programs.snowline(
            "alerts", "verdict", id, "false", "--cause", "rain", "--why", "<heavy> shower", "--who", "desk 3", "--data",
            walk.site.data)
        #expect(judged.status == 0, "\(judged.errors)")
        let outcome = try await show(walk, id, "--open", folder.file("a/page"))
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.output.hasSuffix("/index.html: 2 versions, 2 stills, 1 clips\n"), "\(outcome.output)")
        let page = page("a/page")
        let explanation = try #require(alert.decision.explanation)
        #expect(!explanation.tests.isEmpty && page.ranges(of: "≥").count >= explanation.tests.count)
        for words in [
            alert.decision.summary.zh, alert.decision.summary.en, id, "2026-11-22 09:31:", "Asia/Shanghai",
            "<video controls", "src=\"./clip.mp4\"", "stills/1-clean.jpg", "stills/2-annotated.jpg", "✗ 误报", "✗ false",
            "&lt;heavy&gt; shower", "desk 3", "paper", "待送", "being recorded", "✓ as journaled"
        ] {
            #expect(page.contains(words), "\(words)")
        }
        for entry in alert.reception.evidence { #expect(page.contains(entry.sha256), "\(entry.path)") }
        #expect(
            page.ranges(of: "src=\"data:image/jpeg;base64,").count == 2 && page.contains("poster=\"data:image/jpeg"))
        for outside in ["http:", "https:", "<script", "<link", "url(", "@import"] {
            #expect(!page.contains(outside), "\(outside)")
        }
        let copies = try ["stills/1-clean.jpg", "stills/2-annotated.jpg", "clip.mp4"].map { name in
            try Digest.sha256Hex(Data(#require(Files.read(folder.file("a/page/\(name)")), "\(name)")))
        }
        #expect(copies == alert.reception.evidence.map(\.sha256))
        let json = try #require(Files.read(folder.file("a/page/alert.json")))
        let object = try #require(JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(object.keys.sorted() == ["delivery", "files", "id", "verdicts", "versions"])
        #expect((object["versions"] as? [Any])?.count == 2 && (object["files"] as? [Any])?.count == 3)
        let again = try await show(walk, id, "--open", folder.file("a/page"))
        #expect(again.status == 2 && again.errors.contains("the folder is not empty; name one that"), "\(again.errors)")
    }

    @Test func whatIsMissingOrWasChangedIsNamedAndNotCopied() async throws {
        let walk = try await JournaledWalk()
        let alert = try walk.alert(of: "yard")
        let still = try walk.file(of: alert, .annotated)
        var bytes = try #require(Files.read(still))
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: still)
        try FileManager.default.removeItem(atPath: walk.file(of: alert, .clip))
        let outcome = try await show(walk, alert.decision.id, "--open", folder.file("page"))
        #expect(outcome.status == 1 && outcome.output.contains("1 stills, 0 clips"), "\(outcome.output)")
        #expect(outcome.errors.contains("-annotated.jpg: the file is not what was journaled (SHA-256)"))
        #expect(outcome.errors.contains(".mp4: the file is gone"), "\(outcome.errors)")
        let page = page("page")
        #expect(page.contains("2 files of evidence are missing or are not what was journaled"))
        #expect(page.contains("✗ not what was journaled, not copied") && page.contains("✗ the file is gone"))
        #expect(page.ranges(of: "src=\"data:image/jpeg;base64,").count == 1 && !page.contains("<video"))
        #expect(Files.read(folder.file("page/clip.mp4")) == nil)
        #expect(Files.read(folder.file("page/stills/2-annotated.jpg")) == nil)
        #expect(Files.read(folder.file("page/stills/1-clean.jpg")) != nil)
    }

    @Test func withoutAClipThePageSaysSoAndWhatCannotBeAskedIsRefused() async throws {
        let walk = try await JournaledWalk(keepsClips: false)
        let id = try walk.alert(of: "path").decision.id
        let outcome = try await show(walk, id, "--open", folder.file("page"), "--timezone", "UTC")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(page("page").contains("There is no clip.") && page("page").contains("2026-11-22 01:31:"))
        let file = folder.file("file")
        try Files.write([1], to: file)
        for (arguments, status, words) in [
            ([id, "--open", file], 2, "is a file; name a folder"),
            ([id, "--open", folder.file("b"), "--json"], 2, "--json, --open"),
            ([id, "--timezone", "UTC"], 2, "only the page"),
            ([id, "--open", folder.file("b"), "--timezone", "Mars"], 2, "--timezone Mars"),
            ([id, "--open", "/proc/none"], 2, "/proc/none"),
            (["zzz", "--open", folder.file("b")], 1, "no alert zzz")
        ] as [([String], Int32, String)] {
            let wrong = try await RunningProgram(
                "snowline", ["alerts", "show"] + arguments + ["--site", walk.site.file]
            ).outcome()
            #expect(wrong.status == status && wrong.errors.contains(words), "\(arguments): \(wrong.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("b")), "nothing is left of what was refused")
    }
}
