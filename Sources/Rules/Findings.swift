import Scene

/// Where the rules of one engine put what they find on a frame, and what a filter kept them from raising.
struct Findings: Sendable {
    private(set) var events: [RuleEvent] = []
    private var ring: [SuppressedCandidate] = []
    private var oldest = 0
    /// All that were ever suppressed.
    private(set) var suppressedCount = 0

    /// Oldest first, at most ``RuleEngine/suppressedLimit``.
    var suppressed: [SuppressedCandidate] { Array(ring[oldest...] + ring[..<oldest]) }

    mutating func append(_ event: RuleEvent) { events.append(event) }

    /// Raises the event, unless a filter refuses the object.
    mutating func raise(_ event: RuleEvent, unless refusal: Refusal?) {
        if let refusal { suppress(event, refusal) } else { events.append(event) }
    }

    mutating func suppress(_ event: RuleEvent, _ refusal: Refusal) {
        suppressedCount += 1
        let candidate = SuppressedCandidate(event, filter: refusal.filter, value: refusal.value, limit: refusal.limit)
        guard ring.count == RuleEngine.suppressedLimit else { return ring.append(candidate) }
        ring[oldest] = candidate
        oldest = (oldest + 1) % ring.count
    }

    /// Hands over the events from `index` on and forgets them.
    mutating func take(from index: Int) -> [RuleEvent] {
        guard index < events.count else { return [] }
        let taken = Array(events[index...])
        events.removeSubrange(index...)
        return taken
    }

    mutating func explain(from index: Int, _ filters: (RuleEvent) -> [Explanation.Test]) {
        for index in events.indices[index...] where events[index].explanation != nil {
            let passed = filters(events[index])
            events[index].explanation?.filters = passed
        }
    }
}
