import Alerts
import Foundation
import Ingest
import Logging
import Pipeline
import Rules
import Scene
import TestSupport
import Testing

/// Orders, and what they and schedules do to a camera's alerts.
@Suite("Arming")
struct ArmingTests {
    private static let gate = CameraID("gate")!
    private static let path = RuleID("path")!
    private static let yard = RuleID("yard")!

    private func order(
        _ act: ArmingOrder.Act, camera: CameraID? = nil, rule: RuleID? = nil, at second: Int64,
        until: Int64? = nil, preset: String? = nil
    ) -> ArmingOrder {
        ArmingOrder(
            act: act, camera: camera, rule: rule, since: at(second), until: until.map { at($0) }, preset: preset,
            who: "w", why: "y")
    }

    private func arming(_ orders: [ArmingOrder], preset: String? = nil) -> CameraArming {
        CameraArming(
            rules: [CameraArming.Rule(id: Self.path), CameraArming.Rule(id: Self.yard, preset: preset)],
            orders: ArmingOrders(orders))
    }

    @Test("of orders that cover a rule the newest in force decides, whatever its scope")
    func precedence() {
        let arming = arming([
            order(.disarm, at: 10), order(.arm, camera: Self.gate, at: 20, until: 30),
            order(.disarm, camera: Self.gate, rule: Self.path, at: 40, until: 50)
        ])
        let expected: [(Int64, RuleStanding, RuleStanding)] = [
            (9, .armed, .armed), (10, .disarmed, .disarmed), (19, .disarmed, .disarmed), (20, .armed, .armed),
            (29, .armed, .armed), (30, .disarmed, .disarmed), (40, .disarmed, .disarmed), (50, .disarmed, .disarmed)
        ]
        for (second, path, yard) in expected {
            #expect(arming.standing(of: Self.path, at: at(second)) == path, "\(second)")
            #expect(arming.standing(of: Self.yard, at: at(second)) == yard, "\(second)")
        }
    }

    @Test("an order takes the place of the older one of its scope, which does not come back")
    func sameScope() {
        let arming = arming([order(.disarm, at: 10), order(.arm, at: 20, until: 30)])
        #expect(arming.standing(of: Self.path, at: at(15)) == .disarmed, "pictures from before are judged as before")
        #expect(arming.standing(of: Self.path, at: at(25)) == .armed)
        #expect(arming.standing(of: Self.path, at: at(35)) == .armed, "always armed without order and schedule")
    }

    @Test("an order overrides the schedule until it is given back")
    func overSchedule() {
        let never = PlacedSchedule(Schedule(week: Array(repeating: [], count: 7)), .universal)
        let rule = CameraArming.Rule(id: Self.path, schedule: never)
        var arming = CameraArming(rules: [rule])
        #expect(arming.standing(of: rule, at: at(5)).standing == .offSchedule)
        arming.orders.take(order(.arm, at: 10))
        #expect(arming.standing(of: rule, at: at(10)).standing == .armed)
        arming.orders.take(order(.schedule, at: 20))
        #expect(arming.standing(of: rule, at: at(20)).standing == .offSchedule)
        #expect(arming.standing(of: rule, at: at(19)).standing == .armed)
    }

    @Test("a hold and another preset come before an order; a lost signal is told by none but its own order")
    func holds() {
        let arming = arming(
            [
                order(.arm, at: 0), order(.hold, camera: Self.gate, at: 10, until: 20),
                order(.preset, camera: Self.gate, at: 10, preset: "north"), order(.disarm, at: 30),
                order(.disarm, rule: .signal, at: 40)
            ], preset: "north")
        #expect(
            arming.standing(of: Self.yard, at: at(5)) == .held && arming.standing(of: Self.path, at: at(5)) == .armed)
        #expect(arming.standing(of: Self.path, at: at(15)) == .held)
        #expect(arming.standing(of: .signal, at: at(15)) == .armed)
        #expect(arming.standing(of: Self.yard, at: at(20)) == .armed)
        #expect(
            arming.standing(of: .signal, at: at(35)) == .armed
                && arming.standing(of: Self.path, at: at(35)) == .disarmed)
        #expect(arming.standing(of: .signal, at: at(40)) == .disarmed)
    }

    @Test("however many orders come, two a scope are kept")
    func bounded() {
        var orders = ArmingOrders()
        for second in 0..<500 { orders.take(order(second % 2 == 0 ? .arm : .disarm, at: Int64(second))) }
        #expect(orders.orders.map(\.since) == [at(498), at(499)])
    }

    /// The box walks in at 2 s, stands in the yard from 6 s to 9 s, and is out again at about 14 s.
    private func replay(
        _ orders: [ArmingOrder], schedule: PlacedSchedule? = nil, start: MediaTime = .epoch
    ) throws -> [AlertDecision] {
        let scene = GoldenScene.enterStandLeave
        let site = try SiteConfiguration.load(
            path: scene.folder.appendingPathComponent("site.yaml").path, modelNames: ModelLibrary.standard().names)
        let camera = site.cameras[0]
        let assembly = try CameraAssembly(camera, library: .standard(), localTime: site.localTime)
        let rules = camera.rules.map { CameraArming.Rule(id: $0.id, schedule: schedule) }
        let outlet = CollectingOutlet()
        let pipeline = CameraPipeline(
            camera: camera.id, rules: camera.rules, analysis: assembly.makeAnalysis(), book: assembly.makeBook(),
            outlet: outlet, raisesSignalAlarms: false,
            duty: CameraDuty(CameraArming(rules: rules, orders: ArmingOrders(orders))), clock: { start },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let scratch = try ScratchFolder()
        let footage = try scene.footage.writeExact(to: scratch.file("scene.mkv"))
        let outcome = try Footage(path: footage, start: start).read(into: pipeline)
        pipeline.finishFootage(at: outcome.last ?? start)
        return outlet.decisions
    }

    @Test("disarmed by hand: what is open is closed at once with the reason, nothing is raised until it is armed again")
    func disarmedMeanwhile() throws {
        let all = try replay([])
        let yard = try #require(all.first { $0.occurrence == .occupied })
        let moment = yard.start + .seconds(2)
        let decisions = try replay([
            ArmingOrder(act: .disarm, since: moment, who: "w", why: "y")
        ])
        let told = decisions.filter { $0.occurrence == .occupied }
        #expect(told.map(\.state) == [.opened, .closed], "\(told.map(\.summary.en))")
        let closed = try #require(told.last)
        #expect(closed.closedBy == .disarmed && closed.id == yard.id && closed.start == yard.start)
        let end = try #require(closed.end)
        #expect(end >= moment && end - moment <= .milliseconds(200), "\(end)")
        #expect(closed.summary.en.hasSuffix("disarmed since") && closed.summary.zh.hasSuffix("此后已人工撤防"))
        #expect(decisions.allSatisfy { $0.start < moment && ($0.state == .closed || $0.last < moment) })
        #expect(all.contains { $0.start > moment }, "the scene goes on after it")
    }

    @Test("disarming one rule leaves the open alerts of the others alone")
    func neighbours() throws {
        let plain = try replay([])
        let yard = try #require(plain.first { $0.occurrence == .occupied })
        let other = try replay([
            ArmingOrder(
                act: .disarm, rule: RuleID("elsewhere"), since: yard.start + .seconds(1),
                until: yard.start + .seconds(2), who: "w", why: "y")
        ])
        #expect(other == plain)
    }

    @Test("armed while something stands inside: it raises only what comes after")
    func armedMeanwhile() throws {
        let all = try replay([])
        let yard = try #require(all.first { $0.occurrence == .occupied })
        let moment = yard.start + .seconds(2)
        let decisions = try replay([
            ArmingOrder(act: .disarm, since: at(0), until: moment, who: "w", why: "y")
        ])
        #expect(!decisions.contains { $0.occurrence == .occupied || $0.start < moment })
        #expect(
            decisions.contains { $0.occurrence == .left },
            "who leaves afterwards has left: \(decisions.map(\.summary.en))")
    }

    @Test("held: everything is closed at once, nothing is looked at, and the view is learnt anew")
    func held() throws {
        let yard = try #require(try replay([]).first { $0.occurrence == .occupied })
        let moment = yard.start + .seconds(1), end = yard.start + .seconds(2.5)
        let decisions = try replay([
            ArmingOrder(act: .hold, camera: Self.gate, since: moment, until: end, who: "w", why: "y")
        ])
        let told = decisions.filter { $0.id == yard.id }
        #expect(told.map(\.state) == [.opened, .closed], "\(told.map(\.summary.en))")
        let closed = try #require(told.last)
        #expect(closed.closedBy == .held && closed.end.map { $0 - moment <= .milliseconds(200) } == true)
        #expect(decisions.allSatisfy { $0.start <= moment || $0.start >= end })
        #expect(decisions.filter { $0.start < moment }.allSatisfy { $0.last <= closed.last })
    }

    @Test("the time of the footage decides: the same walk by night and by day")
    func scheduled() throws {
        var week: [[Schedule.Period]] = Array(repeating: [], count: 7)
        for day in 0..<7 { week[day] = [Schedule.Period(from: 22 * 60, to: 30 * 60)!] }
        let night = PlacedSchedule(Schedule(week: week), SiteCalendar(identifier: "Asia/Shanghai")!)
        let inside = try replay([], schedule: night, start: MediaTime("2026-11-22T20:00:00Z")!)
        let outside = try replay([], schedule: night, start: MediaTime("2026-11-22T04:00:00Z")!)
        let plain = try replay([])
        #expect(outside.isEmpty && inside.count == plain.count)
        // 22:00 UTC is 06:00 in Shanghai: the schedule ends while the yard is occupied.
        let begin = MediaTime("2026-11-22T22:00:00Z")! - .seconds(8)
        let edge = try replay([], schedule: night, start: begin)
        #expect(edge.filter { $0.closedBy == .offSchedule }.allSatisfy { $0.end! <= begin + .seconds(8.2) })
        #expect(edge.contains { $0.closedBy == .offSchedule && $0.occurrence == .occupied })
        #expect(edge.allSatisfy { $0.start < begin + .seconds(8) })
        let again = try replay([], schedule: night, start: begin)
        #expect(edge == again)
    }
}

private func at(_ second: Int64) -> MediaTime { MediaTime(microseconds: second * 1_000_000) }
