import Scene

/// Raised by a person's request (手动报警), whatever the picture shows. It has no fence and no parameters.
struct ManualWatcher: Watcher {
    static let looks = false
    static let advances = false

    let rule: FenceRule

    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings) {
        findings.append(
            rule.event(.manual, .instant, at: time, decidedAt: time, explanation: Explanation([], request: request)))
    }
}
