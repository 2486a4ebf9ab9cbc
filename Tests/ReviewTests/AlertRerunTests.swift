import Foundation
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// What counts as the same alert, and what is said where there is none.
@Suite("An alert's clip through another configuration")
struct AlertRerunTests {
    private static let site = """
        site: { id: yard }
        listen: 127.0.0.1:8600
        data: ./data
        cameras:
          - id: gate
            url: /none.mkv
            fences:
              - { id: path, kind: line, points: [[0.5,0.95],[0.5,0.05]], persistence: 6 }
        """
    private static let start = MediaTime("2026-11-22T01:31:00Z")!

    private func decision(
        _ id: String, at seconds: [Double], rule: String = "path", kind: RuleKind = .line,
        occurrence: Occurrence = .crossed, direction: CrossingDirection? = .leftToRight,
        explanation: Explanation? = nil
    ) -> AlertDecision {
        let times = seconds.map { Self.start + .seconds($0) }
        return AlertDecision(
            id: id, version: 1, state: .opened, camera: CameraID("gate")!,
            place: CameraPlace(
                site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "gate", cameraClass: .b),
            rule: rule == RuleID.signal.text ? .signal : RuleID(rule)!, ruleRevision: "r", kind: kind,
            occurrence: occurrence, anchor: .foot, start: times[0], last: times[times.count - 1], end: nil,
            count: times.count,
            findings: times.map {
                .init(time: $0, occurrence: occurrence, direction: direction, track: nil, box: nil, point: nil)
            },
            measures: [:], summary: .init(zh: "", en: ""), explanation: explanation,
            provenance: .init(model: "m", modelHash: "h", configurationHash: "c"))
    }

    private func record(
        _ decision: AlertDecision, clip standing: ClipStanding? = ClipStanding(.kept)
    ) throws -> AlertRecord {
        let received = AlertReception(
            serverTime: Self.start, latencyMilliseconds: 0, sequence: 1, evidence: [], clip: standing, isReplay: false)
        return try #require(AlertRecord(versions: [Alert(decision: decision, reception: received)]))
    }

    private func rerun(_ alert: AlertDecision, _ now: [AlertDecision], isTruncated: Bool = false) throws -> AlertRerun {
        let clip = AlertReception.Evidence(
            kind: .clip, path: "clips/a.mp4", sha256: "", bytes: 1, width: 1, height: 1,
            mediaTime: Self.start - .seconds(5))
        return AlertRerun(
            try record(alert), clip: clip, assembly: try CameraAssembly(firstOf: Self.site), side: "other.yaml",
            pass: .init(decisions: now, suppressed: [], isTruncated: isTruncated))
    }

    @Test("the nearest finding of the rule, occurrence and direction is the same alert")
    func pairing() throws {
        let alert = decision("old", at: [0, 8])
        for (now, outcome, shift) in [
            ([decision("old", at: [0])], .raised, 0),
            // Folded into an episode that begins with something else.
            ([decision("new", at: [-4, 0.1])], .raised, 0.1),
            ([decision("new", at: [-1]), decision("newer", at: [3])], .moved, -1),
            ([decision("new", at: [9])], .notRaised, nil), ([decision("new", at: [-5.5])], .notRaised, nil),
            // During the alert.
            ([decision("new", at: [7])], .moved, 7),
            ([decision("new", at: [0], direction: .rightToLeft)], .notRaised, nil),
            ([decision("new", at: [0], occurrence: .entered)], .notRaised, nil),
            ([decision("new", at: [0], rule: "lawn")], .notRaised, nil), ([], .notRaised, nil)
        ] as [([AlertDecision], AlertRerun.Outcome, Double?)] {
            let rerun = try rerun(alert, now)
            #expect(rerun.outcome == outcome, "\(now.map(\.start))")
            #expect(rerun.shift?.seconds == shift, "\(now.map(\.start))")
            #expect(rerun.others.count == now.count - (shift == nil ? 0 : 1))
            #expect(rerun.reasons.isEmpty == (shift != nil))
        }
        let folded = try rerun(alert, [decision("new", at: [-4, 0.1])]).lines
        #expect(folded[0].hasSuffix("(+0.100 s), id new, in an alert that begins at 2026-11-22T01:30:56.000000Z"))
    }

    @Test("what asks for longer than the clip shows is said, and so is a clip that is cut off")
    func reasons() throws {
        let explanation = Explanation(
            [.init(.stayed, 30, .atLeast, 30), .init(.beyondLine, 9, .atLeast, 8)],
            filters: [.init(.age, 3, .atLeast, 2), .init(.height, 9, .atMost, 9)])
        let rerun = try rerun(decision("old", at: [0], explanation: explanation), [], isTruncated: true)
        #expect(rerun.reasons.map(\.kind) == [.shortClip, .shortClip, .cutOff])
        #expect(
            rerun.reasons[0].text.hasPrefix(
                "the clip shows 4 s before the alert once the background is learnt, stayed_s asks for 30;"))
        #expect(rerun.reasons[1].text.contains("persistence asks for 6;"))
        #expect(try self.rerun(decision("old", at: [0]), []).reasons.map(\.kind) == [.shortClip])
    }

    @Test("an alert without a clip says what to configure")
    func missing() throws {
        for (standing, words) in [
            (nil, "cameras of class B record none; add the class to evidence.clips.classes"),
            (ClipStanding(.recording), "yet: it is being recorded"),
            (ClipStanding(.absent, .masked), "set evidence.clips.encode to when_needed"),
            (ClipStanding(.absent, .codec), "set evidence.clips.encode to when_needed"),
            (ClipStanding(.absent, .noPackets), "raise evidence.clips.ring_megabytes"),
            (ClipStanding(.absent, .unwritable), "old has no clip: unwritable")
        ] as [(ClipStanding?, String)] {
            let error = #expect(throws: AlertRerunError.self) { try refused(decision("old", at: [0]), standing) }
            #expect(error?.exit == .usage && error?.description.contains(words) == true, "\(error as Any)")
        }
        for alert in [
            decision("old", at: [0], rule: RuleID.signal.text, kind: .sceneHealth, occurrence: .signalLost),
            decision("old", at: [0], kind: .manual, occurrence: .manual)
        ] {
            let error = #expect(throws: AlertRerunError.self) { try refused(alert, ClipStanding(.kept)) }
            #expect(error?.description.contains("no picture decided it") == true)
        }
    }

    private func refused(_ alert: AlertDecision, _ standing: ClipStanding?) throws {
        _ = try AlertRerun(
            record(alert, clip: standing), dataFolder: "/none", assembly: CameraAssembly(firstOf: Self.site),
            side: "other.yaml", logger: .init(label: "test"))
    }
}
