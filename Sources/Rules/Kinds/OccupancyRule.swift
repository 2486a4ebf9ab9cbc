package import Scene

/// How many objects a region holds (聚集, 离岗): more than ``above`` or fewer than ``below`` for ``leastSpan``.
///
/// Counted are tracks that have settled inside, also while they are only predicted. Changes shorter than
/// ``release`` do not interrupt a condition. Dated to when it began to hold.
package struct OccupancyRule: Hashable, Sendable {
    package static let counts = 0...RuleEngine.trackLimit
    package static let spans = 0.0...86_400.0
    static let release = MediaSpan.seconds(1)

    package let area: Polygon
    /// Nil where there is no limit. At least one is given.
    package let above: Int?
    package let below: Int?
    package let leastSpan: MediaSpan

    /// - Precondition: at least one limit.
    package init(area: Polygon, above: Int? = nil, below: Int? = nil, leastSpan: MediaSpan) {
        precondition(above != nil || below != nil, "an occupancy rule needs a limit")
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

/// An occupancy rule at work.
struct OccupancyWatcher: Watcher {
    private struct Memory: Sendable {
        var side: SettledSide
        var refusal: Refusal?

        var isCounted: Bool { side.isInside == true && refusal == nil }
        var isRefusedInside: Bool { side.isInside == true && refusal != nil }
    }

    private let anchor: Anchor
    private let occupancy: OccupancyRule
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    private var above = Sustain()
    private var below = Sustain()
    /// Too many, but for objects that a filter leaves out.
    private var refused = Sustain()
    /// No condition holds: with as many objects on the next frame nothing changes.
    private var isQuiet = false
    private let rule: FenceRule

    init(rule: FenceRule, occupancy: OccupancyRule) {
        self.rule = rule
        anchor = rule.anchor
        self.occupancy = occupancy
        settleSpan = Rules.settleSpan(rule)
    }

    var region: TrackReach.Region { .anchor(.init([occupancy.area])) }
    var occasions: Occasions { isQuiet ? [] : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else { return .kept }
        let isInside = occupancy.area.contains(step.place(anchor))
        let slot = tracks.slot(of: step.track, first: Memory(side: SettledSide(point, isInside: isInside)))
        _ = tracks[slot: slot].side.note(point, isInside: isInside, settleSpan: settleSpan)
        tracks[slot: slot].refusal = step.refusal
        return Interest(isLost: tracks[slot: slot].side.isOutside)
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard !observation.isSettled else { return }
        isQuiet = false
        above.interrupt()
        below.interrupt()
        refused.interrupt()
    }

    mutating func advance(to time: MediaTime, into findings: inout Findings) {
        let count = tracks.count { $0.isCounted }
        if let limit = occupancy.above {
            let change = above.note(
                count > limit, at: time, hold: occupancy.leastSpan, release: OccupancyRule.release)
            tell(change, .crowded, count, .atLeast, limit + 1, at: time, into: &findings)
            tellRefused(count, limit, at: time, into: &findings)
        }
        if let limit = occupancy.below {
            let change = below.note(
                count < limit, at: time, hold: occupancy.leastSpan, release: OccupancyRule.release)
            tell(change, .tooFew, count, .atMost, limit - 1, at: time, into: &findings)
        }
        isQuiet = above.since == nil && below.since == nil && refused.since == nil
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        tell(above.finish(), .crowded, 0, .atLeast, 0, at: time, into: &findings)
        tell(below.finish(), .tooFew, 0, .atMost, 0, at: time, into: &findings)
        _ = refused.finish()
        isQuiet = false
        tracks.removeAll()
    }

    /// An object that does not count can keep a zone from being too full; never from being too empty.
    private mutating func tellRefused(
        _ count: Int, _ limit: Int, at time: MediaTime, into findings: inout Findings
    ) {
        let withRefused = count + tracks.count { $0.isRefusedInside }
        let change = refused.note(
            count <= limit && withRefused > limit, at: time, hold: occupancy.leastSpan, release: OccupancyRule.release)
        guard case .began(let since) = change, let newest = tracks.last(where: { $0.isRefusedInside }),
            let refusal = newest.state.refusal
        else { return }
        findings.suppress(
            rule.event(.crowded, .began, at: since, decidedAt: time, track: newest.track), refusal)
    }

    private func tell(
        _ change: Sustain.Change?, _ occurrence: Occurrence, _ count: Int, _ sense: Explanation.Sense, _ limit: Int,
        at time: MediaTime, into findings: inout Findings
    ) {
        rule.tell(
            change, occurrence, held: occupancy.leastSpan,
            measures: ["count": Double(count), "limit": Double(limit)],
            tests: [.init(.count, Double(count), sense, Double(limit))], at: time, into: &findings)
    }
}
