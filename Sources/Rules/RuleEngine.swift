package import Scene

/// What the rules of one camera make of its observations: a pure value that knows only frame time.
///
/// A copy of the engine is a complete snapshot: fed the same observations it raises the same events.
/// Call ``finish(at:)`` when a session ends, before the observations of the next one.
package struct RuleEngine: Sendable {
    /// Tracks judged in one observation. Further ones are left out on that frame and counted in
    /// ``tracksLeftOut``; the oldest tracks stand first, so a crowd never pushes out who is already followed.
    package static let trackLimit = 64

    /// Rules of one camera. More are a programmer's error: the configuration refuses them.
    package static let ruleLimit = 32

    /// Path points of one observation that there is room for from the start: every track's newest and, now and then,
    /// the whole past of a few that were just confirmed.
    private static let queueRoom = 4096

    /// How often a track was not judged on a frame because ``trackLimit`` was reached.
    package private(set) var tracksLeftOut = 0

    private var watchers: [any Watcher]
    private var queue: [PathStep] = []
    /// Path points up to this moment belong to frames on which the picture was not settled: they decide nothing.
    private var unsettledUntil: MediaTime?

    /// - Precondition: at most ``ruleLimit`` rules with different ids.
    package init(rules: [FenceRule]) {
        precondition(rules.count <= Self.ruleLimit, "too many rules")
        precondition(Set(rules.map(\.id)).count == rules.count, "two rules with one id")
        watchers = rules.map { $0.makeWatcher() }
        queue.reserveCapacity(Self.queueRoom)
    }

    /// Judges every new path point of every track in the order of time, so that an event carries the time at
    /// which it happened (`time`) besides the frame on which it was decided (`decidedAt`).
    ///
    /// On an observation that is not settled nothing begins or ends and no place counts.
    /// - Returns: events by rule in the order of the configuration, then in the order of decision.
    package mutating func events(for observation: Observation) -> [RuleEvent] {
        var events: [RuleEvent] = []
        guard observation.isSettled else {
            unsettledUntil = observation.time
            forgetEndedTracks(observation.tracks.prefix(Self.trackLimit))
            return events
        }
        let judged = observation.tracks.prefix(Self.trackLimit)
        tracksLeftOut += observation.tracks.count - judged.count
        fillQueue(judged)
        for index in watchers.indices {
            for step in queue {
                watchers[index].follow(step, at: observation.time, into: &events)
            }
            watchers[index].advance(to: observation.time, into: &events)
        }
        forgetEndedTracks(judged)
        return events
    }

    /// Ends every condition that is open, at the last moment it was seen, and forgets all tracks: what comes next
    /// is another session, whose track numbers and times need not go on from here.
    package mutating func finish(at time: MediaTime) -> [RuleEvent] {
        var events: [RuleEvent] = []
        for index in watchers.indices {
            watchers[index].finish(at: time, into: &events)
        }
        unsettledUntil = nil
        return events
    }

    private mutating func fillQueue(_ tracks: ArraySlice<Track>) {
        queue.removeAll(keepingCapacity: true)
        var isOrdered = true
        for track in tracks {
            for point in track.path {
                if let unsettledUntil, point.time <= unsettledUntil { continue }
                let step = PathStep(track: track.id, displacement: track.displacement, point: point)
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

    private mutating func forgetEndedTracks(_ tracks: ArraySlice<Track>) {
        for index in watchers.indices {
            watchers[index].keepOnly(tracks)
        }
    }
}

/// One point of one track's path on its way through the rules.
struct PathStep: Comparable, Sendable {
    let track: TrackID
    let displacement: Double
    let point: TrackPoint

    static func < (left: Self, right: Self) -> Bool {
        (left.point.time, left.track) < (right.point.time, right.track)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.point.time == right.point.time && left.track == right.track
    }
}

/// A rule together with what it remembers: the role that every kind plays in the engine.
protocol Watcher: Sendable {
    /// Judges one path point. Points arrive in the order of time, each only once.
    mutating func follow(_ step: PathStep, at time: MediaTime, into events: inout [RuleEvent])
    /// Everything up to `time` has been judged.
    mutating func advance(to time: MediaTime, into events: inout [RuleEvent])
    /// The session is over.
    mutating func finish(at time: MediaTime, into events: inout [RuleEvent])
    /// Drops what is remembered of tracks that are not listed.
    mutating func keepOnly(_ tracks: ArraySlice<Track>)
}

extension FenceRule {
    fileprivate func makeWatcher() -> any Watcher {
        switch watch {
        case .line(let line): LineWatcher(rule: self, line: line)
        case .zone(let zone): ZoneWatcher(rule: self, zone: zone)
        }
    }
}
