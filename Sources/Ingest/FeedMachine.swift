/// When a camera feed connects, waits and gives up: a pure value. The thread in ``CameraFeed`` only does what it says.
package struct FeedMachine: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case idle
        case connecting
        case streaming
        case waiting(Duration)
        case finished
    }

    package enum Event: Sendable, Hashable {
        case started
        /// The first picture of a connection was delivered.
        case pictureCame
        /// The connection failed or ended after pictures had come for `streamed`.
        case failed(FailureKind, streamed: Duration)
        case waited
        case stopped
    }

    package enum Action: Sendable, Hashable {
        case none
        case connect
        case wait(Duration)
        case finish
    }

    /// Ceiling of the random wait after the first failure; doubles with each further one.
    package static let firstCeiling = Duration.milliseconds(500)
    package static let lastCeiling = Duration.seconds(30)
    /// After a refused password: fixed, so that a camera which locks accounts after a few wrong logins is left time.
    package static let firstAccessWait = Duration.seconds(60)
    package static let lastAccessWait = Duration.seconds(300)
    /// A connection that carried pictures this long was a good one: the back-off begins anew.
    package static let goodSession = Duration.seconds(10)

    package private(set) var state = State.idle
    private var failuresInRow = 0
    private var accessFailuresInRow = 0
    /// A recorded file as camera plays once.
    private let isRecording: Bool

    package init(isRecording: Bool = false) {
        self.isRecording = isRecording
    }

    package mutating func handle(_ event: Event, random: inout some RandomNumberGenerator) -> Action {
        switch (state, event) {
        case (.finished, _): return .none
        case (_, .stopped): return finish()
        case (.idle, .started), (.waiting, .waited):
            state = .connecting
            return .connect
        case (.connecting, .pictureCame):
            state = .streaming
            return .none
        case (.connecting, .failed(let kind, let streamed)), (.streaming, .failed(let kind, let streamed)):
            return failed(kind, streamed: streamed, random: &random)
        case (.idle, _), (.waiting, _), (.connecting, _), (.streaming, _): return .none
        }
    }

    private mutating func failed(
        _ kind: FailureKind, streamed: Duration, random: inout some RandomNumberGenerator
    ) -> Action {
        if kind == .stopped || (isRecording && kind == .ended) { return finish() }
        if streamed >= Self.goodSession { failuresInRow = 0 }
        let wait: Duration
        if kind.isAboutAccess {
            wait = min(Self.firstAccessWait * (1 << min(accessFailuresInRow, 8)), Self.lastAccessWait)
            accessFailuresInRow += 1
        } else {
            let ceiling = min(Self.firstCeiling * (1 << min(failuresInRow, 16)), Self.lastCeiling)
            // Full jitter: many cameras behind one dead switch must not come back in step.
            wait = .milliseconds(Int64.random(in: 0...ceiling.milliseconds, using: &random))
            failuresInRow += 1
            accessFailuresInRow = 0
        }
        state = .waiting(wait)
        return .wait(wait)
    }

    private mutating func finish() -> Action {
        state = .finished
        return .finish
    }
}

extension Duration {
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
