package import Scene

/// What one sink's relay has done and where it stands, for status and metrics. Holds no credentials.
package struct SinkStatus: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// In use.
        case working
        /// Left alone after failures until then, but for probes.
        case backingOff(until: MediaTime)
        /// The receiver answered 410; nothing is sent until a reload.
        case disabled(reason: String)
        /// Could not be set up; tried again at a reload.
        case unusable(reason: String)
        /// No longer configured; its rows stay.
        case removed

        /// For status pages and metric labels.
        package var name: String {
            switch self {
            case .working: "working"
            case .backingOff: "backing_off"
            case .disabled: "disabled"
            case .unusable: "unusable"
            case .removed: "removed"
            }
        }

        /// The sentence for an operator, where there is one.
        package var reason: String? {
            switch self {
            case .disabled(let reason), .unusable(let reason): reason
            case .working, .backingOff, .removed: nil
            }
        }
    }

    package var id: String
    package var kind: SinkKind?
    package var state: State
    package var pending: Int
    package var refused: Int
    /// Of those that wait: with a broker, and not confirmed by the dispatch side.
    package var unconfirmed: Int
    /// Updates passed over for a newer version that is not confirmed yet; they do not wait.
    package var superseded: Int
    /// Age of the oldest alert that waits.
    package var oldestAge: MediaSpan?
    /// Age of the oldest alert that a broker has and the dispatch side has not confirmed.
    package var unconfirmedAge: MediaSpan?
    /// Since the dispatcher was started.
    package var confirmed: Int64
    package var failedAttempts: Int64
    /// Updates passed over since the dispatcher was started.
    package var supersededTotal: Int64
    /// Of the newest failed attempt; nil again after a success.
    package var lastError: String?

    package init(
        id: String, kind: SinkKind?, state: State, pending: Int, refused: Int, unconfirmed: Int,
        superseded: Int = 0, oldestAge: MediaSpan?, unconfirmedAge: MediaSpan? = nil, confirmed: Int64,
        failedAttempts: Int64,
        supersededTotal: Int64 = 0, lastError: String?
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.pending = pending
        self.refused = refused
        self.unconfirmed = unconfirmed
        self.superseded = superseded
        self.oldestAge = oldestAge
        self.unconfirmedAge = unconfirmedAge
        self.confirmed = confirmed
        self.failedAttempts = failedAttempts
        self.supersededTotal = supersededTotal
        self.lastError = lastError
    }
}

/// Counts of one relay.
struct RelayCounters: Hashable, Sendable {
    var confirmed: Int64 = 0
    var failedAttempts: Int64 = 0
    var superseded: Int64 = 0
    var lastError: String?
    /// Not yet taken by a metric; when nobody reads, the oldest go.
    var freshLatencies: [Int64] = []

    static let freshLatencyLimit = 1024
}
