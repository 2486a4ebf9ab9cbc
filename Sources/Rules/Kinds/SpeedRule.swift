package import Scene

/// Faster or slower than allowed (超速, 慢行) inside a region, on calibrated cameras only.
///
/// The speed is the straight way on the ground between the foot point now and the one ``window`` earlier, over the
/// time between. It is raised, once, when it has been beyond the limit for ``leastSpan``, dated to the beginning of
/// that; again only after the speed has come back by a tenth of the limit. Who stands still and is only predicted
/// has no speed.
package struct SpeedRule: Hashable, Sendable {
    package static let spans = 0.0...60.0
    /// Metres a second: up to 300 km/h.
    package static let limits = 0.1...84.0
    static let window = MediaSpan.seconds(1)

    package let area: Polygon
    /// Metres a second; nil where there is no limit. At least one is given.
    package let above: Double?
    package let below: Double?
    package let leastSpan: MediaSpan

    /// - Precondition: at least one limit.
    package init(area: Polygon, above: Double? = nil, below: Double? = nil, leastSpan: MediaSpan = .milliseconds(500)) {
        precondition(above != nil || below != nil, "a speed rule needs a limit")
        self.area = area
        self.above = above
        self.below = below
        self.leastSpan = leastSpan
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + (above.map { ";above=\($0)" } ?? "") + (below.map { ";below=\($0)" } ?? "")
            + ";least_us=\(leastSpan.microseconds)"
    }
}

/// A speed rule at work.
struct SpeedWatcher: Watcher {
    static let looks = false
    static let advances = false

    /// Points kept of one track; a camera of 60 frames a second stays below it.
    private static let pointLimit = 96

    /// How one limit stands with one track.
    private struct Breach: Sendable {
        var since: TrackPoint?
        var isRaised = false
        var extreme = 0.0
    }

    private struct Memory: Sendable {
        /// In the order of time; those before `start` no longer count and go from time to time.
        private var points: [TrackPoint] = []
        private var start = 0
        var above = Breach()
        var below = Breach()

        /// - Precondition: a point was noted since the track came in.
        var oldest: TrackPoint { points[start] }

        /// Keeps the newest point that is at least a window old and what came after it.
        mutating func note(_ point: TrackPoint) {
            if points.capacity == 0 { points.reserveCapacity(2 * SpeedWatcher.pointLimit) }
            if points.count == 2 * SpeedWatcher.pointLimit {
                points.removeFirst(start)
                start = 0
            }
            points.append(point)
            while points.count - start > 1,
                point.time - points[start + 1].time >= SpeedRule.window
                    || points.count - start > SpeedWatcher.pointLimit
            {
                start += 1
            }
        }

        /// Out of the region nothing is measured.
        mutating func leave() {
            points.removeAll(keepingCapacity: true)
            start = 0
            above.since = nil
            below.since = nil
        }

        subscript(isAbove isAbove: Bool) -> Breach {
            get { isAbove ? above : below }
            _modify { if isAbove { yield &above } else { yield &below } }
        }
    }

    private let anchor: Anchor
    private let speed: SpeedRule
    private let ground: GroundMeasure?
    private var tracks = TrackTable<Memory>()
    private let rule: FenceRule

    init(rule: FenceRule, speed: SpeedRule, ground: GroundMeasure?) {
        self.rule = rule
        anchor = rule.anchor
        self.speed = speed
        self.ground = ground
    }

    var region: TrackReach.Region { .anchor(.init([speed.area])) }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured, let ground else { return .kept }
        let slot = tracks.slot(of: step.track, first: Memory())
        guard speed.area.contains(step.place(anchor)) else {
            tracks[slot: slot].leave()
            return .lost
        }
        tracks[slot: slot].note(point)
        let from = tracks[slot: slot].oldest
        guard point.time - from.time >= SpeedRule.window, let speedNow = ground.speed(from, point), speedNow.isFinite
        else { return .kept }
        if let limit = speed.above {
            let isBeyond = speedNow > limit
            let isBack = speedNow <= 0.9 * limit
            judge(isAbove: true, slot, isBeyond, isBack, speedNow, limit, step, from, at: time, into: &findings)
        }
        if let limit = speed.below {
            let isBeyond = speedNow < limit
            let isBack = speedNow >= 1.1 * limit
            judge(isAbove: false, slot, isBeyond, isBack, speedNow, limit, step, from, at: time, into: &findings)
        }
        return .kept
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) { tracks.removeAll() }

    private mutating func judge(
        isAbove: Bool, _ slot: Int, _ isBeyond: Bool, _ isBack: Bool, _ value: Double, _ limit: Double,
        _ step: PathStep, _ from: TrackPoint, at time: MediaTime, into findings: inout Findings
    ) {
        var breach = tracks[slot: slot][isAbove: isAbove]
        defer { tracks[slot: slot][isAbove: isAbove] = breach }
        if isBack { breach.isRaised = false }
        guard isBeyond else {
            breach.since = nil
            return
        }
        let since = breach.since ?? step.point
        let before = breach.since == nil ? value : breach.extreme
        let extreme = isAbove ? max(before, value) : min(before, value)
        breach.since = since
        breach.extreme = extreme
        let held = step.point.time - since.time
        guard held >= speed.leastSpan, !breach.isRaised else { return }
        breach.isRaised = true
        let event = rule.event(
            isAbove ? .tooFast : .tooSlow, .instant, at: since.time, decidedAt: time, track: step.track,
            box: step.point.box, point: step.place(anchor),
            measures: [
                "speed_mps": extreme, "limit_mps": limit, "held_s": held.seconds, "box_area": step.point.box.area
            ],
            explanation: Explanation(
                [
                    .init(.speed, extreme, isAbove ? .atLeast : .atMost, limit),
                    .init(.held, held.seconds, .atLeast, speed.leastSpan.seconds)
                ],
                path: [rule.place(from), rule.place(step.point)]))
        findings.raise(event, unless: step.refusal)
    }
}
