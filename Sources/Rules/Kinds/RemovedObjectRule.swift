package import Scene

/// Something that belonged to the scene is gone (物品搬移): Vision reports that the background's outline has lost its
/// thing, inside the region, and it stays so for ``leastSpan``. Raised once for each place, dated to the moment since
/// which it is gone. What only passed through the learnt picture leaves the same trace; a size limit helps.
package struct RemovedObjectRule: Hashable, Sendable {
    package static let spans = 0.5...86_400.0

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
    private let rule: FenceRule
    private let removed: RemovedObjectRule
    private let admission: ObjectAdmission
    private var regions: RestingBook

    init(rule: FenceRule, removed: RemovedObjectRule, admission: ObjectAdmission) {
        self.rule = rule
        self.removed = removed
        self.admission = admission
        regions = RestingBook(.taken, area: removed.area, anchor: rule.anchor)
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard observation.isSettled else { return }
        let time = observation.time
        for region in observation.resting {
            guard let slot = regions.note(region, at: time), !regions[slot].isDecided,
                time - region.since >= removed.leastSpan
            else { continue }
            regions[slot].isDecided = true
            let refusal = admission.refusal(of: region.box, anchor: rule.anchor)
            findings.raise(event(region, at: time), unless: refusal)
        }
        _ = regions.dropGone(at: time)
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) { _ = regions.finish() }

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
