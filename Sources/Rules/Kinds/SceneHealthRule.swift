package import Scene

/// What is wrong with the picture as a whole (画面异常) as alarms: each listed condition that has held for
/// ``leastSpan`` begins one, dated to when the condition began; it ends once the condition has been gone for
/// ``release``. Judged also while the background is being learnt. A lost signal is built in and not listed here.
package struct SceneHealthRule: Hashable, Sendable {
    package static let spans = 0.0...3600.0
    static let release = MediaSpan.seconds(1)
    /// What can be listed.
    package static let allConditions = SceneCondition.allCases.filter { $0 != .signalLost }
    /// What is listed where nothing is: all that does not pass by itself.
    package static let usualConditions: Set<SceneCondition> = [
        .covered, .tooDark, .tooBright, .blurred, .moved, .frozen
    ]

    package let conditions: Set<SceneCondition>
    package let leastSpan: MediaSpan

    package init(conditions: Set<SceneCondition> = usualConditions, leastSpan: MediaSpan = .seconds(3)) {
        self.conditions = conditions
        self.leastSpan = leastSpan
    }

    var canonicalText: String {
        "conditions=\(Self.allConditions.filter(conditions.contains).map(\.rawValue).joined(separator: ","))"
            + ";least_us=\(leastSpan.microseconds)"
    }
}

/// A scene-health rule at work.
struct SceneHealthWatcher: Watcher {
    static let advances = false

    private let rule: FenceRule
    private let leastSpan: MediaSpan
    private var conditions: [(condition: SceneCondition, sustain: Sustain)]

    init(rule: FenceRule, health: SceneHealthRule) {
        self.rule = rule
        leastSpan = health.leastSpan
        conditions = SceneHealthRule.allConditions.filter(health.conditions.contains).map { ($0, Sustain()) }
    }

    var occasions: Occasions { conditions.contains { $0.sustain.since != nil } ? .always : .health }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        let time = observation.time
        for index in conditions.indices {
            let condition = conditions[index].condition
            let beginning = observation.health.beginning(of: condition)
            let change = conditions[index].sustain.note(
                beginning != nil, at: time, hold: leastSpan, release: SceneHealthRule.release, beginning: beginning)
            rule.tell(change, condition.occurrence, held: leastSpan, at: time, into: &findings)
        }
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        for index in conditions.indices {
            let change = conditions[index].sustain.finish()
            rule.tell(
                change, conditions[index].condition.occurrence, held: leastSpan, at: time, into: &findings)
        }
    }
}
