package import Scene

/// Something stirs in a region (移动侦测), followed or not: at least ``leastShare`` of its area is foreground for
/// ``leastSpan``. The crudest of all kinds: leaves and rain stir too; where an object is meant, use a zone.
package struct MotionRule: Hashable, Sendable {
    package static let shares = 0.001...1.0
    package static let spans = 0.0...3600.0
    static let release = MediaSpan.seconds(1)

    package let area: Polygon
    /// At sensitivity 50.
    package let leastShare: Double
    package let leastSpan: MediaSpan

    package init(area: Polygon, leastShare: Double = 0.02, leastSpan: MediaSpan = .milliseconds(300)) {
        self.area = area
        self.leastShare = leastShare
        self.leastSpan = leastSpan
    }

    var canonicalText: String {
        canonicalPoints(area.vertices) + ";least_share=\(leastShare);least_us=\(leastSpan.microseconds)"
    }
}

/// A motion rule at work.
struct MotionWatcher: Watcher {
    static let advances = false

    /// Points to a side by which a cell's share of the zone is weighed.
    private static let samples = 8

    private struct Cell: Sendable {
        /// In the grid.
        let index: Int
        /// Share of the cell that lies in the zone and in no ignore mask.
        let weight: Double
    }

    private let rule: FenceRule
    private let motion: MotionRule
    private let leastShare: Double
    private let cells: [Cell]
    private let total: Double
    private var sustain = Sustain()

    init(rule: FenceRule, motion: MotionRule, masks: [Polygon]) {
        self.rule = rule
        self.motion = motion
        leastShare = min(1, motion.leastShare * rule.conditions.evidenceFactor)
        var cells: [Cell] = []
        for row in 0..<MotionGrid.rows {
            for column in 0..<MotionGrid.columns {
                let weight = Self.weight(column, row, area: motion.area, masks: masks)
                if weight > 0 { cells.append(Cell(index: row * MotionGrid.columns + column, weight: weight)) }
            }
        }
        self.cells = cells
        total = cells.reduce(0) { $0 + $1.weight }
    }

    mutating func look(at observation: Observation, into findings: inout Findings) {
        guard observation.isSettled, let grid = observation.motion, total > 0 else { return sustain.interrupt() }
        var sum = 0.0
        for cell in cells { sum += cell.weight * Double(grid.cells[cell.index]) }
        let share = sum / (255 * total)
        let time = observation.time
        let change = sustain.note(
            share >= leastShare, at: time, hold: motion.leastSpan, release: MotionRule.release)
        tell(change, share, at: time, into: &findings)
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        tell(sustain.finish(), 0, at: time, into: &findings)
    }

    private static func weight(_ column: Int, _ row: Int, area: Polygon, masks: [Polygon]) -> Double {
        var count = 0
        for y in 0..<samples {
            for x in 0..<samples {
                let point = Point(
                    x: (Double(column) + (Double(x) + 0.5) / Double(samples)) / Double(MotionGrid.columns),
                    y: (Double(row) + (Double(y) + 0.5) / Double(samples)) / Double(MotionGrid.rows))
                if area.contains(point), !masks.contains(where: { $0.contains(point) }) { count += 1 }
            }
        }
        return Double(count) / Double(samples * samples)
    }

    private func tell(
        _ change: Sustain.Change?, _ share: Double, at time: MediaTime, into findings: inout Findings
    ) {
        rule.tell(
            change, .motion, held: motion.leastSpan, measures: ["stirring": share],
            tests: [.init(.stirring, share, .atLeast, leastShare)], at: time, into: &findings)
    }
}
