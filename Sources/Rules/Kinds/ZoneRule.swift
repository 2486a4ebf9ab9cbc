package import Scene

/// A region (区域): raised while it is occupied, or when an object goes in or out.
///
/// - occupied: begins when the anchor of a track is inside, dated back to its first point there; ends once the
///   zone has been empty for ``emptySpan``, dated to the last moment something was seen inside.
/// - enter, leave: a track that was seen on the one side is now on the other. A track that is first seen inside
///   has not entered, one that is lost inside has not left; `occupied` covers both.
///
/// A track changes sides after at least two measured points in a row on the other one that span ``settleSpan``,
/// so that a point trembling on the edge makes no storm of events. Predicted points change nothing, but a track
/// that is inside keeps the zone occupied while it is only predicted (somebody who stands still).
package struct ZoneRule: Hashable, Sendable {
    package enum Raise: String, Sendable, Codable, CaseIterable {
        case enter
        case leave
        case occupied
    }

    package let area: Polygon
    package let raises: Set<Raise>
    package let emptySpan: MediaSpan
    package let settleSpan: MediaSpan

    package init(
        area: Polygon, raises: Set<Raise> = [.occupied], emptySpan: MediaSpan = .seconds(1),
        settleSpan: MediaSpan = .milliseconds(100)
    ) {
        self.area = area
        self.raises = raises
        self.emptySpan = emptySpan
        self.settleSpan = settleSpan
    }

    var canonicalText: String {
        canonicalPoints(area.vertices)
            + ";raise=\(Raise.allCases.filter(raises.contains).map(\.rawValue).joined(separator: ","))"
            + ";empty_us=\(emptySpan.microseconds);settle_us=\(settleSpan.microseconds)"
    }
}

/// A zone rule at work.
struct ZoneWatcher: Watcher {
    static let looks = false

    private struct Memory: Sendable {
        var side: SettledSide
        /// A stay that a filter keeps from counting has been told.
        var isRefusalTold = false
    }

    private struct Occupation: Sendable {
        let began: MediaTime
        /// Newest point inside, also a predicted one: until then the zone is not empty.
        var lastInside: MediaTime
        /// Newest measured point inside: when the occupation is said to have ended.
        var lastSeen: MediaTime
        var track: TrackID
        var box: Box
    }

    private let anchor: Anchor
    private let zone: ZoneRule
    private let settleSpan: MediaSpan
    private var tracks = TrackTable<Memory>()
    private var occupation: Occupation?
    /// Where the last occupation ended: the next one begins no earlier, however far back a new track's past goes.
    private var previousEnd: MediaTime?
    private let rule: FenceRule

    init(rule: FenceRule, zone: ZoneRule) {
        self.rule = rule
        anchor = rule.anchor
        self.zone = zone
        settleSpan = .seconds(zone.settleSpan.seconds * rule.conditions.evidenceFactor)
    }

    var region: TrackReach.Region { .anchor(.init([zone.area])) }
    var occasions: Occasions { occupation == nil ? [] : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else {
            if step.refusal == nil, tracks[step.track]?.side.isInside == true, let newest = occupation?.lastInside {
                occupation?.lastInside = max(newest, point.time)
            }
            return .kept
        }
        let isInside = zone.area.contains(step.place(anchor))
        let slot = tracks.slot(of: step.track, first: Memory(side: SettledSide(point, isInside: isInside)))
        let change = tracks[slot: slot].side.note(point, isInside: isInside, settleSpan: settleSpan)
        if let change { raise(change, step: step, at: time, into: &findings) }
        guard isInside, tracks[slot: slot].side.isInside == true else {
            return Interest(isLost: tracks[slot: slot].side.isOutside)
        }
        let start = tracks[slot: slot].side.runStart.time
        if step.refusal == nil {
            if tracks[slot: slot].isRefusalTold { tracks[slot: slot].isRefusalTold = false }
            occupy(step, since: start, at: time, into: &findings)
        } else if occupation == nil, !tracks[slot: slot].isRefusalTold, zone.raises.contains(.occupied) {
            tracks[slot: slot].isRefusalTold = true
            findings.raise(began(step, since: start, at: time), unless: step.refusal)
        }
        return .kept
    }

    mutating func advance(to time: MediaTime, into findings: inout Findings) {
        guard let occupation, time - occupation.lastInside >= zone.emptySpan else { return }
        end(occupation, at: time, into: &findings)
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        if let occupation { end(occupation, at: time, into: &findings) }
        previousEnd = nil
        tracks.removeAll()
    }

    private func raise(
        _ change: SettledSide.Change, step: PathStep, at time: MediaTime, into findings: inout Findings
    ) {
        guard change.from != nil, zone.raises.contains(change.to ? .enter : .leave) else { return }
        let start = change.since
        let settled = (step.point.time - start.time).seconds
        let event = rule.event(
            change.to ? .entered : .left, .instant, at: start.time, decidedAt: time, track: step.track,
            box: start.box, point: rule.anchor(start),
            measures: [
                "settle_s": settled,
                "displacement": step.displacement,
                "box_area": start.box.area
            ],
            explanation: Explanation(
                [.init(.settled, settled, .atLeast, settleSpan.seconds)],
                path: [rule.place(start), rule.place(step.point)]))
        findings.raise(event, unless: step.refusal)
    }

    /// The track stands inside at this measured point; `start` is the first point of its stay.
    private mutating func occupy(
        _ step: PathStep, since start: MediaTime, at time: MediaTime, into findings: inout Findings
    ) {
        let point = step.point
        if var occupation {
            if start - occupation.lastInside < zone.emptySpan {
                occupation.lastInside = max(occupation.lastInside, point.time)
                occupation.lastSeen = max(occupation.lastSeen, point.time)
                (occupation.track, occupation.box) = (step.track, point.box)
                self.occupation = occupation
                return
            }
            // A past that came in late holds two stays with an empty time between them.
            end(occupation, at: time, into: &findings)
        }
        let event = began(step, since: max(start, previousEnd ?? start), at: time)
        occupation = Occupation(
            began: event.time, lastInside: point.time, lastSeen: point.time, track: step.track, box: point.box)
        if zone.raises.contains(.occupied) { findings.append(event) }
    }

    private func began(_ step: PathStep, since start: MediaTime, at time: MediaTime) -> RuleEvent {
        let point = step.point
        let dwell = (point.time - start).seconds
        return rule.event(
            .occupied, .began, at: start, decidedAt: time, track: step.track, box: point.box,
            point: rule.anchor(point),
            measures: [
                "dwell_s": dwell,
                "displacement": step.displacement,
                "box_area": point.box.area
            ],
            explanation: Explanation(
                [.init(.settled, dwell, .atLeast, settleSpan.seconds)], path: [rule.place(point)]))
    }

    private mutating func end(_ ended: Occupation, at time: MediaTime, into findings: inout Findings) {
        occupation = nil
        previousEnd = ended.lastSeen
        guard zone.raises.contains(.occupied) else { return }
        findings.append(
            rule.event(
                .occupied, .ended, at: ended.lastSeen, decidedAt: time, track: ended.track, box: ended.box,
                point: ended.box.point(of: rule.anchor),
                measures: ["dwell_s": (ended.lastSeen - ended.began).seconds, "empty_s": zone.emptySpan.seconds]))
    }
}
