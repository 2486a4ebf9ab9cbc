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
    /// On which side of the edge a track is, and since when its newest points say otherwise.
    private struct Memory: Sendable {
        /// Nil until the track has settled on a side.
        var isInside: Bool?
        /// Which side the newest run of measured points is on.
        var runIsInside: Bool
        var runStart: TrackPoint
        var runLength: Int
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

    private let rule: FenceRule
    private let zone: ZoneRule
    private var tracks = TrackTable<Memory>()
    private var occupation: Occupation?
    /// Where the last occupation ended: the next one begins no earlier, however far back a new track's past goes.
    private var previousEnd: MediaTime?

    init(rule: FenceRule, zone: ZoneRule) {
        self.rule = rule
        self.zone = zone
    }

    mutating func follow(_ step: PathStep, at time: MediaTime, into events: inout [RuleEvent]) {
        let point = step.point
        guard point.isMeasured else {
            if tracks[step.track]?.isInside == true, let newest = occupation?.lastInside {
                occupation?.lastInside = max(newest, point.time)
            }
            return
        }
        let isInside = zone.area.contains(anchor(point))
        var memory =
            tracks[step.track] ?? Memory(isInside: nil, runIsInside: isInside, runStart: point, runLength: 0)
        if memory.runIsInside != isInside {
            (memory.runIsInside, memory.runStart, memory.runLength) = (isInside, point, 0)
        }
        memory.runLength += 1
        let hasSettled = memory.runLength >= 2 && point.time - memory.runStart.time >= zone.settleSpan
        if hasSettled, memory.isInside != isInside {
            let before = memory.isInside
            memory.isInside = isInside
            change(to: isInside, from: before, since: memory.runStart, step: step, at: time, into: &events)
        }
        if isInside, memory.isInside == true { occupy(step, since: memory.runStart.time, at: time, into: &events) }
        tracks[step.track] = memory
    }

    mutating func advance(to time: MediaTime, into events: inout [RuleEvent]) {
        guard let occupation, time - occupation.lastInside >= zone.emptySpan else { return }
        end(occupation, at: time, into: &events)
    }

    mutating func finish(at time: MediaTime, into events: inout [RuleEvent]) {
        if let occupation { end(occupation, at: time, into: &events) }
        previousEnd = nil
        tracks.removeAll()
    }

    mutating func keepOnly(_ tracks: ArraySlice<Track>) {
        self.tracks.keepOnly(tracks)
    }

    private func anchor(_ point: TrackPoint) -> Point { point.box.point(of: rule.anchor) }

    private func change(
        to isInside: Bool, from before: Bool?, since start: TrackPoint, step: PathStep, at time: MediaTime,
        into events: inout [RuleEvent]
    ) {
        guard before != nil, zone.raises.contains(isInside ? .enter : .leave) else { return }
        events.append(
            RuleEvent(
                rule: rule.id, kind: .zone, occurrence: isInside ? .entered : .left, phase: .instant,
                time: start.time, decidedAt: max(time, start.time), track: step.track, box: start.box,
                point: anchor(start),
                measures: [
                    "settle_s": (step.point.time - start.time).seconds,
                    "displacement": step.displacement,
                    "box_area": start.box.area
                ]
            )
        )
    }

    /// The track stands inside at this measured point; `start` is the first point of its stay.
    private mutating func occupy(
        _ step: PathStep, since start: MediaTime, at time: MediaTime, into events: inout [RuleEvent]
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
            end(occupation, at: time, into: &events)
        }
        let began = max(start, previousEnd ?? start)
        occupation = Occupation(
            began: began, lastInside: point.time, lastSeen: point.time, track: step.track, box: point.box)
        guard zone.raises.contains(.occupied) else { return }
        events.append(
            RuleEvent(
                rule: rule.id, kind: .zone, occurrence: .occupied, phase: .began,
                time: began, decidedAt: max(time, began), track: step.track, box: point.box, point: anchor(point),
                measures: [
                    "dwell_s": (point.time - began).seconds,
                    "displacement": step.displacement,
                    "box_area": point.box.area
                ]
            )
        )
    }

    private mutating func end(_ ended: Occupation, at time: MediaTime, into events: inout [RuleEvent]) {
        occupation = nil
        previousEnd = ended.lastSeen
        guard zone.raises.contains(.occupied) else { return }
        events.append(
            RuleEvent(
                rule: rule.id, kind: .zone, occurrence: .occupied, phase: .ended,
                time: ended.lastSeen, decidedAt: max(time, ended.lastSeen), track: ended.track, box: ended.box,
                point: ended.box.point(of: rule.anchor),
                measures: ["dwell_s": (ended.lastSeen - ended.began).seconds, "empty_s": zone.emptySpan.seconds]
            )
        )
    }
}
