package import Scene

/// What a rule had raised before a restart, as the journal tells it.
package struct RaisedPast: Hashable, Sendable {
    /// The newest moment of anything raised.
    package let last: MediaTime
    /// Conditions that were not over: found again soon, they go on, and are nothing new that the cool-down holds back.
    package let holding: [Occurrence]
    /// How soon, from the first judged picture on.
    package let window: MediaSpan

    package init(last: MediaTime, holding: [Occurrence] = [], window: MediaSpan = .zero) {
        self.last = last
        self.holding = holding
        self.window = window
    }
}

/// Behind the kinds: after what a rule has raised, nothing for a while.
///
/// An instant that comes too early is suppressed. A condition that begins too early is held back and raised, dated to
/// its true beginning, once the time is over if it still holds; suppressed if it does not. The time goes on over the
/// sessions of a camera.
struct CoolDown: Sendable {
    private let span: MediaSpan
    private let rearm: MediaSpan
    /// The newest moment of anything raised; and of anything that would have been.
    private var lastRaised: MediaTime?
    private var lastCandidate: MediaTime?
    private var open: [Occurrence] = []
    private var held: [(event: RuleEvent, refusal: Refusal)] = []
    /// Conditions that held before a restart, and until when they may go on.
    private var past: RaisedPast?
    private var pastUntil: MediaTime?

    /// - Returns: nil where the conditions ask for none.
    init?(_ conditions: RuleConditions) {
        guard conditions.coolDown > .zero || conditions.rearm > .zero else { return nil }
        span = conditions.coolDown
        rearm = conditions.rearm
    }

    /// Whether it has to be asked on each frame, also where nothing is found.
    var isWaiting: Bool { past != nil || !held.isEmpty }

    mutating func restore(_ past: RaisedPast) {
        lastRaised = later(lastRaised, past.last)
        lastCandidate = later(lastCandidate, past.last)
        (self.past, pastUntil) = (past.holding.isEmpty ? nil : past, nil)
    }

    /// Filters what the rule found on the frame at `time`.
    mutating func filter(_ events: [RuleEvent], at time: MediaTime, into findings: inout Findings) {
        if let past {
            let until = pastUntil ?? time + past.window
            pastUntil = until
            if time > until { self.past = nil }
        }
        for event in events {
            switch event.phase {
            case .instant: weigh(event, into: &findings)
            case .began: begin(event, into: &findings)
            case .ended: end(event, into: &findings)
            }
        }
        release(at: time, into: &findings)
    }

    mutating func finish(into findings: inout Findings) {
        for (event, refusal) in held { findings.suppress(event, refusal) }
        (open, held) = ([], [])
    }

    private mutating func weigh(_ event: RuleEvent, into findings: inout Findings) {
        let refusal = refusal(at: event.time)
        lastCandidate = later(lastCandidate, event.time)
        if let refusal { return findings.suppress(event, refusal) }
        lastRaised = later(lastRaised, event.time)
        findings.append(event)
    }

    private mutating func begin(_ event: RuleEvent, into findings: inout Findings) {
        if open.contains(event.occurrence) { return findings.append(event) }
        let goesOn = past?.holding.contains(event.occurrence) ?? false
        if !goesOn, let refusal = refusal(at: event.time) {
            held.append((event, refusal))
        } else {
            open.append(event.occurrence)
            findings.append(event)
        }
        lastCandidate = later(lastCandidate, event.time)
    }

    private mutating func end(_ event: RuleEvent, into findings: inout Findings) {
        lastCandidate = later(lastCandidate, event.time)
        if let index = open.firstIndex(of: event.occurrence) {
            open.remove(at: index)
            lastRaised = later(lastRaised, event.time)
            return findings.append(event)
        }
        for (began, refusal) in held where began.occurrence == event.occurrence { findings.suppress(began, refusal) }
        held.removeAll { $0.event.occurrence == event.occurrence }
    }

    private mutating func release(at time: MediaTime, into findings: inout Findings) {
        guard !held.isEmpty, refusal(at: time) == nil else { return }
        for (event, _) in held {
            if !open.contains(event.occurrence) { open.append(event.occurrence) }
            findings.append(event.decided(at: time))
        }
        held = []
    }

    private func refusal(at time: MediaTime) -> Refusal? {
        if let lastRaised, time - lastRaised < span {
            return Refusal(filter: .coolDown, value: max(0, (time - lastRaised).seconds), limit: span.seconds)
        }
        if let lastCandidate, time - lastCandidate < rearm {
            return Refusal(filter: .rearm, value: max(0, (time - lastCandidate).seconds), limit: rearm.seconds)
        }
        return nil
    }

    private func later(_ one: MediaTime?, _ other: MediaTime) -> MediaTime { one.map { max($0, other) } ?? other }
}

extension RuleEvent {
    /// The same finding, decided later.
    fileprivate func decided(at time: MediaTime) -> RuleEvent {
        RuleEvent(
            rule: rule, kind: kind, occurrence: occurrence, phase: phase, time: self.time,
            decidedAt: max(time, decidedAt), direction: direction, track: track, box: box, point: point,
            measures: measures, explanation: explanation)
    }
}
