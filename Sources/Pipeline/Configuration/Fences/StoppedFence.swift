import Rules
import Scene

extension FenceReader {
    func readStopped(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let span = readSpan("seconds", section, in: StoppedRule.spans, usual: nil)
        guard let area = readArea(section), let span else { return nil }
        return .stopped(StoppedRule(area: area, leastSpan: span))
    }
}
