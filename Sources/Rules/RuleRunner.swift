import Scene

/// One rule at work: the filters in front of its kind, the kind itself, the filters behind it.
///
///     path points → ignore masks, sizes → persistence → kind → cool-down → events
struct RuleRunner: Sendable {
    private let anchor: Anchor
    private let admission: ObjectAdmission
    private var watcher: any Watcher
    private var sizes: ObjectSizes?
    private var gate: PersistenceGate?
    private var coolDown: CoolDown?

    init(_ rule: FenceRule, masks: [Polygon], ground: GroundMeasure?) {
        anchor = rule.anchor
        admission = ObjectAdmission(masks: masks, conditions: rule.conditions, ground: ground)
        watcher = rule.makeWatcher(admission: admission)
        sizes = admission.asksForSize ? ObjectSizes() : nil
        gate = rule.conditions.persistence > .zero ? PersistenceGate(span: rule.conditions.persistence) : nil
        coolDown = CoolDown(rule.conditions)
    }

    /// Judges a settled frame.
    /// - Parameters:
    ///   - steps: in the order of time.
    ///   - ended: tracks that are no longer followed.
    mutating func judge(
        _ steps: [PathStep], ended: [TrackID], in observation: Observation, into findings: inout Findings
    ) {
        let first = findings.events.count
        let time = observation.time
        for step in steps { follow(admitted(step), at: time, into: &findings) }
        for track in ended {
            gate?.end(track) { watcher.follow($0, at: time, into: &findings) }
            watcher.end(track, isSettled: true, at: time, into: &findings)
        }
        watcher.look(at: observation, into: &findings)
        watcher.advance(to: time, into: &findings)
        settle(from: first, at: time, into: &findings)
        for track in ended { sizes?.forget(track) }
    }

    /// A frame that is not settled: only what is wrong with the picture itself may be raised.
    mutating func sitOut(ended: [TrackID], in observation: Observation, into findings: inout Findings) {
        let first = findings.events.count
        for track in ended {
            gate?.forget(track)
            sizes?.forget(track)
            watcher.end(track, isSettled: false, at: observation.time, into: &findings)
        }
        watcher.look(at: observation, into: &findings)
        settle(from: first, at: observation.time, into: &findings)
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        let first = findings.events.count
        gate?.finish { watcher.follow($0, at: time, into: &findings) }
        watcher.finish(at: time, into: &findings)
        settle(from: first, at: time, into: &findings)
        coolDown?.finish(into: &findings)
        sizes?.removeAll()
    }

    /// Somebody asked for an event of this rule.
    mutating func trigger(at time: MediaTime, into findings: inout Findings) {
        let first = findings.events.count
        watcher.trigger(at: time, into: &findings)
        settle(from: first, at: time, into: &findings)
    }

    private mutating func admitted(_ step: PathStep) -> PathStep {
        guard sizes != nil || !admission.masks.isEmpty else { return step }
        var step = step
        let box = step.point.box
        let height = admission.height(of: box)
        var size = ObjectSizes.Size(area: box.area, height: height)
        if let noted = sizes?.note(step, height: height) { size = noted }
        step.refusal = admission.refusal(anchor: box.point(of: anchor), area: size.area, height: size.height)
        return step
    }

    private mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) {
        if gate == nil {
            watcher.follow(step, at: time, into: &findings)
        } else {
            gate?.admit(step) { watcher.follow($0, at: time, into: &findings) }
        }
    }

    private mutating func settle(from first: Int, at time: MediaTime, into findings: inout Findings) {
        if findings.events.count > first { findings.explain(from: first, passedFilters) }
        guard coolDown != nil else { return }
        coolDown?.filter(findings.take(from: first), at: time, into: &findings)
    }

    private func passedFilters(_ event: RuleEvent) -> [Explanation.Test] {
        guard let track = event.track else {
            return event.box.map { admission.passed(area: $0.area, height: admission.height(of: $0)) } ?? []
        }
        var tests: [Explanation.Test] = []
        if let size = sizes?.size(of: track) { tests += admission.passed(area: size.area, height: size.height) }
        if let firstSeen = gate?.firstSeen(of: track) {
            let limit = admission.conditions.persistence.seconds
            tests.append(.init(.age, (event.decidedAt - firstSeen).seconds, .atLeast, limit))
        }
        return tests
    }
}

/// A rule kind together with what it remembers: the role that every kind plays in its runner.
protocol Watcher: Sendable {
    /// Judges one path point. Points of one track arrive in the order of time, each only once; a refused one is
    /// judged alike, but what it decides is suppressed.
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings)
    /// The frame as a whole, also one that is not settled.
    mutating func look(at observation: Observation, into findings: inout Findings)
    /// Everything up to `time` has been judged.
    mutating func advance(to time: MediaTime, into findings: inout Findings)
    /// The track is no longer followed; what is remembered of it goes.
    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings)
    /// The session is over.
    mutating func finish(at time: MediaTime, into findings: inout Findings)
    /// A person's request.
    mutating func trigger(at time: MediaTime, into findings: inout Findings)
}

extension Watcher {
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) {}
    mutating func look(at observation: Observation, into findings: inout Findings) {}
    mutating func advance(to time: MediaTime, into findings: inout Findings) {}
    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {}
    mutating func finish(at time: MediaTime, into findings: inout Findings) {}
    mutating func trigger(at time: MediaTime, into findings: inout Findings) {}
}

/// One point of one track's path on its way through the rules.
struct PathStep: Comparable, Sendable {
    let track: TrackID
    let displacement: Double
    let firstSeen: MediaTime
    let point: TrackPoint
    /// Why the rule at hand does not count this point.
    var refusal: Refusal?

    static func < (left: Self, right: Self) -> Bool {
        (left.point.time, left.track) < (right.point.time, right.track)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.point.time == right.point.time && left.track == right.track
    }
}
