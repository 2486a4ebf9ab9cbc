package import Scene

/// Turns the rule events of one camera into alerts: one episode from its first finding until quiet, told as versions
/// `opened → updated → closed` under one id.
///
/// A pure value: its decisions depend on events, frame times, configuration and the restored decisions only, and its
/// whole state can be read back from the newest decision of each alert. Confined to the camera's thread.
///
/// Instants (crossed, entered, left) of one rule and occurrence belong to one episode until `quiet` passes without a
/// new one. A condition (occupied, signal lost) keeps its episode open from `began` to `ended` and then for `quiet`;
/// begun again within it, the same episode goes on.
package struct AlertBook: Sendable {
    private struct Key: Hashable {
        let rule: RuleID
        let occurrence: Occurrence
    }

    private struct Episode {
        var decision: AlertDecision
        /// From the journal, and its condition not yet seen by this book.
        var isUnconfirmed: Bool
    }

    private let camera: WatchedCamera
    private let settings: EpisodeSettings
    private let localTime: @Sendable (MediaTime) -> String
    private var episodes: [Key: Episode] = [:]
    /// Restored episodes that nothing can continue (their rule is gone or decides otherwise now).
    private var orphans: [AlertDecision] = []
    private var ordinals = EpisodeOrdinals()
    private var firstFrame: MediaTime?

    /// - Parameters:
    ///   - localTime: a moment as the site's people write it, for the sentences; must depend on its argument only.
    ///   - restoring: `JournalReader.decisions(toRestore:)`: open episodes go on, closed ones tell which ids are taken.
    package init(
        camera: WatchedCamera, settings: EpisodeSettings = EpisodeSettings(),
        localTime: @escaping @Sendable (MediaTime) -> String, restoring: [AlertDecision] = []
    ) {
        self.camera = camera
        self.settings = settings
        self.localTime = localTime
        for decision in restoring.sorted(by: Self.startsBefore) where decision.camera == camera.id {
            ordinals.restore(decision)
            if decision.state != .closed { restore(decision) }
        }
    }

    /// The newest decision of each open episode, by start.
    package var openEpisodes: [AlertDecision] {
        (orphans + episodes.values.map(\.decision)).sorted(by: Self.startsBefore)
    }

    /// Takes the events decided on the frame and closes what has been quiet long enough by its time.
    ///
    /// - Returns: the new versions, in the order in which they are to be journaled; at most one new version of an
    ///   episode for all of one frame's findings, and one more if it closes.
    package mutating func handle(_ events: [RuleEvent], at frameTime: MediaTime) -> [AlertDecision] {
        if firstFrame == nil { firstFrame = frameTime }
        // Nearly every frame, and one that is to cost nothing.
        if events.isEmpty, orphans.isEmpty, !episodes.values.contains(where: { isOver($0, at: frameTime) }) {
            return []
        }
        var versions = closeOrphans()
        var touched: [Key] = []
        for event in events {
            let key = Key(rule: event.rule, occurrence: event.occurrence)
            if let episode = episodes[key], isOver(episode, at: event.time) {
                versions += settle(touched.filter { $0 == key })
                touched.removeAll { $0 == key }
                versions += close([key])
            }
            if apply(event, to: key), !touched.contains(key) { touched.append(key) }
        }
        versions += settle(touched)
        return versions + close(keysOver(at: frameTime))
    }

    /// Closes what has been quiet long enough at `time`; for stretches without frames (a lost signal).
    package mutating func tick(at time: MediaTime) -> [AlertDecision] {
        handle([], at: time)
    }

    /// Closes the open episodes of rules that stop watching at `time`, with the reason. A condition that still holds is
    /// closed as of `time`: nothing is known of it from then on.
    package mutating func close(
        _ rules: [RuleID], because reason: ClosingReason, at time: MediaTime
    ) -> [AlertDecision] {
        if firstFrame == nil { firstFrame = time }
        let keys = episodes.keys.filter { rules.contains($0.rule) }.sorted { startsBefore($0, $1) }
        for key in keys {
            guard var episode = episodes[key] else { continue }
            // What was only restored was last seen before the restart.
            if episode.decision.isHolding, !episode.isUnconfirmed {
                episode.decision.last = max(episode.decision.last, time)
            }
            episode.decision.closedBy = reason
            episodes[key] = episode
        }
        return close(keys)
    }

    /// Closes every episode: the footage has ended. A daemon that stops does not call this; its episodes go on after
    /// the restart.
    package mutating func finish() -> [AlertDecision] {
        closeOrphans() + close(episodes.keys.sorted { startsBefore($0, $1) })
    }
}

extension AlertBook {
    private mutating func restore(_ decision: AlertDecision) {
        let key = Key(rule: decision.rule, occurrence: decision.occurrence)
        guard rule(decision.rule)?.revision == decision.ruleRevision else {
            orphans.append(decision)
            return
        }
        // Two open episodes of one rule are never written; the newer one is the one to trust.
        if let older = episodes[key] { orphans.append(older.decision) }
        episodes[key] = Episode(decision: decision, isUnconfirmed: decision.isHolding)
    }

    private func rule(_ id: RuleID) -> WatchedCamera.Rule? {
        camera.rules[id] ?? (id == .signal ? WatchedCamera.builtIn : nil)
    }

    /// - Returns: true if the event changed its episode.
    private mutating func apply(_ event: RuleEvent, to key: Key) -> Bool {
        guard var episode = episodes[key] else {
            guard event.phase != .ended else { return false }
            episodes[key] = Episode(decision: opened(by: event), isUnconfirmed: false)
            return true
        }
        if event.phase == .ended, !episode.decision.isHolding { return false }
        episode.isUnconfirmed = false
        episode.decision.last = max(episode.decision.last, event.time)
        episode.decision.isHolding = event.phase == .began
        if event.phase != .ended { episode.decision.add(Self.finding(event)) }
        episodes[key] = episode
        return true
    }

    /// Version 0 until it is settled.
    private mutating func opened(by event: RuleEvent) -> AlertDecision {
        let rule = rule(event.rule) ?? WatchedCamera.builtIn
        let second = event.time.wholeSecond
        let ordinal = ordinals.take(rule: event.rule, revision: rule.revision, second: second)
        return AlertDecision(
            id: AlertIdentity.id(
                camera: camera.id, rule: event.rule, revision: rule.revision, second: second, ordinal: ordinal),
            version: 0, state: .opened, camera: camera.id, place: camera.place, rule: event.rule,
            ruleRevision: rule.revision, kind: event.kind, occurrence: event.occurrence, anchor: rule.anchor,
            start: event.time, last: event.time, end: nil, isHolding: event.phase == .began, count: 1,
            findings: [Self.finding(event)], measures: event.measures.filter { $0.value.isFinite },
            summary: .init(zh: "", en: ""), explanation: event.explanation,
            reason: AlertReasons.reason(event.explanation), codes: event.occurrence.alarmCode,
            provenance: camera.provenance)
    }

    private static func finding(_ event: RuleEvent) -> AlertDecision.Finding {
        AlertDecision.Finding(
            time: event.time, occurrence: event.occurrence, direction: event.direction, track: event.track,
            box: event.box, point: event.point, request: event.explanation?.request)
    }

    private func isOver(_ episode: Episode, at time: MediaTime) -> Bool {
        if episode.isUnconfirmed { return time - (firstFrame ?? time) > settings.restoreWindow }
        return !episode.decision.isHolding && time - episode.decision.last > settings.quiet
    }

    private func keysOver(at time: MediaTime) -> [Key] {
        episodes.filter { isOver($0.value, at: time) }.keys.sorted { startsBefore($0, $1) }
    }

    /// Gives the changed episodes their next version.
    private mutating func settle(_ keys: [Key]) -> [AlertDecision] {
        keys.compactMap { key in
            guard var episode = episodes[key] else { return nil }
            episode.decision.version += 1
            episode.decision.state = episode.decision.version == 1 ? .opened : .updated
            finishVersion(&episode.decision)
            episodes[key] = episode
            return episode.decision
        }
    }

    private mutating func close(_ keys: [Key]) -> [AlertDecision] {
        keys.compactMap { key in episodes.removeValue(forKey: key).map { closed($0.decision) } }
    }

    private mutating func closeOrphans() -> [AlertDecision] {
        defer { orphans = [] }
        return orphans.map(closed)
    }

    private func closed(_ decision: AlertDecision) -> AlertDecision {
        var decision = decision
        decision.version += 1
        decision.state = .closed
        decision.end = decision.last
        decision.isHolding = false
        finishVersion(&decision)
        return decision
    }

    private func finishVersion(_ decision: inout AlertDecision) {
        decision.place = camera.place
        decision.provenance = camera.provenance
        if let rule = rule(decision.rule) {
            decision.severity = rule.severity
            decision.tags = rule.tags.isEmpty ? nil : rule.tags
        }
        decision.summary = AlertSentences.summary(of: decision, localTime: localTime)
    }

    private func startsBefore(_ left: Key, _ right: Key) -> Bool {
        guard let left = episodes[left]?.decision, let right = episodes[right]?.decision else { return false }
        return Self.startsBefore(left, right)
    }

    private static func startsBefore(_ left: AlertDecision, _ right: AlertDecision) -> Bool {
        (left.start, left.id) < (right.start, right.id)
    }
}

extension AlertDecision {
    /// Counts the finding and keeps the first and the newest ones.
    fileprivate mutating func add(_ finding: Finding) {
        count += 1
        if findings.count >= Self.findingLimit { findings.remove(at: 1) }
        findings.append(finding)
    }
}
