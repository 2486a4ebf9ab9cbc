import Scene

/// How much a sink may be sent: so many messages at once, and so many a second from then on. A pure value.
package struct DeliveryRate: Hashable, Sendable {
    /// Messages a second.
    package var perSecond: Double
    /// Messages that may go at once after a quiet time.
    package var burst: Int

    package static let perSecondLimits: ClosedRange<Double> = 0.1...100_000
    package static let burstLimits = 1...1_000_000

    /// - Parameter burst: by default what two seconds give.
    package init(perSecond: Double, burst: Int? = nil) {
        self.perSecond = perSecond
        self.burst = burst ?? max(1, Int((2 * perSecond).rounded(.up)))
    }
}

/// The tokens of one sink: each attempt takes one, time brings them back.
struct TokenBucket: Sendable {
    private let rate: DeliveryRate
    private var tokens: Double
    private var filled: MediaTime

    init(_ rate: DeliveryRate, at now: MediaTime) {
        self.rate = rate
        tokens = Double(rate.burst)
        filled = now
    }

    /// Attempts that may start at `now`.
    mutating func available(at now: MediaTime) -> Int {
        // A clock that is set back brings nothing and takes nothing.
        let passed = max((now - filled).seconds, 0)
        tokens = min(tokens + passed * rate.perSecond, Double(rate.burst))
        filled = now
        // Times are whole microseconds: what is short of a token by less than one of them is a token.
        return Int(tokens + 1e-6 * rate.perSecond)
    }

    /// - Parameter count: at most what is ``available(at:)``.
    mutating func take(_ count: Int) {
        tokens = max(tokens - Double(count), 0)
    }

    /// How long until the next token; zero where there is one.
    func wait() -> MediaSpan {
        guard tokens < 1 else { return .zero }
        return MediaSpan(microseconds: Int64(((1 - tokens) / rate.perSecond * 1_000_000).rounded(.up)))
    }
}
