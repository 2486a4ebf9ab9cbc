/// One finding of one rule: an instant (a crossing) or the beginning or end of a condition (a zone is occupied).
package struct RuleEvent: Hashable, Sendable {
    package enum Phase: String, Sendable, Codable {
        case instant
        case began
        case ended
    }

    package let rule: RuleID
    package let kind: RuleKind
    package let occurrence: Occurrence
    package let phase: Phase
    /// When it happened in the footage.
    package let time: MediaTime
    /// The frame on which it was decided (never before `time`).
    package let decidedAt: MediaTime
    package let direction: CrossingDirection?
    package let track: TrackID?
    package let box: Box?
    /// The anchor point that decided; for a crossing, the place on the line.
    package let point: Point?
    /// The numbers that decided, by name (seconds and shares of the picture).
    package let measures: [String: Double]
    /// Why; nil where a condition ended and where nothing was weighed (a lost signal).
    package var explanation: Explanation?

    package init(
        rule: RuleID, kind: RuleKind, occurrence: Occurrence, phase: Phase, time: MediaTime, decidedAt: MediaTime,
        direction: CrossingDirection? = nil, track: TrackID? = nil, box: Box? = nil, point: Point? = nil,
        measures: [String: Double] = [:], explanation: Explanation? = nil
    ) {
        self.rule = rule
        self.kind = kind
        self.occurrence = occurrence
        self.phase = phase
        self.time = time
        self.decidedAt = decidedAt
        self.direction = direction
        self.track = track
        self.box = box
        self.point = point
        self.measures = measures
        self.explanation = explanation
    }
}
