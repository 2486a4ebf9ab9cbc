import Yams

/// One mapping of the file whose keys are known beforehand. Unknown keys are problems.
struct ConfigurationSection {
    let node: ConfigurationNode
    private let values: [String: ConfigurationNode]

    /// - Returns: nil, with a problem recorded, where the value is no mapping.
    init?(_ node: ConfigurationNode, keys: [String], noun: String) {
        guard case .mapping(let mapping) = node.node else {
            node.complain("\(node.shown) is not \(noun); give a mapping with \(keys.joined(separator: ", "))")
            return nil
        }
        var values: [String: ConfigurationNode] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? "?"
            let path = node.path.isEmpty ? name : "\(node.path).\(name)"
            guard keys.contains(name) else {
                let short = name.count <= 64 ? path : "\(node.path).\(name.prefix(64))…"
                node.log.add(line: key.mark?.line, path: short, Self.unknown(name, allowed: keys))
                continue
            }
            values[name] = ConfigurationNode(node: value, path: path, log: node.log)
        }
        self.node = node
        self.values = values
    }

    /// The value of a key that may be left out.
    func optional(_ key: String) -> ConfigurationNode? { values[key] }

    /// What `read` makes of a key's value, or `fallback` where the key is left out. Nil where the value is wrong.
    func value<Value>(
        _ key: String, default fallback: Value?, _ read: (ConfigurationNode) -> Value?
    ) -> Value? {
        guard let node = values[key] else { return fallback }
        return read(node)
    }

    /// The value of a key that must be there; its absence is a problem of the section.
    func required(_ key: String, example: String) -> ConfigurationNode? {
        if let value = values[key] { return value }
        let path = node.path.isEmpty ? key : "\(node.path).\(key)"
        node.log.add(line: node.line, path: path, "is missing; give for example \(key): \(example)")
        return nil
    }

    private static func unknown(_ name: String, allowed: [String]) -> String {
        if let now = ConfigurationKeys.renamed[name], allowed.contains(now) { return "this key is now called \(now)" }
        guard let nearest = nearestKey(to: name, in: allowed) else {
            return "unknown key; allowed: \(allowed.joined(separator: ", "))"
        }
        return "unknown key; did you mean \(nearest)?"
    }
}

/// The allowed key that is spelled most alike, if any is alike at all: at most one letter in two differs, and no
/// more than three.
func nearestKey(to name: String, in allowed: [String]) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let ranked = allowed.map { (key: $0, distance: editDistance(name.lowercased(), $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= min(3, max(1, best.key.count / 2)) ? best.key : nil
}

/// Letters to insert, remove or replace (Levenshtein).
private func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
