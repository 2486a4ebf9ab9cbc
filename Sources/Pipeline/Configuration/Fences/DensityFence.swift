import Rules
import Scene

extension FenceReader {
    func readDensity(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let share = section.required("share", example: "0.4")?.number(in: DensityRule.shares, unit: "of the zone")
        let span = readSpan("seconds", section, in: DensityRule.spans, usual: .seconds(5))
        guard let area = readArea(section), let share, let span else { return nil }
        return .density(DensityRule(area: area, leastShare: share, leastSpan: span))
    }
}
