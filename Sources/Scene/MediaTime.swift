/// A moment of footage: whole microseconds since 1970-01-01T00:00:00Z on the camera's media timeline.
///
/// A live session is anchored once and then runs on presentation timestamps; footage starts at the time it is
/// given, else at the epoch. Vision and Rules know no other clock.
package struct MediaTime: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    @inlinable package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    @inlinable package static var epoch: MediaTime { MediaTime(microseconds: 0) }

    @inlinable package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    @inlinable package static func + (time: Self, span: MediaSpan) -> Self {
        Self(microseconds: time.microseconds + span.microseconds)
    }

    @inlinable package static func - (time: Self, span: MediaSpan) -> Self {
        Self(microseconds: time.microseconds - span.microseconds)
    }

    @inlinable package static func - (later: Self, earlier: Self) -> MediaSpan {
        MediaSpan(microseconds: later.microseconds - earlier.microseconds)
    }

    /// The whole second this moment lies in, as seconds since the epoch (rounded down).
    package var wholeSecond: Int64 {
        let quotient = microseconds / 1_000_000
        return microseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }
}

/// A signed length of media time in whole microseconds.
package struct MediaSpan: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    @inlinable package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    @inlinable package static var zero: MediaSpan { MediaSpan(microseconds: 0) }

    package static func seconds(_ value: Double) -> Self {
        Self(microseconds: Int64((value * 1_000_000).rounded()))
    }

    package static func milliseconds(_ value: Int64) -> Self {
        Self(microseconds: value * 1000)
    }

    @inlinable package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    @inlinable package var seconds: Double { Double(microseconds) / 1_000_000 }
}
