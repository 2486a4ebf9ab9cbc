import Rules
import Scene

extension FenceReader {
    func readSceneHealth(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let conditions = section.value("conditions", default: SceneHealthRule.usualConditions, readHealthConditions)
        let span = readSpan("seconds", section, in: SceneHealthRule.spans, usual: .seconds(3))
        guard let conditions, let span else { return nil }
        return .sceneHealth(SceneHealthRule(conditions: conditions, leastSpan: span))
    }

    private func readHealthConditions(_ node: ConfigurationNode) -> Set<SceneCondition>? {
        let words: Set<SceneCondition>? = readWords(node, noun: "conditions", example: "covered, too_dark or others")
        guard let words else { return nil }
        guard !words.contains(.signalLost) else {
            node.complain("signal_lost is raised for every camera without a rule; leave it out")
            return nil
        }
        return words
    }
}
