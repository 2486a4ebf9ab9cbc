package import Scene

/// Something stays behind without who brought it (物品遗留): it rests in a region for ``leastSpan`` while nobody else
/// is nearer than ``attended``.
///
/// Two kinds of evidence: a region that Vision reports as placed and resting; and a track that rests after it split
/// from a larger one, whichever of the two kept the track. The condition is dated back to when the thing came to rest
/// and ends when it moves or is no longer seen.
///
/// A region inside the box of a track is that object, or its shadow or clothes, as long as the track is there: who came
/// by himself and stands still has left nothing. So has a vehicle that is no longer followed because it has parked.
package struct LeftObjectRule: Hashable, Sendable {
    package static let spans = 1.0...86_400.0
    package static let distances = 0.0...1.0

    package let area: Polygon
    package let leastSpan: MediaSpan
    /// In shares of the picture, between anchors.
    package let attended: Double

    package init(area: Polygon, leastSpan: MediaSpan, attended: Double = 0.12) {
        self.area = area
        self.leastSpan = leastSpan
        self.attended = attended
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + ";least_us=\(leastSpan.microseconds);attended=\(attended)"
    }
}

/// A left-object rule at work.
struct LeftObjectWatcher: Watcher {
    /// How near in time to coming to rest the bringer must have been at the thing, and how much larger it is.
    private static let splitSpan = MediaSpan.seconds(2)
    private static let bringerLeast = 1.5
    /// From here on a track went somewhere by itself; a thing's track is that much smaller than the one it began as.
    private static let travelLeast = 0.05
    private static let shrunkLeast = 2.5
    /// Who has rested for so long and is then no longer followed is still there.
    private static let parkedSpan = MediaSpan.seconds(30)

    private struct Memory: Sendable {
        var rest: Rest
        var displacement: Double
        /// Its largest box of late, and the one with which it came to rest.
        var largest: RecentLargest
        var arrival: Double
        /// When a clearly larger object last touched this one.
        var touched: MediaTime?
        /// Since when nobody is near; nil while somebody is.
        var aloneSince: MediaTime?
        var refusal: Refusal?
        var isRefusalTold = false

        /// Takes the next measured point.
        /// - Returns: the rest that ended with it.
        mutating func follow(_ step: PathStep, _ anchor: Anchor) -> Rest? {
            largest.note(step.point.box.area, at: step.point.time)
            displacement = step.displacement
            refusal = step.refusal
            if rest.holds(step, anchor) {
                rest.goOn(step)
                return nil
            }
            let ended = rest
            arrival = largest.value
            aloneSince = nil
            isRefusalTold = false
            rest.begin(step, anchor)
            return ended
        }
    }

    private let rule: FenceRule
    private let left: LeftObjectRule
    private let admission: ObjectAdmission
    private var tracks = TrackTable<Memory>()
    private var regions: RestingBook
    private var condition = SharedCondition()

    init(rule: FenceRule, left: LeftObjectRule, admission: ObjectAdmission) {
        self.rule = rule
        self.left = left
        self.admission = admission
        regions = RestingBook(.placed, area: left.area, anchor: rule.anchor)
    }

    var occasions: Occasions { tracks.count == 0 && regions.isEmpty ? .resting : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        let point = step.point
        guard point.isMeasured else { return .kept }
        let slot = tracks.slot(
            of: step.track,
            first: Memory(
                rest: Rest(point, anchor: rule.anchor(point)), displacement: step.displacement,
                largest: RecentLargest(point.box.area, at: point.time), arrival: point.box.area))
        if let ended = tracks[slot: slot].follow(step, rule.anchor), condition.isHeld {
            end(ended, of: step.track, at: time, into: &findings)
        }
        return .kept
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        if let rest = tracks[track.id]?.rest { end(rest, of: track.id, at: time, into: &findings) }
        tracks[track.id] = nil
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard observation.isSettled else { return }
        let time = observation.time
        noteCompany(at: time)
        for slot in 0..<tracks.count { judge(slot, at: time, into: &findings) }
        for region in observation.resting { judge(region, at: time, into: &findings) }
        if let region = regions.dropGone(at: time) { end(region, at: time, into: &findings) }
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        for track in tracks.ids {
            if let rest = tracks[track]?.rest { end(rest, of: track, at: time, into: &findings) }
        }
        tracks.removeAll()
        condition.removeAll()
        if let region = regions.finish() { end(region, at: time, into: &findings) }
    }

    private mutating func judge(_ region: RestingRegion, at time: MediaTime, into findings: inout Findings) {
        guard let slot = regions.note(region, at: time), !regions[slot].isDecided else { return }
        regions[slot].owner = owner(of: region, before: regions[slot].owner)
        guard regions[slot].owner?.isParked != true else { return }
        // Who is no longer seen, and not yet given up, is no company.
        if let seen = companion(of: rule.anchor(region.box), besides: region.box) {
            regions[slot].aloneSince = max(regions[slot].aloneSince, seen)
        }
        if let owner = regions[slot].owner { regions[slot].aloneSince = max(regions[slot].aloneSince, owner.seen) }
        let alone = regions[slot].aloneSince
        if isTracked(region.box) {
            // Raised already, and over when both are gone.
            (regions[slot].isDecided, regions[slot].isRaised) = (true, true)
            return
        }
        guard time - max(region.since, alone) >= left.leastSpan else { return }
        let refusal = admission.refusal(of: region.box, anchor: rule.anchor)
        findings.raise(event(region, alone: alone, at: time), unless: refusal)
        regions[slot].isDecided = true
        regions[slot].isRaised = refusal == nil
    }

    private func end(_ region: RestingBook.Entry, at time: MediaTime, into findings: inout Findings) {
        guard !condition.isHeld else { return }
        findings.append(
            rule.event(
                .objectLeft, .ended, at: region.lastSeen, decidedAt: time, box: region.box,
                point: rule.anchor(region.box), measures: ["rest_s": (region.lastSeen - region.since).seconds]))
    }

    /// Who touches whom, and who is alone.
    private mutating func noteCompany(at time: MediaTime) {
        for slot in 0..<tracks.count {
            // Who only passes by later has brought nothing.
            if time - tracks[slot: slot].rest.since.time <= Self.splitSpan, hasBringer(slot) {
                tracks[slot: slot].touched = time
            }
            if hasCompany(slot) {
                // Not written where it is so already: what is only read is cheaper.
                if tracks[slot: slot].aloneSince != nil { tracks[slot: slot].aloneSince = nil }
            } else if tracks[slot: slot].aloneSince == nil {
                tracks[slot: slot].aloneSince = time
            }
        }
    }

    /// Whether a clearly larger object touches this one.
    private func hasBringer(_ slot: Int) -> Bool {
        let own = tracks[slot: slot].rest.last.box
        let (least, reach) = (Self.bringerLeast * own.area, own.touchingDistance)
        for other in 0..<tracks.count where other != slot {
            let box = tracks[slot: other].rest.last.box
            if box.comes(within: reach, of: own), box.area >= least { return true }
        }
        return false
    }

    /// The object that a region is, or is a part of.
    private func owner(of region: RestingRegion, before: RestingBook.Owner?) -> RestingBook.Owner? {
        let found = tracks.first { _, memory in
            let box = memory.rest.last.box
            return box.overlap(region.box) > 0.5
                ? !isThing(memory) : box.shared(region.box) >= 0.5 * region.box.area
        }
        if let found {
            let covers = found.state.rest.last.box.overlap(region.box) > 0.5
            let rested = found.state.rest.span >= Self.parkedSpan
            return RestingBook.Owner(
                track: found.track, seen: found.state.rest.last.time, staysIfLost: covers || rested, isParked: false)
        }
        guard var owner = before else { return nil }
        // It went away, and the region is what it left; or it is only no longer followed.
        guard owner.isParked || tracks[owner.track] == nil && owner.staysIfLost else { return nil }
        owner.isParked = true
        return owner
    }

    /// A track that never went anywhere, or that is what is left of a much larger one.
    private func isThing(_ memory: Memory) -> Bool {
        memory.displacement < Self.travelLeast || memory.arrival >= Self.shrunkLeast * memory.rest.last.box.area
    }

    /// Whether another object is near.
    private func hasCompany(_ slot: Int) -> Bool {
        let place = rule.anchor(tracks[slot: slot].rest.last)
        for other in 0..<tracks.count where other != slot {
            if isNear(rule.anchor(tracks[slot: other].rest.last), place) { return true }
        }
        return false
    }

    /// Most are far away in one direction already, which needs no root.
    private func isNear(_ one: Point, _ other: Point) -> Bool {
        abs(one.x - other.x) <= left.attended && abs(one.y - other.y) <= left.attended
            && distance(one, other) <= left.attended
    }

    /// When an object that is not the thing itself was last seen near it; nil where none is followed there.
    private func companion(of place: Point, besides box: Box) -> MediaTime? {
        var seen: MediaTime?
        for slot in 0..<tracks.count {
            let last = tracks[slot: slot].rest.last
            guard isNear(rule.anchor(last), place), last.box.overlap(box) <= 0.5 else { continue }
            seen = max(seen ?? last.time, last.time)
        }
        return seen
    }

    private func isTracked(_ box: Box) -> Bool {
        tracks.first { track, memory in
            condition.isHeld(by: track) && memory.rest.last.box.overlap(box) > 0.3
        } != nil
    }

    private mutating func judge(_ slot: Int, at time: MediaTime, into findings: inout Findings) {
        guard tracks[slot: slot].touched != nil, tracks[slot: slot].aloneSince != nil else { return }
        let (track, memory) = (tracks.track(slot: slot), tracks[slot: slot])
        guard !condition.isHeld(by: track), isThing(memory), !regions.isRaised(at: memory.rest.last.box),
            let alone = memory.aloneSince,
            let touched = memory.touched, left.area.contains(rule.anchor(memory.rest.last)),
            memory.refusal == nil || !memory.isRefusalTold
        else { return }
        let rest = memory.rest
        guard touched + Self.splitSpan >= rest.since.time, rest.span >= left.leastSpan, time - alone >= left.leastSpan
        else { return }
        let event = rule.event(
            .objectLeft, .began, at: rest.since.time, decidedAt: time, track: track, box: rest.last.box,
            point: rule.anchor(rest.last),
            measures: [
                "rest_s": rest.span.seconds, "unattended_s": (time - alone).seconds, "box_area": rest.last.box.area,
                "displacement": memory.displacement
            ],
            explanation: explanation(
                rested: rest.span, alone: time - alone, path: [rule.place(rest.since), rule.place(rest.last)]))
        findings.raise(event, unless: memory.refusal)
        if memory.refusal == nil {
            condition.begin(track)
        } else {
            tracks[slot: slot].isRefusalTold = true
        }
    }

    private func event(_ region: RestingRegion, alone: MediaTime, at time: MediaTime) -> RuleEvent {
        let rested = time - region.since
        let place = rule.anchor(region.box)
        return rule.event(
            .objectLeft, .began, at: region.since, decidedAt: time, box: region.box, point: place,
            measures: [
                "rest_s": rested.seconds, "unattended_s": (time - max(alone, region.since)).seconds,
                "box_area": region.box.area
            ],
            explanation: explanation(
                rested: rested, alone: time - max(alone, region.since), path: [.init(time: region.since, point: place)]
            ))
    }

    private func explanation(rested: MediaSpan, alone: MediaSpan, path: [Explanation.Place]) -> Explanation {
        Explanation(
            [
                .init(.rested, rested.seconds, .atLeast, left.leastSpan.seconds),
                .init(.unattended, alone.seconds, .atLeast, left.leastSpan.seconds)
            ], path: path)
    }

    private mutating func end(_ rest: Rest, of track: TrackID, at time: MediaTime, into findings: inout Findings) {
        guard condition.end(track), !regions.isAnyRaised else { return }
        findings.append(
            rule.event(
                .objectLeft, .ended, at: rest.last.time, decidedAt: time, track: track, box: rest.last.box,
                point: rule.anchor(rest.last), measures: ["rest_s": rest.span.seconds]))
    }
}
