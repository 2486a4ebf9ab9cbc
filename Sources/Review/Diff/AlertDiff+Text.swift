import Foundation
import Journal
import Scene

extension AlertDiff {
    /// The differences for a terminal: a line a rule, then a line a change with the numbers that decided it.
    package func lines() -> [String] {
        let head =
            "\(sameCount) the same, \(count(.gained)) gained, \(count(.lost)) lost, \(count(.moved)) moved in time"
        let rules = tallies.map {
            "\($0.camera) \($0.rule): \($0.same) the same, \($0.gained) gained, \($0.lost) lost, \($0.moved) moved"
        }
        return [head] + rules + changes.flatMap { change in [Self.line(change)] + Self.numbers(change) }
    }

    static func line(_ change: Change) -> String {
        let decision = change.decision
        let shift = change.shift.map { String(format: ", %+.3f s", $0.seconds) } ?? ""
        let direction = decision.findings.first?.direction.map { " \($0.rawValue)" } ?? ""
        return "\(change.kind.rawValue): \(change.footage) \(decision.start) \(decision.camera) \(decision.rule) "
            + "\(decision.occurrence.rawValue)\(direction)\(shift)"
    }

    private static func numbers(_ change: Change) -> [String] {
        [("before", change.before), ("after", change.after)].compactMap { name, decision in
            decision.map { "  \(name): \(deciding($0))" }
        }
    }

    /// The tests that held with their numbers, or what was measured where nothing was weighed.
    static func deciding(_ decision: AlertDecision) -> String {
        let tests = (decision.explanation?.tests ?? []) + (decision.explanation?.filters ?? [])
        if !tests.isEmpty {
            return tests.map { test in
                let sign = test.sense == .atLeast ? "≥" : "≤"
                return "\(test.quantity.rawValue) \(shortNumber(test.value)) \(sign) \(shortNumber(test.limit))"
            }.joined(separator: ", ")
        }
        let measures = decision.measures.sorted { $0.key < $1.key }.map { "\($0.key) \(shortNumber($0.value))" }
        return measures.isEmpty ? "nothing weighed" : measures.joined(separator: ", ")
    }

    /// One JSON object: totals, by rule, and every change with both decisions.
    ///
    /// - Parameter problems: what could not be read.
    package func json(before: String, after: String, problems: [String]) throws -> String {
        try DecisionCoder.text(
            Document(
                before: before, after: after,
                total: Document.Total(
                    same: sameCount, gained: count(.gained), lost: count(.lost), moved: count(.moved)),
                rules: tallies, changes: changes.map(Document.Entry.init), problems: problems))
    }

    private struct Document: Encodable {
        struct Total: Encodable {
            let same, gained, lost, moved: Int
        }

        struct Entry: Encodable {
            let change: Kind
            let footage: String
            let camera: CameraID
            let rule: RuleID
            let shift: Double?
            let before, after: AlertDecision?

            init(_ change: Change) {
                self.change = change.kind
                footage = change.footage
                camera = change.decision.camera
                rule = change.decision.rule
                shift = change.shift?.seconds
                before = change.before
                after = change.after
            }

            enum CodingKeys: String, CodingKey {
                case change, footage, camera, rule, before, after
                case shift = "shift_s"
            }
        }

        let before, after: String
        let total: Total
        let rules: [Tally]
        let changes: [Entry]
        let problems: [String]
    }
}
