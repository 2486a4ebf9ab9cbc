import Scene

/// One rule at work: the filters in front of its kind, the kind itself, the filters behind it.
///
///     path points → ignore masks, sizes → persistence → kind → cool-down → events
struct RuleRunner: Sendable {
    // What every frame reads stands together and first: between two frames the analysis has filled the caches.
    private var watcher: any Watcher
    private let looks: Bool
    private let advances: Bool
    /// Neither ignore mask nor size nor persistence: every point goes to the kind as it is.
    private var isPlain: Bool
    private let cools: Bool
    private let anchor: Anchor
    private var sizes: ObjectSizes?
    private var gate: PersistenceGate?
    private var coolDown: CoolDown?
    private var admission: ObjectAdmission
    private let rule: FenceRule

    init(_ rule: FenceRule, masks: [Polygon], shape: PictureShape) {
        self.rule = rule
        anchor = rule.anchor
        admission = ObjectAdmission(masks: masks, conditions: rule.conditions, ground: shape.ground)
        watcher = rule.makeWatcher(admission: admission, aspect: shape.aspect)
        looks = type(of: watcher).looks
        advances = type(of: watcher).advances
        sizes = admission.asksForSize ? ObjectSizes() : nil
        gate = rule.conditions.persistence > .zero ? PersistenceGate(span: rule.conditions.persistence) : nil
        coolDown = CoolDown(rule.conditions)
        cools = coolDown != nil
        isPlain = gate == nil && sizes == nil && masks.isEmpty
    }

    /// Between two sessions: nothing but the cool-down is remembered then.
    mutating func fit(_ shape: PictureShape) {
        admission = ObjectAdmission(masks: admission.masks, conditions: rule.conditions, ground: shape.ground)
        watcher = rule.makeWatcher(admission: admission, aspect: shape.aspect)
        sizes = admission.asksForSize ? ObjectSizes() : nil
        isPlain = gate == nil && sizes == nil && admission.masks.isEmpty
    }

    mutating func restore(_ past: RaisedPast) { coolDown?.restore(past) }

    /// Judges a settled frame.
    /// - Parameters:
    ///   - steps: in the order of time.
    ///   - ended: tracks that are no longer followed.
    mutating func judge(
        _ steps: [PathStep], ended: [TrackID], in observation: Observation, into findings: inout Findings
    ) {
        let first = findings.events.count
        let time = observation.time
        if isPlain {
            watcher.follow(steps, at: time, into: &findings)
        } else {
            for step in steps { follow(admitted(step), at: time, into: &findings) }
        }
        for track in ended {
            gate?.end(track) { watcher.follow($0, at: time, into: &findings) }
            watcher.end(track, isSettled: true, at: time, into: &findings)
        }
        if looks { watcher.look(at: observation, into: &findings) }
        if advances { watcher.advance(to: time, into: &findings) }
        settle(from: first, at: time, into: &findings)
        if !isPlain { for track in ended { sizes?.forget(track) } }
    }

    /// A frame that is not settled: only what is wrong with the picture itself may be raised.
    mutating func sitOut(ended: [TrackID], in observation: Observation, into findings: inout Findings) {
        let first = findings.events.count
        for track in ended {
            gate?.forget(track)
            sizes?.forget(track)
            watcher.end(track, isSettled: false, at: observation.time, into: &findings)
        }
        if looks { watcher.look(at: observation, into: &findings) }
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
    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings) {
        let first = findings.events.count
        watcher.trigger(request, at: time, into: &findings)
        settle(from: first, at: time, into: &findings)
    }

    private mutating func admitted(_ step: PathStep) -> PathStep {
        guard sizes != nil || !admission.masks.isEmpty else { return step }
        var step = step
        let box = step.point.box
        let height = admission.height(of: box)
        var size = ObjectSizes.Size(area: box.area, height: height)
        if let noted = sizes?.note(step, height: height) { size = noted }
        step.refusal = admission.refusal(anchor: step.place(anchor), area: size.area, height: size.height)
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
        guard cools else { return }
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
    /// False where ``look(at:into:)``, ``advance(to:into:)`` do nothing: most kinds need not be asked on each frame.
    static var looks: Bool { get }
    static var advances: Bool { get }

    /// Judges one path point. Points of one track arrive in the order of time, each only once; a refused one is
    /// judged alike, but what it decides is suppressed.
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings)
    /// The same with all points of a frame, of which no filter refuses any.
    mutating func follow(_ steps: [PathStep], at time: MediaTime, into findings: inout Findings)
    /// The frame as a whole, also one that is not settled.
    mutating func look(at observation: Observation, into findings: inout Findings)
    /// Everything up to `time` has been judged.
    mutating func advance(to time: MediaTime, into findings: inout Findings)
    /// The track is no longer followed; what is remembered of it goes.
    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings)
    /// The session is over.
    mutating func finish(at time: MediaTime, into findings: inout Findings)
    /// A person's request.
    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings)
}

extension Watcher {
    static var looks: Bool { true }
    static var advances: Bool { true }

    mutating func follow(_ steps: [PathStep], at time: MediaTime, into findings: inout Findings) {
        steps.withUnsafeBufferPointer { steps in
            for index in steps.indices { follow(steps[index], at: time, into: &findings) }
        }
    }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) {}
    mutating func look(at observation: Observation, into findings: inout Findings) {}
    mutating func advance(to time: MediaTime, into findings: inout Findings) {}
    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {}
    mutating func finish(at time: MediaTime, into findings: inout Findings) {}
    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings) {}
}

/// One point of one track's path on its way through the rules.
struct PathStep: Comparable, Sendable {
    let track: TrackID
    let displacement: Double
    let firstSeen: MediaTime
    let point: TrackPoint
    /// Of the box, reckoned once for all rules: its two anchors, and the square root of its area.
    let foot: Point
    let centre: Point
    let size: Double
    /// Why the rule at hand does not count this point.
    var refusal: Refusal?

    init(_ point: TrackPoint, of track: Track) {
        self.track = track.id
        displacement = track.displacement
        firstSeen = track.firstSeen
        self.point = point
        foot = point.box.foot
        centre = point.box.centre
        size = point.box.area.squareRoot()
    }

    func place(_ anchor: Anchor) -> Point {
        switch anchor {
        case .foot: foot
        case .centre: centre
        }
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.point.time, left.track) < (right.point.time, right.track)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.point.time == right.point.time && left.track == right.track
    }
}
