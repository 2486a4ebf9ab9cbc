import Foundation
package import Scene

/// A day of the calendar, without a time zone: days since 1970-01-01.
package struct CivilDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(number: Int64) { self.number = number }

    /// Reads `2026-11-22`; nil for a day that no calendar has.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 10, let midnight = MediaTime(text + "T00:00:00Z") else { return nil }
        number = Self.quotient(midnight.wholeSecond, SiteCalendar.secondsPerDay)
    }

    /// 0 is Monday.
    package var weekday: Int { Int(((number + 3) % 7 + 7) % 7) }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    package static func + (day: Self, days: Int64) -> Self { Self(number: day.number + days) }

    package var description: String {
        String(MediaTime(microseconds: number * SiteCalendar.secondsPerDay * 1_000_000).description.prefix(10))
    }

    /// Rounded down.
    static func quotient(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}

/// Days and hours of a site as its clocks on the wall show them. All arithmetic is here; of the system only the zone's
/// distance from UTC is asked.
package struct SiteCalendar: Hashable, Sendable {
    /// Which of two moments is meant where a time of day comes twice, because the clocks are put back.
    package enum Occasion: Sendable {
        case first
        case last
    }

    static let secondsPerDay: Int64 = 86_400

    package let identifier: String
    private let zone: TimeZone

    package static let universal = SiteCalendar()

    private init() {
        identifier = "UTC"
        zone = .gmt
    }

    /// - Parameter identifier: as in the configuration, `Asia/Shanghai`.
    /// - Returns: nil when the system's time zone data does not know it.
    package init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.identifier = identifier
        self.zone = zone
    }

    /// The day a moment lies in.
    package func day(of time: MediaTime) -> CivilDay {
        let second = time.wholeSecond
        return CivilDay(number: CivilDay.quotient(second + offset(at: second), Self.secondsPerDay))
    }

    /// The first moment of a day.
    package func start(of day: CivilDay) -> MediaTime { moment(day, minute: 0, .first) }

    /// When the clocks show `minute` (0…1440 and more, counted from midnight) of a day.
    ///
    /// A time of day that does not exist because the clocks are put forward is the moment at which they are; one that
    /// comes twice is told by `occasion`.
    package func moment(_ day: CivilDay, minute: Int, _ occasion: Occasion) -> MediaTime {
        let wall = day.number * Self.secondsPerDay + Int64(minute) * 60
        let (before, after) = (offset(at: wall - Self.secondsPerDay), offset(at: wall + Self.secondsPerDay))
        let candidates = [wall - before, wall - after].filter { $0 + offset(at: $0) == wall }
        let second =
            occasion == .first ? candidates.min() : candidates.max()
        return MediaTime(
            microseconds: (second ?? change(between: wall - max(before, after), wall - min(before, after)))
                * 1_000_000)
    }

    /// The hour of the site's clocks that a moment lies in.
    package func hour(of time: MediaTime) -> Range<MediaTime> {
        let second = time.wholeSecond
        let shift = offset(at: second)
        let start = CivilDay.quotient(second + shift, 3600) * 3600 - shift
        return MediaTime(microseconds: start * 1_000_000)..<MediaTime(microseconds: (start + 3600) * 1_000_000)
    }

    /// `2026-11-22 17:31:02`.
    package func text(_ time: MediaTime) -> String {
        let shift = MediaSpan(microseconds: offset(at: time.wholeSecond) * 1_000_000)
        return String((time + shift).description.prefix(19)).replacing("T", with: " ")
    }

    /// Seconds to add to UTC.
    private func offset(at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    /// The first second with the later of two distances from UTC.
    private func change(between early: Int64, _ late: Int64) -> Int64 {
        var (low, high) = (early - 1, late + 1)
        let old = offset(at: low)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}
