import Foundation
import Journal
import Pipeline
import Scene

/// The page of one alert: what happened, why it was raised, what is kept of it and what became of it.
struct AlertPage {
    /// Rows of one table; the others are in alert.json only, and the page says how many.
    static let rowLimit = 100
    /// Stills that stand in the page itself.
    static let stillLimit = 24
    /// Larger stills are only beside the page, in bytes.
    static let stillBytes = 4 << 20

    let record: AlertRecord
    let calendar: SiteCalendar
    let copies: [EvidenceCopy]
    /// Where the copies are.
    let folder: String

    init(_ record: AlertRecord, calendar: SiteCalendar, copies: [EvidenceCopy], folder: String) {
        self.record = record
        self.calendar = calendar
        self.copies = copies
        self.folder = folder
    }

    var newest: Alert { record.newest }
    var decision: AlertDecision { record.newest.decision }

    func page() -> ReportPage {
        let place = "\(decision.place.cameraName) · \(decision.rule)"
        return ReportPage(
            title: Bilingual(zh: "告警：\(place)", en: "Alert: \(place)"),
            sections: [summary, pictures, reasons, findings, versions, delivery, verdicts, files])
    }

    // MARK: What happened

    private var summary: ReportPage.Section {
        var blocks: [ReportPage.Block] = [
            .paragraph(Bilingual(zh: decision.summary.zh, en: decision.summary.en))
        ]
        blocks += decision.reason.map { [.paragraph(Bilingual(zh: $0.zh, en: $0.en))] } ?? []
        let bad = copies.filter { $0.state != .whole }
        if !bad.isEmpty {
            let names = bad.map(\.path).joined(separator: ", ")
            blocks.append(
                .paragraph(
                    Bilingual(
                        zh: "⚠ 有 \(bad.count) 个证据文件缺失或与日志不符：\(names)",
                        en: "⚠ \(bad.count) files of evidence are missing or are not what was journaled: \(names)")))
        }
        blocks += [
            .facts(facts),
            .paragraph(Bilingual(zh: "告警是线索，未经人核实不是结论。", en: "An alert is a lead, until a person has verified it."))
        ]
        return ReportPage.Section(Bilingual(zh: "概要", en: "Summary"), blocks)
    }

    private typealias Fact = (name: Bilingual, value: Bilingual)

    private var facts: [Fact] {
        let place = decision.place
        let area = place.area == place.site ? nil : place.area
        let codes = [place.site, area, place.grid, place.gbID].compactMap { $0 }
        let end = decision.end.map(exact).map { Bilingual($0) } ?? Bilingual(zh: "未结束", en: "still open")
        var facts: [Fact] = [
            (Bilingual(zh: "编号", en: "id"), Bilingual(decision.id)),
            (Bilingual(zh: "状态", en: "state"), name(of: decision.state)),
            (Bilingual(zh: "核实", en: "verified"), verified),
            (
                Bilingual(zh: "摄像机", en: "camera"),
                Bilingual(
                    zh: "\(place.cameraName)（\(decision.camera)），\(place.cameraClass.rawValue) 类",
                    en: "\(decision.camera), class \(place.cameraClass.rawValue)")
            ),
            (Bilingual(zh: "地点编码", en: "codes of the place"), Bilingual(codes.joined(separator: " · "))),
            (
                Bilingual(zh: "规则", en: "rule"),
                Bilingual("\(decision.rule) · \(decision.kind.rawValue) · \(decision.occurrence.rawValue)")
            ),
            (Bilingual(zh: "开始", en: "begins"), Bilingual(exact(decision.start))),
            (Bilingual(zh: "最近一次", en: "newest finding"), Bilingual(exact(decision.last))),
            (Bilingual(zh: "结束", en: "ends"), end),
            (Bilingual(zh: "时区", en: "time zone"), Bilingual(calendar.identifier))
        ]
        if let reason = decision.closedBy {
            facts.append((Bilingual(zh: "结束原因", en: "closed by"), Bilingual(reason.rawValue)))
        }
        if let severity = decision.severity {
            facts.append((Bilingual(zh: "级别", en: "severity"), Bilingual("\(severity)")))
        }
        if let tags = decision.tags, !tags.isEmpty {
            facts.append((Bilingual(zh: "标签", en: "tags"), Bilingual(tags.joined(separator: " · "))))
        }
        if let codes = decision.codes {
            let event = codes.eventType.map { "/\($0)" } ?? ""
            facts.append((Bilingual("GB/T 28181"), Bilingual("\(codes.method)/\(codes.type)\(event)")))
            facts.append((Bilingual("ONVIF"), Bilingual(codes.onvif)))
        }
        if let hold = record.hold {
            let words = "\(exact(hold.since)) \(hold.who): \(hold.why)"
            facts.append((Bilingual(zh: "证据保全", en: "held"), Bilingual(words)))
        }
        return facts + provenance
    }

    private var provenance: [Fact] {
        let source = decision.provenance
        return [
            (Bilingual(zh: "检测模型", en: "model"), Bilingual("\(source.model) \(source.modelHash)")),
            (Bilingual(zh: "配置摘要", en: "configuration"), Bilingual(source.configurationHash)),
            (Bilingual(zh: "规则版本", en: "revision of the rule"), Bilingual(decision.ruleRevision))
        ]
    }

    private var verified: Bilingual {
        guard let verdict = record.verdicts.last else { return Bilingual(zh: "未核实", en: "no, a lead to look at") }
        return name(of: verdict.judgement)
    }

    // MARK: Pictures

    private var pictures: ReportPage.Section {
        let stills = copies.filter { $0.kind != .clip }
        var blocks: [ReportPage.Block] = clipBlocks(poster: stills)
        let shown = stills.prefix(Self.stillLimit)
        let left = stills.count - shown.count
        let heading =
            left == 0
            ? Bilingual(zh: "图像 \(shown.count) 幅", en: "\(shown.count) stills")
            : Bilingual(
                zh: "图像 \(shown.count) 幅，另有 \(left) 幅见 stills", en: "\(shown.count) stills, \(left) more in stills")
        blocks.append(
            shown.isEmpty
                ? .paragraph(Bilingual(zh: "没有图像", en: "There is no still."))
                : shown.count > 2 ? .pairs(heading, shown.map(still)) : .stills(heading, shown.map(still)))
        return ReportPage.Section(Bilingual(zh: "录像与图像", en: "Clip and stills"), blocks)
    }

    private func clipBlocks(poster stills: [EvidenceCopy]) -> [ReportPage.Block] {
        let standing = newest.reception.clip
        var blocks: [ReportPage.Block] = []
        for copy in copies where copy.kind == .clip {
            guard let file = copy.file, let entry = entry(of: copy) else {
                blocks.append(.paragraph(Bilingual(zh: "录像：\(state(copy).zh)", en: "The clip: \(state(copy).en)")))
                continue
            }
            let length = entry.seconds.map { String(format: "%.1f s", $0) } ?? "?"
            let facts =
                "\(length) · \(entry.codec ?? "?") · \(entry.width)×\(entry.height) · "
                + String(format: "%.1f MB", Double(entry.bytes) / 1e6)
            let lead = String(format: "%.1f s", (decision.start - entry.mediaTime).seconds)
            let short = standing?.reason.map { name(of: $0) }
            let caption = Bilingual(
                zh: "\(facts)，自 \(exact(entry.mediaTime))，告警在 \(lead) 处" + (short.map { "；提前结束：\($0.zh)" } ?? ""),
                en: "\(facts), from \(exact(entry.mediaTime)), the alert comes at \(lead)"
                    + (short.map { "; it ends early: \($0.en)" } ?? ""))
            let poster = stills.first { $0.kind == .annotated && $0.file != nil } ?? stills.first { $0.file != nil }
            blocks.append(.film(.init(caption, file: file, poster: poster.flatMap(jpeg))))
        }
        if blocks.isEmpty {
            let why = standing?.reason.map { name(of: $0) }
            let stillRecording = standing?.state == .recording
            blocks.append(
                .paragraph(
                    stillRecording
                        ? Bilingual(zh: "录像尚在录制。", en: "The clip is still being recorded.")
                        : Bilingual(
                            zh: "没有录像" + (why.map { "：\($0.zh)" } ?? "。"),
                            en: "There is no clip" + (why.map { ": \($0.en)" } ?? "."))))
        }
        return blocks
    }

    private func still(_ copy: EvidenceCopy) -> ReportPage.Still {
        ReportPage.Still(caption(copy), jpeg: jpeg(copy))
    }

    private func caption(_ copy: EvidenceCopy) -> Bilingual {
        guard let entry = entry(of: copy) else { return Bilingual(copy.path) }
        let kind = name(of: copy.kind)
        let time = exact(entry.mediaTime).suffix(12)
        guard copy.state != .whole else { return Bilingual(zh: "\(kind.zh) · \(time)", en: "\(kind.en) · \(time)") }
        let trouble = state(copy)
        return Bilingual(
            zh: "\(kind.zh) · \(time)（\(trouble.zh)）", en: "\(kind.en) · \(time) (\(trouble.en))")
    }

    private func jpeg(_ copy: EvidenceCopy) -> [UInt8]? {
        guard let file = copy.file, let entry = entry(of: copy), entry.bytes <= Self.stillBytes else { return nil }
        return FileManager.default.contents(atPath: "\(folder)/\(file)").map { [UInt8]($0) }
    }

    private func entry(of copy: EvidenceCopy) -> AlertReception.Evidence? {
        record.evidence.first { $0.path == copy.path }
    }

    // MARK: Times

    /// `2026-11-22 09:31:02.120` by the site's clocks.
    func exact(_ time: MediaTime) -> String {
        let milliseconds = ((time.microseconds % 1_000_000) + 1_000_000) % 1_000_000 / 1000
        return "\(calendar.text(time)).\(String(format: "%03d", Int(milliseconds)))"
    }

    /// `+1.250` seconds after the alert's start.
    func since(_ time: MediaTime) -> String { String(format: "%+.3f", (time - decision.start).seconds) }
}
