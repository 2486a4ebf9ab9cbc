package import Scene
import Synchronization

/// When one camera's rules watch, and the account of it: shared by the camera's thread, which asks before and after each
/// picture, and the supervisor, which brings orders and takes the account away. The rules themselves are the pure values
/// ``CameraArming`` and ``CoverageLedger``.
package final class CameraDuty: Sendable {
    /// How far the server's clock must be ahead of the newest picture before the time between is lost: more than any
    /// delay of a stream and than a camera's clock may be off.
    static let patience = MediaSpan.seconds(15)

    /// What changes with a picture.
    package struct Turn: Hashable, Sendable {
        /// Rules that watched until now.
        package var closing: [RuleID: ClosingReason] = [:]
        /// Nothing of this picture is to be analysed.
        package var isHeld = false
        /// The picture shows another view than the one before: what was learnt of it is void.
        package var isNewView = false

        static let steady = Turn()
    }

    /// How a rule stands, for status and people.
    package struct Report: Hashable, Sendable {
        package var rule: RuleID
        package var standing: RuleStanding
        /// Nil where no end is in sight.
        package var until: MediaTime?
        /// The order that decides; nil where the schedule does.
        package var order: ArmingOrder?
        package var coverage: CoverageState?
    }

    fileprivate struct State {
        var arming: CameraArming
        var ledger: CoverageLedger?
        var standings: [RuleStanding]
        var isHeld = false
        var preset: String?
        /// Nothing changes before this moment.
        var steadyUntil: MediaTime?
    }

    private let state: Mutex<State>

    /// - Parameter ledger: nil where nobody keeps an account (replay).
    package init(_ arming: CameraArming, ledger: CoverageLedger? = nil) {
        state = Mutex(
            State(
                arming: arming, ledger: ledger,
                // As if all had watched before the first picture: what a restart left open is closed by it.
                standings: Array(repeating: .armed, count: arming.rules.count)))
    }

    // MARK: The camera's thread

    /// What is different from `time` on. Call it with each picture, in order.
    package func turn(at time: MediaTime) -> Turn {
        state.withLock { state in
            if let steady = state.steadyUntil, time < steady { return state.isHeld ? Turn(isHeld: true) : .steady }
            return state.advance(to: time)
        }
    }

    /// The events that count: of rules that are armed now and were when it happened. An ending always counts: it ends
    /// only what was raised.
    package func admitted(_ events: [RuleEvent]) -> [RuleEvent] {
        guard !events.isEmpty else { return events }
        return state.withLock { state in
            events.filter { event in
                switch event.phase {
                case .ended: true
                case .instant: state.arming.standing(of: event.rule, at: event.time) == .armed
                case .began:
                    state.arming.standing(of: event.rule, at: event.time) == .armed
                        && state.arming.standing(of: event.rule, at: event.decidedAt) == .armed
                }
            }
        }
    }

    /// How a rule stands at a moment.
    package func standing(of rule: RuleID, at time: MediaTime) -> RuleStanding {
        state.withLock { $0.arming.standing(of: rule, at: time) }
    }

    /// Accounts for an analysed picture.
    package func saw(_ observation: Observation) {
        let state: CoverageState =
            CoverageState(observation.health) ?? (observation.isSettled ? .watched : .learning)
        account(for: state, at: observation.time)
    }

    /// Accounts for a picture that was looked at to no avail: ``CoverageState/held``, ``CoverageState/shed``.
    package func account(for coverage: CoverageState, at time: MediaTime) {
        state.withLock { $0.ledger?.picture(at: time, coverage, $0.arming) }
    }

    /// Pictures up to `time` came and were left out.
    package func leftOut(until time: MediaTime) {
        state.withLock { $0.ledger?.leftOut(until: time, $0.arming) }
    }

    /// Pictures up to `time` came and could not be used.
    package func missed(until time: MediaTime) {
        state.withLock { $0.ledger?.missed(until: time, $0.arming) }
    }

    // MARK: The supervisor

    package func take(_ orders: [ArmingOrder], camera: CameraID) {
        state.withLock { state in
            for order in orders where order.camera == nil || order.camera == camera { state.arming.orders.take(order) }
            state.steadyUntil = nil
        }
    }

    /// Where no pictures come, time goes on all the same: it is lost.
    package func tick(now: MediaTime) {
        state.withLock { state in
            let bound = now - Self.patience
            if let newest = state.ledger?.newest, newest >= bound { return }
            state.ledger?.noPicture(until: bound, state.arming)
        }
    }

    package func drain() -> CoverageBatch? {
        state.withLock { $0.ledger?.drain() }
    }

    package func putBack(_ batch: CoverageBatch) {
        state.withLock { $0.ledger?.putBack(batch) }
    }

    package var coverageTotals: [CoverageState: MediaSpan] {
        state.withLock { $0.ledger?.totals ?? [:] }
    }

    package func reports(at now: MediaTime) -> [Report] {
        state.withLock { state in
            let coverage = state.ledger?.current ?? [:]
            return state.arming.rules.map { rule in
                let (standing, until) = state.arming.standing(of: rule, at: now)
                let order =
                    standing == .held
                    ? state.arming.orders.hold(at: now) : state.arming.orders.decisive(for: rule.id, at: now)
                return Report(
                    rule: rule.id, standing: standing,
                    until: state.arming.change(of: rule, at: now, from: standing, after: until), order: order,
                    coverage: coverage[rule.id])
            }
        }
    }
}

extension CameraDuty.State {
    fileprivate mutating func advance(to time: MediaTime) -> CameraDuty.Turn {
        var turn = CameraDuty.Turn()
        var steady = arming.orders.change(after: time) ?? CameraArming.never
        for (index, rule) in arming.rules.enumerated() {
            let (standing, until) = arming.standing(of: rule, at: time)
            if standing != standings[index], let reason = standing.closing { turn.closing[rule.id] = reason }
            standings[index] = standing
            steady = min(steady, until)
        }
        let wasHeld = isHeld
        let formerPreset = preset
        isHeld = arming.orders.hold(at: time) != nil
        preset = arming.orders.preset(at: time)
        turn.isHeld = isHeld
        turn.isNewView = !isHeld && (wasHeld || formerPreset != nil && preset != formerPreset)
        if turn.isNewView {
            for rule in arming.rules where rule.watchesView { turn.closing[rule.id] = turn.closing[rule.id] ?? .held }
        }
        steadyUntil = steady
        return turn
    }
}

extension CameraArming {
    /// When a rule's standing ends; nil where that is not in sight.
    fileprivate func change(
        of rule: Rule, at time: MediaTime, from standing: RuleStanding, after known: MediaTime
    ) -> MediaTime? {
        var moment = known
        for _ in 0..<400 where moment < Self.never {
            let next = self.standing(of: rule, at: moment)
            if next.standing != standing { return moment }
            moment = next.until
        }
        return nil
    }
}
