package import Logging
package import Pipeline
import Rules
package import Scene

/// Whether an alert would be raised again: its own clip through a configuration, maybe another one.
///
/// A clip begins shortly before the event. Its first seconds teach the background, as the first seconds of a session do;
/// what asks for more time than is left before the event cannot come about in it, and ``reasons`` say so.
package struct AlertRerun: Sendable {
    package enum Outcome: String, Sendable, Encodable, CaseIterable {
        /// At the same time, within ``AlertDiff/tolerance``.
        case raised
        /// At another time, within ``AlertDiff/window`` or during the alert.
        case moved
        case notRaised = "not_raised"
    }

    /// Why it was not raised again, as far as that can be told.
    package struct Reason: Hashable, Sendable, Encodable {
        package enum Kind: String, Sendable, Encodable, CaseIterable {
            /// The configuration has no such fence on that camera.
            case noFence = "no_fence"
            case otherKind = "other_kind"
            /// By schedule or preset.
            case notArmed = "not_armed"
            /// A filter kept it from being raised.
            case filter
            /// The clip shows less before the event than is asked for.
            case shortClip = "short_clip"
            /// The clip was cut off.
            case cutOff = "cut_off"
            /// Nothing of the kind was seen then.
            case nothing
        }

        package let kind: Kind
        package let text: String
    }

    /// The alert, as it stands now.
    package let alert: AlertDecision
    /// What it is now; nil where it is not raised. It may have begun earlier, with something that the alert had not.
    package let again: AlertDecision?
    /// The finding of ``again`` that is the alert's first.
    package let moment: MediaTime?
    package let outcome: Outcome
    /// What else comes of the clip.
    package let others: [AlertDecision]
    /// What filters kept from being raised by the alert's rule about that time.
    package let suppressed: [SuppressedReport.Entry]
    /// Empty where it is raised.
    package let reasons: [Reason]
    /// How much the clip shows before the alert, and how much of that teaches the background.
    package let lead: MediaSpan
    package let learning: MediaSpan
    /// The clip is of the camera's second stream, the decision was not.
    package let isOfSecondStream: Bool

    /// What a replay of the clip gave.
    struct Pass {
        var decisions: [AlertDecision]
        var suppressed: [SuppressedReport.Entry]
        var isTruncated: Bool
    }

    /// Replays the clip.
    /// - Parameters:
    ///   - side: the configuration's name, for what is said of it.
    /// - Throws: ``AlertRerunError``; `SessionFailure` for a clip that cannot be read.
    package init(
        _ record: AlertRecord, dataFolder: String, assembly: CameraAssembly, side: String, logger: Logger
    ) throws {
        let clip = try Self.clip(of: record, dataFolder)
        let replay = try FootageReplay(
            "\(dataFolder)/\(clip.path)", assembly: assembly, start: clip.mediaTime, logger: logger)
        self.init(
            record, clip: clip, assembly: assembly, side: side,
            pass: Pass(decisions: replay.decisions, suppressed: replay.suppressed, isTruncated: replay.isTruncated))
    }

    init(
        _ record: AlertRecord, clip: AlertReception.Evidence, assembly: CameraAssembly, side: String, pass: Pass
    ) {
        let alert = record.newest.decision
        self.alert = alert
        let found = AlertDiff.newest(pass.decisions)
        let nearest = Self.nearest(to: alert, in: found)
        again = nearest?.decision
        moment = nearest?.time
        others = found.filter { $0.id != nearest?.decision.id }
        outcome =
            nearest.map { nearest -> Outcome in
                Self.distance(nearest.time, alert) <= AlertDiff.tolerance.microseconds ? .raised : .moved
            } ?? .notRaised
        suppressed = pass.suppressed.filter { entry in
            let candidate = entry.candidate
            return candidate.rule == alert.rule
                && Self.isNear(alert, candidate.time...max(candidate.time, candidate.decidedAt))
        }
        lead = alert.start - clip.mediaTime
        learning = assembly.learningSpan
        // Of a camera with two streams each still says which it shows, and clips are of the second.
        isOfSecondStream = record.evidence.contains { $0.stream != nil }
        reasons =
            nearest == nil
            ? Self.reasons(
                alert, assembly: assembly, side: side, pass: pass, suppressed: suppressed,
                left: alert.start - min(alert.start, clip.mediaTime + assembly.learningSpan))
            : []
    }

    // MARK: The clip

    /// The alert's clip, if it is there and is what was journaled.
    private static func clip(
        of record: AlertRecord, _ dataFolder: String
    ) throws(AlertRerunError)
        -> AlertReception.Evidence
    {
        let (decision, standing) = (record.newest.decision, record.newest.reception.clip)
        guard decision.rule != .signal, decision.kind != .manual else {
            throw AlertRerunError(
                .usage, "alert \(decision.id): no picture decided it (\(decision.occurrence.rawValue))")
        }
        guard let clip = record.clip else { throw AlertRerunError(.usage, missing(decision, standing)) }
        let copy = EvidenceCopy(weighing: clip, of: dataFolder)
        guard copy.state == .whole else { throw AlertRerunError(.footage, copy.sentence) }
        return clip
    }

    /// What to configure so that there is a clip the next time.
    private static func missing(_ decision: AlertDecision, _ standing: ClipStanding?) -> String {
        let head = "alert \(decision.id) has no clip"
        guard let standing else {
            return "\(head): cameras of class \(decision.place.cameraClass.rawValue) record none; "
                + "add the class to evidence.clips.classes"
        }
        if standing.state == .recording { return "\(head) yet: it is being recorded; try again in a while" }
        return switch standing.reason {
        case .masked: "\(head): the camera has privacy masks; set evidence.clips.encode to when_needed"
        case .codec: "\(head): its stream cannot be put into one as it is; set evidence.clips.encode to when_needed"
        case .noPackets: "\(head): no packets reached back to the event; raise evidence.clips.ring_megabytes"
        default: "\(head): \(standing.reason?.rawValue ?? "absent")"
        }
    }

    // MARK: Which alert is the same

    /// The finding nearest to the alert's first one, of its rule, occurrence and direction. Episodes fold: what began an
    /// alert then may come second in one now.
    private static func nearest(
        to alert: AlertDecision, in decisions: [AlertDecision]
    ) -> (decision: AlertDecision, time: MediaTime)? {
        let first = alert.findings.first
        let candidates = decisions.filter { $0.rule == alert.rule && $0.occurrence == alert.occurrence }.flatMap {
            decision in
            decision.findings.filter { finding in
                (first?.direction == nil || finding.direction == nil || first?.direction == finding.direction)
                    && isNear(alert, finding.time...finding.time)
            }.map { (decision: decision, time: $0.time) }
        }
        return candidates.min { distance($0.time, alert) < distance($1.time, alert) }
    }

    private static func distance(_ time: MediaTime, _ alert: AlertDecision) -> Int64 {
        abs((time - alert.start).microseconds)
    }

    /// During the alert, or about its beginning.
    private static func isNear(_ alert: AlertDecision, _ span: ClosedRange<MediaTime>) -> Bool {
        span.lowerBound <= max(alert.last, alert.start + AlertDiff.window)
            && span.upperBound >= alert.start - AlertDiff.window
    }

    // MARK: Why not

    private static func reasons(
        _ alert: AlertDecision, assembly: CameraAssembly, side: String, pass: Pass,
        suppressed: [SuppressedReport.Entry], left: MediaSpan
    ) -> [Reason] {
        let rules = assembly.camera.rules
        guard let rule = rules.first(where: { $0.id == alert.rule }) else {
            let known = rules.map(\.id.text).joined(separator: ", ")
            return [
                Reason(
                    kind: .noFence,
                    text: "camera \(assembly.camera.id) of \(side) has no fence \(alert.rule); it has "
                        + (known.isEmpty ? "none" : known))
            ]
        }
        var reasons: [Reason] = []
        if rule.kind != alert.kind {
            let text = "fence \(alert.rule) is a \(rule.kind.rawValue) there, the alert is of a \(alert.kind.rawValue)"
            reasons.append(Reason(kind: .otherKind, text: text))
        }
        let standing = assembly.arming().standing(of: rule.id, at: alert.start)
        if standing != .armed {
            let text = "fence \(alert.rule) does not watch at \(alert.start) (\(standing.rawValue))"
            reasons.append(Reason(kind: .notArmed, text: text))
        }
        reasons += suppressed.map { Reason(kind: .filter, text: $0.reason.en) }
        reasons += tooLong(alert, rule.conditions.persistence, left)
        if pass.isTruncated {
            reasons.append(Reason(kind: .cutOff, text: "the clip is cut off or damaged at its end"))
        }
        guard reasons.isEmpty else { return reasons }
        let window = Int(AlertDiff.window.seconds)
        let text = "nothing that fence \(alert.rule) watches for was seen within \(window) s of \(alert.start)"
        return [Reason(kind: .nothing, text: text)]
    }

    /// Spans that were asked for, or are now, and are longer than what is left of the clip before the alert.
    private static func tooLong(_ alert: AlertDecision, _ persistence: MediaSpan, _ left: MediaSpan) -> [Reason] {
        let explanation = alert.explanation
        let asked = ((explanation?.tests ?? []) + (explanation?.filters ?? [])).filter { test in
            test.quantity.isSpan && test.sense == .atLeast && test.limit > left.seconds
        }.map { ($0.quantity.rawValue, $0.limit) }
        let now = persistence > left ? [("persistence", persistence.seconds)] : []
        return (asked + now).map { name, seconds in
            Reason(
                kind: .shortClip,
                text: "the clip shows \(shortNumber((left.seconds * 100).rounded() / 100)) s before the alert once the "
                    + "background is learnt, \(name) asks for \(shortNumber(seconds)); record more with evidence.clips.pre_s"
            )
        }
    }
}

extension Explanation.Quantity {
    /// Measured in seconds.
    fileprivate var isSpan: Bool {
        switch self {
        case .settled, .stayed, .rested, .unattended, .held, .between, .age: true
        case .beyondLine, .against, .heading, .speed, .travelled, .count, .covered, .stirring, .area, .height: false
        }
    }
}

/// An alert that cannot be rerun, and what to do.
package struct AlertRerunError: Error, Hashable, Sendable, CustomStringConvertible {
    package let exit: ProgramExit
    package let description: String

    init(_ exit: ProgramExit, _ description: String) {
        self.exit = exit
        self.description = description
    }
}
