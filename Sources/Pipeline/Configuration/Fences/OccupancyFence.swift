import Rules
import Scene

extension FenceReader {
    func readOccupancy(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let above = readCount("above", section, in: 0...OccupancyRule.counts.upperBound - 1)
        let below = readCount("below", section, in: 1...OccupancyRule.counts.upperBound)
        let span = readSpan("seconds", section, in: OccupancyRule.spans, usual: .seconds(5))
        guard let area = readArea(section), let above, let below, let span else { return nil }
        guard above != nil || below != nil else {
            section.node.complain("an occupancy fence needs a limit; give above, below or both")
            return nil
        }
        if let above, let below, below > above + 1 {
            section.node.complain(
                "above \(above) and below \(below) leave no number that is right; let them not overlap")
            return nil
        }
        return .occupancy(OccupancyRule(area: area, above: above, below: below, leastSpan: span))
    }

    private func readCount(_ key: String, _ section: ConfigurationSection, in range: ClosedRange<Int>) -> Int?? {
        section.value(key, default: Int?.none as Int??) {
            $0.integer(in: range, unit: "objects").map(Optional.some)
        }
    }
}
