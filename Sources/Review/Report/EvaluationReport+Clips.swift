import Evidence
import Foundation
import Scene

/// What happened in each clip, and stills of what was wrong.
extension EvaluationReport {
    static func timelines(_ evaluation: CorpusEvaluation) -> ReportPage.Section {
        let rows = Dictionary(grouping: evaluation.score.rows, by: \.footage)
        let plots = evaluation.footages.filter { !$0.folder.fences.isEmpty }.map { footage in
            let end = footage.folder.fences.map(\.judgedTo).max() ?? 1
            return ReportPage.Block.timeline(
                TimelinePlot(
                    Bilingual(footage.folder.name), axis: Axis(Bilingual(zh: "秒", en: "seconds"), 0...end),
                    lanes: (rows[footage.folder.name] ?? []).flatMap { lanes($0, footage.alerts, until: end) }))
        }
        let key = Bilingual(
            zh: "每道围栏两行：上为标注事件（蓝；漏报的为紫，可忽略的为灰），下为告警（绿；误报为橙）。三角为一次越线。",
            en: """
                Two rows a fence: marked events above (blue; missed ones purple, optional ones grey), alerts below (green; false ones orange). \
                A triangle is one crossing.
                """)
        return ReportPage.Section(Bilingual(zh: "时间线", en: "Timelines"), [.paragraph(key)] + plots)
    }

    private static func lanes(
        _ row: FenceScore, _ alerts: [ScoredAlert], until end: Double
    ) -> [TimelinePlot.Lane] {
        let isLine = row.fence.kind == .line
        let events = row.fence.events.map { event in
            let start = isLine ? event.cross ?? event.start : event.start
            let tone: Tone =
                event.isOptional == true ? .grey : row.missed.contains(event.start) ? .purple : .blue
            let word =
                row.missed.contains(event.start) ? Bilingual(zh: "漏报", en: "missed") : Bilingual(zh: "事件", en: "event")
            return TimelinePlot.Span(
                start, event.end ?? end, tone,
                note: Bilingual(zh: "\(word.zh) \(start) s", en: "\(word.en) \(start) s"))
        }
        let raised = alerts.filter { $0.rule == row.fence.id }.map { alert in
            let isFalse = row.falseStarts.contains(decimal(alert.start, places: 2))
            let word = isFalse ? Bilingual(zh: "误报", en: "false") : Bilingual(zh: "告警", en: "alert")
            return TimelinePlot.Span(
                alert.start, alert.end ?? end, isFalse ? .vermilion : .green,
                note: Bilingual(zh: "\(word.zh) \(alert.start) s", en: "\(word.en) \(alert.start) s"))
        }
        return [
            TimelinePlot.Lane(
                Bilingual(zh: "\(row.fence.id) 事件", en: "\(row.fence.id) events"), spans: isLine ? [] : events,
                moments: isLine ? events : []),
            TimelinePlot.Lane(
                Bilingual(zh: "告警", en: "alerts"), spans: isLine ? [] : raised, moments: isLine ? raised : [])
        ]
    }

    /// A still of every miss and of every false alert, up to the limit.
    static func mistakes(_ evaluation: CorpusEvaluation, _ progress: (Double) -> Void) -> ReportPage.Section {
        let all = evaluation.footages.map { ($0, mistakes(of: $0, evaluation.score.rows)) }.filter { !$0.1.isEmpty }
        let total = all.reduce(0) { $0 + $1.1.count }
        var stills: [ReportPage.Still] = []
        for (footage, mistakes) in all where stills.count < StillHarvest.limit {
            let shown = Array(mistakes.prefix(StillHarvest.limit - stills.count))
            let pictures = StillHarvest.stills(of: footage.folder.footage.path, shown.map(\.wish))
            stills += zip(shown, pictures).map { ReportPage.Still($0.caption, jpeg: $1) }
            progress(Double(stills.count) / Double(min(total, StillHarvest.limit)))
        }
        let heading = Bilingual(zh: "漏报与误报", en: "Missed and false")
        guard total > 0 else {
            return ReportPage.Section(heading, [.paragraph(Bilingual(zh: "没有", en: "none"))])
        }
        let count = Bilingual(
            zh: "共 \(total) 处，显示 \(stills.count) 处", en: "\(total) altogether, \(stills.count) shown")
        return ReportPage.Section(heading, [.stills(count, stills)])
    }

    private struct Mistake {
        let caption: Bilingual
        let wish: StillHarvest.Wish
    }

    private static func mistakes(of footage: FootageEvaluation, _ rows: [FenceScore]) -> [Mistake] {
        rows.filter { $0.footage == footage.folder.name }.flatMap { row in
            let place = "\(row.footage) · \(row.fence.id)"
            let missed = row.missed.map { start -> Mistake in
                let event = row.fence.events.first { $0.start == start }
                let middle = event?.cross ?? (start + (event?.end ?? start)) / 2
                return Mistake(
                    caption: Bilingual(zh: "漏报 \(place) · \(start) s", en: "missed \(place) · \(start) s"),
                    wish: wish(row.fence, at: middle, box: nil))
            }
            let alarms = footage.alerts.filter {
                $0.rule == row.fence.id && row.falseStarts.contains(decimal($0.start, places: 2))
            }
            return missed
                + alarms.map { alert in
                    Mistake(
                        caption: Bilingual(
                            zh: "误报 \(place) · \(alert.start) s", en: "false \(place) · \(alert.start) s"),
                        wish: wish(row.fence, at: alert.start, box: alert.box))
                }
        }
    }

    private static func wish(_ fence: AnnotatedFence, at seconds: Double, box: Box?) -> StillHarvest.Wish {
        var overlay = Overlay()
        switch fence.kind {
        case .line:
            if let line = Polyline(fence.points) { overlay.items += Overlay.fence(.polyline(line), name: fence.id) }
        case .zone:
            if let area = Polygon(fence.points) { overlay.items += Overlay.fence(.polygon(area), name: fence.id) }
        }
        if let box { overlay.items.append(Overlay.Item(.box(box), .object)) }
        return StillHarvest.Wish(time: .epoch + .seconds(seconds), overlay: overlay)
    }
}
