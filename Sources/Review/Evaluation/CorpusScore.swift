import Foundation

/// The score of a whole corpus, under the names of the public scorer.
package struct CorpusScore: Sendable {
    package let rows: [FenceScore]

    package init(rows: [FenceScore]) {
        self.rows = rows
    }

    package var eventCount: Int { rows.reduce(0) { $0 + $1.eventCount } }
    package var foundCount: Int { rows.reduce(0) { $0 + $1.foundCount } }
    package var alertCount: Int { rows.reduce(0) { $0 + $1.alertCount } }
    package var falseCount: Int { rows.reduce(0) { $0 + $1.falseCount } }
    package var extraCount: Int { rows.reduce(0) { $0 + $1.extraCount } }
    package var judgedSeconds: Double { rows.reduce(0) { $0 + $1.judgedSeconds } }
    package var controlZoneAlerts: Int {
        rows.reduce(0) { $0 + ($1.isFalselyAlarmedControl ? $1.alertCount : 0) }
    }
    package var recall: Double { eventCount > 0 ? Double(foundCount) / Double(eventCount) : 1 }
    package var precision: Double {
        alertCount > 0 ? Double(alertCount - falseCount - extraCount) / Double(alertCount) : 1
    }
    package var f1: Double { harmonicMean(precision, recall) }
    /// Mean of the fences' F1: every fence weighs the same.
    package var macroF1: Double { rows.reduce(0) { $0 + $1.f1 } / Double(max(1, rows.count)) }
    package var medianDelay: Double? {
        let delays = sortedDelays
        return delays.isEmpty ? nil : delays[delays.count / 2]
    }
    package var percentile95Delay: Double? {
        let delays = sortedDelays
        return delays.isEmpty ? nil : delays[Int(0.95 * Double(delays.count - 1))]
    }

    private var sortedDelays: [Double] { rows.flatMap(\.delays).sorted() }

    /// `{"total": {…}, "rows": […]}` as one line of JSON with sorted keys.
    ///
    /// - Parameter besides: further keys after those of the scorer.
    package func json(besides: EvaluationExtras? = nil) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Document(self, besides)), as: UTF8.self)
    }

    /// The score as a table for people, a line a fence and one of totals.
    package func table() -> String {
        let heading =
            column("footage", 28) + column("rule", 18) + column("kind", 6) + number("events", 7)
            + number("found", 6) + number("alerts", 7) + number("false", 6) + number("extra", 6) + "  missed / false at"
        let lines = rows.map { row in
            column(row.footage, 28) + column(row.fence.id, 18) + column(row.fence.kind.rawValue, 6)
                + number(row.eventCount, 7) + number(row.foundCount, 6) + number(row.alertCount, 7)
                + number(row.falseCount, 6) + number(row.extraCount, 6)
                + "  \(times(row.missed)) / \(times(row.falseStarts))"
        }
        let delay = medianDelay.map { "median \($0) s, 95 % within \(percentile95Delay ?? $0) s" } ?? "none"
        let total = """
            recall \(decimal(recall, places: 4)) · precision \(decimal(precision, places: 4)) · \
            F1 \(decimal(f1, places: 4)) · mean F1 over fences \(decimal(macroF1, places: 4)) · \
            control-zone alerts \(controlZoneAlerts) · delay: \(delay)
            """
        return ([heading] + lines + [total]).joined(separator: "\n")
    }

    private func times(_ values: [Double]) -> String {
        let shown = values.prefix(6).map { String(format: "%.2f", $0) }.joined(separator: " ")
        return values.isEmpty ? "-" : values.count > 6 ? shown + " …" : shown
    }
}

private struct Document: Encodable {
    struct Total: Encodable {
        let events, found, alerts, extra: Int
        let falseCount: Int
        let judgedSeconds: Double
        let macroF1: Double
        let controlZoneAlerts: Int
        let recall, precision, f1, falsePerHour: Double
        let medianDelay, percentile95Delay: Double?

        enum CodingKeys: String, CodingKey {
            case events, found, alerts, extra, recall, precision, f1
            case falseCount = "false"
            case judgedSeconds = "judged_s"
            case macroF1 = "macro_f1"
            case controlZoneAlerts = "control_zone_alerts"
            case falsePerHour = "false_per_hour"
            case medianDelay = "median_delay_s"
            case percentile95Delay = "p95_delay_s"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            for (key, value) in [
                (CodingKeys.events, events), (.found, found), (.alerts, alerts), (.extra, extra),
                (.falseCount, falseCount), (.controlZoneAlerts, controlZoneAlerts)
            ] {
                try container.encode(value, forKey: key)
            }
            for (key, value) in [
                (CodingKeys.judgedSeconds, judgedSeconds), (.macroF1, macroF1), (.recall, recall),
                (.precision, precision), (.f1, f1), (.falsePerHour, falsePerHour)
            ] {
                try container.encode(value, forKey: key)
            }
            try container.encode(medianDelay, forKey: .medianDelay)
            try container.encode(percentile95Delay, forKey: .percentile95Delay)
        }
    }

    struct Row: Encodable {
        let footage, rule, kind: String
        let events, found, alerts, extra: Int
        let falseCount: Int
        let f1, judgedSeconds: Double
        let missed, falseAt, delay: [Double]

        enum CodingKeys: String, CodingKey {
            case footage, rule, kind, events, found, alerts, extra, f1, missed
            case falseCount = "false"
            case judgedSeconds = "judged_s"
            case falseAt = "false_at"
            case delay = "delay_s"
        }
    }

    let total: Total
    let rows: [Row]
    let besides: EvaluationExtras?

    enum CodingKeys: String, CodingKey { case total, rows }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(total, forKey: .total)
        try container.encode(rows, forKey: .rows)
        try besides?.encode(to: encoder)
    }

    init(_ score: CorpusScore, _ besides: EvaluationExtras?) {
        self.besides = besides
        total = Total(
            events: score.eventCount, found: score.foundCount, alerts: score.alertCount, extra: score.extraCount,
            falseCount: score.falseCount, judgedSeconds: score.judgedSeconds,
            macroF1: decimal(score.macroF1, places: 4), controlZoneAlerts: score.controlZoneAlerts,
            recall: decimal(score.recall, places: 4), precision: decimal(score.precision, places: 4),
            f1: decimal(score.f1, places: 4),
            falsePerHour: decimal(3600 * Double(score.falseCount) / max(1e-9, score.judgedSeconds), places: 1),
            medianDelay: score.medianDelay, percentile95Delay: score.percentile95Delay)
        rows = score.rows.map { row in
            Row(
                footage: row.footage, rule: row.fence.id, kind: row.fence.kind.rawValue, events: row.eventCount,
                found: row.foundCount, alerts: row.alertCount, extra: row.extraCount, falseCount: row.falseCount,
                f1: row.f1, judgedSeconds: row.judgedSeconds, missed: row.missed, falseAt: row.falseStarts,
                delay: row.delays)
        }
    }
}

private func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

private func number(_ value: some CustomStringConvertible, _ width: Int) -> String {
    let text = value.description
    return String(repeating: " ", count: max(1, width - text.count)) + text
}
