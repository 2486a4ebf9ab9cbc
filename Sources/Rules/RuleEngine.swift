package import Scene

/// What the rules of one camera make of its observations: a pure value that knows only frame time.
///
/// A copy of the engine is a complete snapshot: fed the same observations it raises the same events.
/// Call ``finish(at:)`` when a session ends, before the observations of the next one; only cool-down and re-arm go on
/// over sessions.
package struct RuleEngine: Sendable {
    /// Tracks judged in one observation. Further ones are left out on that frame and counted in
    /// ``tracksLeftOut``; the oldest tracks stand first, so a crowd never pushes out who is already followed.
    package static let trackLimit = 64

    /// Rules of one camera. More are a programmer's error: the configuration refuses them.
    package static let ruleLimit = 64

    /// Candidates kept for ``suppressed``; the oldest go first.
    package static let suppressedLimit = 64

    /// Path points of one observation that there is room for from the start: every track's newest and, now and then,
    /// the whole past of a few that were just confirmed.
    private static let queueRoom = 2048

    /// How often a track was not judged on a frame because ``trackLimit`` was reached.
    package private(set) var tracksLeftOut = 0

    private let rules: [RuleID]
    private var runners: [RuleRunner]
    /// One of each runner. They stand by themselves, so that a frame that concerns few rules reads little memory:
    /// between two frames the analysis has filled the caches.
    private var reaches: [TrackReach]
    private let isThorough: Bool
    private var queue: [PathStep] = []
    private var live: [LiveTrack] = []
    private var wasLive: [LiveTrack] = []
    private var ended: [EndedTrack] = []
    private var findings = Findings()
    /// Path points up to this moment belong to frames on which the picture was not settled: they decide nothing.
    private var unsettledUntil: MediaTime?

    /// - Parameters:
    ///   - ignoreMasks: objects whose anchor is inside one are not judged by any rule.
    ///   - ground: of a calibrated camera; without it limits in metres refuse nothing and speed rules raise nothing
    ///     (the configuration refuses both).
    ///   - isThorough: shows every rule everything, also what by its own account changes nothing for it. The events are
    ///     the same, by which this account is checked; it only takes longer.
    /// - Precondition: at most ``ruleLimit`` rules with different ids.
    package init(
        rules: [FenceRule], ignoreMasks: [Polygon] = [], ground: GroundMeasure? = nil, isThorough: Bool = false
    ) {
        precondition(rules.count <= Self.ruleLimit, "too many rules")
        precondition(Set(rules.map(\.id)).count == rules.count, "two rules with one id")
        self.rules = rules.map(\.id)
        let shape = PictureShape(ground: ground)
        runners = rules.map { RuleRunner($0, masks: ignoreMasks, shape: shape) }
        self.isThorough = isThorough
        reaches = runners.map { $0.makeReach(isThorough: isThorough) }
        queue.reserveCapacity(Self.queueRoom)
        live.reserveCapacity(Self.trackLimit)
        wasLive.reserveCapacity(Self.trackLimit)
        ended.reserveCapacity(Self.trackLimit)
    }

    /// What would have been raised but for a filter, oldest first, since the engine was made.
    package var suppressed: [SuppressedCandidate] { findings.suppressed }

    /// How many were suppressed since the engine was made, also those that ``suppressed`` has let go.
    package var suppressedCount: Int { findings.suppressedCount }

    /// The pictures of the next session have this shape; square without calibration until it was told.
    /// - Precondition: nothing is open, ``finish(at:)`` was called since the last observation.
    package mutating func fit(_ shape: PictureShape) {
        for index in runners.indices {
            runners[index].fit(shape)
            reaches[index] = runners[index].makeReach(isThorough: isThorough)
        }
    }

    /// What the rules had raised before a restart: cool-down and re-arm go on from there.
    package mutating func restore(_ pasts: [RuleID: RaisedPast]) {
        for (index, rule) in rules.enumerated() {
            guard let past = pasts[rule] else { continue }
            runners[index].restore(past)
            reaches[index].occasions = .always
        }
    }

    /// Judges every new path point of every track in the order of time, so that an event carries the time at
    /// which it happened (`time`) besides the frame on which it was decided (`decidedAt`).
    ///
    /// On an observation that is not settled nothing begins or ends and no place counts, but what is wrong with the
    /// picture itself.
    /// - Returns: events by rule in the order of the configuration, then in the order of decision.
    package mutating func events(for observation: Observation) -> [RuleEvent] {
        let judged = observation.tracks.prefix(Self.trackLimit)
        noteEnded(judged)
        if observation.isSettled {
            tracksLeftOut += observation.tracks.count - judged.count
            fillQueue(judged)
            judge(observation)
        } else {
            unsettledUntil = observation.time
            for index in runners.indices {
                runners[index].sitOut(ended: ended, in: observation, &reaches[index], into: &findings)
            }
        }
        return findings.take(from: 0)
    }

    /// Ends every condition that is open, at the last moment it was seen, and forgets all tracks: what comes next
    /// is another session, whose track numbers and times need not go on from here.
    package mutating func finish(at time: MediaTime) -> [RuleEvent] {
        for index in runners.indices { runners[index].finish(at: time, &reaches[index], into: &findings) }
        live.removeAll(keepingCapacity: true)
        unsettledUntil = nil
        return findings.take(from: 0)
    }

    /// Raises a rule of kind `manual`; any other rule raises nothing.
    package mutating func trigger(_ rule: RuleID, _ request: ManualRequest, at time: MediaTime) -> [RuleEvent] {
        guard let index = rules.firstIndex(of: rule) else { return [] }
        runners[index].trigger(request, at: time, &reaches[index], into: &findings)
        return findings.take(from: 0)
    }

    /// Asks the rules that anything on the frame concerns; most look at one part of the picture, and most of the time
    /// nothing is there.
    private mutating func judge(_ observation: Observation) {
        let given = Occasions(observation)
        queue.withUnsafeBufferPointer { steps in
            let tracks = steps.reduce(TrackBits(0)) { $0 | $1.bit }
            for index in reaches.indices
            where !ended.isEmpty || reaches[index].isConcerned(by: steps, of: tracks, given) {
                runners[index].judge(steps, ended: ended, in: observation, &reaches[index], into: &findings)
            }
        }
    }

    private mutating func fillQueue(_ tracks: ArraySlice<Track>) {
        queue.removeAll(keepingCapacity: true)
        var isOrdered = true
        for (track, index) in zip(tracks, live.indices) {
            for point in track.path {
                if let unsettledUntil, point.time <= unsettledUntil { continue }
                let step = PathStep(point, after: live[index].last, of: track, bit: live[index].bit)
                if point.isMeasured { live[index].last = point }
                if let last = queue.last, step < last { isOrdered = false }
                queue.append(step)
            }
        }
        if !isOrdered { orderQueue() }
    }

    /// In place, where the library's sort would ask for memory; the paths that stand one behind another are each in
    /// order already.
    private mutating func orderQueue() {
        for index in queue.indices.dropFirst() where queue[index] < queue[index - 1] {
            let step = queue[index]
            var place = index
            while place > 0, step < queue[place - 1] {
                queue[place] = queue[place - 1]
                place -= 1
            }
            queue[place] = step
        }
    }

    /// Which of the tracks judged before are not there any more, and which are new. The live ones stand in the order of
    /// the observation.
    private mutating func noteEnded(_ tracks: ArraySlice<Track>) {
        ended.removeAll(keepingCapacity: true)
        if live.count == tracks.count, zip(live, tracks).allSatisfy({ $0.id == $1.id }) { return }
        swap(&live, &wasLive)
        live.removeAll(keepingCapacity: true)
        var taken = wasLive.reduce(TrackBits(0)) { $0 | $1.bit }
        for track in wasLive where !tracks.contains(where: { $0.id == track.id }) {
            ended.append(EndedTrack(id: track.id, bit: track.bit))
        }
        for track in tracks {
            if let known = wasLive.first(where: { $0.id == track.id }) {
                live.append(known)
            } else {
                let bit = ~taken & (taken &+ 1)
                taken |= bit
                live.append(LiveTrack(id: track.id, bit: bit))
            }
        }
    }
}

/// A track that was judged on the newest observation.
private struct LiveTrack: Sendable {
    let id: TrackID
    let bit: TrackBits
    /// Its newest measured point.
    var last: TrackPoint?
}
