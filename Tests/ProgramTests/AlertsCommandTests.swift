import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// `snowline alerts reconcile | resend | verdict | export` on a data folder.
@Suite(.timeLimit(.minutes(3)))
struct AlertsCommandTests {
    private let folder: ScratchFolder
    private var data: String { folder.path + "/data" }

    init() throws {
        folder = try ScratchFolder()
        try withJournal { journal in
            try journal.configureSinks(["bus", "dispatch"])
            try journal.append(
                [alert("aaa", name: "=南门"), alert("aaa", version: 2, state: .closed, name: "=南门"), alert("bbb")],
                sinks: ["bus", "dispatch"])
        }
    }

    private func withJournal<Result>(_ body: (AlertJournal) throws -> Result) throws -> Result {
        let journal = try opened()
        defer { try? journal.close() }
        return try body(journal)
    }

    /// A program that another test is just starting may hold a copy of the lock for a moment.
    private func opened() throws -> AlertJournal {
        for _ in 0..<50 {
            if let journal = try? AlertJournal(folder: data) { return journal }
            usleep(100_000)
        }
        return try AlertJournal(folder: data)
    }

    private func alert(
        _ id: String, version: Int = 1, state: AlertState = .opened, name: String = "南门"
    ) -> Alert {
        let start = MediaTime(microseconds: 1_700_000_000_000_000)
        return Alert(
            decision: AlertDecision(
                id: id, version: version, state: state, camera: CameraID("gate")!,
                place: CameraPlace(
                    site: "s", area: nil, grid: nil, gbID: nil, location: nil, cameraName: name, cameraClass: .b),
                rule: RuleID("lawn")!, ruleRevision: "r", kind: .zone, occurrence: .occupied, anchor: .foot,
                start: start, last: start, end: nil, count: 1, findings: [], measures: [:],
                summary: .init(zh: "有目标", en: "somebody said \"stop\", twice"),
                provenance: .init(model: "visible", modelHash: "m", configurationHash: "c")),
            reception: AlertReception(
                serverTime: start, latencyMilliseconds: 1, sequence: 0, evidence: [], isReplay: false))
    }

    private func alerts(_ arguments: String...) async throws -> Programs.Outcome {
        try await RunningProgram("snowline", ["alerts"] + arguments + ["--data", data]).outcome()
    }

    @Test func reconcileNamesEachDifferenceAndEndsWith1() async throws {
        let some = try await alerts("reconcile")
        #expect(some.status == 1, "\(some.errors)")
        #expect(some.lines.first == "raised 3 = journaled 3")
        #expect(some.lines.contains("sink bus: journaled 3 ≠ acked 0 = confirmed 0"), "\(some.output)")
        #expect(some.lines.contains { $0.hasPrefix("waiting aaa.2 dispatch: not delivered, 0 attempts") })
        #expect(some.lines.last == "6 differences")
        let young = try await alerts("reconcile", "--grace", "1h")
        #expect(young.status == 0 && young.lines.last == "no difference", "\(young.output)\(young.errors)")
        try withJournal { journal in
            _ = try journal.confirm(["aaa.1", "aaa.2", "bbb.1"].compactMap { DeliveryReceipt(id: $0) })
        }
        let none = try await alerts("reconcile", "--json")
        #expect(none.status == 0)
        let report = try DecisionCoder.decode(ReconciliationReport.self, from: none.output)
        #expect(report.raised == 3 && report.differences.isEmpty && report.sinks.map(\.confirmed) == [3, 3])
        #expect(try await alerts("reconcile", "--grace", "soon").status == 2)
    }

    @Test func resendPutsBackInLineUnlessADaemonRuns() async throws {
        try withJournal { journal in
            _ = try journal.confirm(["aaa.1", "aaa.2", "bbb.1"].compactMap { DeliveryReceipt(id: $0) })
        }
        let sent = try await alerts("resend", "aaa", "bbb.1", "--sink", "bus", "--who", "Wang", "--why", "asked for")
        #expect(sent.status == 0 && sent.output == "3 rows wait for their sinks again\n", "\(sent.errors)")
        #expect(try JournalReader(folder: data).outbox().map(\.pending) == [3, 0])
        let change = try #require(try JournalReader(folder: data).changes().last)
        #expect(change.kind == .resent && change.detail["who"] == "Wang" && change.detail["why"] == "asked for")
        let unknown = try await alerts("resend", "zzz")
        #expect(unknown.status == 1 && unknown.errors.contains("the journal holds no zzz"))
        let nothing = try await alerts("resend")
        #expect(nothing.status == 2 && nothing.errors.contains("name what to send again"), "\(nothing.errors)")
        let stranger = try await alerts("resend", "aaa", "--sink", "paper")
        #expect(stranger.status == 2 && stranger.errors.contains("\"paper\" is not configured"), "\(stranger.errors)")
        let holder = try opened()
        let locked = try await alerts("resend", "aaa")
        #expect(locked.status == 2 && locked.errors.contains("is in use by another snowlined"), "\(locked.errors)")
        try holder.close()
    }

    @Test func verdictsAreKeptWithWhoAndWhen() async throws {
        let before = MediaTime.now
        let first = try await alerts(
            "verdict", "aaa", "false", "--cause", "rain", "--why", "heavy shower", "--who", "desk 3")
        #expect(
            first.status == 0 && first.output == "verdict false (rain, heavy shower), by desk 3\n", "\(first.errors)")
        #expect(try await alerts("verdict", "aaa", "duplicate", "--who", "desk 4").status == 0)
        // The last verdict counts; nobody has judged the other alert.
        for (verdict, ids) in [("duplicate", ["aaa"]), ("false", []), ("none", ["bbb"])] {
            let listed = try await alerts("list", "--verdict", verdict, "--json")
            let alerts = try listed.lines.map { try DecisionCoder.decode(Alert.self, from: $0) }
            #expect(alerts.map(\.decision.id) == ids, "\(verdict): \(listed.output)\(listed.errors)")
        }
        #expect(try await alerts("list", "--severity", "1", "--severity", "2").lines.isEmpty)
        #expect(try await alerts("list", "--severity", "4").lines.count == 2)
        #expect(try await alerts("list", "--severity", "5").status == 2)
        let kept = try JournalReader(folder: data).verdicts(alert: "aaa")
        #expect(kept.map(\.judgement) == [.refuted, .duplicate] && kept.map(\.who) == ["desk 3", "desk 4"])
        #expect(kept[0].cause == .rain && kept[0].why == "heavy shower")
        #expect(try #require(kept[0].time) >= before && kept[1].time! <= .now)
        #expect(try JournalReader(folder: data).alert(id: "aaa").allSatisfy(\.verified))
        let shown = try await alerts("show", "aaa")
        #expect(shown.output.contains("verdict false (rain, heavy shower), by desk 3, at 20"), "\(shown.output)")
        for (arguments, words) in [
            (["aaa", "true", "--cause", "rain", "--who", "x"], "only a false alert has a cause"),
            (["aaa", "perhaps", "--who", "x"], "perhaps"), (["aaa", "true", "--who", ""], "give who decided"),
            (["aaa", "false", "--cause", "ghost", "--who", "x"], "ghost"), (["aaa", "true"], "--who")
        ] {
            let outcome = try await RunningProgram("snowline", ["alerts", "verdict"] + arguments + ["--data", data])
                .outcome()
            #expect(outcome.status == 2 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
        }
        let unknown = try await alerts("verdict", "zzz", "true", "--who", "x")
        #expect(unknown.status == 1 && unknown.errors.contains("the journal holds no zzz"))
    }

    @Test func exportIsReadableByOthers() async throws {
        _ = try await alerts("verdict", "aaa", "false", "--cause", "fog", "--why=-2+3", "--who", "desk, 3")
        let lines = try await alerts("export", "--versions")
        #expect(lines.status == 0 && lines.lines.count == 3, "\(lines.errors)")
        #expect(lines.lines[0].contains("\"verdicts\":[{\"alert\":\"aaa\",\"cause\":\"fog\""))
        for line in lines.lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?.keys.sorted() == ["decision", "reception", "verdicts", "verified"])
        }
        let table = try await alerts("export", "--form", "csv", "--rule", "lawn")
        let rows = table.output.components(separatedBy: "\r\n")
        #expect(table.status == 0 && rows.count == 4 && rows[3].isEmpty && rows[0].hasPrefix("id,version,state,"))
        #expect(rows[0].split(separator: ",").count == 23)
        // Nothing that a spreadsheet would calculate; quotes doubled, commas inside quotes.
        #expect(rows[1].hasPrefix("aaa,2,closed,gate,'=南门,lawn,zone,occupied,,2023-11-14T"), "\(rows[1])")
        #expect(
            rows[1].contains(",true,false,fog,'-2+3,\"desk, 3\",")
                && rows[1].hasSuffix("\"somebody said \"\"stop\"\", twice\""))
        #expect(rows[2].hasPrefix("bbb,1,opened,gate,南门,") && rows[2].contains(",false,,,,,,"))
        let none = try await alerts("export", "--form", "csv", "--camera", "other")
        #expect(none.status == 0 && none.lines.count == 1)
        #expect(try await alerts("export", "--form", "xml").status == 2)
    }
}
