import Foundation
import Journal
import Pipeline
package import Scene

extension AlertRerun {
    /// By how much it begins later than before; nil where it is not raised.
    package var shift: MediaSpan? { moment.map { $0 - alert.start } }

    /// As a person reads it: the outcome first.
    package var lines: [String] {
        let head = "alert \(alert.id), \(alert.rule) \(alert.occurrence.rawValue) at \(alert.start): "
        let more = reasons.map { "because: \($0.text)" }
        let other = others.map { "besides: \($0.rule) \($0.occurrence.rawValue) at \($0.start), id \($0.id)" }
        let stream =
            isOfSecondStream
            ? ["note: the clip is of the camera's second stream; the alert was decided on the other"] : []
        return [head + verdict] + more + [source] + stream + other
    }

    private var verdict: String {
        guard let again, let moment, let shift else { return "not raised" }
        let id = again.id == alert.id ? "same id" : "id \(again.id)"
        let since = again.start == moment ? "" : ", in an alert that begins at \(again.start)"
        let time = outcome == .raised ? "at the same time" : "at \(moment)"
        return "raised again \(time) (\(offset(shift))), \(id)\(since)"
    }

    private func offset(_ span: MediaSpan) -> String { String(format: "%+.3f s", span.seconds) }

    private var source: String {
        String(
            format: "clip: begins %.1f s before the alert, the first %.1f s teach the background", lead.seconds,
            learning.seconds)
    }

    /// One JSON object.
    package func json() throws -> String { try DecisionCoder.text(Content(self)) }

    private struct Content: Encodable {
        let alert: String
        let outcome: Outcome
        let shift: Double?
        let sameID: Bool
        let again: AlertDecision?
        let others: [AlertDecision]
        let reasons: [Reason]
        let suppressed: [SuppressedReport.Entry]
        let lead: Double
        let learning: Double
        let isOfSecondStream: Bool

        init(_ rerun: AlertRerun) {
            alert = rerun.alert.id
            outcome = rerun.outcome
            shift = rerun.shift?.seconds
            sameID = rerun.again?.id == rerun.alert.id
            again = rerun.again
            others = rerun.others
            reasons = rerun.reasons
            suppressed = rerun.suppressed
            lead = rerun.lead.seconds
            learning = rerun.learning.seconds
            isOfSecondStream = rerun.isOfSecondStream
        }

        enum CodingKeys: String, CodingKey {
            case alert, outcome, again, others, reasons, suppressed
            case shift = "shift_s"
            case sameID = "same_id"
            case lead = "lead_s"
            case learning = "learning_s"
            case isOfSecondStream = "second_stream"
        }
    }
}
