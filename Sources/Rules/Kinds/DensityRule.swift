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

    private let rule: FenceRule
    private let density: DensityRule
    /// One bit a cell, set where the cell's centre lies in the zone.
    private let zone: [UInt64]
    private let zoneCells: Int
    private var covered: [UInt64]
    private var tracks = TrackTable<Box>()
    private var sustain = Sustain()

    init(rule: FenceRule, density: DensityRule) {
        self.rule = rule
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

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) {
        guard step.refusal == nil else {
            tracks[step.track] = nil
            return
        }
        tracks[step.track] = step.point.box
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        if !observation.isSettled { sustain.interrupt() }
    }

    mutating func advance(to time: MediaTime, into findings: inout Findings) {
        let share = coveredShare()
        let change = sustain.note(
            zoneCells > 0 && share >= density.leastShare, at: time, hold: density.leastSpan,
            release: DensityRule.release)
        tell(change, share, at: time, into: &findings)
    }

    mutating func end(_ track: TrackID, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track] = nil
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        tell(sustain.finish(), 0, at: time, into: &findings)
        tracks.removeAll()
    }

    /// Share of the zone's cells whose centre lies under a box.
    private mutating func coveredShare() -> Double {
        guard zoneCells > 0, tracks.count > 0 else { return 0 }
        for row in covered.indices { covered[row] = 0 }
        for slot in 0..<tracks.count {
            let box = tracks[slot: slot]
            let columns = cells(box.x, box.width, 64)
            guard !columns.isEmpty else { continue }
            let bits =
                (columns.count == 64 ? UInt64.max : (1 << UInt64(columns.count)) - 1) << UInt64(columns.lowerBound)
            for row in cells(box.y, box.height, Self.rows) { covered[row] |= bits }
        }
        var count = 0
        for row in covered.indices { count += (covered[row] & zone[row]).nonzeroBitCount }
        return Double(count) / Double(zoneCells)
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
        switch change {
        case nil: return
        case .began(let since):
            let held = (time - since).seconds
            findings.append(
                rule.event(
                    .dense, .began, at: since, decidedAt: time,
                    measures: ["covered": share, "objects": Double(tracks.count), "held_s": held],
                    explanation: Explanation([
                        .init(.covered, share, .atLeast, density.leastShare),
                        .init(.held, held, .atLeast, density.leastSpan.seconds)
                    ])))
        case .ended(let last):
            findings.append(rule.event(.dense, .ended, at: last, decidedAt: time))
        }
    }
}
