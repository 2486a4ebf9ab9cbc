import Foundation
import Scene
import TestSupport
import Testing

@Suite("Media time as text")
struct MediaTimeTests {
    /// Years 1 … 9999 in microseconds.
    private static let range = -62_135_596_800_000_000...253_402_300_799_999_999 as ClosedRange<Int64>

    @Test("every moment is read back as it was written", arguments: [3, 4, 5] as [UInt64])
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<5000 {
            let time = MediaTime(microseconds: Int64.random(in: Self.range, using: &random))
            #expect(MediaTime(time.description) == time, "seed \(seed): \(time)")
        }
    }

    @Test("the date is Foundation's")
    func againstFoundation() {
        var random = SeededRandom(seed: 11)
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
        // From 1700: Foundation's calendar of earlier dates is Julian.
        for _ in 0..<2000 {
            let second = Int64.random(in: -8_520_336_000...253_402_300_799, using: &random)
            let time = MediaTime(microseconds: second * 1_000_000)
            let theirs = Date(timeIntervalSince1970: Double(second)).formatted(style)
            #expect(time.description == theirs.replacing("Z", with: ".000000Z"), "second \(second)")
        }
    }

    @Test(
        "known moments, also before the epoch",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (-86_400_000_000, "1969-12-31T00:00:00.000000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_339_862_120_000, "2026-11-22T09:31:02.120000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z")
        ])
    func known(microseconds: Int64, text: String) {
        #expect(MediaTime(microseconds: microseconds).description == text)
        #expect(MediaTime(text)?.microseconds == microseconds)
    }

    @Test("fractions may be shorter or absent")
    func fractions() {
        #expect(MediaTime("1970-01-01T00:00:01Z")?.microseconds == 1_000_000)
        #expect(MediaTime("1970-01-01T00:00:01.5Z")?.microseconds == 1_500_000)
        #expect(MediaTime("1970-01-01T00:00:00.000001Z")?.microseconds == 1)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "Z", "2026-11-22", "2026-11-22T09:31:02", "2026-11-22T09:31:02+08:00", "2026-11-22 09:31:02Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-11-31T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:31:60Z",
            "2026-11-22T09:31:02.Z", "2026-11-22T09:31:02.1234567Z", "2026-11-22T09:31:02,5Z", "2026-1١-22T09:31:02Z",
            "+026-11-22T09:31:02Z", "2026-11-22t09:31:02z", " 2026-11-22T09:31:02Z", "20261-11-22T09:31:02Z"
        ])
    func refused(text: String) {
        #expect(MediaTime(text) == nil)
    }

    @Test("whole seconds round down on both sides of the epoch")
    func wholeSeconds() {
        for (microseconds, second) in [
            (0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)
        ] {
            #expect(MediaTime(microseconds: Int64(microseconds)).wholeSecond == Int64(second), "\(microseconds)")
        }
    }

    @Test("text sorts as time does")
    func order() {
        var random = SeededRandom(seed: 21)
        let times = (0..<500).map { _ in MediaTime(microseconds: Int64.random(in: Self.range, using: &random)) }
        #expect(times.sorted().map(\.description) == times.map(\.description).sorted())
    }

    @Test("a wrong text in JSON is an error that shows it")
    func json() throws {
        let error = try #require(throws: DecodingError.self) {
            try JSONDecoder().decode([MediaTime].self, from: Data(#"["yesterday"]"#.utf8))
        }
        #expect("\(error)".contains("yesterday"))
    }
}
