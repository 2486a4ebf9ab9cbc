import Pipeline
import Scene
import TestSupport
import Testing

@Suite("The account of the watch")
struct CoverageLedgerTests {
    private static let camera = CameraID("gate")!
    private static let rule = RuleID("lawn")!
    private let calendar = SiteCalendar(identifier: "Europe/Berlin")!

    private func arming(_ orders: [ArmingOrder] = [], schedule: PlacedSchedule? = nil) -> CameraArming {
        CameraArming(
            rules: [CameraArming.Rule(id: Self.rule, schedule: schedule)], orders: ArmingOrders(orders))
    }

    private func ledger(
        _ arming: CameraArming, until: MediaTime? = nil, watchesHealth: Bool = false, now: MediaTime
    ) -> CoverageLedger {
        CoverageLedger(
            camera: Self.camera, arming: arming, calendar: calendar,
            accountedUntil: until.map { [Self.rule: $0] } ?? [:], watchesHealth: watchesHealth ? [Self.rule] : [],
            now: now)
    }

    private func seconds(_ batch: CoverageBatch) -> [CoverageState: Double] {
        batch.hours.reduce(into: [:]) { $0[$1.state, default: 0] += $1.span.seconds }
    }

    private func watch(
        _ ledger: inout CoverageLedger, _ arming: CameraArming, from: MediaTime, seconds: Int,
        _ state: CoverageState = .watched
    ) {
        for tenth in 0...(seconds * 10) {
            ledger.picture(at: from + .milliseconds(Int64(tenth) * 100), state, arming)
        }
    }

    @Test("pictures cover the time between them; a stretch without one is lost, and listed")
    func lost() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        watch(&ledger, arming, from: start + .seconds(2), seconds: 58)
        watch(&ledger, arming, from: start + .seconds(90), seconds: 10)
        let batch = ledger.drain()
        #expect(seconds(batch) == [.lost: 32, .watched: 68])
        #expect(batch.gaps.map(\.state) == [.lost, .lost])
        #expect(batch.gaps.map(\.start) == [start, start + .seconds(60)])
        #expect(batch.gaps.map(\.end) == [start + .seconds(2), start + .seconds(90)])
        #expect(batch.accountedUntil == [Self.rule: start + .seconds(100)])
        #expect(ledger.drain().hours.isEmpty, "told once")
    }

    @Test("what was left out is shed, however long, and not lost")
    func shed() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        watch(&ledger, arming, from: start, seconds: 10)
        ledger.leftOut(until: start + .seconds(25), arming)
        watch(&ledger, arming, from: start + .seconds(25), seconds: 5)
        let batch = ledger.drain()
        #expect(seconds(batch) == [.watched: 15, .shed: 15])
        #expect(batch.gaps.map(\.state) == [.shed] && batch.gaps.first?.start == start + .seconds(10))
    }

    @Test("what came damaged is lost, however short")
    func missed() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        watch(&ledger, arming, from: start, seconds: 10)
        ledger.missed(until: start + .seconds(12), arming)
        watch(&ledger, arming, from: start + .seconds(12), seconds: 5)
        let batch = ledger.drain()
        #expect(seconds(batch) == [.watched: 15, .lost: 2])
        #expect(batch.gaps.map(\.state) == [.lost] && batch.gaps.first?.end == start + .seconds(12))
    }

    @Test("time that no picture reaches is lost as it passes; pictures that come late for it count no more")
    func ticks() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        ledger.noPicture(until: start + .seconds(30), arming)
        #expect(ledger.drain().gaps.map(\.end) == [start + .seconds(30)])
        ledger.noPicture(until: start + .seconds(50), arming)
        watch(&ledger, arming, from: start + .seconds(45), seconds: 15)
        let batch = ledger.drain()
        #expect(seconds(batch) == [.lost: 20, .watched: 10])
        #expect(
            batch.gaps == [
                CoverageGap(
                    camera: Self.camera, rule: Self.rule, state: .lost, start: start, end: start + .seconds(50))
            ], "the same gap, with its end")
    }

    @Test("learning, tampering and holds are blind; a rule on the picture's health sees through them")
    func blind() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        for (state, isSeen) in [
            (CoverageState.learning, true), (.covered, true), (.moved, true), (.blurred, true), (.tooDark, true),
            (.frozen, true), (.held, false), (.shed, false)
        ] {
            var plain = ledger(arming, now: start), health = ledger(arming, watchesHealth: true, now: start)
            watch(&plain, arming, from: start, seconds: 5, state)
            watch(&health, arming, from: start, seconds: 5, state)
            #expect(seconds(plain.drain()) == [state: 5])
            #expect(seconds(health.drain()) == [isSeen ? .watched : state: 5])
        }
    }

    @Test("what the picture's health means")
    func health() {
        var health = SceneHealth.good
        #expect(CoverageState(health) == nil)
        health.set(.lightingJump, since: .epoch)
        health.set(.infraredSwitch, since: .epoch)
        #expect(CoverageState(health) == nil, "objects are followed through another light")
        for (condition, state) in [
            (SceneCondition.blurred, CoverageState.blurred), (.tooBright, .tooBright), (.tooDark, .tooDark),
            (.moved, .moved), (.covered, .covered), (.frozen, .frozen), (.signalLost, .lost)
        ] {
            health.set(condition, since: .epoch)
            #expect(CoverageState(health) == state, "the graver one of several counts")
        }
    }

    @Test("a standstill of the daemon is accounted for when it comes back, by the schedule that held")
    func standstill() {
        var week: [[Schedule.Period]] = Array(repeating: [], count: 7)
        for day in 0..<7 { week[day] = [Schedule.Period(from: 20 * 60, to: 30 * 60)!] }
        let night = PlacedSchedule(Schedule(week: week), calendar)
        let arming = arming([], schedule: night)
        // Berlin is an hour ahead: from 12:00 to 23:00 there, three hours of them at night.
        let end = MediaTime("2026-11-22T11:00:00Z")!
        var ledger = ledger(arming, until: end, now: end + .seconds(11 * 3600))
        let batch = ledger.drain()
        #expect(seconds(batch) == [.offSchedule: 8 * 3600, .notRunning: 3 * 3600])
        #expect(batch.gaps.map(\.state) == [.notRunning] && batch.gaps[0].start == MediaTime("2026-11-22T19:00:00Z")!)
        #expect(batch.hours.allSatisfy { $0.span <= .seconds(3600) } && batch.hours.count == 11)
    }

    @Test("a clock that was wrong in the future or years back does not stop or flood the account")
    func wrongClocks() {
        let now = MediaTime("2026-11-22T11:00:00Z")!
        var future = ledger(arming(), until: now + .seconds(86_400 * 300), now: now)
        watch(&future, arming(), from: now, seconds: 5)
        #expect(seconds(future.drain()) == [.watched: 5])
        var past = ledger(arming(), until: .epoch, now: now)
        #expect(seconds(past.drain())[.notRunning] == CoverageLedger.backfill.seconds)
    }

    @Test("a storm of short gaps is listed up to a limit, its sums are exact")
    func storm() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        for second in 0..<3000 {
            ledger.picture(
                at: start + .seconds(Double(second)), second / 2 % 2 == 0 ? .watched : .learning, arming)
        }
        let batch = ledger.drain()
        #expect(batch.gaps.count <= CoverageLedger.gapsPerHour + 1 && batch.gaps.count >= CoverageLedger.gapsPerHour)
        #expect(seconds(batch).values.reduce(0, +) == 2999)
    }

    @Test("what could not be written comes again, once")
    func putBack() {
        let start = MediaTime("2026-11-22T08:00:00Z")!
        let arming = arming()
        var ledger = ledger(arming, now: start)
        watch(&ledger, arming, from: start + .seconds(10), seconds: 20)
        let first = ledger.drain()
        ledger.putBack(first)
        watch(&ledger, arming, from: start + .seconds(30), seconds: 20)
        let second = ledger.drain()
        #expect(seconds(second) == [.lost: 10, .watched: 40])
        #expect(second.gaps == first.gaps)
    }

    /// Any mixture of pictures, standstills, orders and schedules: every microsecond of the time that passed is in one
    /// state of one hour, in days of 23, 24 and 25 hours.
    @Test("every day adds up", arguments: [UInt64.random(in: 0..<100_000)], ["2026-11-22", "2027-03-28", "2027-10-31"])
    func addsUp(seed: UInt64, day: String) {
        var random = SeededRandom(seed: seed)
        let date = CivilDay(day)!
        let start = calendar.start(of: date), end = calendar.start(of: date + 1)
        for round in 0..<20 {
            let from = Int.random(in: 0..<1440, using: &random)
            let period = Schedule.Period(from: from, to: from + Int.random(in: 1...1440, using: &random))!
            let schedule = PlacedSchedule(Schedule(week: Array(repeating: [period], count: 7)), calendar)
            var arming = arming([], schedule: schedule)
            var ledger = ledger(arming, now: start)
            var sums: [MediaTime: Int64] = [:]
            var moment = start
            func collect(_ batch: CoverageBatch) {
                for entry in batch.hours { sums[entry.hour, default: 0] += entry.span.microseconds }
            }
            while moment < end {
                let step = MediaSpan(microseconds: Int64.random(in: 1...3_000_000_000, using: &random))
                let next = min(end, moment + step)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: ledger.noPicture(until: next, arming)
                case 1:
                    collect(ledger.drain())
                    ledger = self.ledger(arming, until: moment, now: next)
                case 2:
                    let act = Bool.random(using: &random) ? ArmingOrder.Act.arm : .disarm
                    arming.orders.take(
                        ArmingOrder(act: act, since: moment, until: moment + step, who: "w", why: "y"))
                    ledger.picture(at: next, .watched, arming)
                case 3:
                    collect(ledger.drain())
                    continue
                default:
                    for part in 1...20 {
                        let time = moment + MediaSpan(microseconds: (next - moment).microseconds * Int64(part) / 20)
                        ledger.picture(at: time, CoverageState.allCases.randomElement(using: &random)!, arming)
                    }
                }
                moment = next
            }
            collect(ledger.drain())
            let total = sums.values.reduce(0, +)
            #expect(total == (end - start).microseconds, "seed \(seed), round \(round)")
            #expect(sums.values.allSatisfy { $0 == 3_600_000_000 }, "seed \(seed), round \(round)")
            #expect(sums.keys.allSatisfy { calendar.day(of: $0) == date })
        }
    }
}
