package import Scene

/// Something that belonged to the scene is gone (物品搬移): Vision reports that the background's outline has lost its
/// thing, inside the region, and it stays so for ``leastSpan``. Raised once for each place, dated to the moment since
/// which it is gone.
///
/// What went away by itself was not taken: an object that began to be followed at that place, at that moment and of that
/// size is who stood there, or the vehicle that was parked.
package struct RemovedObjectRule: Hashable, Sendable {
    /// Vision tells of a place for two minutes.
    package static let spans = 0.5...100.0

    package let area: Polygon
    package let leastSpan: MediaSpan

    package init(area: Polygon, leastSpan: MediaSpan) {
        self.area = area
        self.leastSpan = leastSpan
    }

    var canonicalText: String { canonicalPoints(area.vertices) + ";least_us=\(leastSpan.microseconds)" }
}

/// A removed-object rule at work.
struct RemovedObjectWatcher: Watcher {
    /// Where and when an object began to be followed.
    private struct Start: Sendable {
        let track: TrackID
        let point: TrackPoint
    }

    private static let startLimit = 64
    /// How far in time a start may lie from the moment since which the thing is gone.
    private static let startSpan = MediaSpan.seconds(4)
    /// How far it may lie from the thing's place, in sizes of that, and how large it may be, in areas of that.
    private static let startReach = 0.5
    private static let startSizes = 0.4...2.5

    private let rule: FenceRule
    private let removed: RemovedObjectRule
    private let admission: ObjectAdmission
    private var regions: RestingBook
    /// The newest ones, oldest first.
    private var starts: [Start] = []
    private var newest: TrackID?

    init(rule: FenceRule, removed: RemovedObjectRule, admission: ObjectAdmission) {
        self.rule = rule
        self.removed = removed
        self.admission = admission
        regions = RestingBook(.taken, area: removed.area, anchor: rule.anchor)
        starts.reserveCapacity(Self.startLimit)
    }

    var occasions: Occasions { regions.isEmpty ? .resting : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        // Numbers rise: a track is new once.
        if let newest, step.track <= newest { return .lost }
        newest = step.track
        if starts.count == Self.startLimit { starts.removeFirst() }
        starts.append(Start(track: step.track, point: step.point))
        return .lost
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard observation.isSettled else { return }
        let time = observation.time
        for region in observation.resting {
            guard let slot = regions.note(region, at: time), !regions[slot].isDecided,
                time - region.since >= removed.leastSpan
            else { continue }
            regions[slot].isDecided = true
            if wentByItself(region) { continue }
            let refusal = admission.refusal(of: region.box, anchor: rule.anchor)
            findings.raise(event(region, at: time), unless: refusal)
        }
        _ = regions.dropGone(at: time)
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        _ = regions.finish()
        starts.removeAll(keepingCapacity: true)
        newest = nil
    }

    private func wentByItself(_ region: RestingRegion) -> Bool {
        starts.contains { start in
            let box = start.point.box
            let (first, second) = (min(start.point.time, region.since), max(start.point.time, region.since))
            return second - first <= Self.startSpan && Self.startSizes.contains(box.area / region.box.area)
                && box.shared(region.box.grown(by: Self.startReach)) > 0
        }
    }

    private func event(_ region: RestingRegion, at time: MediaTime) -> RuleEvent {
        let gone = (time - region.since).seconds
        let place = region.box.point(of: rule.anchor)
        return rule.event(
            .objectRemoved, .instant, at: region.since, decidedAt: time, box: region.box, point: place,
            measures: ["gone_s": gone, "box_area": region.box.area],
            explanation: Explanation(
                [.init(.held, gone, .atLeast, removed.leastSpan.seconds)],
                path: [.init(time: region.since, point: place)]))
    }
}
