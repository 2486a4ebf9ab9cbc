package import Scene

/// An object begins or ends to be seen inside a region: out of a door, over a wall, into a manhole.
///
/// - appear: the first measured point of a track is inside, it settles there, and its box does not touch the border
///   of the picture (who comes over the border comes from outside the view).
/// - disappear: the last measured point of a track is inside, where it had settled, away from the border.
///
/// A track that is lost and found as another one has disappeared and appeared.
package struct AppearRule: Hashable, Sendable {
    package enum Raise: String, Sendable, Codable, CaseIterable {
        case appear
        case disappear
    }

    /// A box this near to the border of the picture touches it, in shares of the picture.
    static let border = 0.005

    package let area: Polygon
    package let raises: Set<Raise>

    package init(area: Polygon, raises: Set<Raise> = [.appear]) {
        self.area = area
        self.raises = raises
    }

    var canonicalText: String {
        canonicalPoints(area.vertices)
            + ";raise=\(Raise.allCases.filter(raises.contains).map(\.rawValue).joined(separator: ","))"
    }
}

/// An appear rule at work.
struct AppearWatcher: Watcher {
    static let looks = false
    static let advances = false

    private struct Memory: Sendable {
        let first: TrackPoint
        var side: SettledSide
        var last: Last
    }

    /// The newest measured point.
    private struct Last: Sendable {
        let point: TrackPoint
        let displacement: Double
        let refusal: Refusal?

        init(_ step: PathStep) { (point, displacement, refusal) = (step.point, step.displacement, step.refusal) }
    }

    private let anchor: Anchor
    private let appear: AppearRule
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    private let rule: FenceRule

    init(rule: FenceRule, appear: AppearRule) {
        self.rule = rule
        anchor = rule.anchor
        self.appear = appear
        settleSpan = Rules.settleSpan(rule)
    }

    var region: TrackReach.Region { .anchor(.init([appear.area])) }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else { return .kept }
        let isInside = appear.area.contains(step.place(anchor))
        let slot = tracks.slot(
            of: step.track, first: Memory(first: point, side: SettledSide(point, isInside: isInside), last: Last(step)))
        tracks[slot: slot].last = Last(step)
        let change = tracks[slot: slot].side.note(point, isInside: isInside, settleSpan: settleSpan)
        if let change, change.from == nil, change.to, appear.raises.contains(.appear) {
            tell(tracks[slot: slot].first, change, step, at: time, into: &findings)
        }
        return Interest(isLost: tracks[slot: slot].side.isOutside)
    }

    private func tell(
        _ first: TrackPoint, _ settledInside: SettledSide.Change, _ step: PathStep, at time: MediaTime,
        into findings: inout Findings
    ) {
        guard settledInside.since.time == first.time, !touchesBorder(first.box) else { return }
        let point = step.point
        let settled = (point.time - first.time).seconds
        let event = rule.event(
            .appeared, .instant, at: first.time, decidedAt: time, track: step.track, box: first.box,
            point: rule.anchor(first),
            measures: ["settle_s": settled, "displacement": step.displacement, "box_area": first.box.area],
            explanation: Explanation(
                [.init(.settled, settled, .atLeast, settleSpan.seconds)],
                path: [rule.place(first), rule.place(point)]))
        findings.raise(event, unless: step.refusal)
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        defer { tracks[track.id] = nil }
        guard isSettled, appear.raises.contains(.disappear), let memory = tracks[track.id],
            memory.side.isInside == true
        else { return }
        let last = memory.last.point
        guard appear.area.contains(rule.anchor(last)), !touchesBorder(last.box) else { return }
        let settled = (last.time - memory.side.runStart.time).seconds
        let event = rule.event(
            .disappeared, .instant, at: last.time, decidedAt: time, track: track.id, box: last.box,
            point: rule.anchor(last),
            measures: [
                "settle_s": settled, "displacement": memory.last.displacement, "box_area": last.box.area,
                "unseen_s": (time - last.time).seconds
            ],
            explanation: Explanation(
                [.init(.settled, settled, .atLeast, settleSpan.seconds)],
                path: [rule.place(memory.side.runStart), rule.place(last)]))
        findings.raise(event, unless: memory.last.refusal)
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) { tracks.removeAll() }

    private func touchesBorder(_ box: Box) -> Bool {
        let border = AppearRule.border
        return box.x <= border || box.y <= border || box.x + box.width >= 1 - border
            || box.y + box.height >= 1 - border
    }
}
