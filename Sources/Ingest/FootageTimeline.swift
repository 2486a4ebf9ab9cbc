package import Scene

/// Media time of recorded pictures: the start, then presentation times relative to the first.
///
/// Stamps that jump are another time, as they are of a live stream (``LiveTimeline``): time goes with them where they
/// jump on, and goes on from their forerunner where they are set back.
package struct FootageTimeline {
    package enum Jump: Hashable, Sendable {
        case onward(MediaSpan)
        case back(MediaSpan)

        /// Like `3600 s back`.
        var text: String {
            switch self {
            case .onward(let span): "\(Int(span.seconds.rounded())) s on"
            case .back(let span): "\(Int(span.seconds.rounded())) s back"
            }
        }
    }

    /// Footage of so few pictures that they lie this far apart does not jump.
    private static let rareFactor: Int64 = 4

    private let start: MediaTime
    private var first: MediaSpan?
    private var newest: MediaSpan?
    /// Between pictures, where the file gives them no times.
    private var interval = MediaSpan.milliseconds(40)
    /// Between the two newest pictures.
    private var step = MediaSpan.zero
    /// Of the newest picture's stamp from its forerunner's.
    package private(set) var jump: Jump?

    package init(start: MediaTime) {
        self.start = start
    }

    /// Times count from this presentation time, not from that of the first picture: reading begins further on.
    package mutating func begin(at origin: MediaSpan) { first = origin }

    package mutating func useNominal(frameRate: Double?) {
        if let frameRate { interval = .seconds(1 / frameRate) }
    }

    /// - Parameter presentation: nil where the picture has no time stamp: it follows one interval after its forerunner.
    /// - Returns: always later than before; a stamp that runs backwards a little is taken one microsecond after its
    ///   forerunner, one that is ``jump``ing one interval.
    package mutating func time(of presentation: MediaSpan?) -> MediaTime {
        let origin = first ?? presentation ?? .zero
        first = origin
        jump = nil
        var span = presentation.map { MediaSpan(microseconds: $0.microseconds - origin.microseconds) }
        if let newest {
            var next = span ?? newest + interval
            jump = jump(from: newest, to: next)
            if case .back = jump, let presentation {
                next = newest + interval
                first = presentation - next
            }
            span = max(next, MediaSpan(microseconds: newest.microseconds + 1))
            step = (span ?? newest) - newest
        }
        newest = span ?? .zero
        return start + newest!
    }

    private func jump(from newest: MediaSpan, to next: MediaSpan) -> Jump? {
        if newest - next >= LiveTimeline.wrongStampMost { return .back(newest - next) }
        let usual = MediaSpan(microseconds: step.microseconds * Self.rareFactor)
        return next - newest > max(LiveTimeline.tolerance, usual) ? .onward(next - newest) : nil
    }

    /// From the first picture to the newest.
    package var newestSpan: MediaSpan? { newest }
    /// When a picture that follows on the newest would come.
    package var next: MediaTime { newest.map { start + $0 + interval } ?? start }
}

extension MediaSpan {
    static func + (left: Self, right: Self) -> Self {
        Self(microseconds: left.microseconds + right.microseconds)
    }

    static func - (left: Self, right: Self) -> Self {
        Self(microseconds: left.microseconds - right.microseconds)
    }
}
