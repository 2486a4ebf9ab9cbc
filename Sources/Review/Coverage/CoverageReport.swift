package import Pipeline
package import Scene

/// How well fences were watched in a stretch of time: from the account of the watch in the journal. A pure value.
///
/// Of every rule the seconds of all states and the seconds that no account covers (before the rule was configured, or
/// not written yet) are together exactly the stretch, for each of its days too.
package struct CoverageReport: Sendable, Encodable {
    package struct Tally: Hashable, Sendable, Encodable {
        package internal(set) var spans: [CoverageState: MediaSpan] = [:]
        package internal(set) var period: MediaSpan = .zero

        package var accounted: MediaSpan { sum { _ in true } }
        package var unaccounted: MediaSpan { MediaSpan(microseconds: period.microseconds - accounted.microseconds) }
        package var armed: MediaSpan { sum(\.isArmed) }
        package var blind: MediaSpan { sum(\.isBlind) }
        package var watched: MediaSpan { spans[.watched] ?? .zero }
        /// Nil where nothing was armed. Rounded down to a tenth, so that only a whole watch is 100.
        package var watchedPercent: Double? {
            guard armed > .zero else { return nil }
            return (Double(watched.microseconds) / Double(armed.microseconds) * 1000).rounded(.down) / 10
        }

        private func sum(_ fits: (CoverageState) -> Bool) -> MediaSpan {
            MediaSpan(microseconds: spans.reduce(0) { fits($1.key) ? $0 + $1.value.microseconds : $0 })
        }

        mutating func add(_ other: Tally) {
            period = MediaSpan(microseconds: period.microseconds + other.period.microseconds)
            for (state, span) in other.spans { add(span, to: state) }
        }

        mutating func add(_ span: MediaSpan, to state: CoverageState) {
            spans[state] = MediaSpan(microseconds: (spans[state]?.microseconds ?? 0) + span.microseconds)
        }

        enum CodingKeys: String, CodingKey {
            case seconds
            case period = "period_s"
            case unaccounted = "unaccounted_s"
            case armed = "armed_s"
            case blind = "blind_s"
            case watched = "watched_s"
            case watchedPercent = "watched_percent"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let pairs = spans.map { ($0.key.rawValue, $0.value.seconds) }
            try container.encode(Dictionary(uniqueKeysWithValues: pairs), forKey: .seconds)
            try container.encode(period.seconds, forKey: .period)
            try container.encode(unaccounted.seconds, forKey: .unaccounted)
            try container.encode(armed.seconds, forKey: .armed)
            try container.encode(blind.seconds, forKey: .blind)
            try container.encode(watched.seconds, forKey: .watched)
            try container.encodeIfPresent(watchedPercent, forKey: .watchedPercent)
        }
    }

    package struct Day: Hashable, Sendable, Encodable {
        package let date: String
        package internal(set) var tally: Tally
    }

    package struct Gap: Hashable, Sendable, Encodable {
        package let state: CoverageState
        package let from: MediaTime
        package let to: MediaTime
    }

    package struct Rule: Hashable, Sendable, Encodable {
        package let camera: CameraID
        package let rule: RuleID
        package internal(set) var tally: Tally
        package internal(set) var days: [Day]
        package internal(set) var gaps: [Gap]
    }

    package let timezone: String
    package let from: MediaTime
    package let to: MediaTime
    package let rules: [Rule]
    package let total: Tally
    /// Where a camera that is to be dense was decoded in full; nil where the journal has too many changes to say.
    package let fallbacks: [DenseFallbackSpan]?

    /// The hours of the site's clock that a stretch touches.
    package static func wholeHours(_ period: Range<MediaTime>, _ calendar: SiteCalendar) -> Range<MediaTime> {
        let last = MediaTime(microseconds: max(period.lowerBound.microseconds, period.upperBound.microseconds - 1))
        return calendar.hour(of: period.lowerBound).lowerBound..<calendar.hour(of: last).upperBound
    }

    /// - Parameters:
    ///   - period: whole hours.
    ///   - hours, gaps, fallbacks: what the journal holds of it.
    package init(
        _ period: Range<MediaTime>, calendar: SiteCalendar, hours: [CoverageHour], gaps: [CoverageGap],
        fallbacks: [DenseFallbackSpan]? = []
    ) {
        self.fallbacks = fallbacks
        timezone = calendar.identifier
        from = period.lowerBound
        to = period.upperBound
        let days = Self.days(period, calendar)
        var rules: [Rule] = []
        for entry in hours {
            if rules.last?.camera != entry.camera || rules.last?.rule != entry.rule {
                rules.append(Self.empty(entry, days, period))
            }
            let index = rules.count - 1
            rules[index].tally.add(entry.span, to: entry.state)
            let date = calendar.day(of: entry.hour).description
            guard let day = rules[index].days.firstIndex(where: { $0.date == date }) else { continue }
            rules[index].days[day].tally.add(entry.span, to: entry.state)
        }
        for gap in gaps {
            guard let index = rules.firstIndex(where: { $0.camera == gap.camera && $0.rule == gap.rule }) else {
                continue
            }
            rules[index].gaps.append(
                Gap(state: gap.state, from: max(gap.start, from), to: min(gap.end, to)))
        }
        self.rules = rules
        total = rules.reduce(into: Tally()) { $0.add($1.tally) }
    }

    private static func empty(_ entry: CoverageHour, _ days: [Day], _ period: Range<MediaTime>) -> Rule {
        Rule(
            camera: entry.camera, rule: entry.rule, tally: Tally(period: period.upperBound - period.lowerBound),
            days: days, gaps: [])
    }

    /// The days that the period touches, each with the part of it that lies within.
    private static func days(_ period: Range<MediaTime>, _ calendar: SiteCalendar) -> [Day] {
        var days: [Day] = []
        var day = calendar.day(of: period.lowerBound)
        while calendar.start(of: day) < period.upperBound {
            let start = max(calendar.start(of: day), period.lowerBound)
            let end = min(calendar.start(of: day + 1), period.upperBound)
            days.append(Day(date: day.description, tally: Tally(period: end - start)))
            day = day + 1
        }
        return days
    }
}

extension CoverageReport {
    /// The report as a person reads it.
    package func lines(_ calendar: SiteCalendar) -> [String] {
        let head = "\(calendar.text(from)) … \(calendar.text(to)) \(timezone)"
        guard !rules.isEmpty else { return [head, "nothing accounted for: no daemon has watched in this time"] }
        var lines = [head]
        for rule in rules {
            lines.append("\(rule.camera) \(rule.rule): \(Self.sentence(rule.tally))")
            if rule.days.count > 1 {
                lines += rule.days.map { "  \($0.date): \(Self.sentence($0.tally))" }
            }
            lines += rule.gaps.map { gap in
                "  \(calendar.text(gap.from)) … \(calendar.text(gap.to))  \(gap.state.rawValue)  "
                    + Self.text(gap.to - gap.from)
            }
        }
        if rules.count > 1 { lines.append("total: \(Self.sentence(total))") }
        return lines + decoding(calendar)
    }

    private func decoding(_ calendar: SiteCalendar) -> [String] {
        guard let fallbacks else {
            return ["decoded in full though dense: more changes than can be listed; ask about a shorter time"]
        }
        return fallbacks.map { span in
            let end = span.goesOn ? "and on" : calendar.text(span.to)
            return "\(span.camera) decoded in full though dense: \(calendar.text(span.from)) … \(end)  \(span.sentence)"
        }
    }

    private static func sentence(_ tally: Tally) -> String {
        let unaccounted = tally.unaccounted > .zero ? ", unaccounted \(text(tally.unaccounted))" : ""
        let idle = [CoverageState.offSchedule, .disarmed].compactMap { state in
            tally.spans[state].map { ", \(state.rawValue) \(text($0))" }
        }
        guard let percent = tally.watchedPercent else { return "not armed\(idle.joined())\(unaccounted)" }
        let causes = CoverageState.allCases.filter(\.isBlind).compactMap { state in
            tally.spans[state].map { "\(state.rawValue) \(text($0))" }
        }
        let blind = causes.isEmpty ? "" : ", blind \(text(tally.blind)) (\(causes.joined(separator: ", ")))"
        return "watched \(percent) % of \(text(tally.armed)) armed\(blind)\(idle.joined())\(unaccounted)"
    }

    /// `8:00:05`, or `0.4 s` for less than a second.
    private static func text(_ span: MediaSpan) -> String {
        guard span >= .seconds(1) else { return "\((span.seconds * 10).rounded(.up) / 10) s" }
        let seconds = Int64(span.seconds.rounded())
        let pad = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 3600):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
    }
}
