package import Scene

/// When one rule is to watch.
package struct RuleDuty: Hashable, Sendable {
    /// Nil: always.
    package var schedule: PlacedSchedule?
    /// Name of the schedule, where it has one.
    package var scheduleName: String?
    /// The rule watches only while the camera looks at this preset.
    package var preset: String?

    package init(schedule: PlacedSchedule? = nil, scheduleName: String? = nil, preset: String? = nil) {
        self.schedule = schedule
        self.scheduleName = scheduleName
        self.preset = preset
    }

    package static let always = RuleDuty()

    var canonicalText: String {
        let placed = schedule.map { "\($0.calendar.identifier);\($0.schedule.canonicalText)" }
        return "schedule=\(placed ?? "-");preset=\(preset?.debugDescription ?? "-")"
    }
}

/// Whether a rule watches, and if not, why.
package enum RuleStanding: String, Hashable, Sendable, Codable {
    case armed
    case offSchedule = "off_schedule"
    case disarmed
    case held

    /// How the rule's time is accounted for while this is so; nil where the picture decides.
    var coverage: CoverageState? {
        switch self {
        case .armed: nil
        case .offSchedule: .offSchedule
        case .disarmed: .disarmed
        case .held: .held
        }
    }

    var closing: ClosingReason? {
        switch self {
        case .armed: nil
        case .offSchedule: .offSchedule
        case .disarmed: .disarmed
        case .held: .held
        }
    }
}

/// Which rules of one camera watch at which moment: hold before order, order before schedule. A pure value.
package struct CameraArming: Hashable, Sendable {
    package struct Rule: Hashable, Sendable {
        package let id: RuleID
        package let schedule: PlacedSchedule?
        package let preset: String?
        /// False where no picture decides: a lost signal and what a person asks for are told whatever the view does.
        package let watchesView: Bool

        package init(id: RuleID, schedule: PlacedSchedule? = nil, preset: String? = nil, watchesView: Bool = true) {
            self.id = id
            self.schedule = schedule
            self.preset = preset
            self.watchesView = watchesView && id != .signal
        }
    }

    /// Far enough that nothing changes before it.
    static let never = MediaTime(microseconds: 1 << 60)

    package let rules: [Rule]
    package var orders: ArmingOrders { didSet { revision += 1 } }
    /// Changes with the orders: what was asked before may be different now.
    package private(set) var revision = 0

    package init(rules: [Rule], orders: ArmingOrders = ArmingOrders()) {
        self.rules = rules
        self.orders = orders
    }

    /// Whether the rule watches at `time`, and up to where that is known to stay so.
    package func standing(of rule: Rule, at time: MediaTime) -> (standing: RuleStanding, until: MediaTime) {
        let nextOrder = orders.change(after: time) ?? Self.never
        if rule.watchesView, orders.hold(at: time) != nil { return (.held, nextOrder) }
        if let order = orders.decisive(for: rule.id, at: time) {
            guard order.act == .arm else { return (.disarmed, nextOrder) }
            return (isAtPreset(rule, at: time) ? .armed : .held, nextOrder)
        }
        guard let schedule = rule.schedule else {
            return (isAtPreset(rule, at: time) ? .armed : .held, nextOrder)
        }
        let (isArmed, until) = schedule.state(at: time)
        let standing: RuleStanding = !isArmed ? .offSchedule : isAtPreset(rule, at: time) ? .armed : .held
        return (standing, min(until, nextOrder))
    }

    /// A rule that the camera does not list (built in) is judged by orders alone.
    package func standing(of id: RuleID, at time: MediaTime) -> RuleStanding {
        standing(of: rules.first { $0.id == id } ?? Rule(id: id), at: time).standing
    }

    private func isAtPreset(_ rule: Rule, at time: MediaTime) -> Bool {
        rule.preset == nil || rule.preset == orders.preset(at: time)
    }
}
