import Rules
import Scene

extension FenceReader {
    func readDwell(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let span = readSpan("seconds", section, in: DwellRule.spans, usual: nil)
        let gap = readSpan("gap", section, in: DwellRule.gaps, usual: .seconds(2))
        guard let area = readArea(section), let span, let gap else { return nil }
        return .dwell(DwellRule(area: area, leastSpan: span, gap: gap))
    }
}
