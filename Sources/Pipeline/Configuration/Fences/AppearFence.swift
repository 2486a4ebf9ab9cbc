import Rules
import Scene

extension FenceReader {
    func readAppear(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let raises: Set<AppearRule.Raise>? = section.value("raise", default: [.appear]) {
            readWords($0, noun: "occasions", example: "appear or disappear")
        }
        guard let area = readArea(section), let raises else { return nil }
        return .appear(AppearRule(area: area, raises: raises))
    }
}
