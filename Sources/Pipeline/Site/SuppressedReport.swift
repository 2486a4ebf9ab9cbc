package import Alerts
package import Scene

/// What a camera's rules would have raised but for a filter: the object of `GET /v1/cameras/{camera}/suppressed`.
package struct SuppressedReport: Codable, Sendable, Hashable {
    /// One candidate, and the filter that killed it as one sentence.
    package struct Entry: Codable, Sendable, Hashable {
        package let candidate: SuppressedCandidate
        package let reason: AlertDecision.Summary

        package init(_ candidate: SuppressedCandidate, localTime: LocalTime) {
            self.candidate = candidate
            reason = AlertReasons.sentence(candidate, localTime: localTime.text)
        }

        enum CodingKeys: String, CodingKey {
            case reason
        }

        /// The candidate's own keys and `reason`.
        package init(from decoder: any Decoder) throws {
            candidate = try SuppressedCandidate(from: decoder)
            reason = try decoder.container(keyedBy: CodingKeys.self).decode(
                AlertDecision.Summary.self, forKey: .reason)
        }

        package func encode(to encoder: any Encoder) throws {
            try candidate.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(reason, forKey: .reason)
        }
    }

    package let camera: CameraID
    /// The newest ``CameraCounters/suppressedLimit`` since the camera was started, oldest first.
    package let suppressed: [Entry]
}
