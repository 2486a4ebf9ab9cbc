import Foundation
import Pipeline
import Scene
import TestSupport
import Testing

/// Schedules against the clocks of three places.
@Suite("Schedules")
struct ScheduleTests {
    private static let zones = ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kolkata", "UTC"]

    private static func calendar(_ zone: String) -> SiteCalendar { SiteCalendar(identifier: zone)! }

    /// `20:00-06:00` on the weekdays given (0 is Monday).
    private static func placed(
        _ zone: String, _ periods: [(days: [Int], from: Int, to: Int)], days: [String: [(from: Int, to: Int)]] = [:]
    ) -> PlacedSchedule {
        var week: [[Schedule.Period]] = Array(repeating: [], count: 7)
        for entry in periods {
            for day in entry.days { week[day].append(Schedule.Period(from: entry.from, to: entry.to)!) }
        }
        let dated = days.map { (CivilDay($0.key)!, $0.value.map { Schedule.Period(from: $0.from, to: $0.to)! }) }
        return PlacedSchedule(
            Schedule(week: week, days: Dictionary(uniqueKeysWithValues: dated)), calendar(zone))
    }

    private static let daily = Array(0..<7)

    private func utc(_ text: String) -> MediaTime { MediaTime(text)! }

    /// Armed seconds of a day of the calendar, found by walking from change to change.
    private func tally(_ schedule: PlacedSchedule, _ day: CivilDay) -> (armed: Int64, disarmed: Int64, length: Int64) {
        let start = schedule.calendar.start(of: day), end = schedule.calendar.start(of: day + 1)
        var sums: [Bool: Int64] = [:]
        var moment = start
        while moment < end {
            let state = schedule.state(at: moment)
            let stop = min(end, state.until)
            #expect(stop > moment)
            sums[state.isArmed, default: 0] += (stop - moment).microseconds / 1_000_000
            moment = stop
        }
        return (sums[true] ?? 0, sums[false] ?? 0, (end - start).microseconds / 1_000_000)
    }

    @Test("a night across midnight belongs to the day on which it begins")
    func overMidnight() {
        let friday = Self.placed("Asia/Shanghai", [(days: [4], from: 22 * 60, to: 30 * 60)])
        // 2026-11-20 is a Friday; 22:00 there is 14:00 UTC.
        #expect(!friday.state(at: utc("2026-11-20T13:59:59.999999Z")).isArmed)
        #expect(friday.state(at: utc("2026-11-20T14:00:00Z")).isArmed)
        #expect(friday.state(at: utc("2026-11-20T21:59:59.999999Z")).isArmed)
        #expect(!friday.state(at: utc("2026-11-20T22:00:00Z")).isArmed)
        #expect(!friday.state(at: utc("2026-11-21T14:00:00Z")).isArmed)
        #expect(friday.change(after: utc("2026-11-20T22:00:00Z")) == utc("2026-11-27T14:00:00Z"))
    }

    @Test(
        "at the end of a month, of a year, and on the leap day",
        arguments: [
            ("2026-11-30", "2026-12-01"), ("2026-12-31", "2027-01-01"), ("2028-02-28", "2028-02-29"),
            ("2028-02-29", "2028-03-01"), ("2027-02-28", "2027-03-01")
        ])
    func monthEnds(days: (String, String)) {
        let night = Self.placed("UTC", [(days: Self.daily, from: 22 * 60, to: 30 * 60)])
        for time in ["\(days.0)T22:00:00Z", "\(days.0)T23:59:59Z", "\(days.1)T00:00:00Z", "\(days.1)T05:59:59Z"] {
            #expect(night.state(at: utc(time)).isArmed, "\(time)")
        }
        for time in ["\(days.0)T21:59:59Z", "\(days.1)T06:00:00Z"] { #expect(!night.state(at: utc(time)).isArmed) }
        #expect(CivilDay(days.0)! + 1 == CivilDay(days.1)!)
    }

    @Test("a named day has its own periods, and what began before it goes on into it")
    func namedDays() {
        let schedule = Self.placed(
            "UTC", [(days: Self.daily, from: 20 * 60, to: 30 * 60)],
            days: ["2026-12-25": [(from: 0, to: 1440)], "2026-12-31": []])
        #expect(!schedule.state(at: utc("2026-12-24T12:00:00Z")).isArmed)
        #expect(schedule.state(at: utc("2026-12-25T12:00:00Z")).isArmed)
        // The whole day ends at midnight; the evening of that day is no period of its own.
        #expect(!schedule.state(at: utc("2026-12-26T00:00:00Z")).isArmed)
        #expect(schedule.state(at: utc("2026-12-31T05:59:59Z")).isArmed, "the night of the 30th")
        #expect(!schedule.state(at: utc("2026-12-31T23:00:00Z")).isArmed)
        #expect(!schedule.state(at: utc("2027-01-01T03:00:00Z")).isArmed)
        #expect(schedule.state(at: utc("2027-01-01T20:00:00Z")).isArmed)
    }

    @Test(
        "clocks put forward: a time that does not exist is the moment of the change",
        arguments: [
            // The clocks of Berlin go from 02:00 to 03:00 on 2027-03-28 at 01:00 UTC; of New York on 2027-03-14 at 07:00.
            ("Europe/Berlin", "2027-03-28", "2027-03-28T01:00:00Z"),
            ("America/New_York", "2027-03-14", "2027-03-14T07:00:00Z")
        ])
    func leftOut(zone: String, day: String, change: String) {
        let date = CivilDay(day)!
        let calendar = Self.calendar(zone)
        #expect(calendar.moment(date, minute: 150, .first) == utc(change))
        #expect(calendar.moment(date, minute: 150, .last) == utc(change))
        #expect(calendar.start(of: date + 1) - calendar.start(of: date) == .seconds(23 * 3600))
        let from = Self.placed(zone, [(days: [date.weekday], from: 150, to: 240)])
        #expect(tally(from, date).armed == 3600, "02:30…04:00 is the hour from 03:00")
        let to = Self.placed(zone, [(days: [date.weekday], from: 60, to: 150)])
        #expect(tally(to, date).armed == 3600, "01:00…02:30 ends at the change")
        let within = Self.placed(zone, [(days: [date.weekday], from: 130, to: 170)])
        #expect(tally(within, date).armed == 0)
        let before = Self.placed(zone, [(days: [(date.weekday + 6) % 7], from: 22 * 60, to: 30 * 60)])
        #expect(tally(before, date).armed == 5 * 3600, "the night is an hour shorter")
    }

    @Test(
        "clocks put back: a time that comes twice begins at its first coming and ends at its last",
        arguments: [
            ("Europe/Berlin", "2027-10-31", "2027-10-31T00:30:00Z"),
            ("America/New_York", "2027-11-07", "2027-11-07T05:30:00Z")
        ])
    func twice(zone: String, day: String, first: String) {
        let date = CivilDay(day)!
        let calendar = Self.calendar(zone)
        // In Berlin 02:30 comes twice, in New York 01:30.
        let minute = zone == "Europe/Berlin" ? 150 : 90
        #expect(calendar.moment(date, minute: minute, .first) == utc(first))
        #expect(calendar.moment(date, minute: minute, .last) == utc(first) + .seconds(3600))
        #expect(calendar.start(of: date + 1) - calendar.start(of: date) == .seconds(25 * 3600))
        let to = Self.placed(zone, [(days: [date.weekday], from: minute - 60, to: minute)])
        #expect(tally(to, date).armed == 2 * 3600)
        let from = Self.placed(zone, [(days: [date.weekday], from: minute, to: minute + 60)])
        #expect(tally(from, date).armed == 2 * 3600)
        let both = Self.placed(
            zone, [(days: [date.weekday], from: 0, to: minute), (days: [date.weekday], from: minute, to: 1440)])
        #expect(tally(both, date).armed == 25 * 3600, "no gap and nothing twice")
    }

    /// Foundation's calendar reads the clock of every quarter of an hour over two years, in which clocks change four
    /// times and February has 29 days once; the periods neither begin nor end within a changing hour.
    @Test("agrees with an independent calendar over two years", arguments: zones)
    func independentCalendar(zone: String) throws {
        let periods = [
            (days: [0, 1, 2, 3, 4], from: 20 * 60, to: 30 * 60), (days: [5], from: 0, to: 1440),
            (days: [2], from: 12 * 60 + 15, to: 13 * 60 + 45)
        ]
        let dates = ["2027-05-05": [(from: 9 * 60, to: 10 * 60)], "2028-02-29": [], "2028-10-02": [(from: 0, to: 1440)]]
        let schedule = Self.placed(zone, periods, days: dates)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone)!
        /// Whether the wall clock of a day shows a time within the periods that begin on it.
        func isArmed(_ date: DateComponents, minute: Int) -> Bool {
            let name = String(format: "%04d-%02d-%02d", date.year!, date.month!, date.day!)
            if let own = dates[name] { return own.contains { ($0.from..<$0.to).contains(minute) } }
            return periods.contains {
                $0.days.contains((date.weekday! + 5) % 7) && ($0.from..<$0.to).contains(minute)
            }
        }
        let asked: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .weekday]
        let start = Int64(MediaTime("2027-01-01T00:00:00Z")!.wholeSecond)
        var wrong: [String] = []
        var armedCount = 0
        for step in 0..<Int64(731 * 96) {
            let second = start + step * 900
            let date = Date(timeIntervalSince1970: Double(second))
            let today = calendar.dateComponents(asked, from: date)
            // The day before by the calendar's own reckoning: noon of today less 24 hours is yesterday everywhere.
            let noon = calendar.date(bySettingHour: 12, minute: 0, second: 0, of: date)!
            let yesterday = calendar.dateComponents(asked, from: noon.addingTimeInterval(-86_400))
            let minute = today.hour! * 60 + today.minute!
            let expected = isArmed(today, minute: minute) || isArmed(yesterday, minute: minute + 1440)
            if expected { armedCount += 1 }
            if schedule.state(at: MediaTime(microseconds: second * 1_000_000)).isArmed != expected {
                wrong.append("\(date) \(today.hour!):\(today.minute!) expected \(expected)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) wrong, first \(wrong.prefix(3))")
        #expect(armedCount > 20_000 && armedCount < 50_000, "\(armedCount)")
    }

    @Test("armed and disarmed seconds of any day are the day", arguments: zones, [UInt64.random(in: 0..<100_000)])
    func daysAddUp(zone: String, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            var periods: [(days: [Int], from: Int, to: Int)] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let from = Int.random(in: 0..<1440, using: &random)
                periods.append(
                    (
                        days: Self.daily.filter { _ in Bool.random(using: &random) }, from: from,
                        to: from + Int.random(in: 1...1440, using: &random)
                    ))
            }
            let schedule = Self.placed(zone, periods)
            var days = ["2027-03-14", "2027-03-28", "2027-10-31", "2027-11-07", "2028-02-29"].map { CivilDay($0)! }
            days.append(CivilDay(number: Int64.random(in: 19_000..<23_000, using: &random)))
            for day in days {
                let sums = tally(schedule, day)
                #expect(sums.armed + sums.disarmed == sums.length, "seed \(seed), \(zone) \(day) \(periods)")
                let interval = schedule.intervals(from: day + -1, through: day).reduce(Int64(0)) { total, range in
                    let start = max(range.lowerBound, schedule.calendar.start(of: day))
                    let end = min(range.upperBound, schedule.calendar.start(of: day + 1))
                    return total + max(0, (end - start).microseconds / 1_000_000)
                }
                #expect(interval == sums.armed, "seed \(seed), \(zone) \(day) \(periods)")
            }
        }
    }

    @Test("hours of a clock that is half an hour off UTC begin at its own full hours")
    func hours() {
        let hour = Self.calendar("Asia/Kolkata").hour(of: utc("2026-11-22T00:45:00Z"))
        #expect(hour == utc("2026-11-22T00:30:00Z")..<utc("2026-11-22T01:30:00Z"))
        #expect(Self.calendar("Asia/Shanghai").text(utc("2026-11-22T16:00:01Z")) == "2026-11-23 00:00:01")
    }

    @Test("days that no calendar has are refused")
    func days() {
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "", "2026-11-31"] { #expect(CivilDay(text) == nil) }
        #expect(CivilDay("2028-02-29")?.weekday == 1, "a Tuesday")
        #expect(CivilDay("1970-01-01")?.number == 0 && CivilDay("1969-12-31")?.weekday == 2)
        #expect(CivilDay("2028-02-29")?.description == "2028-02-29")
    }
}
