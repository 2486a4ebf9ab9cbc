import Foundation

/// Compares the decisions of a replay with a golden file, line by line, and says what differs in words.
package struct ExpectedDecisions: Sendable {
    /// Differences told before the rest is only counted.
    private static let toldLimit = 20

    private let expected: [String]

    /// - Throws: an error of Foundation if the file cannot be read.
    package init(file: String) throws {
        expected = Self.lines(of: try String(contentsOfFile: file, encoding: .utf8))
    }

    /// - Returns: nothing where both are equal to the byte; else one sentence a difference.
    package func differences(from actual: String) -> [String] {
        let actual = Self.lines(of: actual)
        var told: [String] = []
        for difference in actual.difference(from: expected) {
            switch difference {
            case .insert(let line, let text, _): told.append("line \(line + 1) is new: \(Self.gist(text))")
            case .remove(let line, let text, _): told.append("line \(line + 1) is missing: \(Self.gist(text))")
            }
        }
        guard told.count > Self.toldLimit else { return told }
        return told.prefix(Self.toldLimit) + ["and \(told.count - Self.toldLimit) more differences"]
    }

    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    /// Rule, state, start and end of a decision; the beginning of the line where it is none.
    private static func gist(_ line: String) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let decision = object["decision"] as? [String: Any]
        else { return String(line.prefix(120)) }
        let parts = ["rule", "occurrence", "state", "version", "start", "last", "end", "count", "id"].compactMap {
            key in
            decision[key].map { "\(key) \($0)" }
        }
        return parts.joined(separator: ", ")
    }
}
