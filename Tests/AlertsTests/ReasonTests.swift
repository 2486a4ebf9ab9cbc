import Alerts
import Scene
import Testing

@Suite struct ReasonTests {
    @Test func theNumbersThatDecidedAreInTheSentence() throws {
        let explanation = Explanation(
            [.init(.beyondLine, 0.0123, .atLeast, 0.008)], filters: [.init(.area, 0.04, .atMost, 0.2)])
        let reason = try #require(AlertReasons.reason(explanation))
        #expect(
            reason.en
                == "raised because it stood 1.23 % of the picture beyond the line (at least 0.8 %); "
                + "passed: it covered 4 % of the picture (at most 20 %)")
        #expect(reason.zh == "判定依据：越线后离线 1.23 %（至少 0.8 %）；已通过条件：目标占画面 4 %（至多 20 %）")
        #expect(AlertReasons.reason(nil) == nil && AlertReasons.reason(Explanation([])) == nil)
    }

    @Test func whoAskedAndWhyAreToldOfEachRequest() throws {
        var book = book()
        func asked(_ second: Double, _ who: String) -> RuleEvent {
            RuleEvent(
                rule: RuleID("button")!, kind: .manual, occurrence: .manual, phase: .instant, time: seconds(second),
                decidedAt: seconds(second), explanation: Explanation([], request: .init(who: who, why: "smoke")))
        }
        let first = try #require(book.handle([asked(1, "Wang")], at: seconds(1)).first)
        #expect(first.reason?.en == "raised because Wang asked for it: smoke")
        #expect(first.reason?.zh == "判定依据：由 Wang 手动触发，原因：smoke")
        #expect(first.explanation?.request == ManualRequest(who: "Wang", why: "smoke"))
        // Within its quiet the same alert goes on; the second who is not lost.
        let second = try #require(book.handle([asked(4, "Li")], at: seconds(4)).first)
        #expect(second.id == first.id && second.version == 2)
        #expect(second.findings.compactMap(\.request?.who) == ["Wang", "Li"])
    }

    @Test(arguments: Explanation.Quantity.allCases)
    func everyQuantityHasItsPhrase(quantity: Explanation.Quantity) throws {
        let reason = try #require(AlertReasons.reason(Explanation([.init(quantity, 2, .atLeast, 1)])))
        let text = quantity == .speed ? "7.2" : "2"
        #expect(reason.en.contains(text) && reason.zh.contains(text) && reason.en.contains("at least"))
        #expect(reason.zh.unicodeScalars.allSatisfy { !("a"..."l").contains($0) }, "no English word in \(reason.zh)")
    }

    @Test(arguments: Occurrence.allCases)
    func everyOccurrenceIsToldInBothLanguages(occurrence: Occurrence) {
        var book = book()
        let isCondition = occurrence.chinese("lawn").isCondition
        #expect(isCondition == occurrence.english("lawn").isCondition)
        func event(_ phase: RuleEvent.Phase, _ second: Double) -> RuleEvent {
            RuleEvent(
                rule: RuleID("lawn")!, kind: .zone, occurrence: occurrence, phase: phase, time: seconds(second),
                decidedAt: seconds(second), explanation: Explanation([.init(.held, 2, .atLeast, 1)]))
        }
        var versions = book.handle([event(isCondition ? .began : .instant, 1)], at: seconds(1))
        if isCondition { versions += book.handle([event(.ended, 9)], at: seconds(9)) }
        versions += book.finish()
        #expect(versions.first?.state == .opened && versions.last?.state == .closed)
        // What was told when a condition ended is told again when its episode is closed.
        #expect(Set(versions.map(\.summary.zh)).count == 2 && Set(versions.map(\.summary.en)).count == 2)
        #expect(versions.allSatisfy { $0.summary.en.hasPrefix("south-gate: ") && $0.summary.zh.hasPrefix("南门") })
        #expect(versions.allSatisfy { $0.codes == occurrence.alarmCode && $0.severity == 3 && $0.reason != nil })
        #expect(versions.allSatisfy { $0.explanation?.tests.count == 1 })
    }

    @Test(arguments: RuleFilter.allCases)
    func whatWasSuppressedSaysWhy(filter: RuleFilter) {
        let candidate = SuppressedCandidate(crossing(7), filter: filter, value: 0.25, limit: 0.5)
        let sentence = AlertReasons.sentence(candidate) { "\($0)" }
        #expect(sentence.en.hasPrefix("rule path did not raise crossed at 1970-01-01T00:00:07"))
        #expect(sentence.zh.hasPrefix("规则 path 未报警"))
        if filter != .ignoreMask {
            let share = filter == .sizeLeast || filter == .sizeMost
            for text in share ? ["25 %", "50 %"] : ["0.25", "0.5"] {
                #expect(sentence.en.contains(text) && sentence.zh.contains(text))
            }
        }
    }

    @Test func severityAndTagsComeFromTheRule() {
        var camera = watchedCamera()
        camera.rules[RuleID("path")!] = .init(revision: "r1", severity: 1, tags: ["night"])
        var book = book(camera)
        let versions = book.handle([crossing(1)], at: seconds(1)) + book.handle([signal(.began, 2)], at: seconds(2))
        #expect(versions.map(\.severity) == [1, 2] && versions.map(\.tags) == [["night"], nil])
    }
}
