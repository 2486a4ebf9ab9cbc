import Evidence
import Foundation
import Scene

/// The page of `evaluate --report`.
package enum EvaluationReport {
    /// - Parameters:
    ///   - site: what was evaluated, for the page's head.
    ///   - progress: called with the share of the stills that are made.
    package static func page(
        _ evaluation: CorpusEvaluation, extras: EvaluationExtras, corpus: String,
        progress: (Double) -> Void = { _ in }
    ) -> ReportPage {
        let score = evaluation.score
        var sections = [head(score, extras, corpus), trust(score, extras), fences(score)]
        if !extras.byTag.isEmpty { sections.append(tags(extras.byTag)) }
        if let comparison = extras.comparison { sections.append(against(comparison)) }
        sections.append(timelines(evaluation))
        sections.append(mistakes(evaluation, progress))
        if !evaluation.problems.isEmpty {
            sections.append(
                ReportPage.Section(
                    Bilingual(zh: "未能读取", en: "Not readable"),
                    evaluation.problems.map { .paragraph(Bilingual($0)) }))
        }
        return ReportPage(title: Bilingual(zh: "电子围栏评测", en: "Evaluation of electronic fences"), sections: sections)
    }

    private static func head(_ score: CorpusScore, _ extras: EvaluationExtras, _ corpus: String) -> ReportPage.Section {
        ReportPage.Section(
            Bilingual(zh: "概要", en: "Summary"),
            [
                .facts([
                    (Bilingual(zh: "录像集", en: "corpus"), Bilingual(corpus)),
                    (Bilingual(zh: "围栏", en: "fences"), Bilingual("\(score.rows.count)")),
                    (
                        Bilingual(zh: "标注事件", en: "marked events"),
                        Bilingual(
                            zh: "\(score.eventCount)，发现 \(score.foundCount)",
                            en: "\(score.eventCount), found \(score.foundCount)")
                    ),
                    (
                        Bilingual(zh: "告警", en: "alerts"),
                        Bilingual(
                            zh: "\(score.alertCount)，误报 \(score.falseCount)，重复 \(score.extraCount)",
                            en: "\(score.alertCount), false \(score.falseCount), extra \(score.extraCount)")
                    ),
                    (Bilingual(zh: "误报率", en: "false alerts"), rate(extras.figures.falseRate)),
                    (Bilingual(zh: "报警用时", en: "time to alarm"), delays(extras.figures.delays)),
                    (Bilingual(zh: "各围栏 F1 均值", en: "mean F1 over fences"), Bilingual(shortNumber(score.macroF1)))
                ])
            ])
    }

    private static func rate(_ rate: ScoreFigures.Rate) -> Bilingual {
        let figure = ScoreFigures.text(rate.figure, digits: 2)
        let hours = String(format: "%.2f", rate.judgedHours)
        switch rate.unit {
        case .cameraDay:
            return Bilingual(zh: "每路每天 \(figure)，判定 \(hours) 小时", en: "\(figure) a camera-day, \(hours) h judged")
        case .judgedHour:
            return Bilingual(
                zh: "每判定小时 \(figure)；只判定了 \(hours) 小时，不足 24 小时，不折算到每天",
                en: "\(figure) a judged hour; only \(hours) h were judged, a rate a day needs 24 h")
        }
    }

    private static func delays(_ delays: ScoreFigures.Delays) -> Bilingual {
        guard let median = delays.median, let ninety = delays.percentile90, let most = delays.percentile95 else {
            return Bilingual(zh: "无", en: "none")
        }
        return Bilingual("p50 \(median) s · p90 \(ninety) s · p95 \(most) s")
    }

    private static func trust(_ score: CorpusScore, _ extras: EvaluationExtras) -> ReportPage.Section {
        let figures = extras.figures
        let bars = [
            (Bilingual(zh: "召回率", en: "recall"), figures.recall),
            (Bilingual(zh: "精确率", en: "precision"), figures.precision), (Bilingual("F1"), figures.f1)
        ].map { BarPlot.Bar($0.0, $0.1.value, $0.1.interval, note: ScoreFigures.text($0.1)) }
        let places = score.rows.filter { $0.eventCount > 0 }.map { row in
            CurvePlot.Place(row.recallShare, row.precisionShare, note: "\(row.footage) \(row.fence.id)")
        }
        return ReportPage.Section(
            Bilingual(zh: "可信程度", en: "How far the figures can be trusted"),
            [
                .bars(
                    BarPlot(
                        Bilingual(zh: "95% 置信区间", en: "95 % intervals"), axis: Axis(Bilingual(""), 0...1), bars: bars)),
                .paragraph(
                    Bilingual(
                        zh:
                            "召回率、精确率：Wilson 区间，视各事件、各告警互相独立。F1：按录像重采样 \(Confidence.bootstrapDraws) 次（种子 \(extras.seed)）。误报：泊松精确区间。",
                        en: """
                            Recall, precision: Wilson score interval, events and alerts taken as independent. F1: \
                            \(Confidence.bootstrapDraws) draws of whole clips (seed \(extras.seed)). False alerts: exact Poisson interval.
                            """)),
                .curves(
                    CurvePlot(
                        Bilingual(zh: "每道围栏的召回率与精确率", en: "Recall and precision of every fence"),
                        x: Axis(Bilingual(zh: "召回率", en: "recall"), 0...1),
                        y: Axis(Bilingual(zh: "精确率", en: "precision"), 0...1),
                        series: [
                            CurvePlot.Series(
                                Bilingual(zh: "一道围栏（可重叠）", en: "one fence (they may lie on each other)"), .points,
                                .blue, places),
                            CurvePlot.Series(
                                Bilingual(zh: "合计", en: "total"), .points, .vermilion,
                                [CurvePlot.Place(score.recall, score.precision, note: "total")])
                        ]))
            ])
    }

    private static func fences(_ score: CorpusScore) -> ReportPage.Section {
        let rows = score.rows.map { row in
            [
                ReportPage.Cell(row.footage), ReportPage.Cell(row.fence.id), ReportPage.Cell(row.fence.kind.rawValue),
                ReportPage.Cell(number: "\(row.eventCount)"),
                ReportPage.Cell(number: "\(row.foundCount)", tone: row.foundCount < row.eventCount ? .vermilion : nil),
                ReportPage.Cell(number: "\(row.alertCount)"),
                ReportPage.Cell(number: "\(row.falseStarts.count)", tone: row.falseStarts.isEmpty ? nil : .vermilion),
                ReportPage.Cell(number: "\(row.extraCount)"), ReportPage.Cell(number: shortNumber(row.f1))
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "各围栏", en: "Every fence"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "事件与告警", en: "Events and alerts"),
                        heads: [
                            Bilingual(zh: "录像", en: "footage"), Bilingual(zh: "围栏", en: "fence"),
                            Bilingual(zh: "类型", en: "kind"), Bilingual(zh: "事件", en: "events"),
                            Bilingual(zh: "发现", en: "found"), Bilingual(zh: "告警", en: "alerts"),
                            Bilingual(zh: "误报", en: "false"), Bilingual(zh: "重复", en: "extra"), Bilingual("F1")
                        ], rows: rows))
            ])
    }

    private static func tags(_ tags: [ScoreFigures.OfTag]) -> ReportPage.Section {
        let rows = tags.map { tag in
            let figures = tag.figures
            return [
                ReportPage.Cell(tag.tag), ReportPage.Cell(number: "\(tag.footages)"),
                ReportPage.Cell(number: "\(figures.found)/\(figures.events)"),
                ReportPage.Cell(ScoreFigures.text(figures.recall)), ReportPage.Cell(number: "\(figures.falseAlerts)"),
                ReportPage.Cell(ScoreFigures.text(figures.precision)), ReportPage.Cell(ScoreFigures.text(figures.f1)),
                ReportPage.Cell(number: figures.delays.median.map(shortNumber) ?? "–")
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "按干扰因素", en: "By what makes the footage hard"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "一段录像可属多类", en: "A clip may carry several tags"),
                        heads: [
                            Bilingual(zh: "标签", en: "tag"), Bilingual(zh: "录像", en: "clips"),
                            Bilingual(zh: "发现", en: "found"), Bilingual(zh: "召回率", en: "recall"),
                            Bilingual(zh: "误报", en: "false"), Bilingual(zh: "精确率", en: "precision"), Bilingual("F1"),
                            Bilingual(zh: "用时中位数 s", en: "median delay, s")
                        ], rows: rows))
            ])
    }

    private static func against(_ comparison: ScoreComparison) -> ReportPage.Section {
        let changes =
            comparison.regressions.map { ($0, Bilingual(zh: "▼ 变差", en: "▼ worse"), Tone.vermilion) }
            + comparison.improvements.map { ($0, Bilingual(zh: "▲ 变好", en: "▲ better"), Tone.green) }
        let rows = changes.map { change, word, tone in
            [
                ReportPage.Cell(word, tone: tone), ReportPage.Cell(change.place), ReportPage.Cell(change.figure),
                ReportPage.Cell(number: change.before.map(shortNumber) ?? "–"),
                ReportPage.Cell(number: change.after.map(shortNumber) ?? "–")
            ]
        }
        let table = ReportPage.Block.table(
            ReportPage.Table(
                Bilingual(comparison.file),
                heads: [
                    Bilingual(""), Bilingual(zh: "位置", en: "place"), Bilingual(zh: "指标", en: "figure"),
                    Bilingual(zh: "以前", en: "before"), Bilingual(zh: "现在", en: "now")
                ], rows: rows))
        return ReportPage.Section(
            Bilingual(zh: "与以前相比", en: "Against an earlier result"),
            [rows.isEmpty ? .paragraph(Bilingual(zh: "没有变化", en: "no change")) : table]
                + comparison.incomparable.map { .paragraph(Bilingual(zh: "未比较：\($0)", en: "not compared: \($0)")) })
    }
}
