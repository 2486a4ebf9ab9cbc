import Scene
import Yams

/// One value of the file together with where it stands and where complaints about it go.
///
/// Every reading function either gives a value of the asked type or records one problem and gives nil, so that a
/// section goes on and finds all of its problems in one pass.
struct ConfigurationNode {
    let node: Node
    let path: String
    let log: ProblemLog

    var line: Int? { node.mark?.line }

    func complain(_ text: String) {
        log.add(line: line, path: path, text)
    }

    // MARK: Scalars

    /// Text as it is written: `0530`, `yes` and `1.0` stay what they are, with or without quotes.
    func text(limit: Int = 256) -> String? {
        guard case .scalar(let scalar) = node else {
            complain("\(shown) is not a text")
            return nil
        }
        guard !isNull else {
            complain("is empty; give a text or leave the key out")
            return nil
        }
        let text = scalar.string
        guard !text.isEmpty, text.utf8.count <= limit else {
            complain(
                text.isEmpty ? "is empty; give a text" : "has \(text.utf8.count) bytes, at most \(limit) are allowed")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            complain("holds control characters; write it on one line")
            return nil
        }
        return text
    }

    func number(in range: ClosedRange<Double>, unit: String) -> Double? {
        guard let value = plainNumber else {
            complain(
                "\(shown) is not a number; give \(unit) from \(short(range.lowerBound)) to \(short(range.upperBound))")
            return nil
        }
        guard range.contains(value) else {
            complain("\(shown) is outside \(short(range.lowerBound))…\(short(range.upperBound)) \(unit)")
            return nil
        }
        return value
    }

    func integer(in range: ClosedRange<Int>, unit: String) -> Int? {
        guard let value = plainNumber, let whole = Int(exactly: value) else {
            complain("\(shown) is not a whole number; give \(unit) from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        guard range.contains(whole) else {
            complain("\(shown) is outside \(range.lowerBound)…\(range.upperBound) \(unit)")
            return nil
        }
        return whole
    }

    /// One of the raw values of a closed enum.
    func choice<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> Value? where Value.RawValue == String {
        guard case .scalar(let scalar) = node, let value = Value(rawValue: scalar.string) else {
            complain("\(shown) is not known; allowed: \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return value
    }

    // MARK: Sequences

    /// The elements, each with its own path. More than `limit` are one problem and none is read.
    func elements(limit: Int, noun: String) -> [ConfigurationNode]? {
        guard case .sequence(let sequence) = node else {
            complain("\(shown) is not a list; give \(noun) as a list")
            return nil
        }
        guard sequence.count <= limit else {
            complain("holds \(sequence.count) \(noun), at most \(limit) are allowed")
            return nil
        }
        return sequence.enumerated().map { index, element in
            ConfigurationNode(node: element, path: "\(path)[\(index)]", log: log)
        }
    }

    /// A point in shares of the picture, written `[x, y]`.
    func point() -> Point? {
        guard case .sequence(let pair) = node, pair.count == 2,
            let x = ConfigurationNode(node: pair[0], path: path, log: log).plainNumber,
            let y = ConfigurationNode(node: pair[1], path: path, log: log).plainNumber
        else {
            complain("\(shown) is not a point; give [x, y] in shares of the picture")
            return nil
        }
        guard (0...1).contains(x), (0...1).contains(y) else {
            complain("\(shown) is outside 0…1; give shares of the picture")
            return nil
        }
        // No negative zero: it would change a hash and nothing else.
        return Point(x: x + 0, y: y + 0)
    }

    // MARK: Showing

    /// The value in few characters, for messages. Must not be asked of a secret or an address.
    var shown: String {
        let text = Self.spell(node, depth: 0)
        return text.count <= 40 ? text : String(text.prefix(39)) + "…"
    }

    private var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// A decimal number without quotes; no hexadecimal, infinity or other spelling that Swift would take.
    var plainNumber: Double? {
        guard case .scalar(let scalar) = node, scalar.style == .plain, scalar.string.utf8.count <= 32,
            scalar.string.utf8.allSatisfy({ Self.numberBytes.contains($0) }),
            let value = Double(scalar.string), value.isFinite
        else { return nil }
        return value
    }

    private static let numberBytes = Set("0123456789.+-eE".utf8)

    private static func spell(_ node: Node, depth: Int) -> String {
        switch node {
        case .scalar(let scalar): scalar.style == .plain ? scalar.string : "\"\(scalar.string)\""
        case .sequence(let sequence):
            depth > 2
                ? "[…]" : "[" + sequence.prefix(8).map { spell($0, depth: depth + 1) }.joined(separator: ",") + "]"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}

/// 5 for 5.0, 0.5 for 0.5.
private func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
}
