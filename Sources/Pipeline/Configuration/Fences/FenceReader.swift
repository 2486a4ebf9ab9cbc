import Rules
import Scene
import Yams

/// Reads the fences of one camera: what all kinds have in common here, each kind's own keys in a file of its own.
struct FenceReader {
    /// What the camera's perspective can tell.
    enum Ground {
        case nothing
        case heights
        case heightsAndSpeeds
    }

    /// A mask of the camera and where it stands in the file.
    struct Mask {
        let path: String
        let area: Polygon
    }

    let ground: Ground
    let masks: [Mask]

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
        guard let kind = section.required("kind", example: "zone").flatMap(readKind) else { return nil }
        refuseKeysOfOtherKinds(kind, in: section)
        let anchor = section.value("anchor", default: .foot) { $0.choice(Anchor.self) }
        let conditions = readConditions(section)
        guard let watch = readWatch(kind, section), let id, let anchor, let conditions else { return nil }
        let rule = FenceRule(id: id, anchor: anchor, watch: watch, conditions: conditions)
        guard canFire(rule, section) else { return nil }
        return rule.revised()
    }

    private func readWatch(_ kind: RuleKind, _ section: ConfigurationSection) -> FenceRule.Watch? {
        switch kind {
        case .line: readLine(section)
        case .zone: readZone(section)
        case .dwell: readDwell(section)
        case .appear: readAppear(section)
        case .wrongWay: readWrongWay(section)
        case .speed: readSpeed(section)
        case .sequence: readSequence(section)
        case .stopped: readStopped(section)
        case .leftObject: readLeftObject(section)
        case .removedObject: readRemovedObject(section)
        case .occupancy: readOccupancy(section)
        case .density: readDensity(section)
        case .motion: readMotion(section)
        case .sceneHealth: readSceneHealth(section)
        case .manual: .manual
        }
    }

    private func readID(_ node: ConfigurationNode) -> RuleID? {
        guard let id = node.plainName("a fence id").flatMap({ RuleID($0) }) else { return nil }
        guard id != .signal else {
            node.complain("\(id) is the built-in rule for a lost signal; choose another id")
            return nil
        }
        return id
    }

    /// `loitering` is another word for `dwell`.
    private func readKind(_ node: ConfigurationNode) -> RuleKind? {
        node.node.scalar?.string == "loitering" ? .dwell : node.choice(RuleKind.self)
    }

    private func refuseKeysOfOtherKinds(_ kind: RuleKind, in section: ConfigurationSection) {
        let allowed = ConfigurationKeys.fence(of: kind)
        for key in ConfigurationKeys.fence where !allowed.contains(key) {
            guard let node = section.optional(key) else { continue }
            let owners = RuleKind.allCases.filter { ConfigurationKeys.fence(of: $0).contains(key) }.map(\.rawValue)
            let noun = owners.count == 1 ? "kind" : "kinds"
            node.complain(
                "belongs to \(noun) \(owners.joined(separator: ", ")); leave it out for \(kind.rawValue)")
        }
    }
}

// What the kinds' files share.
extension FenceReader {
    func readArea(_ section: ConfigurationSection) -> Polygon? {
        section.required("points", example: "[[0.2,0.5],[0.8,0.5],[0.8,1],[0.2,1]]")
            .flatMap { readPolygon($0, noun: "a zone") }
    }

    /// A length of time in seconds.
    /// - Parameter usual: taken where the key is left out; nil where it must be given.
    func readSpan(
        _ key: String, _ section: ConfigurationSection, in range: ClosedRange<Double>, usual: MediaSpan?,
        example: String = "60"
    ) -> MediaSpan? {
        let read = { (node: ConfigurationNode) in node.number(in: range, unit: "seconds").map(MediaSpan.seconds) }
        if let usual { return section.value(key, default: usual, read) }
        return section.required(key, example: example).flatMap(read)
    }

    /// A line that something can cross: not one on the border, because the anchor is held to the picture.
    func readCrossableLine(_ node: ConfigurationNode) -> Polyline? {
        guard let line = readPolyline(node) else { return nil }
        let border = [\Point.x, \Point.y].contains { axis in
            [0.0, 1.0].contains { edge in line.points.allSatisfy { $0[keyPath: axis] == edge } }
        }
        guard !border else {
            node.complain("lies on the border of the picture, where nothing can cross it; draw it further inside")
            return nil
        }
        return line
    }

    /// A list of different words, at least one.
    func readWords<Word: RawRepresentable & CaseIterable & Hashable>(
        _ node: ConfigurationNode, noun: String, example: String
    ) -> Set<Word>? where Word.RawValue == String {
        guard let nodes = node.elements(limit: Word.allCases.count, noun: noun) else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty, so the fence could never raise anything; give \(example)")
            return nil
        }
        guard let words = allOrNil(nodes.map { $0.choice(Word.self) }) else { return nil }
        guard Set(words).count == words.count else {
            node.complain("\(node.shown) names one of them twice; name each once")
            return nil
        }
        return Set(words)
    }
}
