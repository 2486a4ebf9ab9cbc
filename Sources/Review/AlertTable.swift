package import Scene

/// Alerts as CSV (RFC 4180): one line a version, with what was decided of it last.
package enum AlertTable {
    package static let lineEnd = "\r\n"

    package static let header = [
        "id", "version", "state", "camera", "camera_name", "rule", "kind", "occurrence", "severity", "start", "last",
        "end",
        "count", "sequence", "server_time", "verified", "verdict", "cause", "why", "who", "decided", "summary_zh",
        "summary_en"
    ].joined(separator: ",")

    /// - Parameter verdict: the newest of the alert.
    package static func line(_ alert: Alert, verdict: AlertVerdict?) -> String {
        let (decision, reception) = (alert.decision, alert.reception)
        let cells: [String?] = [
            decision.id, "\(decision.version)", decision.state.rawValue, decision.camera.text,
            decision.place.cameraName, decision.rule.text, decision.kind.rawValue, decision.occurrence.rawValue,
            decision.severity.map { "\($0)" }, "\(decision.start)", "\(decision.last)", decision.end.map { "\($0)" },
            "\(decision.count)", "\(reception.sequence)", "\(reception.serverTime)", "\(alert.verified)",
            verdict?.judgement.rawValue, verdict?.cause?.rawValue, verdict?.why, verdict?.who,
            verdict?.time.map { "\($0)" }, decision.summary.zh, decision.summary.en
        ]
        return cells.map { cell($0 ?? "") }.joined(separator: ",")
    }

    /// Quoted where it must be. Text that a spreadsheet would take for a formula gets an apostrophe before it: names and
    /// reasons come from people.
    static func cell(_ text: String) -> String {
        let isFormula = text.first.map { $0.isNewline || "=+-@\t".contains($0) } ?? false
        let plain = isFormula ? "'" + text : text
        guard plain.contains(where: { $0.isNewline || $0 == "," || $0 == "\"" }) else { return plain }
        return "\"" + plain.replacing("\"", with: "\"\"") + "\""
    }
}
