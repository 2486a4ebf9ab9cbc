import Scene

/// Raised by a person's request (手动报警), whatever the picture shows. It has no fence and no parameters.
struct ManualWatcher: Watcher {
    let rule: FenceRule

    mutating func trigger(at time: MediaTime, into findings: inout Findings) {
        findings.append(rule.event(.manual, .instant, at: time, decidedAt: time, explanation: Explanation([])))
    }
}
