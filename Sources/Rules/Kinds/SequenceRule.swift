package import Scene

/// Ordered stages: one track crosses line 1 and then line 2, or goes through zone A and then zone B, with at least
/// ``least`` and at most ``most`` between one stage and the next.
///
/// A line is passed when it is crossed in its direction; a zone while the track is settled inside, so the time to the
/// next stage counts from the last moment inside. Passing an earlier stage again counts anew.
package struct SequenceRule: Hashable, Sendable {
    package enum Stage: Hashable, Sendable {
        case line(LineRule)
        case zone(Polygon)

        package var shape: FenceShape {
            switch self {
            case .line(let line): .polyline(line.line)
            case .zone(let area): .polygon(area)
            }
        }

        var canonicalText: String {
            switch self {
            case .line(let line): "line:" + line.canonicalText
            case .zone(let area): "zone:" + canonicalPoints(area.vertices)
            }
        }
    }

    package static let stageCounts = 2...4
    package static let spans = 0.0...86_400.0

    package let stages: [Stage]
    package let least: MediaSpan
    package let most: MediaSpan

    /// - Precondition: 2…4 stages, `least` ≤ `most`.
    package init(stages: [Stage], least: MediaSpan = .zero, most: MediaSpan) {
        precondition(Self.stageCounts.contains(stages.count) && least <= most, "a sequence of 2…4 stages")
        self.stages = stages
        self.least = least
        self.most = most
    }

    var canonicalText: String {
        stages.map(\.canonicalText).joined(separator: "|")
            + ";least_us=\(least.microseconds);most_us=\(most.microseconds)"
    }
}

/// A sequence rule at work.
struct SequenceWatcher: Watcher {
    static let looks = false
    static let advances = false

    /// When and where a track was last at a stage that it reached in order.
    private struct Passed: Sendable {
        var time: MediaTime
        var place: Point
        /// When it came there; for a line the same.
        let since: MediaTime
    }

    private struct Memory: Sendable {
        var sides = InlineArray<4, SettledSide?>(repeating: nil)
        /// By stage; nil where the stages before were not passed in time.
        var passed = InlineArray<4, Passed?>(repeating: nil)

        mutating func note(
            _ point: TrackPoint, _ stage: Int, isInside: Bool, settleSpan: MediaSpan
        ) -> SettledSide {
            var side = sides[stage] ?? SettledSide(point, isInside: isInside)
            _ = side.note(point, isInside: isInside, settleSpan: settleSpan)
            sides[stage] = side
            return side
        }
    }

    private let anchor: Anchor
    private let sequence: SequenceRule
    private let settleSpan: MediaSpan
    /// The watcher of each stage that is a line, and the area of each that is none.
    private var lines: [LineWatcher?]
    private let areas: [Polygon?]
    /// A line is judged by the way on both its sides.
    private let hasOnlyAreas: Bool
    private var tracks = TrackTable<Memory>()
    private let rule: FenceRule

    init(rule: FenceRule, sequence: SequenceRule) {
        self.rule = rule
        anchor = rule.anchor
        self.sequence = sequence
        settleSpan = Rules.settleSpan(rule)
        lines = sequence.stages.map { stage in
            if case .line(let line) = stage { LineWatcher(rule: rule, line: line) } else { nil }
        }
        areas = sequence.stages.map { stage in
            if case .zone(let area) = stage { area } else { nil }
        }
        hasOnlyAreas = !areas.contains(nil)
    }

    var region: TrackReach.Region { .anchor(.init(areas.compactMap { $0 })) }

    mutating func follow(_ step: PathStep, at time: MediaTime, into findings: inout Findings) -> Interest {
        guard step.point.isMeasured else { return .kept }
        let count = sequence.stages.count
        let slot = tracks.slot(of: step.track, first: Memory())
        // From the last stage to the first, so that one point cannot pass two stages that lie on one another.
        for index in (0..<count).reversed() {
            guard let passed = pass(index, slot, step), isInOrder(passed, index, slot) else { continue }
            if index == count - 1 {
                findings.raise(event(slot, last: passed, step: step, at: time), unless: step.refusal)
                for stage in 0..<count { tracks[slot: slot].passed[stage] = nil }
            } else {
                tracks[slot: slot].passed[index] = passed
            }
        }
        return Interest(isLost: hasOnlyAreas && isOutside(slot))
    }

    private func isOutside(_ slot: Int) -> Bool {
        for index in areas.indices where tracks[slot: slot].sides[index]?.isOutside != true { return false }
        return true
    }

    mutating func end(_ track: EndedTrack, isSettled: Bool, at time: MediaTime, into findings: inout Findings) {
        tracks[track.id] = nil
        for index in lines.indices { lines[index]?.end(track, isSettled: isSettled, at: time, into: &findings) }
    }

    mutating func finish(at time: MediaTime, into findings: inout Findings) {
        tracks.removeAll()
        for index in lines.indices { lines[index]?.finish(at: time, into: &findings) }
    }

    /// Whether the track is at this stage now.
    private mutating func pass(_ index: Int, _ slot: Int, _ step: PathStep) -> Passed? {
        guard let isInside = areas[index]?.contains(step.place(anchor)) else {
            // What is refused is suppressed as a whole at the last stage.
            guard let crossing = lines[index]?.crossing(of: step) else { return nil }
            return Passed(time: crossing.time, place: crossing.place, since: crossing.time)
        }
        let side = tracks[slot: slot].note(step.point, index, isInside: isInside, settleSpan: settleSpan)
        guard isInside, side.isInside == true else { return nil }
        return Passed(time: step.point.time, place: step.place(anchor), since: side.runStart.time)
    }

    private func isInOrder(_ passed: Passed, _ index: Int, _ slot: Int) -> Bool {
        guard index > 0 else { return true }
        guard let before = tracks[slot: slot].passed[index - 1] else { return false }
        let between = self.between(before, passed)
        return between >= sequence.least && between <= sequence.most && passed.since >= before.since
    }

    /// From the last moment at one stage to the first at the next; zones that overlap are passed at once.
    private func between(_ before: Passed, _ passed: Passed) -> MediaSpan { max(.zero, passed.since - before.time) }

    private func event(_ slot: Int, last: Passed, step: PathStep, at time: MediaTime) -> RuleEvent {
        let passed = sequence.stages.indices.compactMap { tracks[slot: slot].passed[$0] } + [last]
        let spans = zip(passed, passed.dropFirst()).map { between($0, $1) }
        let first = passed[0]
        return rule.event(
            .passedInOrder, .instant, at: last.since, decidedAt: time, track: step.track, box: step.point.box,
            point: last.place,
            measures: [
                "took_s": (last.since - first.time).seconds, "least_s": sequence.least.seconds,
                "most_s": sequence.most.seconds, "box_area": step.point.box.area, "displacement": step.displacement
            ],
            explanation: Explanation(
                spans.flatMap { span in
                    [
                        Explanation.Test(.between, span.seconds, .atLeast, sequence.least.seconds),
                        Explanation.Test(.between, span.seconds, .atMost, sequence.most.seconds)
                    ]
                },
                path: passed.map { .init(time: $0.time, point: $0.place) }))
    }
}
