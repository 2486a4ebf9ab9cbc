import Foundation

/// The page of `tune`.
package enum TuneReport {
    package static func page(_ result: TuneResult) -> ReportPage {
        let choice = result.choice
        let sections = [
            head(result), figures(choice, seed: result.seed), tradeOff(result), values(result), folds(result)
        ]
        return ReportPage(title: Bilingual(zh: "围栏调参", en: "Tuning of fences"), sections: sections)
    }

    private static func head(_ result: TuneResult) -> ReportPage.Section {
        let choice = result.choice
        let budget = shortNumber(choice.budget.falsePerDay)
        let kept =
            choice.keepsBudget ? Bilingual(zh: "✓ 满足", en: "✓ kept") : Bilingual(zh: "✗ 未满足", en: "✗ not kept")
        return ReportPage.Section(
            Bilingual(zh: "概要", en: "Summary"),
            [
                .facts([
                    (Bilingual(zh: "录像集", en: "corpus"), Bilingual(result.corpus)),
                    (
                        Bilingual(zh: "预算", en: "budget"),
                        Bilingual(
                            zh: "每路每天误报 \(budget)，必须发现 \(choice.budget.mustFind.count) 个事件",
                            en:
                                "\(budget) false alerts a camera-day, \(choice.budget.mustFind.count) events that must be found"
                        )
                    ),
                    (Bilingual(zh: "留出录像上", en: "on held-out clips"), kept),
                    (Bilingual(zh: "选定", en: "chosen"), Bilingual(result.chosen.text)),
                    (
                        Bilingual(zh: "搜索", en: "search"),
                        Bilingual(
                            zh: "\(result.search.trials.count) 次试验，种子 \(result.seed)",
                            en: "\(result.search.trials.count) trials, seed \(result.seed)")
                    )
                ]),
                .paragraph(
                    Bilingual(
                        zh: "下列数字都来自选择时没有参与的录像（交叉验证）；选定值本身是用全部录像选出的，其在全部录像上的成绩不报告。",
                        en: """
                            The figures below are those of clips that had no say in the choice (cross-validation); the values chosen \
                            were chosen on all clips, and their score on them is not reported.
                            """)),
                .paragraph(
                    TuneResult.resolution(ScoreFigures(choice.heldOut, seed: result.seed))),
                .paragraph(
                    choice.missed.isEmpty
                        ? Bilingual(zh: "必须发现的事件没有漏掉。", en: "No event that must be found was missed.")
                        : Bilingual(
                            zh: "漏掉：\(choice.missed.map(\.description).joined(separator: "，"))",
                            en: "missed: \(choice.missed.map(\.description).joined(separator: ", "))"))
            ])
    }

    private static func figures(_ choice: TuneChoice, seed: UInt64) -> ReportPage.Section {
        let sides = [
            (Bilingual(zh: "调后（留出）", en: "tuned (held out)"), ScoreFigures(choice.heldOut, seed: seed)),
            (Bilingual(zh: "原样", en: "as it was"), ScoreFigures(choice.baseline, seed: seed))
        ]
        let bars = sides.flatMap { name, figures in
            [
                (Bilingual(zh: "召回率 ", en: "recall "), figures.recall),
                (Bilingual(zh: "精确率 ", en: "precision "), figures.precision), (Bilingual("F1 "), figures.f1)
            ].map { label, figure in
                BarPlot.Bar(
                    Bilingual(zh: label.zh + name.zh, en: label.en + name.en), figure.value, figure.interval,
                    note: ScoreFigures.text(figure))
            }
        }
        let rows = sides.map { name, figures in
            [
                ReportPage.Cell(name), ReportPage.Cell(number: "\(figures.found)/\(figures.events)"),
                ReportPage.Cell(number: "\(figures.falseAlerts)"), ReportPage.Cell(number: "\(figures.extra)"),
                ReportPage.Cell(number: figures.delays.median.map(shortNumber) ?? "–")
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "前后对比", en: "Before and after"),
            [
                .bars(
                    BarPlot(
                        Bilingual(zh: "95% 置信区间", en: "95 % intervals"), axis: Axis(Bilingual(""), 0...1), bars: bars)),
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "计数", en: "Counts"),
                        heads: [
                            Bilingual(""), Bilingual(zh: "发现", en: "found"), Bilingual(zh: "误报", en: "false"),
                            Bilingual(zh: "重复", en: "extra"), Bilingual(zh: "用时中位数 s", en: "median delay, s")
                        ], rows: rows))
            ])
    }

    private static func tradeOff(_ result: TuneResult) -> ReportPage.Section {
        let choice = result.choice
        let hours = max(choice.baseline.judgedSeconds / 3600, 1e-9)
        let points = choice.tradeOffs.map { ($0.heldOut, $0.allowed) }.sorted {
            ($0.0.falseCount, $0.0.recall) < ($1.0.falseCount, $1.0.recall)
        }
        let trials = result.search.rows.map { CorpusScore(rows: $0.flatMap { $0 }) }
        let most =
            (points.map { Double($0.0.falseCount) / hours } + trials.map { Double($0.falseCount) / hours }).max() ?? 1
        let curve = points.map {
            CurvePlot.Place(
                Double($0.0.falseCount) / hours, $0.0.recall, note: "allowed \(shortNumber(decimal($0.1, places: 2)))/h"
            )
        }
        let cloud = zip(result.search.trials, trials).map {
            CurvePlot.Place(Double($1.falseCount) / hours, $1.recall, note: $0.text)
        }
        let recallAxis = Axis(Bilingual(zh: "召回率", en: "recall"), 0...1)
        return ReportPage.Section(
            Bilingual(zh: "误报与召回的取舍", en: "Trade-off of false alerts and recall"),
            [
                .curves(
                    CurvePlot(
                        Bilingual(zh: "误报与召回率", en: "False alerts and recall"),
                        x: Axis(Bilingual(zh: "误报 / 判定小时", en: "false alerts a judged hour"), 0...max(most, 1)),
                        y: recallAxis,
                        series: [
                            .init(
                                Bilingual(zh: "每次试验（全部录像，未经选择）", en: "every trial (all clips, nothing chosen)"),
                                .points,
                                .grey, cloud),
                            .init(
                                Bilingual(zh: "原样", en: "as it was"), .points, .vermilion,
                                [.init(Double(choice.baseline.falseCount) / hours, choice.baseline.recall)]),
                            .init(
                                Bilingual(zh: "按不同允许量选择（留出录像）", en: "chosen under each allowance (held out)"), .step,
                                .blue,
                                curve)
                        ])),
                .curves(
                    CurvePlot(
                        Bilingual(zh: "精确率与召回率", en: "Precision and recall"), x: recallAxis,
                        y: Axis(Bilingual(zh: "精确率", en: "precision"), 0...1),
                        series: [
                            .init(
                                Bilingual(zh: "按不同允许量选择（留出录像）", en: "chosen under each allowance (held out)"), .line,
                                .blue,
                                points.map { CurvePlot.Place($0.0.recall, $0.0.precision) }.sorted { $0.x < $1.x }),
                            .init(
                                Bilingual(zh: "每次试验", en: "every trial"), .points, .grey,
                                zip(result.search.trials, trials).map { .init($1.recall, $1.precision, note: $0.text) })
                        ]))
            ])
    }

    private static func values(_ result: TuneResult) -> ReportPage.Section {
        let rows = result.parameters.map { parameter in
            let chosen = result.chosen.values[parameter].map(shortNumber)
            return [
                ReportPage.Cell(parameter.name), ReportPage.Cell(number: shortNumber(parameter.range.lowerBound)),
                ReportPage.Cell(number: shortNumber(parameter.range.upperBound)),
                ReportPage.Cell(chosen.map { Bilingual($0) } ?? Bilingual(zh: "原样", en: "as it is"))
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "参数", en: "Parameters"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "搜索范围与选定值", en: "Ranges and what was chosen"),
                        heads: [
                            Bilingual(zh: "参数", en: "parameter"), Bilingual(zh: "从", en: "from"),
                            Bilingual(zh: "到", en: "to"), Bilingual(zh: "选定", en: "chosen")
                        ], rows: rows))
            ])
    }

    private static func folds(_ result: TuneResult) -> ReportPage.Section {
        let rows = result.choice.folds.map { fold in
            let score = CorpusScore(rows: fold.clips.flatMap { result.search.rows[fold.trial][$0] })
            return [
                ReportPage.Cell(fold.clips.map { result.search.folders[$0].name }.joined(separator: ", ")),
                ReportPage.Cell(result.search.trials[fold.trial].text),
                ReportPage.Cell(number: "\(score.foundCount)/\(score.eventCount)"),
                ReportPage.Cell(number: "\(score.falseCount)")
            ]
        }
        return ReportPage.Section(
            Bilingual(zh: "各折", en: "Folds"),
            [
                .table(
                    ReportPage.Table(
                        Bilingual(zh: "留出的录像，与用其余录像选出的试验", en: "Clips held out, and the trial chosen on all others"),
                        heads: [
                            Bilingual(zh: "录像", en: "clips"), Bilingual(zh: "试验", en: "trial"),
                            Bilingual(zh: "发现", en: "found"), Bilingual(zh: "误报", en: "false")
                        ], rows: rows))
            ])
    }
}
