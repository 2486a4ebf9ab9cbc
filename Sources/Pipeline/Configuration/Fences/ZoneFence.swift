import Rules
import Scene

extension FenceReader {
    func readZone(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let raises: Set<ZoneRule.Raise>? = section.value("raise", default: [.occupied]) {
            readWords($0, noun: "occasions", example: "enter, leave or occupied")
        }
        guard let area = readArea(section), let raises else { return nil }
        return .zone(ZoneRule(area: area, raises: raises))
    }
}
