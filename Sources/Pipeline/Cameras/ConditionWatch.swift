package import Scene

/// A condition of the whole picture that began or ended.
package struct ConditionChange: Hashable, Sendable {
    package let condition: SceneCondition
    /// As far back as it can be dated.
    package let since: MediaTime
    /// Nil where it began.
    package let end: MediaTime?
    /// When it was noticed.
    package let noticed: MediaTime
}

/// What is wrong with one camera's picture, and what changed in that. The one place where Vision's conditions and the
/// loss of the signal, which only the session knows, come together. A pure value.
struct ConditionWatch: Hashable, Sendable {
    private(set) var health = SceneHealth.good

    /// An analysed picture: there is a signal.
    mutating func follow(_ observed: SceneHealth, at time: MediaTime) -> [ConditionChange] {
        if observed == health { return [] }
        return change(to: observed, at: time)
    }

    /// Without pictures nothing else can be said of them.
    mutating func loseSignal(at time: MediaTime) -> [ConditionChange] {
        var lost = SceneHealth.good
        lost.set(.signalLost, since: health.beginning(of: .signalLost) ?? time)
        return change(to: lost, at: time)
    }

    /// A session begins, or one ends by itself: what held is to be confirmed anew.
    mutating func clear(at time: MediaTime) -> [ConditionChange] { change(to: .good, at: time) }

    private mutating func change(to new: SceneHealth, at time: MediaTime) -> [ConditionChange] {
        var changes: [ConditionChange] = []
        for condition in SceneCondition.allCases where new.beginning(of: condition) != health.beginning(of: condition) {
            if let since = health.beginning(of: condition) {
                changes.append(ConditionChange(condition: condition, since: since, end: time, noticed: time))
            }
            if let since = new.beginning(of: condition) {
                changes.append(ConditionChange(condition: condition, since: since, end: nil, noticed: time))
            }
        }
        health = new
        return changes
    }
}
