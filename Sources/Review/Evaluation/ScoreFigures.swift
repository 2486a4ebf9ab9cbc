import Foundation

/// What is said of a score besides the scorer's own figures: how far they can be trusted, rates, delays.
package struct ScoreFigures: Sendable, Encodable {
    /// Judged time from which a rate a day is said; a night shorter than that holds neither dawn nor dusk.
    package static let dayHours = 24.0

    package struct Figure: Sendable, Encodable {
        package let value: Double
        package let low: Double?
        package let high: Double?

        init(_ value: Double, _ interval: ClosedRange<Double>?) {
            self.value = decimal(value, places: 4)
            low = interval.map { decimal($0.lowerBound, places: 4) }
            high = interval.map { decimal($0.upperBound, places: 4) }
        }

        package var interval: ClosedRange<Double>? {
            guard let low, let high else { return nil }
            return low...high
        }
    }

    package struct Rate: Sendable, Encodable {
        package enum Unit: String, Sendable, Encodable {
            case cameraDay = "camera_day"
            case judgedHour = "judged_hour"
        }

        package let unit: Unit
        package let figure: Figure
        package let judgedHours: Double

        enum CodingKeys: String, CodingKey {
            case unit
            case figure = "false_alerts"
            case judgedHours = "judged_h"
        }
    }

    package struct Delays: Sendable, Encodable {
        package let count: Int
        package let median, percentile90, percentile95, most: Double?

        enum CodingKeys: String, CodingKey {
            case count
            case median = "p50_s"
            case percentile90 = "p90_s"
            case percentile95 = "p95_s"
            case most = "max_s"
        }
    }

    package let events, found, alerts, falseAlerts, extra: Int
    package let recall, precision, f1: Figure
    package let falseRate: Rate
    package let delays: Delays

    enum CodingKeys: String, CodingKey {
        case events, found, alerts, extra, recall, precision, f1
        case falseAlerts = "false"
        case falseRate = "false_rate"
        case delays = "time_to_alarm"
    }

    package init(_ score: CorpusScore, seed: UInt64) {
        (events, found, alerts) = (score.eventCount, score.foundCount, score.alertCount)
        (falseAlerts, extra) = (score.falseCount, score.extraCount)
        let good = score.alertCount - score.falseCount - score.extraCount
        recall = Figure(score.recall, Confidence.wilson(score.foundCount, of: score.eventCount))
        precision = Figure(score.precision, Confidence.wilson(good, of: score.alertCount))
        f1 = Figure(score.f1, Confidence.bootstrap(score.rows, seed: seed, figure: \.f1))
        let hours = score.judgedSeconds / 3600
        let isLong = hours >= Self.dayHours
        let units = max(isLong ? hours / 24 : hours, 1e-9)
        let count = Confidence.poisson(score.falseCount)
        falseRate = Rate(
            unit: isLong ? .cameraDay : .judgedHour,
            figure: Figure(
                Double(score.falseCount) / units, count.lowerBound / units...count.upperBound / units),
            judgedHours: decimal(hours, places: 4))
        let sorted = score.rows.flatMap(\.delays).sorted()
        let place = { (share: Double) in sorted.isEmpty ? nil : sorted[Int(share * Double(sorted.count - 1))] }
        delays = Delays(
            count: sorted.count, median: score.medianDelay, percentile90: place(0.90),
            percentile95: score.percentile95Delay, most: sorted.last)
    }

    package static let methods = [
        "recall": "Wilson score interval, 95 %, events taken as independent",
        "precision": "Wilson score interval, 95 %, alerts taken as independent",
        "f1": "percentile bootstrap over clips, 95 %, \(Confidence.bootstrapDraws) draws",
        "false_rate": "exact Poisson interval, 95 %; a day is said from 24 judged hours on, else an hour"
    ]
}

extension ScoreFigures {
    /// The same for each nuisance tag that the corpus knows, of the clips that carry it.
    package struct OfTag: Sendable, Encodable {
        package let tag: String
        package let footages: Int
        package let figures: ScoreFigures
    }

    package static func byTag(_ evaluation: CorpusEvaluation, seed: UInt64) -> [OfTag] {
        let folders = evaluation.footages.map(\.folder).filter { !$0.fences.isEmpty }
        let rows = evaluation.score.rows
        return Set(folders.flatMap(\.nuisance)).sorted().map { tag in
            let names = Set(folders.filter { $0.nuisance.contains(tag) }.map(\.name))
            let score = CorpusScore(rows: rows.filter { names.contains($0.footage) })
            return OfTag(tag: tag, footages: names.count, figures: ScoreFigures(score, seed: seed))
        }
    }

    /// A few lines for a terminal.
    package var lines: [String] {
        let unit = falseRate.unit == .cameraDay ? "camera-day" : "judged hour"
        let note =
            falseRate.unit == .cameraDay
            ? "" : String(format: "; %.2f h judged, a rate a day needs %.0f h", falseRate.judgedHours, Self.dayHours)
        let delay = [("p50", delays.median), ("p90", delays.percentile90), ("p95", delays.percentile95)].map {
            "\($0) " + ($1.map { String(format: "%.2f s", $0) } ?? "none")
        }
        return [
            "95 % intervals: recall \(Self.text(recall)) · precision \(Self.text(precision)) · F1 \(Self.text(f1))",
            "false alerts a \(unit): \(Self.text(falseRate.figure, digits: 2))\(note)",
            "time to alarm: \(delay.joined(separator: ", ")) (\(delays.count) alerts)"
        ]
    }

    static func text(_ figure: Figure, digits: Int = 3) -> String {
        let value = String(format: "%.\(digits)f", figure.value)
        guard let interval = figure.interval else { return "\(value) (one clip, no interval)" }
        return value + String(format: " (%.\(digits)f…%.\(digits)f)", interval.lowerBound, interval.upperBound)
    }
}

/// What `evaluate --json` prints besides the scorer's own `total` and `rows`.
package struct EvaluationExtras: Sendable, Encodable {
    package let figures: ScoreFigures
    package let byTag: [ScoreFigures.OfTag]
    package let seed: UInt64
    package let comparison: ScoreComparison?
    /// Nil where no masks were asked for.
    package let masks: MaskScore?
    private let methods = ScoreFigures.methods

    package init(
        _ evaluation: CorpusEvaluation, seed: UInt64, comparison: ScoreComparison?, masks: MaskScore? = nil
    ) {
        self.masks = masks
        figures = ScoreFigures(evaluation.score, seed: seed)
        byTag = ScoreFigures.byTag(evaluation, seed: seed)
        self.seed = seed
        self.comparison = comparison
    }

    enum CodingKeys: String, CodingKey {
        case figures, seed, methods, masks
        case byTag = "by_nuisance"
        case comparison = "against"
    }
}
