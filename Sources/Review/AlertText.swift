import Foundation
package import Scene

/// An alert as a person reads it in a terminal.
package enum AlertText {
    /// - Parameters:
    ///   - versions: all of the alert's versions, oldest first.
    ///   - dataFolder: where the evidence paths begin.
    package static func lines(_ alert: Alert, versions: [Alert], dataFolder: String) -> [String] {
        let decision = alert.decision
        let head = [
            decision.summary.zh, decision.summary.en, "",
            "alert: \(decision.id), version \(decision.version), \(decision.state.rawValue)",
            "camera: \(decision.camera) (\(decision.place.cameraName), class \(decision.place.cameraClass.rawValue))",
            "rule: \(decision.rule), \(decision.kind.rawValue), \(decision.occurrence.rawValue), "
                + "revision \(decision.ruleRevision)",
            "time: \(decision.start) … \(decision.end.map(\.description) ?? "open")",
            "verified: \(alert.verified ? "yes" : "no, a lead to look at")",
            "model: \(decision.provenance.model) \(decision.provenance.modelHash.prefix(12))"
        ]
        let measures = decision.measures.sorted { $0.key < $1.key }.map { name, value in
            "  \(name): \(String(format: "%.6g", value))"
        }
        let findings = decision.findings.map { finding in
            let direction = finding.direction.map { " \($0.rawValue)" } ?? ""
            let point = finding.point.map { String(format: " at [%.4f, %.4f]", $0.x, $0.y) } ?? ""
            let request = finding.request.map { " by \($0.who): \($0.why)" } ?? ""
            return "  \(finding.time) \(finding.occurrence.rawValue)\(direction)\(point)\(request)"
        }
        let history = versions.map { version in
            "  \(version.decision.version) \(version.decision.state.rawValue), journaled \(version.reception.serverTime), "
                + "sequence \(version.reception.sequence), \(version.reception.latencyMilliseconds) ms after the frame"
        }
        var seen: Set<String> = []
        let stills = versions.flatMap(\.reception.evidence).filter { seen.insert($0.path).inserted }.map {
            "  \($0.kind.rawValue): \(dataFolder)/\($0.path) sha256 \($0.sha256.prefix(12))…" + length(of: $0)
        }
        let clip = alert.reception.clip.map { standing in
            ["clip: \(standing.state.rawValue)" + (standing.reason.map { ", \($0.rawValue)" } ?? "")]
        }
        return head + (measures.isEmpty ? [] : ["numbers:"] + measures)
            + ["findings: \(decision.count)"] + findings + ["versions:"] + history
            + (stills.isEmpty ? [] : ["evidence:"] + stills)
            + (clip ?? [])
    }

    private static func length(of evidence: AlertReception.Evidence) -> String {
        guard let seconds = evidence.seconds else { return "" }
        return String(format: ", %.1f s, %@, %.1f MB", seconds, evidence.codec ?? "?", Double(evidence.bytes) / 1e6)
    }
}
