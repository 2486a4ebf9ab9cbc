package import Scene

/// The sentences of an alert, in both languages. They say what happened and where, never who, and judge nothing.
package enum AlertSentences {
    /// - Parameter localTime: a moment as the site's people write it.
    package static func summary(
        of decision: AlertDecision, localTime: (MediaTime) -> String
    ) -> AlertDecision.Summary {
        let facts = Facts(decision, localTime: localTime)
        return AlertDecision.Summary(zh: chinese(decision, facts), en: english(decision, facts))
    }

    private struct Facts {
        let start: String
        let last: String
        let span: MediaSpan
        let count: Int
        let direction: CrossingDirection?

        init(_ decision: AlertDecision, localTime: (MediaTime) -> String) {
            start = localTime(decision.start)
            last = localTime(decision.last)
            span = decision.last - decision.start
            count = decision.count
            direction = decision.findings.last?.direction
        }
    }
}

// Chinese.
extension AlertSentences {
    private static func chinese(_ decision: AlertDecision, _ facts: Facts) -> String {
        let camera = "\(decision.place.cameraName)（\(decision.camera)）"
        switch decision.occurrence.chinese(decision.rule.text) {
        case .instant(let subject, let act): return camera + chineseInstants(decision, facts, subject, of: act)
        case .condition(let during, let after):
            return camera + chineseCondition(decision, facts, during: during, after: after)
        }
    }

    private static func chineseInstants(
        _ decision: AlertDecision, _ facts: Facts, _ subject: String, of act: String
    ) -> String {
        let direction = facts.direction.map(chinese) ?? ""
        switch decision.state {
        case .opened where facts.count == 1:
            return "有\(subject)\(direction)\(act)，时间 \(facts.start)"
        case .opened, .updated:
            let newest = direction.isEmpty ? "" : "，最近一次\(direction)"
            return "有\(subject)\(act)，自 \(facts.start) 至 \(facts.last) 共 \(facts.count) 次\(newest)"
        case .closed where facts.count == 1:
            return "\(subject)\(direction)\(act)，共 1 次，时间 \(facts.start)，\(chinese(decision.closedBy))"
        case .closed:
            return "\(subject)\(act)，自 \(facts.start) 至 \(facts.last) 共 \(facts.count) 次，\(chinese(decision.closedBy))"
        }
    }

    private static func chineseCondition(
        _ decision: AlertDecision, _ facts: Facts, during: String, after: String
    ) -> String {
        let times = facts.count == 1 ? "" : "，共 \(facts.count) 次"
        if decision.isHolding { return "\(during)，自 \(facts.start) 起\(times)" }
        let span = "自 \(facts.start) 至 \(facts.last)，历时 \(chinese(facts.span))\(times)"
        guard let reason = decision.closedBy else { return "\(after)：\(span)" }
        return "\(during)：\(span)，\(chinese(reason))"
    }

    private static func chinese(_ reason: ClosingReason?) -> String {
        switch reason {
        case nil: "此后无新情况"
        case .disarmed: "此后已人工撤防"
        case .offSchedule: "此后布防时段结束"
        case .held: "此后画面转动，暂停看守"
        }
    }

    private static func chinese(_ direction: CrossingDirection) -> String {
        switch direction {
        case .leftToRight: "从左向右"
        case .rightToLeft: "从右向左"
        }
    }

    private static func chinese(_ span: MediaSpan) -> String {
        parts(span, hour: " 小时", minute: " 分", second: " 秒")
    }
}

// English.
extension AlertSentences {
    private static func english(_ decision: AlertDecision, _ facts: Facts) -> String {
        let camera = "\(decision.camera): "
        switch decision.occurrence.english(decision.rule.text) {
        case .instant(let subject, let act): return camera + englishInstants(decision, facts, subject, of: act)
        case .condition(let during, let after):
            return camera + englishCondition(decision, facts, during: during, after: after)
        }
    }

    private static func englishInstants(
        _ decision: AlertDecision, _ facts: Facts, _ subject: String, of act: String
    ) -> String {
        let direction = facts.direction.map { " " + english($0) } ?? ""
        switch decision.state {
        case .opened where facts.count == 1:
            return "\(subject) \(act)\(direction) at \(facts.start)"
        case .opened, .updated:
            let newest = direction.isEmpty ? "" : ", last\(direction)"
            return "\(subject) \(act) \(facts.count) times from \(facts.start) to \(facts.last)\(newest)"
        case .closed where facts.count == 1:
            return "\(subject) \(act)\(direction) once at \(facts.start), \(english(decision.closedBy))"
        case .closed:
            return
                "\(subject) \(act) \(facts.count) times from \(facts.start) to \(facts.last), \(english(decision.closedBy))"
        }
    }

    private static func englishCondition(
        _ decision: AlertDecision, _ facts: Facts, during: String, after: String
    ) -> String {
        let times = facts.count == 1 ? "" : ", \(facts.count) times"
        if decision.isHolding { return "\(during) since \(facts.start)\(times)" }
        let span = parts(facts.span, hour: " h", minute: " min", second: " s")
        let stretch = "from \(facts.start) to \(facts.last) (\(span))\(times)"
        guard let reason = decision.closedBy else { return "\(after) \(stretch)" }
        return "\(during) \(stretch), \(english(reason))"
    }

    private static func english(_ reason: ClosingReason?) -> String {
        switch reason {
        case nil: "quiet since"
        case .disarmed: "disarmed since"
        case .offSchedule: "off schedule since"
        case .held: "held since while the view moves"
        }
    }

    private static func english(_ direction: CrossingDirection) -> String {
        switch direction {
        case .leftToRight: "from left to right"
        case .rightToLeft: "from right to left"
        }
    }

    /// `1 h 2 min 5 s`, rounded to whole seconds, leading zero parts left out.
    private static func parts(_ span: MediaSpan, hour: String, minute: String, second: String) -> String {
        let seconds = (max(span.microseconds, 0) + 500_000) / 1_000_000
        var words: [String] = []
        if seconds >= 3600 { words.append("\(seconds / 3600)\(hour)") }
        if seconds >= 60 { words.append("\(seconds / 60 % 60)\(minute)") }
        words.append("\(seconds % 60)\(second)")
        return words.joined(separator: " ")
    }
}
