import Scene

/// How much is done for a camera where the machine has too much to do: each step costs less than the one before.
package enum LoadStep: Int, Sendable, CaseIterable, Comparable {
    /// All that is configured.
    case full
    /// Everything is decoded; the least number of pictures a second is analysed, whatever stirs.
    case analysis
    /// Keyframes alone are decoded and analysed, one a second at most.
    case keyframes
    /// The stream is received, so that its loss would be seen, and nothing is decoded.
    case paused

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// For the journal, status and metrics.
    package var name: String {
        switch self {
        case .full: "full"
        case .analysis: "analysis"
        case .keyframes: "keyframes"
        case .paused: "paused"
        }
    }

    package init?(name: String) {
        guard let step = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = step
    }

    /// Between two keyframes that are decoded at ``keyframes``: a stream of keyframes alone would save nothing else.
    static let keyframeSpacing = MediaSpan.seconds(1)
}
