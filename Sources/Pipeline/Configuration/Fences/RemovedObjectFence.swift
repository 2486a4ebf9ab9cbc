import Rules
import Scene

extension FenceReader {
    func readRemovedObject(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let span = readSpan("seconds", section, in: RemovedObjectRule.spans, usual: .seconds(5))
        guard let area = readArea(section), let span else { return nil }
        return .removedObject(RemovedObjectRule(area: area, leastSpan: span))
    }
}
