/// Kinds of sinks, the names of the configuration. One case here, one file in `Sinks/`.
package enum SinkKind: String, Sendable, CaseIterable {
    case webhook
    case file
    case mqtt
    case nats
}

/// One sink as configured.
package struct SinkConfiguration: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        case webhook(WebhookTarget)
        case file(FileTarget)
        case mqtt(MQTTTarget)
        case nats(NATSTarget)

        /// Only an engine that takes messages for others can promise less than the dispatch side.
        var usualDuty: DeliveryDuty {
            switch self {
            case .webhook, .file, .mqtt: .untilTaken
            case .nats: .untilReceipt(resendAfter: DeliveryDuty.resendDefault)
            }
        }
    }

    /// Unique in the site; a new id is a new sink that starts with the next alert.
    package var id: String
    package var target: Target
    package var duty: DeliveryDuty
    package var retry: RetrySettings
    package var flow: DeliveryFlow

    /// - Parameter duty: what the kind owes unless said otherwise.
    package init(
        id: String, target: Target, duty: DeliveryDuty? = nil, retry: RetrySettings = RetrySettings(),
        flow: DeliveryFlow = DeliveryFlow()
    ) {
        self.id = id
        self.target = target
        self.retry = retry
        self.flow = flow
        self.duty = duty ?? target.usualDuty
    }

    package var kind: SinkKind {
        switch target {
        case .webhook: .webhook
        case .file: .file
        case .mqtt: .mqtt
        case .nats: .nats
        }
    }
}

/// When a sink has done with a message.
package enum DeliveryDuty: Hashable, Sendable {
    /// When the receiver or broker has taken it.
    case untilTaken
    /// When the dispatch side has said so itself; until then a broker is given the message again and again.
    case untilReceipt(resendAfter: Duration)

    /// Below the ten minutes for which streams remember message ids.
    package static let resendDefault: Duration = .seconds(300)
}

/// How a sink is kept from being flooded.
package struct DeliveryFlow: Hashable, Sendable {
    /// Nil for as fast as the receiver answers.
    package var rate: DeliveryRate?
    /// When more rows than this wait, updates that a newer version replaces are passed over; they are too while the
    /// rate makes others wait.
    package var thinAbove: Int
    /// Whether updates are ever passed over.
    package var mayThin = true

    package static let thinAboveDefault = 10_000

    package init(rate: DeliveryRate? = nil, thinAbove: Int = thinAboveDefault) {
        self.rate = rate
        self.thinAbove = thinAbove
    }
}

/// When and how often a sink tries again.
package struct RetrySettings: Hashable, Sendable {
    /// Full jitter: a wait is drawn between zero and `floor` doubled for each failure, at most `ceiling`.
    package var floor: Duration
    package var ceiling: Duration
    /// Consecutive failures after which the sink is left alone but for single probes.
    package var failuresToOpen: Int
    /// How long a message that the receiver refused waits, at least, before it is offered again.
    package var refusedFloor: Duration
    /// The longest `Retry-After` that is honoured; a longer one is cut to this.
    package var retryAfterLimit: Duration
    /// Messages on their way at once, of different cameras.
    package var window: Int

    package init(
        floor: Duration = .milliseconds(500), ceiling: Duration = .seconds(300), failuresToOpen: Int = 5,
        refusedFloor: Duration = .seconds(60), retryAfterLimit: Duration = .seconds(900), window: Int = 8
    ) {
        self.floor = floor
        self.ceiling = ceiling
        self.failuresToOpen = failuresToOpen
        self.refusedFloor = refusedFloor
        self.retryAfterLimit = retryAfterLimit
        self.window = window
    }

    /// The wait after `failures` consecutive failures (1 for the first).
    ///
    /// - Parameter share: a random number in 0..<1.
    package func wait(afterFailures failures: Int, share: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        return min(floor * (1 << doublings), ceiling) * share
    }
}
