import Crypto
import Ingest
import Media
package import Rules
import Scene

// A revision answers "is this still the same?" by a hash of one canonical spelling, not by comparing files:
// comments, order of keys and defaults written out change nothing.

extension CameraConfiguration {
    /// SHA-256 (hex) of everything that shapes this camera's decisions and what its alerts say of the place.
    ///
    /// The address is left out on purpose: alerts carry this hash, and a hash over a password could be tried out.
    package var configurationHash: String { sha256(decidingText) }

    /// Changes whenever the camera's session must be started anew; that includes its address. It stays in memory.
    package var revision: String {
        let evidence = evidenceAddress.map { ";evidence=\($0.revealed)" } ?? ""
        return sha256(
            decidingText + ";address=\(address.revealed)\(evidence);transport=\(transport.rawValue);quiet=\(quietSpan)"
        )
    }

    private var decidingText: String {
        var parts = [
            "camera=\(id.text)", "site=\(place.site)", "area=\(spelled(place.area))", "grid=\(spelled(place.grid))",
            "gb_id=\(spelled(place.gbID))", "location=\(spelled(place.location.map { "\($0)" }))",
            "name=\(spelled(place.cameraName))", "class=\(place.cameraClass.rawValue)", "mode=\(decode.rawValue)",
            "analysis_fps=\(analysisRate)", "model=\(model)"
        ]
        parts += privacyMasks.map { mask in
            "mask=" + mask.vertices.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        }
        parts += ignoreMasks.map { mask in
            "ignore_mask=" + mask.vertices.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        }
        if let perspective { parts.append(spelled(perspective)) }
        parts += rules.map { rule in
            let tags = rule.conditions.tags.map { spelled($0) }.joined(separator: ",")
            return rule.canonicalText + ";severity=\(rule.conditions.severity);tags=\(tags)"
        }
        parts += duties.keys.sorted().map { "duty=\($0.text);\((duties[$0] ?? .always).canonicalText)" }
        return parts.joined(separator: "\n")
    }
}

extension FenceRule {
    /// The same rule with the revision of what it says: the first 12 hex digits of the SHA-256 of its canonical text.
    package func revised() -> FenceRule {
        FenceRule(
            id: id, anchor: anchor, watch: watch, conditions: conditions,
            revision: String(sha256(canonicalText).prefix(12)))
    }
}

/// Quoted, so that a name can never read like the next part.
private func spelled(_ text: String?) -> String {
    text.map { $0.debugDescription } ?? "-"
}

private func spelled(_ perspective: Perspective) -> String {
    let references = [perspective.far, perspective.near].map { "\($0.row),\($0.height)" }.joined(separator: " ")
    let view = perspective.verticalViewDegrees.map { "\($0)" } ?? "-"
    return "perspective=\(references);person=\(perspective.personHeight);view=\(view)"
}

private func sha256(_ text: String) -> String {
    let digits = Array("0123456789abcdef")
    return String(SHA256.hash(data: Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
