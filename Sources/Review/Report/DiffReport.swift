import Foundation
package import Logging
import Scene

/// The page of `diff --report`.
package enum DiffReport {
    /// - Parameters:
    ///   - footages: where stills come from; nil where two files of decisions were compared.
    ///   - progress: called with the share of the stills that are made.
    package static func page(
        _ diff: AlertDiff, before: String, after: String, footages: FootageDiff? = nil, logger: Logger,
        progress: (Double) -> Void = { _ in }
    ) -> ReportPage {
        var sections = [head(diff, before, after), rules(diff), timelines(diff), changes(diff)]
        if let footages { sections.append(stills(diff, footages, before, after, logger, progress)) }
        if let problems = footages?.problems, !problems.isEmpty {
            sections.append(
                ReportPage.Section(
                    Bilingual(zh: "未能读取", en: "Not readable"), problems.map { .paragraph(Bilingual($0)) }))
        }
        return ReportPage(title: Bilingual(zh: "两种配置的告警对比", en: "Alerts of two configurations"), sections: sections)
    }

    static func word(_ kind: AlertDiff.Kind) -> Bilingual {
        switch kind {
        case .gained: Bilingual(zh: "＋ 新增", en: "+ gained")
        case .lost: Bilingual(zh: "－ 消失", en: "− lost")
        case .moved: Bilingual(zh: "↔ 移位", en: "↔ moved")
        }
    }

    private static func tone(_ kind: AlertDiff.Kind) -> Tone {
        switch kind {
        case .gained: .green
        case .lost: .vermilion
        case .moved: .amber
        }
    }

    private static func head(_ diff: AlertDiff, _ before: String, _ after: String) -> ReportPage.Section {
        ReportPage.Section(
            Bilingual(zh: "概要", en: "Summary"),
            [
                .facts([
                    (Bilingual(zh: "之前", en: "before"), Bilingual(before)),
                    (Bilingual(zh: "之后", en: "after"), Bilingual(after)),
                    (Bilingual(zh: "相同", en: "the same"), Bilingual("\(diff.sameCount)")),
                    (word(.gained), Bilingual("\(diff.count(.gained))")),
                    (word(.lost), Bilingual("\(diff.count(.lost))")),
                    (word(.moved), Bilingual("\(diff.count(.moved))"))
                ]),
                .paragraph(
                    Bilingual(
                        zh: "同一摄像机、规则、事件类型的告警，时间重叠或开始相差不超过 5 秒者成对；开始或最后发现相差超过 0.2 秒为移位。",
                        en: """
                            Alerts of one camera, rule and occurrence are a pair where they overlap or begin within 5 s; a pair \
                            has moved where beginning or newest finding differ by more than 0.2 s.
                            """))
            ])
    }

    private static func rules(_ diff: AlertDiff) -> ReportPage.Section {
        let rows = diff.tallies.map { tally in
            [
                ReportPage.Cell(tally.camera.text), ReportPage.Cell(tally.rule.text),
                ReportPage.Cell(number: "\(tally.same)"),
                ReportPage.Cell(number: "\(tally.gained)", tone: tally.gained > 0 ? .green : nil),
                ReportPage.Cell(number: "\(tally.lost)", tone: tally.lost > 0 ? .vermilion : nil),
                ReportPage.Cell(number: "\(tally.moved)", tone: tally.moved > 0 ? .amber : nil)
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "按摄像机与规则", en: "By camera and rule"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "告警数", en: "Alerts"),
                        heads: [
                            Bilingual(zh: "摄像机", en: "camera"), Bilingual(zh: "规则", en: "rule"),
                            Bilingual(zh: "相同", en: "the same"), word(.gained), word(.lost), word(.moved)
                        ], rows: rows))
            ])
    }

    private static func timelines(_ diff: AlertDiff) -> ReportPage.Section {
        let footages = diff.changes.map(\.footage).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let plots = footages.map { footage -> ReportPage.Block in
            let changes = diff.changes.filter { $0.footage == footage }
            let start = changes.map { min($0.before?.start ?? $0.decision.start, $0.decision.start) }.min() ?? .epoch
            let end = changes.map { max($0.before?.last ?? $0.decision.last, $0.decision.last) }.max() ?? start
            let rules = Set(changes.map(\.decision.rule)).sorted()
            let lanes = rules.flatMap { rule -> [TimelinePlot.Lane] in
                let own = changes.filter { $0.decision.rule == rule }
                return [
                    lane(Bilingual(zh: "\(rule) 之前", en: "\(rule) before"), own, since: start, \.before),
                    lane(Bilingual(zh: "之后", en: "after"), own, since: start, \.after)
                ]
            }
            let origin = start == .epoch ? "" : " (\(start))"
            return .timeline(
                TimelinePlot(
                    Bilingual(footage),
                    axis: Axis(
                        Bilingual(zh: "秒\(origin)", en: "seconds\(origin)"), 0...max(1, (end - start).seconds)),
                    lanes: lanes))
        }
        return ReportPage.Section(
            Bilingual(zh: "时间线", en: "Timelines"),
            plots.isEmpty ? [.paragraph(Bilingual(zh: "没有差别", en: "no difference"))] : plots)
    }

    private static func lane(
        _ name: Bilingual, _ changes: [AlertDiff.Change], since start: MediaTime,
        _ side: (AlertDiff.Change) -> AlertDecision?
    ) -> TimelinePlot.Lane {
        TimelinePlot.Lane(
            name,
            spans: changes.compactMap { change in
                side(change).map { decision in
                    let place = (from: (decision.start - start).seconds, to: (decision.last - start).seconds)
                    let words = word(change.kind)
                    return TimelinePlot.Span(
                        place.from, max(place.to, place.from), tone(change.kind),
                        note: Bilingual(
                            zh: "\(words.zh) \(decision.summary.zh)", en: "\(words.en) \(decision.summary.en)"))
                }
            })
    }

    private static func changes(_ diff: AlertDiff) -> ReportPage.Section {
        let rows = diff.changes.map { change in
            [
                ReportPage.Cell(word(change.kind), tone: tone(change.kind)), ReportPage.Cell(change.footage),
                ReportPage.Cell(change.decision.start.description), ReportPage.Cell(change.decision.rule.text),
                ReportPage.Cell(number: change.shift.map { String(format: "%+.3f", $0.seconds) } ?? "–"),
                ReportPage.Cell(change.before.map(AlertDiff.deciding) ?? "–"),
                ReportPage.Cell(change.after.map(AlertDiff.deciding) ?? "–")
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "每处差别与其判定数值", en: "Every difference and the numbers that decided"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "差别", en: "Differences"),
                        heads: [
                            Bilingual(""), Bilingual(zh: "录像", en: "footage"), Bilingual(zh: "开始", en: "begins"),
                            Bilingual(zh: "规则", en: "rule"), Bilingual(zh: "偏移 s", en: "shift, s"),
                            Bilingual(zh: "之前", en: "before"), Bilingual(zh: "之后", en: "after")
                        ], rows: rows))
            ])
    }

    private static func stills(
        _ diff: AlertDiff, _ footages: FootageDiff, _ before: String, _ after: String, _ logger: Logger,
        _ progress: (Double) -> Void
    ) -> ReportPage.Section {
        let shown = Array(diff.changes.prefix(StillHarvest.limit))
        var blocks: [ReportPage.Block] = []
        var done = 0
        for pair in footages.pairs {
            let changes = shown.filter { $0.footage == pair.footage }
            let moments = changes.map(\.decision.start)
            let ours = MomentStills.stills(of: pair.footage, pair.before, at: moments, logger: logger)
            let theirs = MomentStills.stills(of: pair.footage, pair.after, at: moments, logger: logger)
            for (index, change) in changes.enumerated() {
                let words = word(change.kind)
                let place = "\(change.footage) · \(change.decision.rule) · \(change.decision.start)"
                blocks.append(
                    .stills(
                        Bilingual(zh: "\(words.zh) \(place)", en: "\(words.en) \(place)"),
                        [
                            ReportPage.Still(caption("之前", "before", before, change.before), jpeg: ours[index]),
                            ReportPage.Still(caption("之后", "after", after, change.after), jpeg: theirs[index])
                        ]))
            }
            done += changes.count
            progress(shown.isEmpty ? 1 : Double(done) / Double(shown.count))
        }
        if diff.changes.count > shown.count {
            blocks.append(
                .paragraph(
                    Bilingual(
                        zh: "另有 \(diff.changes.count - shown.count) 处没有图像",
                        en: "\(diff.changes.count - shown.count) more are shown without stills")))
        }
        return ReportPage.Section(
            Bilingual(zh: "并列图像", en: "Side by side"),
            blocks.isEmpty ? [.paragraph(Bilingual(zh: "没有差别", en: "no difference"))] : blocks)
    }

    private static func caption(
        _ zh: String, _ en: String, _ name: String, _ decision: AlertDecision?
    ) -> Bilingual {
        let reason = decision.map { $0.reason ?? $0.summary }
        return Bilingual(
            zh: "\(zh)（\(name)）：\(reason?.zh ?? "没有告警")", en: "\(en) (\(name)): \(reason?.en ?? "no alert")")
    }
}
