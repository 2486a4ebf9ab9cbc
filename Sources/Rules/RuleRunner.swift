import Scene

/// One rule at work: the filters in front of its kind, the kind itself, the filters behind it.
///
///     path points → ignore masks, sizes → persistence → kind → cool-down → events
struct RuleRunner: Sendable {
    // What every frame reads stands together and first: between two frames the analysis has filled the caches.
    private var watcher: any Watcher
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

    /// What the rule wants to see, while nothing is remembered.
    func makeReach(isThorough: Bool) -> TrackReach {
        TrackReach(watcher.region, anchor: anchor, seesAll: gate != nil || sizes != nil, isThorough: isThorough)
    }

    /// Judges a settled frame.
    /// - Parameters:
    ///   - steps: in the order of time.
    ///   - ended: tracks that are no longer followed.
    mutating func judge(
        _ steps: UnsafeBufferPointer<PathStep>, ended: [EndedTrack], in observation: Observation,
        _ reach: inout TrackReach, into findings: inout Findings
    ) {
        let first = findings.events.count
        if isPlain {
            watcher.judge(steps, ended: ended, in: observation, &reach, into: &findings)
        } else {
            judgeFiltered(steps, ended: ended, in: observation, &reach, into: &findings)
        }
        settle(from: first, at: observation.time, &reach, into: &findings)
        if !isPlain { for track in ended { sizes?.forget(track.id) } }
    }

    private mutating func judgeFiltered(
        _ steps: UnsafeBufferPointer<PathStep>, ended: [EndedTrack], in observation: Observation,
        _ reach: inout TrackReach, into findings: inout Findings
    ) {
        let time = observation.time
        for index in steps.indices where reach.admits(steps[index]) {
            follow(admitted(steps[index]), at: time, &reach, into: &findings)
        }
        for track in ended {
            gate?.end(track.id) { reach.pass($0, to: &watcher, at: time, into: &findings) }
            watcher.end(track, isSettled: true, at: time, into: &findings)
            reach.forget(track.bit)
        }
        watcher.look(at: observation, into: &findings)
        watcher.advance(to: time, into: &findings)
        reach.occasions = watcher.occasions
    }

    /// A frame that is not settled: only what is wrong with the picture itself may be raised.
    mutating func sitOut(
        ended: [EndedTrack], in observation: Observation, _ reach: inout TrackReach, into findings: inout Findings
    ) {
        let first = findings.events.count
        for track in ended {
            gate?.forget(track.id)
            sizes?.forget(track.id)
            watcher.end(track, isSettled: false, at: observation.time, into: &findings)
            reach.forget(track.bit)
        }
        watcher.look(at: observation, into: &findings)
        reach.occasions = watcher.occasions
        settle(from: first, at: observation.time, &reach, into: &findings)
    }

    mutating func finish(at time: MediaTime, _ reach: inout TrackReach, into findings: inout Findings) {
        let first = findings.events.count
        gate?.finish { reach.pass($0, to: &watcher, at: time, into: &findings) }
        watcher.finish(at: time, into: &findings)
        settle(from: first, at: time, &reach, into: &findings)
        coolDown?.finish(into: &findings)
        sizes?.removeAll()
        reach.removeAll()
    }

    /// Somebody asked for an event of this rule.
    mutating func trigger(
        _ request: ManualRequest, at time: MediaTime, _ reach: inout TrackReach, into findings: inout Findings
    ) {
        let first = findings.events.count
        watcher.trigger(request, at: time, into: &findings)
        reach.occasions = watcher.occasions
        settle(from: first, at: time, &reach, into: &findings)
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

    private mutating func follow(
        _ step: PathStep, at time: MediaTime, _ reach: inout TrackReach, into findings: inout Findings
    ) {
        if gate == nil {
            reach.pass(step, to: &watcher, at: time, into: &findings)
        } else {
            gate?.admit(step) { reach.pass($0, to: &watcher, at: time, into: &findings) }
        }
    }

    private mutating func settle(
        from first: Int, at time: MediaTime, _ reach: inout TrackReach, into findings: inout Findings
    ) {
        if findings.events.count > first { findings.explain(from: first, passedFilters) }
        guard cools else { return }
        coolDown?.filter(findings.take(from: first), at: time, into: &findings)
        if coolDown?.isWaiting == true { reach.occasions = .always }
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

    /// Where a track that the kind has lost interest in concerns it again.
    var region: TrackReach.Region { get }
    /// Asked after each frame: where none of these is given on the next one, and no track concerns the rule or ends
    /// there, `look` and `advance` would do nothing.
    var occasions: Occasions { get }

    /// Judges one path point. Points of one track arrive in the order of time, each only once; a refused one is
    /// judged alike, but what it decides is suppressed.
    /// - Returns: whether the track's next points are wanted wherever they are. While they lie out of the rule's
    ///   region those of a track that was lost would change nothing, and do not arrive.
    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest
    /// All that a settled frame brings, where no filter refuses anything: one call for what is asked most often.
    mutating func judge(
        _ steps: UnsafeBufferPointer<PathStep>, ended: [EndedTrack], in observation: Observation,
        _ reach: inout TrackReach, into findings: inout Findings)
    /// The frame as a whole, also one that is not settled.
    mutating func look(at observation: Observation, into findings: inout Findings)
    /// Everything up to `time` has been judged.
    mutating func advance(to time: MediaTime, into findings: inout Findings)
    /// The track is no longer followed; what is remembered of it goes.
    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings)
    /// The session is over.
    mutating func finish(at time: MediaTime, into findings: inout Findings)
    /// A person's request.
    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings)
}

extension Watcher {
    static var looks: Bool { true }
    static var advances: Bool { true }

    var region: TrackReach.Region { .anchor(.nowhere) }
    var occasions: Occasions { Self.looks || Self.advances ? .always : [] }

    mutating func judge(
        _ steps: UnsafeBufferPointer<PathStep>, ended: [EndedTrack], in observation: Observation,
        _ reach: inout TrackReach, into findings: inout Findings
    ) {
        let time = observation.time
        for index in steps.indices where reach.concerns(steps[index]) {
            reach.note(steps[index], follow(steps[index], at: time, into: &findings))
        }
        for track in ended {
            end(track, isSettled: true, at: time, into: &findings)
            reach.forget(track.bit)
        }
        if Self.looks { look(at: observation, into: &findings) }
        if Self.advances { advance(to: time, into: &findings) }
        reach.occasions = occasions
    }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest { .lost }
    mutating func look(at observation: Observation, into findings: inout Findings) {}
    mutating func advance(to time: MediaTime, into findings: inout Findings) {}
    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {}
    mutating func finish(at time: MediaTime, into findings: inout Findings) {}
    mutating func trigger(_ request: ManualRequest, at time: MediaTime, into findings: inout Findings) {}
}

/// One point of one track's path on its way through the rules.
struct PathStep: Comparable, Sendable {
    let track: TrackID
    /// The track's alone for as long as it is followed.
    let bit: TrackBits
    let displacement: Double
    let firstSeen: MediaTime
    let point: TrackPoint
    /// The last measured point of the track before this one; nil for its first.
    let previous: TrackPoint?
    /// Of the box, reckoned once for all rules: its two anchors, and the square root of its area.
    let foot: Point
    let centre: Point
    let size: Double
    /// Why the rule at hand does not count this point.
    var refusal: Refusal?

    init(_ point: TrackPoint, after previous: TrackPoint?, of track: Track, bit: TrackBits) {
        self.track = track.id
        self.bit = bit
        self.previous = previous
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
