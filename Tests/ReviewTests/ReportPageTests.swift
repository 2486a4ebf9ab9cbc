import Foundation
import Media
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// The page and its plots, as text and in a real browser.
@Suite("Report pages")
struct ReportPageTests {
    @Test("what is written is escaped everywhere, and both languages stand in the page")
    func markup() throws {
        let evil = "<b>\"&'</b>"
        let page = ReportPage(
            title: Bilingual(evil),
            sections: [
                ReportPage.Section(
                    Bilingual(zh: "概要", en: "Summary"),
                    [
                        .paragraph(Bilingual(evil)), .facts([(Bilingual(evil), Bilingual(evil))]),
                        .table(ReportPage.Table(Bilingual(evil), heads: [Bilingual(evil)], rows: [[.init(evil)]])),
                        .stills(
                            Bilingual(evil), [.init(Bilingual(evil), jpeg: [1, 2]), .init(Bilingual(evil), jpeg: nil)]),
                        .curves(Self.curves(note: evil)), .timeline(Self.timeline(note: evil)), .bars(Self.bars(evil))
                    ])
            ]
        ).html()
        #expect(!page.contains("<b>") && page.contains("&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;"))
        #expect(page.contains(#"<span class="zh" lang="zh-CN">概要</span> <span class="en" lang="en">Summary</span>"#))
        #expect(page.contains("data:image/jpeg;base64,AQI=") && page.contains("没有图像"))
        for outside in ["http:", "https:", "<script", "<link", "url(", "@import"] {
            #expect(!page.contains(outside), "\(outside)")
        }
        try Self.parses(page)
    }

    @Test("ticks are round, inside the range, and neither few nor many", arguments: [1, 2, 3] as [UInt64])
    func ticks(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let low = Double.random(in: -1000...1000, using: &random)
            let length = pow(10, Double.random(in: -4...6, using: &random))
            let axis = Axis(Bilingual("x"), low...(low + length))
            let ticks = axis.ticks
            #expect((2...12).contains(ticks.count), "seed \(seed): \(low) \(length): \(ticks)")
            #expect(ticks.allSatisfy { $0 >= low - length * 1e-6 && $0 <= low + length * (1 + 1e-6) }, "\(ticks)")
            #expect(ticks == ticks.sorted())
        }
        #expect(Axis(Bilingual("x"), 5...5).ticks.count >= 2, "a point is widened")
        #expect(Axis(Bilingual("x"), 0...1).ticks.first == 0 && Axis(Bilingual("x"), 0...1).ticks.last == 1)
    }

    @Test("places outside the axes stay on the plot, and what is no number does not break it")
    func clipped() throws {
        let plot = CurvePlot(
            Bilingual("t"), x: Axis(Bilingual("x"), 0...1), y: Axis(Bilingual("y"), 0...1),
            series: [.init(Bilingual("s"), .line, .blue, [.init(-5, 9), .init(7, -3), .init(.nan, .infinity)])])
        let svg = plot.svg()
        #expect(!svg.contains("nan\"") && !svg.contains("inf\""), "\(svg)")
        try Self.parses("<html><body>\(svg)</body></html>")
    }

    @Test(
        "a browser shows the report of an evaluation",
        .enabled(if: Browser.isAvailable, Comment(rawValue: Browser.requirement)),
        .timeLimit(.minutes(3)))
    func inABrowser() throws {
        let scratch = try ScratchFolder()
        let evaluation = try Self.evaluation(scratch)
        let extras = EvaluationExtras(evaluation, seed: 1, comparison: nil)
        let file = scratch.file("report.html")
        try EvaluationReport.page(evaluation, extras: extras, corpus: "drawn").write(to: file)
        let view = try Browser.open(file, in: scratch)
        let size = try #require(Browser.size(ofPNG: view.picture))
        #expect(size.width == 1100 && size.height == 1400)
        #expect(view.picture.count > 40_000, "a page with plots: \(view.picture.count) bytes")
        #expect(!view.errors.contains("CONSOLE") && !view.errors.contains("Refused"), "\(view.errors)")
        #expect(view.document.ranges(of: "<svg").count >= 4)
        #expect(
            view.document.contains("missed walk · yard"),
            "a still of the miss")
        #expect(view.document.contains("<img alt="))
    }

    /// One clip with a found crossing and a zone whose event nobody could find.
    static func evaluation(_ scratch: ScratchFolder) throws -> CorpusEvaluation {
        let walk = DrawnFootage(frameRate: 10, pictureCount: 100) { index, brush in
            let left = -0.15 + (Double(index) / 10 - 2) * 0.2
            let shown = max(0, left)
            brush.fill(Box(x: shown, y: 0.35, width: max(0, min(left + 0.1, 1) - shown), height: 0.3), luma: 220)
        }
        let fences = """
            [{"id": "path", "kind": "line", "points": [[0.5, 0.95], [0.5, 0.05]], "direction": "any", "anchor": "foot",
              "judged_from_s": 0, "judged_to_s": 10, "events": [
                {"start_s": 4, "end_s": 6, "cross_s": 5, "direction": "left_to_right"}]},
             {"id": "yard", "kind": "zone", "points": [[0.05, 0.05], [0.2, 0.05], [0.2, 0.2]], "anchor": "foot",
              "judged_from_s": 0, "judged_to_s": 10, "events": [{"start_s": 4, "end_s": 7}]}]
            """
        for (name, tags) in [("walk", "[\"shadow\"]"), ("again", "[]")] {
            try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
            try Files.write(
                Array("{\"video_file\": \"clip.mkv\", \"nuisance\": \(tags)}".utf8),
                to: scratch.file("\(name)/meta.json"))
            try Files.write(Array(fences.utf8), to: scratch.file("\(name)/fences.json"))
            try walk.writeExact(to: scratch.file("\(name)/clip.mkv"))
        }
        return try CorpusEvaluation(
            corpus: URL(fileURLWithPath: scratch.path), models: EvaluationModels(library: .standard()), maskFolder: nil)
    }

    /// Every element is closed: XML but for the doctype and the elements that HTML leaves open.
    static func parses(_ html: String) throws {
        var text = html.replacingOccurrences(of: "<!doctype html>", with: "")
        for open in ["meta", "input", "img"] {
            text = text.replacing(try Regex("<\(open)([^>]*)>")) { match in
                let attributes = match.output[1].substring ?? ""
                return "<\(open)\(attributes.replacing(" checked", with: ""))/>"
            }
        }
        var open: [Substring] = []
        for match in text.matches(of: try Regex("<(/?)([a-z][a-z0-9]*)[^>]*?(/?)>")) {
            let (closes, name, isEmpty) = (
                match.output[1].substring ?? "", match.output[2].substring ?? "", match.output[3].substring ?? ""
            )
            if isEmpty == "/" { continue }
            if closes == "/" {
                #expect(open.popLast() == name, "\(name) closes something else")
            } else {
                open.append(name)
            }
        }
        #expect(open.isEmpty, "left open: \(open)")
    }

    private static func curves(note: String) -> CurvePlot {
        CurvePlot(
            Bilingual(note), x: Axis(Bilingual(note), 0...1), y: Axis(Bilingual(note), 0...2),
            series: [
                .init(Bilingual(note), .step, .blue, [.init(0, 0, note: note), .init(1, 2)]),
                .init(Bilingual(note), .points, .green, [.init(0.5, 0.5, note: note)])
            ])
    }

    private static func timeline(note: String) -> TimelinePlot {
        TimelinePlot(
            Bilingual(note), axis: Axis(Bilingual(note), 0...10),
            lanes: [
                .init(
                    Bilingual(note), spans: [.init(1, 2, .blue, note: Bilingual(note))],
                    moments: [.init(3, 3, .green, note: Bilingual(note))])
            ])
    }

    private static func bars(_ note: String) -> BarPlot {
        BarPlot(
            Bilingual(note), axis: Axis(Bilingual(note), 0...1),
            bars: [.init(Bilingual(note), 0.5, 0.2...0.8, note: note)])
    }
}
