package import Scene

/// Media time of recorded pictures: the start, then presentation times relative to the first.
package struct FootageTimeline {
    private let start: MediaTime
    private var first: MediaSpan?
    private var newest: MediaSpan?
    /// Between pictures, where the file gives them no times.
    private var interval = MediaSpan.milliseconds(40)

    package init(start: MediaTime) {
        self.start = start
    }

    /// Times count from this presentation time, not from that of the first picture: reading begins further on.
    package mutating func begin(at origin: MediaSpan) { first = origin }

    package mutating func useNominal(frameRate: Double?) {
        if let frameRate { interval = .seconds(1 / frameRate) }
    }

    /// - Parameter presentation: nil where the picture has no time stamp: it follows one interval after its forerunner.
    /// - Returns: always later than before; a stamp that runs backwards is taken one microsecond after its forerunner.
    package mutating func time(of presentation: MediaSpan?) -> MediaTime {
        let origin = first ?? presentation ?? .zero
        first = origin
        var span = presentation.map { MediaSpan(microseconds: $0.microseconds - origin.microseconds) }
        if let newest {
            let next = span ?? MediaSpan(microseconds: newest.microseconds + interval.microseconds)
            span = max(next, MediaSpan(microseconds: newest.microseconds + 1))
        }
        newest = span ?? .zero
        return start + newest!
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
