import Scene

/// Keeps a relay from hammering a receiver that is down: after some consecutive failures only single probes go out,
/// ever more seldom; one success opens the way again. A pure value.
struct CircuitBreaker: Sendable {
    enum State: Hashable, Sendable {
        case closed
        /// Nothing goes out before this time, then one probe.
        case open(until: MediaTime)
        /// The receiver said it wants no more (410); nothing goes out until a reload.
        case disabled(reason: String)
    }

    private let settings: RetrySettings
    private(set) var state: State = .closed
    private(set) var consecutiveFailures = 0
    /// Refusals in a row of messages not refused before: a wrong path or secret refuses everything.
    private(set) var consecutiveRefusals = 0
    /// Of what was on its way when it opened, what still is; nil while closed. A probe does not wait for an answer that
    /// may never come.
    private var stragglers: Int?

    init(_ settings: RetrySettings) {
        self.settings = settings
    }

    /// How many deliveries may start at `now`, given how many are on their way.
    func allowance(at now: MediaTime, inFlight: Int) -> Int {
        switch state {
        case .closed: max(settings.window - inFlight, 0)
        case .open(let until): now >= until && inFlight <= min(stragglers ?? 0, settings.window - 1) ? 1 : 0
        case .disabled: 0
        }
    }

    /// How many deliveries are still on their way after some have ended; call it after each round of outcomes.
    mutating func remaining(_ inFlight: Int) {
        stragglers = openUntil == nil ? nil : min(stragglers ?? inFlight, inFlight)
    }

    /// - Returns: true if the receiver has just come back.
    mutating func succeeded(at now: MediaTime) -> Bool {
        consecutiveFailures = 0
        consecutiveRefusals = 0
        return reclose(at: now)
    }

    /// The receiver answers but does not want this message. One such message must not hold up the others; but when it
    /// wants none of them, it is left alone as if it were down.
    ///
    /// - Parameter again: the message had been refused before, so this says nothing new of the receiver.
    /// - Returns: true if the receiver has just come back.
    mutating func refused(at now: MediaTime, again: Bool, share: Double) -> Bool {
        consecutiveFailures = 0
        if !again { consecutiveRefusals += 1 }
        guard consecutiveRefusals >= settings.failuresToOpen else { return reclose(at: now) }
        if !isDisabled, !again || state != .closed {
            state = .open(until: now + settings.wait(afterFailures: consecutiveRefusals, share: share).span)
        }
        return false
    }

    /// What was on its way when the breaker opened does not close it: a `Retry-After` holds whatever its neighbours got.
    private mutating func reclose(at now: MediaTime) -> Bool {
        guard let until = openUntil, now >= until else { return false }
        state = .closed
        return true
    }

    /// - Parameters:
    ///   - retryAfter: what the receiver asked for; it holds for the whole sink.
    ///   - share: a random number in 0..<1.
    /// - Returns: when the failed row is due again.
    mutating func failed(at now: MediaTime, attempts: Int, retryAfter: Duration?, share: Double) -> MediaTime {
        // All that was on its way when the receiver died fails with it: that is one failure, not eight in a row.
        let isStraggler = isOpen(at: now)
        if !isStraggler { consecutiveFailures += 1 }
        let asked = retryAfter.map { min(max($0, .zero), settings.retryAfterLimit) }
        var wait = settings.wait(afterFailures: attempts + 1, share: share)
        if let asked { wait = max(wait, asked) }
        if isDisabled { return now + wait.span }
        if let asked { open(until: now + asked.span) }
        if !isStraggler, openUntil != nil || consecutiveFailures >= settings.failuresToOpen {
            open(until: now + settings.wait(afterFailures: consecutiveFailures, share: share).span)
        }
        return now + wait.span
    }

    mutating func disable(reason: String) {
        state = .disabled(reason: reason)
    }

    /// Never earlier than what holds already.
    private mutating func open(until time: MediaTime) {
        state = .open(until: max(time, openUntil ?? time))
    }

    private func isOpen(at now: MediaTime) -> Bool {
        guard let until = openUntil else { return false }
        return now < until
    }

    private var isDisabled: Bool {
        if case .disabled = state { true } else { false }
    }

    private var openUntil: MediaTime? {
        if case .open(let until) = state { until } else { nil }
    }
}

extension Duration {
    var span: MediaSpan {
        let (seconds, attoseconds) = components
        return MediaSpan(microseconds: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}

extension MediaSpan {
    var duration: Duration { .microseconds(microseconds) }
}
