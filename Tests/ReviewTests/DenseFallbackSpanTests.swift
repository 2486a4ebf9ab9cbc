import Journal
import Pipeline
import Review
import Scene
import Testing

@Suite("Where a dense camera was decoded in full")
struct DenseFallbackSpanTests {
    private let gate = CameraID("gate")!
    private let dome = CameraID("dome")!
    private let start = MediaTime("2026-11-22T08:00:00Z")!
    private var period: Range<MediaTime> { start..<(start + .seconds(3600)) }

    private func change(
        _ kind: JournalChange.Kind, _ camera: CameraID?, _ second: Double, _ reason: String? = nil
    ) -> JournalChange {
        var detail = reason.map { ["reason": $0] } ?? [:]
        // The journal's own time is a little later than what it tells of.
        if camera != nil, kind != .sessionEnded { detail["since"] = "\(start + .seconds(second))" }
        return JournalChange(time: start + .seconds(second + 0.5), kind: kind, camera: camera, detail: detail)
    }

    private func outline(_ spans: [DenseFallbackSpan]) -> [String] {
        spans.map { span in
            let (from, to) = ((span.from - start).seconds, (span.to - start).seconds)
            return "\(span.camera) \(span.reason) \(from)…\(to)\(span.goesOn ? "+" : "")"
        }
    }

    @Test("ended by what ends it: dense again, the session's end, the daemon's; another reason begins another stretch")
    func endings() {
        let spans = DenseFallbackSpan.spans(
            [
                change(.denseFellBack, gate, -100, "long_gop"), change(.denseFellBack, dome, 10, "open_gop"),
                change(.denseFellBack, dome, 20, "open_gop"), change(.denseResumed, gate, 30),
                change(.sessionEnded, dome, 35, "time_jumped"), change(.sessionEnded, dome, 40),
                change(.denseFellBack, gate, 50, "long_gop"),
                change(.denseFellBack, gate, 60, "ring_overflow"), change(.stopped, nil, 70),
                change(.denseFellBack, gate, 80, "long_gop"), change(.sessionEnded, dome, 90)
            ], in: period)
        #expect(
            outline(spans) == [
                "gate long_gop 0.0…30.0", "dome open_gop 10.0…40.5", "gate long_gop 50.0…60.0",
                "gate ring_overflow 60.0…70.5", "gate long_gop 80.0…3600.0+"
            ])
    }

    @Test("only what lies within, and only of the camera that is asked about")
    func cut() {
        let changes = [
            change(.denseFellBack, gate, -100, "long_gop"), change(.denseFellBack, dome, -90, "open_gop"),
            change(.denseResumed, gate, -50), change(.denseFellBack, gate, 4000, "long_gop")
        ]
        #expect(outline(DenseFallbackSpan.spans(changes, in: period)) == ["dome open_gop 0.0…3600.0+"])
        #expect(DenseFallbackSpan.spans(changes, in: period, camera: gate).isEmpty)
    }

    @Test("in words and as JSON, after the fences")
    func lines() throws {
        let calendar = SiteCalendar(identifier: "Europe/Berlin")!
        let spans = DenseFallbackSpan.spans([change(.denseFellBack, gate, 10, "long_gop")], in: period)
        let hour = CoverageHour(
            camera: gate, rule: RuleID("lawn")!, hour: start, state: .watched, span: .seconds(3600))
        let report = CoverageReport(period, calendar: calendar, hours: [hour], gaps: [], fallbacks: spans)
        let line = try #require(report.lines(calendar).last)
        #expect(
            line.hasPrefix(
                "gate decoded in full though dense: 2026-11-22 09:00:10 … and on  keyframes are too far apart for dense "
                    + "decoding (long_gop); set"), "\(line)")
        #expect(report.total.watchedPercent == 100, "it costs more, and nothing goes unseen")
        let json = try DecisionCoder.text(report)
        #expect(json.contains("\"goes_on\":true") && json.contains("\"reason\":\"long_gop\""))
        let tooMany = CoverageReport(period, calendar: calendar, hours: [hour], gaps: [], fallbacks: nil)
        #expect(tooMany.lines(calendar).last?.contains("ask about a shorter time") == true)
    }
}
