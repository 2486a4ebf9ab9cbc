import Rules
import Scene

extension FenceReader {
    /// The conditions that rules of every kind can carry.
    func readConditions(_ section: ConfigurationSection) -> RuleConditions? {
        let area = section.value("size", default: RuleConditions.Limits.none) {
            readLimits($0, in: 0.00001...1, unit: "of the picture")
        }
        let height = section.value("height_m", default: RuleConditions.Limits.none, readHeights)
        let persistence = readSpan(
            "persistence", section, in: 0...RuleConditions.persistenceLimit.seconds, usual: .zero)
        let sensitivity = section.value("sensitivity", default: 50) {
            $0.integer(in: RuleConditions.sensitivities, unit: "of 100")
        }
        let coolDown = readSpan("cool_down", section, in: 0...86_400, usual: .zero)
        let rearm = readSpan("rearm", section, in: 0...86_400, usual: .zero)
        let severity = section.value("severity", default: RuleConditions.usualSeverity) {
            $0.integer(in: RuleConditions.severities, unit: "(1 is the highest)")
        }
        let tags = section.value("tags", default: [], readTags)
        guard let area, let height, let persistence, let sensitivity, let coolDown, let rearm, let severity, let tags
        else { return nil }
        return RuleConditions(
            area: area, height: height, persistence: persistence, sensitivity: sensitivity, coolDown: coolDown,
            rearm: rearm, severity: severity, tags: tags)
    }

    private func readLimits(
        _ node: ConfigurationNode, in range: ClosedRange<Double>, unit: String
    ) -> RuleConditions.Limits? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.limits, noun: "a pair of limits")
        else { return nil }
        let least = section.value("min", default: Double?.none as Double??) {
            $0.number(in: range, unit: unit).map(Optional.some)
        }
        let most = section.value("max", default: Double?.none as Double??) {
            $0.number(in: range, unit: unit).map(Optional.some)
        }
        guard let least, let most else { return nil }
        guard least != nil || most != nil else {
            node.complain("gives no limit; give min, max or both, or leave it out")
            return nil
        }
        if let least, let most, least >= most {
            node.complain("min \(least) is not below max \(most), so no object would count; exchange them")
            return nil
        }
        return RuleConditions.Limits(least: least, most: most)
    }

    private func readHeights(_ node: ConfigurationNode) -> RuleConditions.Limits? {
        guard ground != .nothing else {
            node.complain("needs a calibrated camera; give the camera a perspective, or use size")
            return nil
        }
        return readLimits(node, in: 0.05...50, unit: "metres")
    }

    private func readTags(_ node: ConfigurationNode) -> [String]? {
        guard let nodes = node.elements(limit: RuleConditions.tagLimit, noun: "tags") else { return nil }
        guard let tags = allOrNil(nodes.map { $0.text(limit: 64) }) else { return nil }
        guard Set(tags).count == tags.count else {
            node.complain("\(node.shown) names one tag twice; name each once")
            return nil
        }
        return tags
    }
}
