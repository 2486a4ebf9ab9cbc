import Foundation

/// A score against an earlier one that `evaluate --json` printed: what got worse, what got better.
package struct ScoreComparison: Sendable, Encodable {
    package struct Change: Sendable, Encodable {
        /// `total`, or `footage/rule`.
        package let place: String
        package let figure: String
        package let before: Double?
        package let after: Double?

        package var line: String {
            let text = { (value: Double?) in value.map(shortNumber) ?? "none" }
            return "\(place): \(figure) \(text(before)) → \(text(after))"
        }
    }

    /// Names of the scorer's figures, and whether more of it is better.
    private static let totals = [
        ("macro_f1", true), ("f1", true), ("recall", true), ("precision", true), ("false", false), ("extra", false),
        ("control_zone_alerts", false)
    ]
    private static let figures = [("found", true), ("false", false), ("extra", false), ("f1", true)]

    package let file: String
    package private(set) var regressions: [Change] = []
    package private(set) var improvements: [Change] = []
    /// Fences whose annotation is another one, or that only one of the two judged: nothing can be said of them, and
    /// nothing of the totals then.
    package private(set) var incomparable: [String] = []

    /// - Throws: ``CorpusError`` for a file that is not what `evaluate --json` printed.
    package init(_ score: CorpusScore, against file: String) throws {
        self.file = file
        let earlier = try Self.read(file)
        let current = try Self.decode(Data(score.json().utf8), file)
        let known = Dictionary(uniqueKeysWithValues: current.rows.map { ($0.place, $0) })
        for row in earlier.rows {
            guard let now = known[row.place] else {
                incomparable.append("\(row.place): not judged any more")
                continue
            }
            guard now.figures["events"] == row.figures["events"], now.figures["judged_s"] == row.figures["judged_s"]
            else {
                incomparable.append("\(row.place): its annotation has changed")
                continue
            }
            for (name, isMoreBetter) in Self.figures {
                compare(row.place, name, row.figures, now.figures, isMoreBetter)
            }
        }
        let places = Set(earlier.rows.map(\.place))
        incomparable += current.rows.filter { !places.contains($0.place) }.map { "\($0.place): was not judged before" }
        guard incomparable.isEmpty else { return }
        for (name, isMoreBetter) in Self.totals { compare("total", name, earlier.total, current.total, isMoreBetter) }
    }

    private mutating func compare(
        _ place: String, _ name: String, _ before: [String: Double], _ after: [String: Double], _ isMoreBetter: Bool
    ) {
        guard let old = before[name], let new = after[name], old != new else { return }
        let change = Change(place: place, figure: name, before: old, after: new)
        if (new > old) == isMoreBetter { improvements.append(change) } else { regressions.append(change) }
    }

    /// One line a change, the worse ones first.
    package var lines: [String] {
        regressions.map { "worse: \($0.line)" } + improvements.map { "better: \($0.line)" }
            + incomparable.map { "not compared: \($0)" }
            + (regressions.isEmpty && improvements.isEmpty && incomparable.isEmpty ? ["no change"] : [])
    }

    private struct Figures {
        var total: [String: Double]
        var rows: [(place: String, figures: [String: Double])]
    }

    private static func read(_ file: String) throws -> Figures {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CorpusError(place: file, detail: "cannot be read; give what evaluate --json printed before")
        }
        return try decode(data, file)
    }

    private static func decode(_ data: Data, _ file: String) throws -> Figures {
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let total = object["total"] as? [String: Any], let rows = object["rows"] as? [[String: Any]]
        else {
            throw CorpusError(
                place: file, detail: "holds no {\"total\": …, \"rows\": […]}; give what evaluate --json printed before")
        }
        let places = rows.map { "\($0["footage"] as? String ?? "")/\($0["rule"] as? String ?? "")" }
        guard Set(places).count == places.count else {
            throw CorpusError(
                place: file, detail: "has two rows of one fence; give what evaluate --json printed before")
        }
        return Figures(
            total: total.compactMapValues { $0 as? Double },
            rows: zip(places, rows).map { ($0, $1.compactMapValues { $0 as? Double }) })
    }
}
