import Foundation
import Journal
package import Pipeline
package import Scene

/// The page of `report`: one day of a daemon's journal.
package struct DayReport: Sendable {
    /// Stills of one page; the first of each alert, further alerts are in the table only.
    package static let stillLimit = 60
    /// Larger files of evidence are not shown, in bytes.
    private static let stillBytes = 4 << 20

    package let day: CivilDay
    package let calendar: SiteCalendar
    package let alerts: [Alert]
    package let coverage: CoverageReport
    package let dataFolder: String

    /// - Parameters:
    ///   - alerts: the newest version of each that went on in the day.
    ///   - coverage: of the day's hours.
    ///   - dataFolder: where the paths of the evidence begin.
    package init(
        _ day: CivilDay, calendar: SiteCalendar, alerts: [Alert], coverage: CoverageReport, dataFolder: String
    ) {
        self.day = day
        self.calendar = calendar
        self.alerts = alerts
        self.coverage = coverage
        self.dataFolder = dataFolder
    }

    /// The moments of a day: 23 or 25 hours where the clocks are changed.
    package static func period(_ day: CivilDay, _ calendar: SiteCalendar) -> Range<MediaTime> {
        calendar.start(of: day)..<calendar.start(of: day + 1)
    }

    /// - Parameter progress: called with the share of the stills that are read.
    package func page(progress: (Double) -> Void = { _ in }) -> ReportPage {
        ReportPage(
            title: Bilingual(zh: "\(day) 值守报告", en: "Report of \(day)"),
            sections: [head, timeline, watch, table, stills(progress), clips])
    }

    private var head: ReportPage.Section {
        let verified = alerts.count(where: \.verified)
        let open = alerts.count { $0.decision.state != .closed }
        let percent = coverage.total.watchedPercent.map { "\($0) %" } ?? "–"
        let severities = Dictionary(grouping: alerts) { $0.decision.severity ?? 0 }.sorted { $0.key < $1.key }
        return ReportPage.Section(
            Bilingual(zh: "概要", en: "Summary"),
            [
                .facts([
                    (Bilingual(zh: "时区", en: "time zone"), Bilingual(calendar.identifier)),
                    (
                        Bilingual(zh: "告警", en: "alerts"),
                        Bilingual(
                            zh: "\(alerts.count)，已核实 \(verified)，未结束 \(open)",
                            en: "\(alerts.count), \(verified) verified, \(open) open")
                    ),
                    (
                        Bilingual(zh: "按级别", en: "by severity"),
                        Bilingual(severities.map { "\($0.key): \($0.value.count)" }.joined(separator: " · "))
                    ),
                    (Bilingual(zh: "布防时段内看守", en: "watched while armed"), Bilingual(percent))
                ]),
                .paragraph(
                    Bilingual(zh: "告警是线索，未经人核实不是结论。", en: "An alert is a lead, until a person has verified it."))
            ])
    }

    // MARK: Plots

    private var period: Range<MediaTime> { Self.period(day, calendar) }
    private func hours(_ time: MediaTime) -> Double {
        (min(max(time, period.lowerBound), period.upperBound) - period.lowerBound).seconds / 3600
    }

    private var timeline: ReportPage.Section {
        struct Key: Hashable {
            let camera: CameraID
            let rule: RuleID
        }
        let keys = Set(
            alerts.map { Key(camera: $0.decision.camera, rule: $0.decision.rule) }
                + coverage.rules.map { Key(camera: $0.camera, rule: $0.rule) })
        let lanes = keys.sorted { ($0.camera.text, $0.rule.text) < ($1.camera.text, $1.rule.text) }.map { key in
            TimelinePlot.Lane(
                Bilingual("\(key.camera) \(key.rule)"),
                spans: coverage.rules.filter { $0.camera == key.camera && $0.rule == key.rule }.flatMap(gaps),
                moments: alerts.filter { $0.decision.camera == key.camera && $0.decision.rule == key.rule }.map(pin))
        }
        let marks = stride(from: 0, through: 24, by: 3).map { hour in
            (place: hours(calendar.moment(day, minute: hour * 60, .first)), name: "\(hour):00")
        }
        let length = (period.upperBound - period.lowerBound).seconds / 3600
        let plot = TimelinePlot(
            Bilingual(zh: "告警（三角）与看守中断（条）", en: "Alerts (triangles) and gaps of the watch (bars)"),
            axis: Axis(Bilingual(calendar.identifier), 0...length), lanes: lanes, marks: marks)
        return ReportPage.Section(
            Bilingual(zh: "一天", en: "The day"),
            lanes.isEmpty
                ? [.paragraph(Bilingual(zh: "没有告警，也没有看守记录", en: "no alert, and no account of the watch"))]
                : [.timeline(plot)])
    }

    private func gaps(_ rule: CoverageReport.Rule) -> [TimelinePlot.Span] {
        rule.gaps.map { gap in
            TimelinePlot.Span(
                hours(gap.from), hours(gap.to), gap.state.isArmed ? .vermilion : .grey,
                note: Bilingual("\(gap.state.rawValue) \(calendar.text(gap.from)) … \(calendar.text(gap.to))"))
        }
    }

    private func pin(_ alert: Alert) -> TimelinePlot.Span {
        let decision = alert.decision
        return TimelinePlot.Span(
            hours(decision.start), hours(decision.last), alert.verified ? .green : .blue,
            note: Bilingual(zh: decision.summary.zh, en: decision.summary.en))
    }

    private var watch: ReportPage.Section {
        let bars = coverage.rules.compactMap { rule in
            rule.tally.watchedPercent.map {
                BarPlot.Bar(Bilingual("\(rule.camera) \(rule.rule)"), $0, nil, note: "\($0) %")
            }
        }
        let rows = coverage.rules.map { rule in
            let blind = CoverageState.allCases.filter(\.isBlind).compactMap { state in
                rule.tally.spans[state].map { "\(state.rawValue) \(shortNumber($0.seconds.rounded())) s" }
            }
            return [
                ReportPage.Cell(rule.camera.text), ReportPage.Cell(rule.rule.text),
                ReportPage.Cell(number: shortNumber(rule.tally.armed.seconds.rounded())),
                ReportPage.Cell(number: rule.tally.watchedPercent.map { "\($0)" } ?? "–"),
                ReportPage.Cell(blind.joined(separator: ", ")),
                ReportPage.Cell(number: shortNumber(rule.tally.unaccounted.seconds.rounded()))
            ]
        }
        let heads = [
            Bilingual(zh: "摄像机", en: "camera"), Bilingual(zh: "规则", en: "rule"), Bilingual(zh: "布防 s", en: "armed, s"),
            Bilingual(zh: "看守 %", en: "watched, %"), Bilingual(zh: "中断原因", en: "blind"),
            Bilingual(zh: "无记录 s", en: "unaccounted, s")
        ]
        let table = ReportPage.Block.table(
            ReportPage.Table(Bilingual(zh: "每条规则", en: "Every rule"), heads: heads, rows: rows))
        guard !rows.isEmpty else {
            return ReportPage.Section(
                Bilingual(zh: "看守", en: "Coverage"),
                [.paragraph(Bilingual(zh: "没有看守记录", en: "no account of the watch"))])
        }
        let plot = BarPlot(
            Bilingual(zh: "布防时段内看守的比例", en: "Share watched while armed"), axis: Axis(Bilingual("%"), 0...100),
            bars: bars)
        return ReportPage.Section(Bilingual(zh: "看守", en: "Coverage"), (bars.isEmpty ? [] : [.bars(plot)]) + [table])
    }

    // MARK: Alerts

    private var table: ReportPage.Section {
        let rows = alerts.map { alert in
            let decision = alert.decision
            return [
                ReportPage.Cell(calendar.text(decision.start)), ReportPage.Cell(decision.camera.text),
                ReportPage.Cell(decision.rule.text),
                ReportPage.Cell(Bilingual(zh: decision.summary.zh, en: decision.summary.en)),
                ReportPage.Cell(number: decision.severity.map { "\($0)" } ?? "–"),
                ReportPage.Cell(decision.state.rawValue),
                ReportPage.Cell(alert.verified ? Bilingual(zh: "✓ 已核实", en: "✓ yes") : Bilingual(zh: "未核实", en: "no")),
                ReportPage.Cell(decision.id)
            ]
        }
        let heads = [
            Bilingual(zh: "开始", en: "begins"), Bilingual(zh: "摄像机", en: "camera"), Bilingual(zh: "规则", en: "rule"),
            Bilingual(zh: "内容", en: "what"), Bilingual(zh: "级别", en: "severity"), Bilingual(zh: "状态", en: "state"),
            Bilingual(zh: "核实", en: "verified"), Bilingual(zh: "编号", en: "id")
        ]
        return ReportPage.Section(
            Bilingual(zh: "告警", en: "Alerts"),
            [
                rows.isEmpty
                    ? .paragraph(Bilingual(zh: "没有", en: "none"))
                    : .table(ReportPage.Table(Bilingual(zh: "按时间", en: "In order of time"), heads: heads, rows: rows))
            ])
    }

    private func stills(_ progress: (Double) -> Void) -> ReportPage.Section {
        let shown = alerts.filter { $0.decision.kind != .sceneHealth || !$0.reception.evidence.isEmpty }
            .prefix(Self.stillLimit)
        var stills: [ReportPage.Still] = []
        for alert in shown {
            let decision = alert.decision
            let caption = Bilingual(
                zh: "\(calendar.text(decision.start)) \(decision.camera) \((decision.reason ?? decision.summary).zh)",
                en: "\(calendar.text(decision.start)) \(decision.camera) \((decision.reason ?? decision.summary).en)")
            stills.append(still(alert, caption))
            progress(Double(stills.count) / Double(shown.count))
        }
        let left = alerts.count - shown.count
        let heading = Bilingual(
            zh: "图像 \(stills.count) 幅，另有告警 \(left) 条", en: "\(stills.count) shown, \(left) more alerts")
        return ReportPage.Section(
            Bilingual(zh: "图像", en: "Stills"),
            stills.isEmpty ? [.paragraph(Bilingual(zh: "没有", en: "none"))] : [.stills(heading, stills)])
    }

    /// The annotated still, if the file is there and still is what the journal says it is.
    private func still(_ alert: Alert, _ caption: Bilingual) -> ReportPage.Still {
        let pictures = alert.reception.evidence.filter { $0.kind == .annotated || $0.kind == .clean }
        guard let entry = pictures.first(where: { $0.kind == .annotated }) ?? pictures.first,
            entry.bytes <= Self.stillBytes,
            let data = FileManager.default.contents(atPath: "\(dataFolder)/\(entry.path)")
        else { return ReportPage.Still(caption, jpeg: nil) }
        guard Digest.sha256Hex(data) == entry.sha256 else {
            let changed = Bilingual(
                zh: "\(caption.zh)（文件与日志不符：\(entry.path)）",
                en: "\(caption.en) (the file is not what was journaled: \(entry.path))")
            return ReportPage.Still(changed, jpeg: nil)
        }
        return ReportPage.Still(caption, jpeg: [UInt8](data))
    }

    /// Evidence that is no still.
    private var clips: ReportPage.Section {
        let rows = alerts.flatMap { alert in
            alert.reception.evidence.filter { $0.kind != .annotated && $0.kind != .clean }.map { entry in
                [
                    ReportPage.Cell(calendar.text(entry.mediaTime)), ReportPage.Cell(alert.decision.id),
                    ReportPage.Cell("\(dataFolder)/\(entry.path)"),
                    ReportPage.Cell(number: String(format: "%.1f", Double(entry.bytes) / 1e6)),
                    ReportPage.Cell(String(entry.sha256.prefix(12)) + "…")
                ]
            }
        }
        let heads = [
            Bilingual(zh: "时间", en: "time"), Bilingual(zh: "告警", en: "alert"), Bilingual(zh: "文件", en: "file"),
            Bilingual("MB"), Bilingual("SHA-256")
        ]
        return ReportPage.Section(
            Bilingual(zh: "录像片段", en: "Clips"),
            [
                rows.isEmpty
                    ? .paragraph(Bilingual(zh: "没有", en: "none"))
                    : .table(ReportPage.Table(Bilingual(zh: "文件", en: "Files"), heads: heads, rows: rows))
            ])
    }
}
