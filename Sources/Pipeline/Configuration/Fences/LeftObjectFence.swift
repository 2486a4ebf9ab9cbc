import Rules
import Scene

extension FenceReader {
    func readLeftObject(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let span = readSpan("seconds", section, in: LeftObjectRule.spans, usual: nil)
        let attended = section.value("attended", default: 0.12) {
            $0.number(in: LeftObjectRule.distances, unit: "of the picture")
        }
        guard let area = readArea(section), let span, let attended else { return nil }
        return .leftObject(LeftObjectRule(area: area, leastSpan: span, attended: attended))
    }
}
