import Foundation
import Journal
import Pipeline
import Scene

// What decided, what was told when, and what became of it, as tables.
extension AlertPage {
    // MARK: Why it was raised

    var reasons: ReportPage.Section {
        var blocks: [ReportPage.Block] = []
        if let explanation = decision.explanation {
            let tests = explanation.tests.map { row($0, Bilingual(zh: "判定", en: "test")) }
            let filters = explanation.filters.map { row($0, Bilingual(zh: "条件", en: "filter")) }
            let heads = [
                Bilingual(zh: "类别", en: "part"), Bilingual(zh: "量", en: "quantity"), Bilingual(zh: "实测", en: "value"),
                Bilingual(zh: "要求", en: "asked for"), Bilingual(zh: "余量", en: "margin"), Bilingual(zh: "单位", en: "unit")
            ]
            blocks += table(Bilingual(zh: "判定与条件", en: "Tests and filters"), heads, tests + filters)
            blocks += table(
                Bilingual(zh: "判定点轨迹（占画面比例）", en: "Where the anchor was (shares of the picture)"),
                [Bilingual(zh: "时刻 s", en: "moment, s"), Bilingual("x"), Bilingual("y")],
                explanation.path.map { place in
                    [
                        .init(number: since(place.time)), .init(number: shortNumber(place.point.x)),
                        .init(number: shortNumber(place.point.y))
                    ]
                })
        }
        blocks += table(
            Bilingual(zh: "首次发现时的数值", en: "Numbers of the first finding"),
            [Bilingual(zh: "名称", en: "name"), Bilingual(zh: "数值", en: "value")],
            decision.measures.sorted { $0.key < $1.key }.map { name, value in
                [ReportPage.Cell(name), .init(number: shortNumber(value))]
            })
        if blocks.isEmpty { blocks = [.paragraph(Bilingual(zh: "没有数值", en: "No number decided."))] }
        return ReportPage.Section(Bilingual(zh: "判定依据", en: "Why it was raised"), blocks)
    }

    private func row(_ test: Explanation.Test, _ part: Bilingual) -> [ReportPage.Cell] {
        let (name, unit, scale) = Self.names(of: test.quantity)
        let sense = test.sense == .atLeast ? "≥" : "≤"
        return [
            .init(part), .init(name), .init(number: shortNumber(test.value * scale)),
            .init(number: "\(sense) \(shortNumber(test.limit * scale))"),
            .init(number: shortNumber(test.margin * scale)), .init(unit)
        ]
    }

    /// Name, unit, and what to multiply with to have it in that unit.
    private static func names(of quantity: Explanation.Quantity) -> (Bilingual, Bilingual, Double) {
        let second = Bilingual(zh: "秒", en: "s"), metre = Bilingual(zh: "米", en: "m"), percent = Bilingual("%")
        return switch quantity {
        case .beyondLine: (Bilingual(zh: "越线后离线", en: "distance beyond the line"), percent, 100)
        case .settled: (Bilingual(zh: "在边界同侧持续", en: "time on one side of the edge"), second, 1)
        case .stayed: (Bilingual(zh: "在区域内停留", en: "time inside"), second, 1)
        case .rested: (Bilingual(zh: "静止", en: "time at rest"), second, 1)
        case .unattended: (Bilingual(zh: "无人看管", en: "time with nobody near"), second, 1)
        case .held: (Bilingual(zh: "持续", en: "time the condition held"), second, 1)
        case .between: (Bilingual(zh: "两阶段间隔", en: "time between the stages"), second, 1)
        case .against: (Bilingual(zh: "逆向行进", en: "way gone in the wrong direction"), percent, 100)
        case .heading:
            (Bilingual(zh: "行进方向与逆向夹角余弦", en: "cosine to the wrong direction"), Bilingual("–"), 1)
        case .speed: (Bilingual(zh: "速度", en: "speed"), Bilingual(zh: "公里/小时", en: "km/h"), 3.6)
        case .travelled: (Bilingual(zh: "自出现起移动", en: "way from where it appeared"), percent, 100)
        case .count: (Bilingual(zh: "区域内目标数", en: "objects inside"), Bilingual("–"), 1)
        case .covered: (Bilingual(zh: "区域被占用", en: "share of the zone covered"), percent, 100)
        case .stirring: (Bilingual(zh: "区域内变动", en: "share of the zone that stirred"), percent, 100)
        case .age: (Bilingual(zh: "已跟踪", en: "time followed"), second, 1)
        case .area: (Bilingual(zh: "目标占画面", en: "share of the picture"), percent, 100)
        case .height: (Bilingual(zh: "目标高", en: "height"), metre, 1)
        }
    }

    var findings: ReportPage.Section {
        let rows = decision.findings.map { finding -> [ReportPage.Cell] in
            let box = finding.box.map { box in
                [box.x, box.y, box.width, box.height].map { String(format: "%.3f", $0) }.joined(separator: " ")
            }
            let point = finding.point.map { String(format: "%.3f %.3f", $0.x, $0.y) }
            let request = finding.request.map { "\($0.who): \($0.why)" }
            return [
                .init(number: since(finding.time)), .init(finding.occurrence.rawValue),
                .init(finding.direction?.rawValue ?? "–"), .init(number: finding.track.map { "\($0.number)" } ?? "–"),
                .init(point ?? "–"), .init(request ?? box ?? "–")
            ]
        }
        let heads = [
            Bilingual(zh: "时刻 s", en: "moment, s"), Bilingual(zh: "内容", en: "what"),
            Bilingual(zh: "方向", en: "direction"),
            Bilingual(zh: "目标", en: "track"), Bilingual(zh: "判定点 x y", en: "point, x y"),
            Bilingual(zh: "外框 x y 宽 高", en: "box, x y width height")
        ]
        let heading = Bilingual(
            zh: "共 \(decision.count) 次，列出 \(rows.count) 次；时刻自告警开始起算",
            en: "\(decision.count) in all, \(rows.count) listed; moments count from the alert's beginning")
        return ReportPage.Section(Bilingual(zh: "发现", en: "Findings"), table(heading, heads, rows))
    }

    // MARK: What was told

    var versions: ReportPage.Section {
        let files = Dictionary(copies.map { ($0.path, $0) }) { first, _ in first }
        let rows = record.versions.map { version -> [ReportPage.Cell] in
            let (decision, reception) = (version.decision, version.reception)
            let named = reception.evidence.map { files[$0.path]?.file ?? "✗ \($0.path)" }
            let clip = reception.clip.map { standing in
                Bilingual(
                    zh: name(of: standing.state).zh + (standing.reason.map { "（\(name(of: $0).zh)）" } ?? ""),
                    en: name(of: standing.state).en + (standing.reason.map { " (\(name(of: $0).en))" } ?? ""))
            }
            return [
                .init(number: "\(decision.version)"), .init(name(of: decision.state)), .init(exact(decision.last)),
                .init(number: "\(decision.count)"), .init(exact(reception.serverTime)),
                .init(number: "\(reception.latencyMilliseconds)"), .init(number: "\(reception.sequence)"),
                .init(clip ?? Bilingual("–")), .init(named.isEmpty ? "–" : named.joined(separator: ", "))
            ]
        }
        let heads = [
            Bilingual(zh: "版本", en: "version"), Bilingual(zh: "状态", en: "state"),
            Bilingual(zh: "最近一次", en: "newest finding"), Bilingual(zh: "次数", en: "count"),
            Bilingual(zh: "入日志", en: "journaled"), Bilingual(zh: "延迟 ms", en: "latency, ms"),
            Bilingual(zh: "序号", en: "sequence"), Bilingual(zh: "录像", en: "clip"), Bilingual(zh: "证据", en: "evidence")
        ]
        return ReportPage.Section(
            Bilingual(zh: "版本", en: "Versions"), table(Bilingual(zh: "按先后", en: "In order"), heads, rows))
    }

    var delivery: ReportPage.Section {
        let rows = record.deliveries.map { row -> [ReportPage.Cell] in
            [
                .init(number: "\(row.version)"), .init(row.sink),
                .init(name(of: row.state), tone: row.state == .confirmed ? .green : nil),
                .init(number: "\(row.attempts)"), .init(row.acked.map(exact) ?? "–"),
                .init(row.confirmed.map(exact) ?? "–"), .init(row.lastError ?? "–")
            ]
        }
        let heads = [
            Bilingual(zh: "版本", en: "version"), Bilingual(zh: "去向", en: "sink"), Bilingual(zh: "状态", en: "state"),
            Bilingual(zh: "尝试次数", en: "attempts"), Bilingual(zh: "已收", en: "taken"),
            Bilingual(zh: "已确认", en: "confirmed"), Bilingual(zh: "最近错误", en: "last error")
        ]
        let none = Bilingual(
            zh: "没有记录：没有配置去向，或已确认超过 72 小时。",
            en: "Nothing is known: no sink was configured, or all was confirmed more than 72 h ago.")
        return ReportPage.Section(
            Bilingual(zh: "投递", en: "Delivery"),
            rows.isEmpty ? [.paragraph(none)] : table(Bilingual(zh: "每个版本", en: "Every version"), heads, rows))
    }

    var verdicts: ReportPage.Section {
        let rows = record.verdicts.map { verdict -> [ReportPage.Cell] in
            [
                .init(verdict.time.map(exact) ?? "–"), .init(name(of: verdict.judgement)),
                .init(verdict.cause?.rawValue ?? "–"), .init(verdict.why ?? "–"), .init(verdict.who)
            ]
        }
        let heads = [
            Bilingual(zh: "时间", en: "time"), Bilingual(zh: "结论", en: "verdict"), Bilingual(zh: "原因", en: "cause"),
            Bilingual(zh: "说明", en: "in words"), Bilingual(zh: "核查人", en: "reviewer")
        ]
        let none = Bilingual(zh: "尚无人核查。", en: "Nobody has judged it yet.")
        return ReportPage.Section(
            Bilingual(zh: "核查结论", en: "Verdicts"),
            rows.isEmpty ? [.paragraph(none)] : table(Bilingual(zh: "最后一条有效", en: "The last one counts"), heads, rows))
    }

    // MARK: Files

    var files: ReportPage.Section {
        let rows = copies.map { copy -> [ReportPage.Cell] in
            [
                .init(name(of: copy.kind)),
                copy.file.map { ReportPage.Cell(Bilingual($0), file: $0) } ?? .init("–"),
                .init(state(copy), tone: copy.state == .whole ? .green : .vermilion), .init(copy.path),
                .init(digits: copy.sha256)
            ]
        }
        let heads = [
            Bilingual(zh: "种类", en: "kind"), Bilingual(zh: "文件", en: "file"), Bilingual(zh: "状态", en: "state"),
            Bilingual(zh: "数据目录内", en: "in the data folder"), Bilingual("SHA-256")
        ]
        let all = ReportPage.Block.table(
            ReportPage.Table(
                Bilingual(zh: "其他", en: "Besides"),
                heads: [Bilingual(zh: "文件", en: "file"), Bilingual(zh: "内容", en: "what")],
                rows: [
                    [
                        .init(Bilingual("alert.json"), file: "alert.json"),
                        .init(Bilingual(zh: "全部版本、核查与投递", en: "all versions, verdicts and deliveries"))
                    ]
                ]))
        return ReportPage.Section(
            Bilingual(zh: "文件", en: "Files"),
            table(Bilingual(zh: "日志所记证据", en: "Evidence that the journal names"), heads, rows) + [all])
    }

    /// The first rows and the newest ones; nothing where there is none.
    private func table(
        _ caption: Bilingual, _ heads: [Bilingual], _ rows: [[ReportPage.Cell]]
    ) -> [ReportPage.Block] {
        guard !rows.isEmpty else { return [] }
        guard rows.count > Self.rowLimit else {
            return [.table(ReportPage.Table(caption, heads: heads, rows: rows))]
        }
        let half = Self.rowLimit / 2
        let left = rows.count - 2 * half
        return [
            .table(ReportPage.Table(caption, heads: heads, rows: rows.prefix(half) + rows.suffix(half))),
            .paragraph(
                Bilingual(
                    zh: "前 \(half) 行与后 \(half) 行；其余 \(left) 行见 alert.json",
                    en: "the first \(half) and the newest \(half) rows; \(left) more are in alert.json"))
        ]
    }
}
