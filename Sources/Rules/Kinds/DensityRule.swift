package import Scene

/// How much of a region is covered by the boxes of objects (密度): at least ``leastShare`` of its area for
/// ``leastSpan``. Weighed on a grid of 64 × 36 cells; overlapping boxes count once.
package struct DensityRule: Hashable, Sendable {
    package static let shares = 0.01...1.0
    package static let spans = 0.0...86_400.0
    static let release = MediaSpan.seconds(1)

    package let area: Polygon
    package let leastShare: Double
    package let leastSpan: MediaSpan

    package init(area: Polygon, leastShare: Double, leastSpan: MediaSpan) {
        self.area = area
        self.leastShare = leastShare
        self.leastSpan = leastSpan
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + ";least_share=\(leastShare);least_us=\(leastSpan.microseconds)"
    }
}

/// A density rule at work.
struct DensityWatcher: Watcher {
    private static let rows = 36
    /// The longer side.
    private static let cellSize = 1 / Double(rows)

    private struct Cover: Sendable {
        var box: Box
        var refusal: Refusal?
    }

    private let density: DensityRule
    /// One bit a cell, set where the cell's centre lies in the zone.
    private let zone: [UInt64]
    private let zoneCells: Int
    private var covered: [UInt64]
    private var tracks = TrackTable<Cover>()
    private var sustain = Sustain()
    /// Dense, but for objects that a filter leaves out.
    private var refused = Sustain()
    /// Whether a filter may refuse objects: how many count is told of the whole picture.
    private let isFiltered: Bool
    /// Nothing is dense: while no box in the zone changes nothing else does.
    private var isQuiet = false
    private let rule: FenceRule

    init(rule: FenceRule, density: DensityRule, admission: ObjectAdmission) {
        self.rule = rule
        isFiltered = !admission.masks.isEmpty || admission.asksForSize || rule.conditions.persistence > .zero
        self.density = density
        zone = (0..<Self.rows).map { row in
            (0..<64).reduce(into: UInt64(0)) { bits, column in
                let centre = Point(x: (Double(column) + 0.5) / 64, y: (Double(row) + 0.5) / Double(Self.rows))
                if density.area.contains(centre) { bits |= 1 << UInt64(column) }
            }
        }
        zoneCells = zone.reduce(0) { $0 + $1.nonzeroBitCount }
        covered = Array(repeating: 0, count: Self.rows)
    }

    var region: TrackReach.Region { .box(.init([density.area], margin: Self.cellSize)) }
    var occasions: Occasions { isQuiet ? [] : .always }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        tracks[step.track] = Cover(box: step.point.box, refusal: step.refusal)
        return Interest(isLost: !isFiltered && !touchesZone(step.point.box))
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard !observation.isSettled else { return }
        isQuiet = false
        sustain.interrupt()
        refused.interrupt()
    }

    mutating func advance(to time: MediaTime, into findings: inout Findings) {
        let share = coveredShare { $0.refusal == nil }
        let isDense = zoneCells > 0 && share >= density.leastShare
        let change = sustain.note(isDense, at: time, hold: density.leastSpan, release: DensityRule.release)
        tell(change, share, at: time, into: &findings)
        tellRefused(isDense, at: time, into: &findings)
        isQuiet = sustain.since == nil && refused.since == nil
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        tell(sustain.finish(), 0, at: time, into: &findings)
        _ = refused.finish()
        isQuiet = false
        tracks.removeAll()
    }

    private mutating func tellRefused(_ isDense: Bool, at time: MediaTime, into findings: inout Findings) {
        let isAnyRefused = tracks.contains { $0.refusal != nil }
        guard isAnyRefused || refused.since != nil else { return }
        let wouldBeDense = !isDense && zoneCells > 0 && coveredShare { _ in true } >= density.leastShare
        let change = refused.note(
            wouldBeDense, at: time, hold: density.leastSpan, release: DensityRule.release)
        guard case .began(let since) = change,
            let newest = tracks.last(where: { $0.refusal != nil && touchesZone($0.box) }),
            let refusal = newest.state.refusal
        else { return }
        findings.suppress(
            rule.event(.dense, .began, at: since, decidedAt: time, track: newest.track, box: newest.state.box), refusal)
    }

    private func touchesZone(_ box: Box) -> Bool {
        let bits = columnBits(box)
        return cells(box.y, box.height, Self.rows).contains { zone[$0] & bits != 0 }
    }

    /// Share of the zone's cells whose centre lies under a box that counts.
    private mutating func coveredShare(_ counts: (Cover) -> Bool) -> Double {
        guard zoneCells > 0, tracks.count > 0 else { return 0 }
        for row in covered.indices { covered[row] = 0 }
        for slot in 0..<tracks.count {
            guard counts(tracks[slot: slot]) else { continue }
            let box = tracks[slot: slot].box
            let bits = columnBits(box)
            for row in cells(box.y, box.height, Self.rows) { covered[row] |= bits }
        }
        var count = 0
        for row in covered.indices { count += (covered[row] & zone[row]).nonzeroBitCount }
        return Double(count) / Double(zoneCells)
    }

    private func columnBits(_ box: Box) -> UInt64 {
        let columns = cells(box.x, box.width, 64)
        guard !columns.isEmpty else { return 0 }
        return (columns.count == 64 ? UInt64.max : (1 << UInt64(columns.count)) - 1) << UInt64(columns.lowerBound)
    }

    /// The cells whose centre lies between the two, ends included.
    private func cells(_ start: Double, _ length: Double, _ count: Int) -> Range<Int> {
        let scale = Double(count)
        let first = min(max(Int((start * scale - 0.5).rounded(.up)), 0), count)
        let end = min(max(Int(((start + length) * scale - 0.5).rounded(.down)) + 1, first), count)
        return first..<end
    }

    private func tell(
        _ change: Sustain.Change?, _ share: Double, at time: MediaTime, into findings: inout Findings
    ) {
        rule.tell(
            change, .dense, held: density.leastSpan,
            measures: ["covered": share, "objects": Double(tracks.count { $0.refusal == nil })],
            tests: [.init(.covered, share, .atLeast, density.leastShare)], at: time, into: &findings)
    }
}
