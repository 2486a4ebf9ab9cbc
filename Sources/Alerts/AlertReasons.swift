package import Scene

/// Why an alert was raised, and why something else was not, as one sentence in each language. Every number that
/// decided is in it, beside what was asked for.
package enum AlertReasons {
    /// - Returns: nil where nothing was weighed.
    package static func reason(_ explanation: Explanation?) -> AlertDecision.Summary? {
        guard let explanation else { return nil }
        let (tests, filters) = (explanation.tests, explanation.filters)
        var zh: [String] = []
        var en: [String] = []
        if let request = explanation.request {
            zh.append("判定依据：由 \(request.who) 手动触发，原因：\(request.why)")
            en.append("raised because \(request.who) asked for it: \(request.why)")
        }
        if !tests.isEmpty {
            zh.append("判定依据：" + tests.map(chinese).joined(separator: "；"))
            en.append("raised because " + tests.map(english).joined(separator: " and "))
        }
        if !filters.isEmpty {
            zh.append("已通过条件：" + filters.map(chinese).joined(separator: "；"))
            en.append("passed: " + filters.map(english).joined(separator: ", "))
        }
        guard !zh.isEmpty else { return nil }
        return AlertDecision.Summary(zh: zh.joined(separator: "；"), en: en.joined(separator: "; "))
    }

    /// What would have been raised but for a filter.
    /// - Parameter localTime: a moment as the site's people write it.
    package static func sentence(
        _ candidate: SuppressedCandidate, localTime: (MediaTime) -> String
    ) -> AlertDecision.Summary {
        let time = localTime(candidate.time)
        let (rule, what) = (candidate.rule.text, candidate.occurrence.rawValue)
        let refusal = refusal(candidate)
        return AlertDecision.Summary(
            zh: "规则 \(rule) 未报警（\(what)，\(time)）：\(refusal.zh)",
            en: "rule \(rule) did not raise \(what) at \(time): \(refusal.en)")
    }

    /// The filter that killed a candidate, with its numbers.
    package static func refusal(_ candidate: SuppressedCandidate) -> AlertDecision.Summary {
        let (zh, en) = filter(candidate)
        return AlertDecision.Summary(zh: zh, en: en)
    }

    private static func filter(_ candidate: SuppressedCandidate) -> (zh: String, en: String) {
        let (value, limit) = (candidate.value, candidate.limit)
        let (share, shareLimit) = (percent(value), percent(limit))
        let (number, numberLimit) = (decimal(value, 2), decimal(limit, 2))
        switch candidate.filter {
        case .ignoreMask: return ("目标位于忽略区内", "the object stood inside an ignore mask")
        case .sizeLeast:
            return (
                "目标占画面 \(share)，小于下限 \(shareLimit)",
                "the object covered \(share) of the picture, less than \(shareLimit)"
            )
        case .sizeMost:
            return (
                "目标占画面 \(share)，大于上限 \(shareLimit)",
                "the object covered \(share) of the picture, more than \(shareLimit)"
            )
        case .heightLeast:
            return (
                "目标高 \(number) 米，低于下限 \(numberLimit) 米", "the object was \(number) m tall, less than \(numberLimit) m"
            )
        case .heightMost:
            return (
                "目标高 \(number) 米，高于上限 \(numberLimit) 米", "the object was \(number) m tall, more than \(numberLimit) m"
            )
        case .persistence:
            return (
                "目标仅持续 \(number) 秒，要求 \(numberLimit) 秒",
                "the object was followed for \(number) s, \(numberLimit) s are asked for"
            )
        case .coolDown:
            return (
                "距上次报警 \(number) 秒，冷却时间 \(numberLimit) 秒",
                "only \(number) s after the last alarm, the cool-down is \(numberLimit) s"
            )
        case .rearm:
            return ("仅安静 \(number) 秒，重新布控需 \(numberLimit) 秒", "quiet for only \(number) s, \(numberLimit) s re-arm it")
        }
    }

    // MARK: One test

    private static func chinese(_ test: Explanation.Test) -> String {
        let bound = test.sense == .atLeast ? "至少" : "至多"
        let (value, limit) = texts(test, seconds: " 秒", metres: " 米", speed: " 公里/小时")
        let what =
            switch test.quantity {
            case .beyondLine: "越线后离线 \(value)"
            case .settled: "在边界同侧持续 \(value)"
            case .stayed: "在区域内停留 \(value)"
            case .rested: "静止 \(value)"
            case .unattended: "无人看管 \(value)"
            case .held: "持续 \(value)"
            case .between: "两阶段间隔 \(value)"
            case .against: "逆向行进 \(value)"
            case .heading: "行进方向与逆向夹角余弦 \(value)"
            case .speed: "速度 \(value)"
            case .travelled: "自出现起移动 \(value)"
            case .count: "区域内目标数 \(value)"
            case .covered: "区域被占用 \(value)"
            case .stirring: "区域内变动 \(value)"
            case .age: "已跟踪 \(value)"
            case .area: "目标占画面 \(value)"
            case .height: "目标高 \(value)"
            }
        return "\(what)（\(bound) \(limit)）"
    }

    private static func english(_ test: Explanation.Test) -> String {
        let bound = test.sense == .atLeast ? "at least" : "at most"
        let (value, limit) = texts(test, seconds: " s", metres: " m", speed: " km/h")
        let what =
            switch test.quantity {
            case .beyondLine: "it stood \(value) of the picture beyond the line"
            case .settled: "it was on one side of the edge for \(value)"
            case .stayed: "it stayed inside for \(value)"
            case .rested: "it rested for \(value)"
            case .unattended: "nobody was near for \(value)"
            case .held: "it held for \(value)"
            case .between: "\(value) lay between two stages"
            case .against: "it went \(value) of the picture the wrong way"
            case .heading: "its way met the wrong direction with a cosine of \(value)"
            case .speed: "its speed was \(value)"
            case .travelled: "it had come \(value) of the diagonal"
            case .count: "\(value) objects were inside"
            case .covered: "\(value) of the zone was covered"
            case .stirring: "\(value) of the zone stirred"
            case .age: "it had been followed for \(value)"
            case .area: "it covered \(value) of the picture"
            case .height: "it was \(value) tall"
            }
        return "\(what) (\(bound) \(limit))"
    }

    private static func texts(
        _ test: Explanation.Test, seconds: String, metres: String, speed: String
    ) -> (value: String, limit: String) {
        func text(_ value: Double) -> String {
            switch test.quantity {
            case .beyondLine, .against, .travelled, .covered, .stirring, .area: percent(value)
            case .settled, .stayed, .rested, .unattended, .held, .between, .age: decimal(value, 2) + seconds
            case .heading: decimal(value, 2)
            case .speed: decimal(value * 3.6, 1) + speed
            case .count: decimal(value, 0)
            case .height: decimal(value, 2) + metres
            }
        }
        return (text(test.value), text(test.limit))
    }

    /// `1.25 %`
    private static func percent(_ share: Double) -> String { decimal(share * 100, 2) + " %" }

    /// At most so many decimals, without zeros at the end.
    private static func decimal(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
        let units = Int64((value * scale).rounded())
        let (whole, rest) = (abs(units) / Int64(scale), abs(units) % Int64(scale))
        var digits = String(rest)
        digits = String(repeating: "0", count: max(0, places - digits.count)) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return (units < 0 ? "-" : "") + "\(whole)" + (places == 0 || digits.isEmpty ? "" : "." + digits)
    }
}
