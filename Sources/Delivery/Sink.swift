import Journal
package import Scene

/// One alert version as a sink gets it.
package struct Delivery: Hashable, Sendable {
    /// CloudEvents id, `<alert id>.<version>`: what receivers de-duplicate by.
    package let id: String
    /// The CloudEvent as JSON; the same bytes at each attempt.
    package let body: String
    /// Attempts before this one.
    package let attempts: Int

    package init(id: String, body: String, attempts: Int) {
        self.id = id
        self.body = body
        self.attempts = attempts
    }
}

/// How one attempt ended. Reasons are sentences for an operator, without credentials.
package enum SinkOutcome: Hashable, Sendable {
    /// The receiver has it for good.
    case confirmed
    /// Nobody home, or not now: try again, not before `retryAfter` if the receiver said so.
    case failed(reason: String, retryAfter: Duration?)
    /// The receiver does not want this message; others may go through.
    case refused(reason: String)
    /// The receiver does not want anything any more.
    case gone(reason: String)
}

/// Carries deliveries to one place. Called by one relay, for several deliveries at once.
package protocol Sink: Sendable {
    /// Returns when the receiver has answered or the attempt has failed, within a bounded time. Cancellation ends it
    /// early as `failed`.
    func deliver(_ delivery: Delivery) async -> SinkOutcome
    /// Ends connections and files. No delivery follows.
    func close() async
}

/// What a sink takes from outside.
package struct SinkEnvironment: Sendable {
    /// The server's time.
    package var clock: @Sendable () -> MediaTime
    /// A random number in 0..<1.
    package var random: @Sendable () -> Double
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        clock: @escaping @Sendable () -> MediaTime = { .now },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.clock = clock
        self.random = random
        self.sleep = sleep
    }
}

extension SinkConfiguration {
    /// - Throws: ``SinkProblem`` for what only shows when the sink is set up (a CA file that cannot be read).
    package func makeSink(_ environment: SinkEnvironment) throws -> any Sink {
        switch target {
        case .webhook(let target): try WebhookSink(target, clock: environment.clock)
        case .file(let target): try FileSink(target)
        }
    }
}

/// Why a sink cannot be configured or set up.
package struct SinkProblem: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
