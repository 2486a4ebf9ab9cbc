import Rules
import Scene

extension FenceReader {
    func readMotion(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let share = section.value("share", default: 0.02) { $0.number(in: MotionRule.shares, unit: "of the zone") }
        let span = readSpan("seconds", section, in: MotionRule.spans, usual: .milliseconds(300))
        guard let area = readArea(section), let share, let span else { return nil }
        return .motion(MotionRule(area: area, leastShare: share, leastSpan: span))
    }
}
