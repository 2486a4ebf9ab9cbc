package import Scene

/// When a fence is armed, as the site's clocks show it: periods of the week, and days on which others hold.
///
/// A period belongs to the day on which it begins and goes on over midnight, whatever the next day says.
package struct Schedule: Hashable, Sendable {
    /// Minutes since midnight of the day on which it begins.
    package struct Period: Hashable, Sendable {
        /// 0…1439.
        package let from: Int
        /// After `from`, at most a day later: 1440 is the next midnight.
        package let to: Int

        /// - Returns: nil for an empty period, one longer than a day, or one that begins outside the day.
        package init?(from: Int, to: Int) {
            guard (0..<1440).contains(from), to > from, to - from <= 1440 else { return nil }
            self.from = from
            self.to = to
        }
    }

    /// Seven lists, Monday first.
    package let week: [[Period]]
    /// Days whose own periods (none: off) stand in place of those of their weekday.
    package let days: [CivilDay: [Period]]

    /// - Precondition: seven lists.
    package init(week: [[Period]], days: [CivilDay: [Period]] = [:]) {
        precondition(week.count == 7, "a week has seven days")
        self.week = week
        self.days = days
    }

    package func periods(on day: CivilDay) -> [Period] {
        days[day] ?? week[day.weekday]
    }

    /// Everything that decides, in one fixed spelling.
    package var canonicalText: String {
        let spell = { (periods: [Period]) in
            periods.map { "\($0.from)-\($0.to)" }.sorted().joined(separator: ",")
        }
        let dated = days.keys.sorted().map { "\($0)=\(spell(days[$0] ?? []))" }
        return "week=\(week.map(spell).joined(separator: "/"));days=\(dated.joined(separator: ";"))"
    }
}

/// A schedule on the clocks of a place: says of any moment of footage whether it is armed. A pure function of schedule,
/// time zone and media time, so a replay decides as the daemon did.
package struct PlacedSchedule: Hashable, Sendable {
    package let schedule: Schedule
    package let calendar: SiteCalendar

    package init(_ schedule: Schedule, _ calendar: SiteCalendar) {
        self.schedule = schedule
        self.calendar = calendar
    }

    /// Whether `time` is armed, and up to where that is known to stay so; asked again there, it may still be the same.
    package func state(at time: MediaTime) -> (isArmed: Bool, until: MediaTime) {
        let today = calendar.day(of: time)
        // What begins on the day after tomorrow cannot reach further back than its own beginning.
        let horizon = calendar.start(of: today + 2)
        for interval in intervals(from: today + -1, through: today + 1) where time < interval.upperBound {
            return interval.lowerBound <= time
                ? (true, min(interval.upperBound, max(horizon, time + .milliseconds(1))))
                : (false, min(interval.lowerBound, max(horizon, time + .milliseconds(1))))
        }
        return (false, max(horizon, time + .milliseconds(1)))
    }

    /// When the state at `time` ends; nil where it does not within the next 400 days.
    package func change(after time: MediaTime) -> MediaTime? {
        let now = state(at: time)
        var moment = now.until
        for _ in 0..<400 {
            let next = state(at: moment)
            if next.isArmed != now.isArmed { return moment }
            moment = next.until
        }
        return nil
    }

    /// The armed stretches that begin on these days, in order, those that touch joined.
    ///
    /// A time of day that comes twice is taken so that the fence is armed longer: a period begins at its first
    /// coming and ends at its last.
    package func intervals(from first: CivilDay, through last: CivilDay) -> [Range<MediaTime>] {
        var found: [Range<MediaTime>] = []
        for number in first.number...max(first.number, last.number) {
            let day = CivilDay(number: number)
            for period in schedule.periods(on: day) {
                let start = calendar.moment(day, minute: period.from, .first)
                let end = calendar.moment(day, minute: period.to, .last)
                // Empty where the whole period falls into the hour that is left out.
                if start < end { found.append(start..<end) }
            }
        }
        found.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        return found.reduce(into: []) { joined, interval in
            guard let previous = joined.last, interval.lowerBound <= previous.upperBound else {
                joined.append(interval)
                return
            }
            joined[joined.count - 1] =
                previous.lowerBound..<max(previous.upperBound, interval.upperBound)
        }
    }
}
