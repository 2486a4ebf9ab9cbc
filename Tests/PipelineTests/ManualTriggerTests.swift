import Evidence
import Foundation
import Ingest
import Journal
import Logging
import Media
import Scene
import TestSupport
import Testing

@testable import Pipeline

/// Alarms by hand through a camera's desk into a real journal: with a picture, without one, and refused.
@Suite("Alarms by hand")
struct ManualTriggerTests {
    private static let site = """
        site: { id: "1", name: drawn }
        cameras:
          - id: gate
            url: rtsp://127.0.0.1/scene
            privacy_masks: [[[0,0],[0.5,0],[0.5,1],[0,1]]]
            fences:
              - { id: button, kind: manual, severity: 1, tags: [duty] }
              - { id: slow, kind: manual, cool_down: 3600 }
              - { id: yard, kind: zone, points: [[0.5,0.1],[1,0.1],[1,1],[0.5,1]] }
        """
    private static let stream = StreamDescription(
        codec: "h264", size: PictureSize(width: 160, height: 120), nominalFrameRate: 25, transport: .tcp)
    private static let gate = CameraID("gate")!
    private static let clock = MediaTime("2026-11-22T04:00:00Z")!

    private let scratch: ScratchFolder
    private let journal: AlertJournal
    private let camera: CameraConfiguration

    init() throws {
        scratch = try ScratchFolder()
        journal = try AlertJournal(folder: scratch.path, clock: { Self.clock })
        camera = try ConfigurationFixture.decode(Self.site).cameras[0]
    }

    private func station(_ orders: [ArmingOrder] = []) throws -> CameraStation {
        let assembly = try CameraAssembly(
            camera, library: .standard(), localTime: try ConfigurationFixture.decode(Self.site).localTime)
        return try CameraStation(
            assembly, orders: ArmingOrders(orders), calendar: SiteCalendar(identifier: "Asia/Shanghai")!,
            in: SiteRooms(
                journal: journal, store: EvidenceStore(folder: scratch.path), sinks: SharedSinks(["paper"]),
                wakeGate: WakeGate(limit: 1), clock: { Self.clock },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    }

    private func ask(_ rule: String, _ who: String = "Wang") -> ManualTrigger {
        ManualTrigger(rule: RuleID(rule)!, request: ManualRequest(who: who, why: "smoke at the gate"))
    }

    private func raised(_ outcome: TriggerOutcome) throws -> TriggerReceipt {
        guard case .raised(let receipt) = outcome else {
            Issue.record("not raised: \(outcome)")
            throw CancellationError()
        }
        return receipt
    }

    private func problem(_ outcome: TriggerOutcome) -> String {
        switch outcome {
        case .raised: "raised"
        case .unknown(let text), .refused(let text), .failed(let text): text
        case .malformed(let texts): texts.joined()
        }
    }

    /// Pictures for as long as `body` takes, as a camera's thread brings them.
    private func whileStreaming(
        _ desk: CameraDesk, _ body: @escaping @Sendable () async throws -> TriggerOutcome
    ) async throws -> TriggerOutcome {
        let footage = try DrawnFootage(pictureCount: 40).writeExact(to: scratch.file("\(UUID()).mkv"))
        let (interrupt, start) = (Interrupt(), Self.clock)
        let (flowing, flows) = AsyncStream.makeStream(of: Void.self)
        let (reading, ended) = AsyncStream.makeStream(of: Void.self)
        // A thread, as a feed has one: what blocks would starve the tasks.
        Thread.detachNewThread {
            let receiver = Patient(desk, interrupt) { flows.finish() }
            _ = try? Footage(path: footage, start: start).read(into: receiver, interrupt: interrupt)
            ended.finish()
        }
        for await _ in flowing {}
        let outcome = try await body()
        interrupt.cancel()
        for await _ in reading {}
        return outcome
    }

    @Test("with pictures it is journaled with stills, who and why, and goes to the sinks")
    func withPicture() async throws {
        let station = try station()
        let desk = station.desk
        let trigger = ask("button")
        let receipt = try raised(try await whileStreaming(desk) { await desk.trigger(trigger) })
        #expect(receipt.version == 1 && receipt.hasPicture && receipt.time >= Self.clock)
        let alert = try #require(try journal.reader.alert(id: receipt.alert).first)
        let decision = alert.decision
        #expect(decision.kind == .manual && decision.rule.text == "button" && decision.start == receipt.time)
        #expect(decision.explanation?.request == trigger.request && decision.severity == 1 && decision.tags == ["duty"])
        #expect(decision.codes == Occurrence.manual.alarmCode)
        #expect(alert.reception.evidence.map(\.kind) == [.clean, .annotated])
        // The left half is masked: also on a picture that was not analysed.
        let still = try #require(alert.reception.evidence.first { $0.kind == .clean })
        let levels = try lumaMeans(of: scratch.file(still.path))
        #expect(levels.left < 20 && levels.right > 60, "\(levels)")
        #expect((try journal.reader.outbox().first { $0.sink == "paper" }?.pending ?? 0) > 0)
        await station.stop()
    }

    @Test("without a session it is journaled at once, at the server's time, without stills")
    func withoutSession() async throws {
        let station = try station()
        station.desk.sessionEnded(SessionFailure(.unreachable, at: StreamAddress("rtsp://127.0.0.1/scene")), at: nil)
        let receipt = try raised(await station.desk.trigger(ask("button")))
        #expect(!receipt.hasPicture && receipt.time == Self.clock)
        let alerts = try journal.reader.alerts(AlertFilter(camera: Self.gate))
        #expect(Set(alerts.map(\.decision.occurrence)) == [.signalLost, .manual])
        #expect(alerts.allSatisfy { $0.reception.evidence.isEmpty })
        // Again within its quiet: the same alert, another version, and both who are kept.
        let again = try raised(await station.desk.trigger(ask("button", "Li")))
        #expect(again.alert == receipt.alert && again.version == 2)
        let newest = try #require(try journal.reader.alert(id: receipt.alert).last)
        #expect(newest.decision.findings.compactMap(\.request?.who) == ["Wang", "Li"])
        await station.stop()
    }

    @Test("a session whose pictures do not come holds it up for a moment only")
    func stalled() async throws {
        let station = try station()
        station.desk.sessionBegan(Self.stream, anchor: Self.clock)
        let receipt = try raised(await station.desk.trigger(ask("button")))
        #expect(!receipt.hasPicture)
        #expect(try journal.reader.holds(alertID: receipt.alert))
        await station.stop()
    }

    @Test("held or at another preset it is raised all the same, and with the picture; disarmed it is refused")
    func standings() async throws {
        let hold = ArmingOrder(act: .hold, camera: Self.gate, since: Self.clock - .seconds(9), who: "ptz", why: "tour")
        let held = try station([hold])
        let (desk, trigger) = (held.desk, ask("button"))
        let receipt = try raised(try await whileStreaming(desk) { await desk.trigger(trigger) })
        #expect(receipt.hasPicture)
        #expect(held.counters.snapshot.analyzed == 0, "nothing is analysed while it is held")
        let reports = held.duty.reports(at: Self.clock)
        #expect(reports.map(\.standing) == [.armed, .armed, .held])
        // No picture is missed by what needs none.
        #expect(reports[0].coverage == .watched && reports[2].coverage == .held)
        await held.stop()

        let disarm = ArmingOrder(act: .disarm, since: Self.clock - .seconds(9), who: "Li", why: "repair")
        let disarmed = try station([disarm])
        #expect(problem(await disarmed.desk.trigger(ask("button"))).hasPrefix("rule button is disarmed at 2026-11-22"))
        await disarmed.stop()
    }

    @Test("its cool-down refuses the second one, says by how much, and outlasts a restart")
    func coolDown() async throws {
        let first = try station()
        _ = try raised(await first.desk.trigger(ask("slow")))
        let told = "rule slow: only 0 s after the last alarm, the cool-down is 3600 s"
        #expect(problem(await first.desk.trigger(ask("slow"))) == told)
        #expect(first.counters.snapshot.suppressed.map(\.filter) == [.coolDown])
        await first.stop()
        #expect(problem(await first.desk.trigger(ask("slow"))).contains("being stopped"))
        let second = try station()
        #expect(problem(await second.desk.trigger(ask("slow"))) == told)
        _ = try raised(await second.desk.trigger(ask("button")))
        await second.stop()
        #expect(try journal.reader.alerts(AlertFilter(rule: RuleID("slow"))).count == 1)
    }

    @Test("a rule of another kind is not raised by hand, and no more than so many wait")
    func refusals() async throws {
        let station = try station()
        #expect(problem(await station.desk.trigger(ask("yard"))) == "rule yard: it is not raised by hand")
        station.desk.sessionBegan(Self.stream, anchor: Self.clock)
        let (desk, trigger) = (station.desk, ask("button"))
        let outcomes = await withTaskGroup(of: TriggerOutcome.self) { group in
            for _ in 0..<CameraDesk.inboxLimit + 3 { group.addTask { await desk.trigger(trigger) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let refused = outcomes.map(problem).filter { $0 != "raised" }
        #expect(refused.count == 3 && refused.allSatisfy { $0.contains("8 alarms by hand wait") }, "\(refused)")
        await station.stop()
    }

    /// Mean levels of a still's halves.
    private func lumaMeans(of path: String) throws -> (left: Double, right: Double) {
        let means = Means()
        _ = try Footage(path: path).read(into: means)
        return (means.left, means.right)
    }
}

/// Hands a few pictures on, then each further one only once a request waits for it: however busy the machine is, there
/// is a picture for every request.
private final class Patient: PictureReceiver {
    private let desk: CameraDesk
    private let interrupt: Interrupt
    private let flows: () -> Void
    private var count = 0

    /// - Parameter flows: called once the first pictures have come.
    init(_ desk: CameraDesk, _ interrupt: Interrupt, flows: @escaping () -> Void) {
        self.desk = desk
        self.interrupt = interrupt
        self.flows = flows
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { desk.sessionBegan(stream, anchor: anchor) }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        if count == 5 { flows() }
        while count >= 5, desk.waitingCount == 0, interrupt.sleep(for: .milliseconds(2)) {}
        desk.receive(&picture, at: time)
        count += 1
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

private final class Means: PictureReceiver {
    private(set) var left = 0.0
    private(set) var right = 0.0

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}

    func receive(_ picture: inout Picture, at time: MediaTime) {
        picture.withLuma { luma in
            func mean(_ columns: Range<Int>) -> Double {
                var sum = 0
                for row in 0..<luma.height {
                    for column in columns { sum += Int(luma.base[row * luma.stride + column]) }
                }
                return Double(sum) / Double(luma.height * columns.count)
            }
            left = mean(0..<luma.width / 2 - 4)
            right = mean(luma.width / 2 + 4..<luma.width)
        }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}
