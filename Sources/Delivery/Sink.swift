import Journal
package import Logging
package import Scene

/// One alert version as a sink gets it.
package struct Delivery: Hashable, Sendable {
    /// CloudEvents id, `<alert id>.<version>`: what receivers de-duplicate by.
    package let id: String
    /// The CloudEvent as JSON; the same bytes at each attempt.
    package let body: String
    /// Attempts before this one.
    package let attempts: Int
    /// Where the alert comes from, for engines that file messages by subject.
    package let origin: Origin

    /// The names of a subject, widest first.
    package struct Origin: Hashable, Sendable {
        package var area: String?
        package var grid: String?
        package var camera: String

        package init(area: String? = nil, grid: String? = nil, camera: String) {
            self.area = area
            self.grid = grid
            self.camera = camera
        }

        /// Area, grid and camera as tokens that neither NATS nor MQTT gives a meaning to: all but ASCII letters,
        /// digits, `-` and `_` becomes `_`; what is not known is `_`.
        var tokens: [String] {
            [area ?? "", grid ?? "", camera].map { name in
                let token = String(
                    name.unicodeScalars.map { scalar in
                        let isPlain =
                            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                        return isPlain || scalar == "-" || scalar == "_" ? Character(scalar) : "_"
                    })
                return token.isEmpty ? "_" : token
            }
        }
    }

    package init(id: String, body: String, attempts: Int, origin: Origin = Origin(camera: "_")) {
        self.id = id
        self.body = body
        self.attempts = attempts
        self.origin = origin
    }
}

/// How one attempt ended. Reasons are sentences for an operator, without credentials.
package enum SinkOutcome: Hashable, Sendable {
    /// The receiver has it for good.
    case confirmed
    /// A broker has stored it; whether the dispatch side gets it is not known yet.
    case acknowledged
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
    /// Takes what the dispatch side sends back on the sink's own way, and says what it did.
    package var receipts: @Sendable (ReceiptMessage) throws -> ReceiptReport

    package init(
        clock: @escaping @Sendable () -> MediaTime = { .now },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        receipts: @escaping @Sendable (ReceiptMessage) throws -> ReceiptReport = { _ in
            throw SinkProblem("nobody takes receipts here")
        }
    ) {
        self.clock = clock
        self.random = random
        self.sleep = sleep
        self.receipts = receipts
    }
}

extension SinkConfiguration {
    /// - Throws: ``SinkProblem`` for what only shows when the sink is set up (a CA file that cannot be read).
    package func makeSink(_ environment: SinkEnvironment, logger: Logger) throws -> any Sink {
        switch target {
        case .webhook(let target): try WebhookSink(target, clock: environment.clock)
        case .file(let target): try FileSink(target)
        case .mqtt(let target): try MQTTSink(target, environment: environment, logger: logger)
        case .nats(let target): NATSSink(target, id: id, environment: environment, logger: logger)
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
