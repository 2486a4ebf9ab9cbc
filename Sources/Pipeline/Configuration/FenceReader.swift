import Rules
import Scene

/// Reads the fences of one camera.
struct FenceReader {
    /// The kinds that can be drawn. `scene_health` belongs to every camera and is not configured.
    private enum Kind: String, CaseIterable {
        case line
        case zone
    }

    func readAll(_ node: ConfigurationNode) -> [FenceRule]? {
        guard let nodes = node.elements(limit: CameraConfiguration.fenceLimit, noun: "fences") else { return nil }
        refuseRepeatedIDs(nodes, noun: "fences")
        return allOrNil(nodes.map(read))
    }

    private func read(_ node: ConfigurationNode) -> FenceRule? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.fence, noun: "a fence") else {
            return nil
        }
        let id = section.required("id", example: "lawn").flatMap(readID)
        let anchor = section.value("anchor", default: .foot) { $0.choice(Anchor.self) }
        let points = section.required("points", example: "[[0.5,0.9],[0.5,0.2]]")
        let watch: FenceRule.Watch? =
            switch section.required("kind", example: "zone")?.choice(Kind.self) {
            case .line: readLine(section, points: points)
            case .zone: readZone(section, points: points)
            case nil: nil
            }
        guard let id, let anchor, let watch else { return nil }
        return FenceRule(id: id, anchor: anchor, watch: watch).revised()
    }

    private func readID(_ node: ConfigurationNode) -> RuleID? {
        guard let id = node.plainName("a fence id").flatMap({ RuleID($0) }) else { return nil }
        guard id != .signal else {
            node.complain("\(id) is the built-in rule for a lost signal; choose another id")
            return nil
        }
        return id
    }

    private func readLine(_ section: ConfigurationSection, points: ConfigurationNode?) -> FenceRule.Watch? {
        refuse("raise", in: section, owner: "zones", instead: "direction")
        let directions = section.value("direction", default: .any) { $0.choice(LineRule.Directions.self) }
        guard let points, let line = readPolyline(points), let directions else { return nil }
        // Never silent: a fence that cannot fire is an error. The anchor is held to the picture.
        let border = [\Point.x, \Point.y].contains { axis in
            [0.0, 1.0].contains { edge in line.points.allSatisfy { $0[keyPath: axis] == edge } }
        }
        guard !border else {
            points.complain("lies on the border of the picture, where nothing can cross it; draw it further inside")
            return nil
        }
        return .line(LineRule(line: line, directions: directions))
    }

    private func readZone(_ section: ConfigurationSection, points: ConfigurationNode?) -> FenceRule.Watch? {
        refuse("direction", in: section, owner: "lines", instead: "raise: [enter] or [leave]")
        let raises = section.value("raise", default: [.occupied], readRaises)
        guard let points, let area = readPolygon(points, noun: "a zone"), let raises else { return nil }
        return .zone(ZoneRule(area: area, raises: raises))
    }

    private func readRaises(_ node: ConfigurationNode) -> Set<ZoneRule.Raise>? {
        let all = ZoneRule.Raise.allCases
        guard let nodes = node.elements(limit: all.count, noun: "occasions") else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty, so the fence could never raise anything; give enter, leave or occupied")
            return nil
        }
        guard let raises = allOrNil(nodes.map { $0.choice(ZoneRule.Raise.self) }) else { return nil }
        guard Set(raises).count == raises.count else {
            node.complain("\(node.shown) names one occasion twice; name each once")
            return nil
        }
        return Set(raises)
    }

    private func refuse(_ key: String, in section: ConfigurationSection, owner: String, instead: String) {
        section.optional(key)?.complain("belongs to \(owner); leave it out here (use \(instead))")
    }
}
