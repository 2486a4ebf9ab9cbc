import Rules
import Scene

extension FenceReader {
    private enum StageShape: String, CaseIterable {
        case line
        case zone
    }

    func readSequence(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let stages = section.required("stages", example: "[{ shape: line, points: [[0.3,1],[0.3,0]] }, …]")
            .flatMap(readStages)
        let within = section.required("within", example: "[0, 10]").flatMap(readWithin)
        guard let stages, let within else { return nil }
        return .sequence(SequenceRule(stages: stages, least: within.least, most: within.most))
    }

    private func readStages(_ node: ConfigurationNode) -> [SequenceRule.Stage]? {
        let counts = SequenceRule.stageCounts
        guard let nodes = node.elements(limit: counts.upperBound, noun: "stages") else { return nil }
        guard nodes.count >= counts.lowerBound else {
            node.complain("\(nodes.count) given, a sequence needs at least \(counts.lowerBound) stages")
            return nil
        }
        return allOrNil(nodes.map(readStage))
    }

    private func readStage(_ node: ConfigurationNode) -> SequenceRule.Stage? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.stage, noun: "a stage")
        else { return nil }
        let points = section.required("points", example: "[[0.5,0.9],[0.5,0.2]]")
        let directions = section.value("direction", default: .any) { $0.choice(LineRule.Directions.self) }
        switch section.required("shape", example: "line")?.choice(StageShape.self) {
        case .line:
            guard let line = points.flatMap(readCrossableLine), let directions else { return nil }
            return .line(LineRule(line: line, directions: directions))
        case .zone:
            section.optional("direction")?.complain("belongs to stages of shape line; leave it out for a zone")
            return points.flatMap { readPolygon($0, noun: "a zone") }.map { .zone($0) }
        case nil: return nil
        }
    }

    private func readWithin(_ node: ConfigurationNode) -> (least: MediaSpan, most: MediaSpan)? {
        guard let nodes = node.elements(limit: 2, noun: "seconds") else { return nil }
        guard nodes.count == 2 else {
            node.complain("\(node.shown) is not a pair; give [least, most] seconds between two stages")
            return nil
        }
        let limits = allOrNil(nodes.map { $0.number(in: SequenceRule.spans, unit: "seconds") })
        guard let limits else { return nil }
        guard limits[0] < limits[1] else {
            node.complain("\(node.shown) leaves no time; give [least, most] seconds, the smaller first")
            return nil
        }
        return (.seconds(limits[0]), .seconds(limits[1]))
    }
}
