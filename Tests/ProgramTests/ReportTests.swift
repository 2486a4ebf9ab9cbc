import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// `snowline report` and `snowline evaluate --report`: pages that ask nothing of any network.
@Suite(.timeLimit(.minutes(3)))
struct ReportTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func page(_ name: String) -> String {
        String(decoding: Files.read(folder.file(name)) ?? [], as: UTF8.self)
    }

    private func isSelfContained(_ page: String) -> Bool {
        !page.isEmpty
            && ["http:", "https:", "<script", "<link", "url(", "@import", "src=\"/", "src=\"file"].allSatisfy {
                !page.contains($0)
            }
    }

    @Test func aDayShowsItsAlertsWithTheirStills() async throws {
        let walk = try await JournaledWalk()
        let outcome = try await Programs.snowline(
            "report", "2026-11-22", "--site", walk.site.file, "--out", folder.file("day.html"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "\(folder.file("day.html")): \(walk.alerts.count) alerts\n")
        let page = page("day.html")
        #expect(isSelfContained(page) && page.contains("2026-11-22 值守报告") && page.contains("Report of 2026-11-22"))
        for alert in walk.alerts {
            #expect(page.contains(alert.decision.id) && page.contains(alert.decision.summary.zh))
        }
        let stills = walk.alerts.count { $0.reception.evidence.contains { $0.kind == .annotated } }
        #expect(stills >= 2 && page.ranges(of: "src=\"data:image/jpeg;base64,").count == stills)
        #expect(page.contains("2026-11-22 09:31:"), "the site's clock")
        // By another calendar it is the day before.
        let west = try await Programs.snowline(
            "report", "2026-11-21", "--data", walk.site.data, "--timezone", "America/Los_Angeles", "--out",
            folder.file("west.html"))
        #expect(west.status == 0 && west.output.hasSuffix(": \(walk.alerts.count) alerts\n"), "\(west.errors)")
        #expect(self.page("west.html").contains("2026-11-21 17:31:"))
    }

    @Test func anEmptyDayIsAPageAndABadOneIsRefused() async throws {
        let walk = try await JournaledWalk()
        let empty = try await Programs.snowline(
            "report", "2026-11-23", "--data", walk.site.data, "--out", folder.file("empty.html"))
        #expect(empty.status == 0 && empty.output == "\(folder.file("empty.html")): 0 alerts\n", "\(empty.errors)")
        #expect(
            isSelfContained(page("empty.html")) && page("empty.html").contains("no alert, and no account of the watch"))
        for (arguments, words) in [
            (["2026-02-30"], "DAY 2026-02-30: not a day of the calendar"), (["today"], "DAY today"),
            (["2026-11-22", "--timezone", "Mars"], "--timezone Mars"),
            (["2026-11-22", "--out", "/none/day.html"], "/none")
        ] {
            let outcome = try await RunningProgram("snowline", ["report"] + arguments + ["--data", walk.site.data])
                .outcome()
            #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments): \(outcome.output)")
            #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
        let nowhere = try await Programs.snowline("report", "2026-11-22", "--data", folder.file("none"))
        #expect(nowhere.status == 2 && !nowhere.errors.isEmpty)
    }

    @Test func anEvaluationIsAPageWithItsMissesAndFalseAlerts() async throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("corpus/walk"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Scenes.walk(), toPath: folder.file("corpus/walk/input.mp4"))
        try Files.write(Array("{ \"nuisance\": [\"shadow\"] }".utf8), to: folder.file("corpus/walk/meta.json"))
        // The crossing is there; nobody stands in the corner; the yard is said to be quiet, and is not.
        let fences = """
            [{ "id": "path", "kind": "line", "points": [[0.3, 0.05], [0.3, 0.95]], "direction": "any", "anchor": "foot",
               "judged_from_s": 0, "judged_to_s": 22,
               "events": [{ "start_s": 3, "end_s": 5, "cross_s": 3.6, "direction": "right_to_left" }] },
             { "id": "corner", "kind": "zone", "points": [[0.02, 0.02], [0.1, 0.02], [0.1, 0.1]], "anchor": "foot",
               "judged_from_s": 0, "judged_to_s": 22, "events": [{ "start_s": 12, "end_s": 15 }] },
             { "id": "yard", "kind": "zone", "points": [[0.45, 0.1], [1, 0.1], [1, 1], [0.45, 1]], "anchor": "foot",
               "judged_from_s": 0, "judged_to_s": 22, "events": [] }]
            """
        try Files.write(Array(fences.utf8), to: folder.file("corpus/walk/fences.json"))
        let outcome = try await Programs.snowline(
            "evaluate", folder.file("corpus"), "--report", folder.file("evaluation.html"), "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let total = try #require(object?["total"] as? [String: Any])
        #expect(total["found"] as? Int == 1 && total["false"] as? Int ?? 0 >= 1, "\(total)")
        let page = page("evaluation.html")
        #expect(isSelfContained(page) && page.contains("<svg"))
        #expect(page.contains("missed walk · corner") && page.contains("false walk · yard"), "stills of both")
        #expect(page.contains("src=\"data:image/jpeg;base64,"))
        let nowhere = try await Programs.snowline(
            "evaluate", folder.file("corpus"), "--report", "/none/evaluation.html")
        #expect(nowhere.status == 2 && nowhere.errors.contains("/none"), "\(nowhere.errors)")
    }
}
