package import Scene

/// Loitering (徘徊): one object stays in a region for long. The object, never the person: who walks away and comes
/// back as another track is another object.
///
/// The condition begins once a track has been inside for ``leastSpan``, dated back to its first moment there, and
/// ends when it has been outside or out of sight for ``gap``, dated to the last moment it was seen inside. Absences
/// shorter than `gap` do not interrupt a stay, also where Vision loses the track inside and finds another one within
/// the object's own size of where it was.
package struct DwellRule: Hashable, Sendable {
    package static let spans = 1.0...86_400.0
    package static let gaps = 0.0...60.0

    package let area: Polygon
    package let leastSpan: MediaSpan
    package let gap: MediaSpan

    package init(area: Polygon, leastSpan: MediaSpan, gap: MediaSpan = .seconds(2)) {
        self.area = area
        self.leastSpan = leastSpan
        self.gap = gap
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + ";least_us=\(leastSpan.microseconds);gap_us=\(gap.microseconds)"
    }
}

/// A dwell rule at work.
struct DwellWatcher: Watcher {
    static let looks = false

    private struct Stay: Sendable {
        let since: TrackPoint
        /// Newest point inside, also a predicted one: until then the object has not gone.
        var lastInside: MediaTime
        /// Newest measured point inside.
        var last: TrackPoint
        var isRaised = false
        var isRefusalTold = false
    }

    private struct Memory: Sendable {
        let first: TrackPoint
        var side: SettledSide
        var stay: Stay?
    }

    private let anchor: Anchor
    private let dwell: DwellRule
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    /// Stays whose track was lost inside, for as long as the gap lasts.
    private var lost: [(track: TrackID, stay: Stay)] = []
    private var condition = SharedCondition()
    private let rule: FenceRule

    init(rule: FenceRule, dwell: DwellRule) {
        self.rule = rule
        anchor = rule.anchor
        self.dwell = dwell
        settleSpan = Rules.settleSpan(rule)
    }

    var region: TrackReach.Region { .anchor(.init([dwell.area])) }
    var occasions: Occasions { lost.isEmpty ? [] : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else {
            guard let slot = tracks.slot(of: step.track) else { return .kept }
            if tracks[slot: slot].side.isInside == true { tracks[slot: slot].stay?.lastInside = point.time }
            leaveIfGone(slot, step.track, now: point.time, at: time, into: &findings)
            return .kept
        }
        let isInside = dwell.area.contains(step.place(anchor))
        let slot = tracks.slot(
            of: step.track, first: Memory(first: point, side: SettledSide(point, isInside: isInside)))
        _ = tracks[slot: slot].side.note(point, isInside: isInside, settleSpan: settleSpan)
        leaveIfGone(slot, step.track, now: point.time, at: time, into: &findings)
        guard isInside, tracks[slot: slot].side.isInside == true else {
            return Interest(isLost: tracks[slot: slot].side.isOutside && tracks[slot: slot].stay == nil)
        }
        enter(slot, step)
        judge(slot, step, at: time, into: &findings)
        return .kept
    }

    mutating func advance(to time: MediaTime, into findings: inout Findings) {
        guard !lost.isEmpty else { return }
        for (track, stay) in lost where time - stay.lastInside > dwell.gap {
            end(stay, of: track, at: time, into: &findings)
        }
        lost.removeAll { time - $0.stay.lastInside > dwell.gap }
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        if let stay = tracks[track.id]?.stay {
            if lost.count == RuleEngine.trackLimit {
                let oldest = lost.removeFirst()
                end(oldest.stay, of: oldest.track, at: time, into: &findings)
            }
            lost.append((track.id, stay))
        }
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        for track in tracks.ids {
            if let stay = tracks[track]?.stay { end(stay, of: track, at: time, into: &findings) }
        }
        for (track, stay) in lost { end(stay, of: track, at: time, into: &findings) }
        lost = []
        tracks.removeAll()
        condition.removeAll()
    }

    /// Goes on with the track's stay, with one that was lost where this track begins, or begins one.
    private mutating func enter(_ slot: Int, _ step: PathStep) {
        let begun = tracks[slot: slot].stay ?? takeOver(tracks[slot: slot].first, by: step.track)
        let start = tracks[slot: slot].side.runStart
        var stay = begun ?? Stay(since: start, lastInside: step.point.time, last: step.point)
        stay.lastInside = step.point.time
        stay.last = step.point
        tracks[slot: slot].stay = stay
    }

    private mutating func takeOver(_ first: TrackPoint, by track: TrackID) -> Stay? {
        let index = lost.firstIndex { _, stay in
            let box = stay.last.box
            let reach = (box.width * box.width + box.height * box.height).squareRoot()
            return first.time - stay.lastInside <= dwell.gap && first.time >= stay.since.time
                && distance(rule.anchor(first), rule.anchor(stay.last)) <= reach
        }
        guard let index else { return nil }
        let (old, stay) = lost.remove(at: index)
        condition.pass(from: old, to: track)
        return stay
    }

    private mutating func judge(_ slot: Int, _ step: PathStep, at time: MediaTime, into findings: inout Findings) {
        guard let stay = tracks[slot: slot].stay, !stay.isRaised else { return }
        let span = step.point.time - stay.since.time
        guard span >= dwell.leastSpan, step.refusal == nil || !stay.isRefusalTold else { return }
        let event = rule.event(
            .dwelling, .began, at: stay.since.time, decidedAt: time, track: step.track, box: step.point.box,
            point: step.place(anchor),
            measures: ["dwell_s": span.seconds, "displacement": step.displacement, "box_area": step.point.box.area],
            explanation: Explanation(
                [.init(.stayed, span.seconds, .atLeast, dwell.leastSpan.seconds)],
                path: [rule.place(stay.since), rule.place(step.point)]))
        findings.raise(event, unless: step.refusal)
        if step.refusal == nil {
            tracks[slot: slot].stay?.isRaised = true
            condition.begin(step.track)
        } else {
            tracks[slot: slot].stay?.isRefusalTold = true
        }
    }

    private mutating func leaveIfGone(
        _ slot: Int, _ track: TrackID, now: MediaTime, at time: MediaTime, into findings: inout Findings
    ) {
        guard let stay = tracks[slot: slot].stay, now - stay.lastInside > dwell.gap else { return }
        tracks[slot: slot].stay = nil
        end(stay, of: track, at: time, into: &findings)
    }

    private mutating func end(_ stay: Stay, of track: TrackID, at time: MediaTime, into findings: inout Findings) {
        guard stay.isRaised, condition.end(track) else { return }
        findings.append(
            rule.event(
                .dwelling, .ended, at: stay.last.time, decidedAt: time, track: track, box: stay.last.box,
                point: rule.anchor(stay.last),
                measures: ["dwell_s": (stay.last.time - stay.since.time).seconds, "gap_s": dwell.gap.seconds]))
    }
}
