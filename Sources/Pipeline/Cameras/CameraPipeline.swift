package import Alerts
package import Evidence
package import Ingest
package import Logging
package import Media
package import Rules
package import Scene

/// One camera from pictures to alerts: `Ingest → Vision → Rules → Alerts → outlet`, inline on the feed's thread.
///
/// Signal lost and back are alarms of every camera: a session that ends for any reason but its own new beginning
/// (a changed picture size, a jump of the camera's clock) opens one, the next session ends it. A feed that is asked to
/// stop ends nothing: its episodes go on after the restart.
package final class CameraPipeline: PictureReceiver {
    private let camera: CameraID
    private let rules: [FenceRule]
    private let rulesByID: [RuleID: FenceRule]
    private let analysis: CameraAnalysis
    private let outlet: any AlertOutlet
    private let counters: CameraCounters
    private let clock: @Sendable () -> MediaTime
    private let duty: CameraDuty
    private let logger: Logger
    private var book: AlertBook
    private var trails = TrackTrails()
    /// Kept only where a film is made.
    private var film: FilmScene?
    private let raisesSignalAlarms: Bool
    private var isSignalLost = false
    private var isHeld = false
    private var lastMoment: MediaTime?
    private var conditions = ConditionWatch()
    private var suppressedCount = 0
    private var loadStep = LoadStep.full

    /// - Parameters:
    ///   - book: restored from the journal, so that open episodes go on.
    ///   - raisesSignalAlarms: false for recorded footage, whose end is no loss.
    ///   - isFilmed: whether ``filmFrame(at:)`` will be asked.
    ///   - duty: when the rules watch; all of them always where it is left out.
    ///   - clock: the server's clock; used only for the time of a loss that no picture preceded.
    package init(
        camera: CameraID, rules: [FenceRule], analysis: CameraAnalysis, book: AlertBook, outlet: any AlertOutlet,
        raisesSignalAlarms: Bool = true, isFilmed: Bool = false, counters: CameraCounters = CameraCounters(),
        duty: CameraDuty? = nil,
        clock: @escaping @Sendable () -> MediaTime, logger: Logger
    ) {
        self.camera = camera
        self.rules = rules
        rulesByID = Dictionary(uniqueKeysWithValues: rules.map { ($0.id, $0) })
        self.analysis = analysis
        self.book = book
        self.outlet = outlet
        self.raisesSignalAlarms = raisesSignalAlarms
        film = isFilmed ? FilmScene() : nil
        self.counters = counters
        self.clock = clock
        self.duty = duty ?? CameraDuty(CameraArming(rules: rules.map { CameraArming.Rule(id: $0.id) }))
        self.logger = logger
    }

    package func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        outlet.note(.began(codec: stream.codec, size: stream.size, anchor: anchor))
        counters.sessionBegan(at: anchor)
        tell(conditions.clear(at: anchor))
        analysis.begin(size: stream.size)
        trails.removeAll()
        lastMoment = anchor
        guard isSignalLost || book.isSignalLost else { return }
        isSignalLost = false
        publish(book.handle([signalEvent(.ended, at: anchor)], at: anchor), decidedAt: anchor)
    }

    package func receive(_ picture: inout Picture, at time: MediaTime) {
        lastMoment = time
        guard isWatching(at: time) else { return }
        do {
            guard let result = try analysis.analyze(&picture, at: time) else { return }
            counters.analyzedPicture()
            tell(conditions.follow(result.observation.health, at: time))
            trails.follow(result.observation)
            // Less than was configured is not a whole watch, though what is seen counts.
            if loadStep == .full { duty.saw(result.observation) } else { duty.leftOut(until: time) }
            tellSuppressed()
            let events = duty.admitted(result.events)
            film?.note(result.observation, events)
            let decisions = book.handle(events, at: time)
            guard !decisions.isEmpty else { return }
            outlet.publish(decisions, picture: picture, overlay: overlay(for: decisions, at: time), decidedAt: time)
        } catch {
            logger.error("picture not analysed", metadata: ["error": "\(error)"])
        }
    }

    package var attention: PictureAttention { isHeld ? .quiet : analysis.attention }

    package func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        guard !isHeld else { return false }
        do {
            let stirs = try analysis.stirs(in: &picture, at: time)
            let tally = analysis.wakeTally
            counters.glanced(falseWakes: tally.inVain, suppressed: tally.suppressed)
            return stirs
        } catch {
            logger.error("picture not analysed", metadata: ["error": "\(error)"])
            return true
        }
    }

    package func leftOut(until time: MediaTime) { duty.leftOut(until: time) }

    package func missed(until time: MediaTime) { duty.missed(until: time) }

    package func lightened(to step: LoadStep) {
        loadStep = step
        analysis.lighten(step != .full)
    }

    package func caughtUp(after wait: Duration) { counters.caughtUp(after: wait) }

    package func decoding(_ standing: DecodeStanding, at time: MediaTime) {
        outlet.note(.decoding(fallback: standing.fallback?.rawValue, at: time))
    }

    package func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        outlet.note(.ended(kind: failure.kind.rawValue, detail: failure.detail, at: time))
        guard failure.kind != .stopped else { return }
        let moment = max(time ?? clock(), lastMoment ?? .epoch)
        lastMoment = moment
        let isLoss = failure.kind.isSignalLoss && raisesSignalAlarms
        tell(isLoss ? conditions.loseSignal(at: moment) : conditions.clear(at: moment))
        var events = analysis.end(at: moment)
        tellSuppressed()
        if isLoss, !isSignalLost {
            isSignalLost = true
            events.append(signalEvent(.began, at: moment))
        }
        events = duty.admitted(events)
        publish(book.handle(events, at: moment), decidedAt: moment)
    }

    /// Raises a rule of kind `manual` on a picture that ``receive(_:at:)`` has just been given.
    package func trigger(_ trigger: ManualTrigger, on picture: inout Picture, at time: MediaTime) -> TriggerOutcome {
        raise(trigger, at: time) { decisions in
            do {
                try analysis.mask(&picture)
            } catch {
                // A picture whose privacy masks cannot be drawn is shown to nobody.
                logger.error("picture not masked, the alarm goes without it", metadata: ["error": "\(error)"])
                outlet.publish(decisions, decidedAt: time)
                return false
            }
            outlet.publish(decisions, picture: picture, overlay: overlay(for: decisions, at: time), decidedAt: time)
            return true
        }
    }

    /// The same where no picture comes, at the server's time.
    package func trigger(_ trigger: ManualTrigger) -> TriggerOutcome {
        let time = max(clock(), lastMoment ?? .epoch)
        return raise(trigger, at: time) { decisions in
            outlet.publish(decisions, decidedAt: time)
            return false
        }
    }

    /// Closes all open episodes: recorded footage is at its end.
    package func finishFootage(at time: MediaTime) {
        publish(book.finish(), decidedAt: time)
    }

    /// Blackens the privacy masks of a picture that is shown but was not analysed.
    package func blacken(_ picture: inout Picture) throws(MediaError) {
        try analysis.mask(&picture)
    }

    /// What a film shows of the newest picture, which was analysed or left out by the cadence.
    /// - Precondition: the pipeline was made with `isFilmed`.
    package func filmFrame(at time: MediaTime) -> FilmFrame {
        guard let film else { preconditionFailure("a film of a pipeline that keeps nothing for it") }
        let around = FilmScene.Surroundings(
            camera: camera, rules: rules, trails: trails, view: analysis.view, episodes: book.openEpisodes,
            ground: analysis.ground)
        return film.frame(around, at: time)
    }

    /// - Parameter publish: returns whether a picture went with them.
    private func raise(
        _ trigger: ManualTrigger, at time: MediaTime, publish: ([AlertDecision]) -> Bool
    ) -> TriggerOutcome {
        let standing = duty.standing(of: trigger.rule, at: time)
        guard standing == .armed else { return .refused("rule \(trigger.rule) is \(standing.rawValue) at \(time)") }
        let events = analysis.trigger(trigger, at: time)
        tellSuppressed()
        guard !events.isEmpty else {
            let candidate = analysis.suppressed.last { $0.rule == trigger.rule }
            let why = candidate.map { AlertReasons.refusal($0).en } ?? "it is not raised by hand"
            return .refused("rule \(trigger.rule): \(why)")
        }
        let decisions = book.handle(events, at: time)
        let hasPicture = publish(decisions)
        guard let raised = decisions.last(where: { $0.rule == trigger.rule && $0.state != .closed }) else {
            return .failed("rule \(trigger.rule) was raised, and no alert came of it")
        }
        return .raised(
            TriggerReceipt(alert: raised.id, version: raised.version, time: time, hasPicture: hasPicture))
    }

    private func tellSuppressed() {
        let count = analysis.suppressedCount
        guard count > suppressedCount else { return }
        outlet.note(.suppressed(Array(analysis.suppressed.suffix(count - suppressedCount))))
        suppressedCount = count
    }

    private func tell(_ changes: [ConditionChange]) {
        if changes.isEmpty { return }
        counters.healthChanged(to: conditions.health, changes: changes.count)
        for change in changes { outlet.note(.condition(change)) }
    }

    /// Closes what is watched no more, and says whether the picture is to be analysed.
    private func isWatching(at time: MediaTime) -> Bool {
        let turn = duty.turn(at: time)
        isHeld = turn.isHeld
        if turn == .steady { return true }
        for reason in ClosingReason.allCases {
            let rules = turn.closing.filter { $0.value == reason }.map(\.key)
            if !rules.isEmpty { publish(book.close(rules, because: reason, at: time), decidedAt: time) }
        }
        // After the closing: of what the rules still hold open nothing is known any more.
        if turn.isHeld || turn.isNewView {
            tell(conditions.clear(at: time))
            publish(book.handle(duty.admitted(analysis.end(at: time)), at: time), decidedAt: time)
            tellSuppressed()
        }
        if turn.isHeld { duty.account(for: .held, at: time) }
        if turn.isNewView {
            analysis.forgetView()
            trails.removeAll()
        }
        return !turn.isHeld
    }

    private func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) {
        if !decisions.isEmpty { outlet.publish(decisions, decidedAt: decidedAt) }
    }

    private func signalEvent(_ phase: RuleEvent.Phase, at time: MediaTime) -> RuleEvent {
        RuleEvent(
            rule: .signal, kind: .sceneHealth, occurrence: .signalLost, phase: phase, time: time, decidedAt: time)
    }

    private func overlay(for decisions: [AlertDecision], at time: MediaTime) -> Overlay {
        AlertOverlay.make(camera: camera, decisions: decisions, rules: rulesByID, trails: trails, at: time)
    }
}

extension AlertBook {
    /// Whether a loss that was open before a restart still is.
    fileprivate var isSignalLost: Bool {
        openEpisodes.contains { $0.occurrence == .signalLost && $0.isHolding }
    }
}

extension FailureKind {
    /// Whether the camera's picture is gone, rather than beginning anew by itself.
    var isSignalLoss: Bool {
        switch self {
        case .sizeChanged, .timeJumped, .paused, .stopped: false
        default: true
        }
    }
}
