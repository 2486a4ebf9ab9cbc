package import Scene

/// The conditions that every rule can carry, whatever its kind: which objects count, how certain it has to be, how
/// often it may raise, and what its alerts say besides.
package struct RuleConditions: Hashable, Sendable {
    /// Both ends are allowed values; nil where there is no limit.
    package struct Limits: Hashable, Sendable {
        package let least: Double?
        package let most: Double?

        package static let none = Limits()

        package init(least: Double? = nil, most: Double? = nil) {
            self.least = least
            self.most = most
        }
    }

    package static let sensitivities = 1...100
    /// 1 is the highest, as GB/T 28181 counts its alarm levels.
    package static let severities = 1...4
    package static let usualSeverity = 3
    package static let persistenceLimit = MediaSpan.seconds(30)
    package static let tagLimit = 8

    /// Share of the picture that an object's box covers, smoothed over about four measured points.
    package var area: Limits
    /// Height of an object in metres; only on calibrated cameras.
    package var height: Limits
    /// How long an object must have been followed before it is judged; its past is then judged as well.
    package var persistence: MediaSpan
    /// 1…100, 50 as the rule kinds are tuned; see ``evidenceFactor``.
    package var sensitivity: Int
    /// How long after what it raised last the rule raises nothing.
    package var coolDown: MediaSpan
    /// How long nothing must have happened before the rule raises again; what is held back counts as well.
    package var rearm: MediaSpan
    package var severity: Int
    package var tags: [String]

    package init(
        area: Limits = .none, height: Limits = .none, persistence: MediaSpan = .zero, sensitivity: Int = 50,
        coolDown: MediaSpan = .zero, rearm: MediaSpan = .zero, severity: Int = usualSeverity, tags: [String] = []
    ) {
        self.area = area
        self.height = height
        self.persistence = persistence
        self.sensitivity = sensitivity
        self.coolDown = coolDown
        self.rearm = rearm
        self.severity = severity
        self.tags = tags
    }

    /// What the thresholds of certainty are multiplied with: 2 at sensitivity 0, 1 at 50, 0.5 at 100, straight lines
    /// between. It scales the dead band of lines, the settling time at the edge of zones, the least way of wrong_way
    /// and stopped, and the share that stirs for motion; never a limit that the operator gave in seconds, metres,
    /// speeds, counts or shares of a zone.
    package var evidenceFactor: Double {
        let share = Double(sensitivity) / 50
        return sensitivity <= 50 ? 2 - share : 1.5 - share / 2
    }

    /// What decides, without what is left as it was. Severity and tags decide nothing.
    var canonicalText: String {
        var parts: [String] = []
        func add(_ name: String, _ limits: Limits) {
            if let least = limits.least { parts.append("\(name)_least=\(least)") }
            if let most = limits.most { parts.append("\(name)_most=\(most)") }
        }
        add("area", area)
        add("height", height)
        if persistence > .zero { parts.append("persistence_us=\(persistence.microseconds)") }
        if sensitivity != 50 { parts.append("sensitivity=\(sensitivity)") }
        if coolDown > .zero { parts.append("cool_down_us=\(coolDown.microseconds)") }
        if rearm > .zero { parts.append("rearm_us=\(rearm.microseconds)") }
        return parts.map { $0 + ";" }.joined()
    }
}
