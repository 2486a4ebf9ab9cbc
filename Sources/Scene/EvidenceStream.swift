/// Which of a camera's two streams a picture of evidence was taken from.
package enum EvidenceStream: String, Sendable, Codable, CaseIterable {
    /// The stream that is analysed, because the other had no picture of that moment.
    case analysis
    /// The second stream, of which evidence is made.
    case evidence
}
