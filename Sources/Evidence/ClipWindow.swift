package import Scene

/// From when until when a clip goes: a pure value, in media time.
///
/// It begins `before` the opening and ends `after` the newest finding; while a condition holds its end is open. Whatever
/// happens it is no longer than `most`, from its first picture on.
package struct ClipWindow: Hashable, Sendable {
    package struct Lengths: Hashable, Sendable {
        package var before: MediaSpan
        package var after: MediaSpan
        package var most: MediaSpan

        package init(before: MediaSpan, after: MediaSpan, most: MediaSpan) {
            self.before = before
            self.after = after
            self.most = most
        }
    }

    /// What is left to do at a moment.
    package enum Verdict: Hashable, Sendable {
        case inside
        case over
        case tooLong
    }

    /// The wish; the keyframe before it is the clip's first picture.
    package let begin: MediaTime
    private let lengths: Lengths
    private var end: MediaTime?

    /// - Parameter decidedAt: media time of the picture that opened it, which the clip shows in any case.
    package init(opening decision: AlertDecision, decidedAt: MediaTime, lengths: Lengths) {
        self.lengths = lengths
        begin = min(decision.start, decidedAt) - lengths.before
        follow(decision)
        end = end.map { max($0, decidedAt + lengths.after) }
    }

    /// A later version of the alert.
    package mutating func follow(_ decision: AlertDecision) {
        end = decision.isHolding ? nil : decision.last + lengths.after
    }

    /// - Parameters:
    ///   - time: of a picture.
    ///   - start: of the clip's first picture.
    package func verdict(on time: MediaTime, start: MediaTime) -> Verdict {
        if let end, time > end { return .over }
        return (time - start).microseconds > lengths.most.microseconds ? .tooLong : .inside
    }
}
