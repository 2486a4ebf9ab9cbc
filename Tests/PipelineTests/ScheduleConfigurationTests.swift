import Pipeline
import Scene
import Testing

@Suite("Schedules of a configuration")
struct ScheduleConfigurationTests {
    private typealias Fixture = ConfigurationFixture

    private static let text = """
        site: { id: "530302", name: demo, timezone: Europe/Berlin }
        day_lists:
          - { id: holidays, dates: [2026-12-25..2026-12-26, 2027-01-01] }
          - { id: works, dates: [2026-12-30] }
        schedules:
          - id: night
            periods:
              - { days: [weekdays], from: "20:00", to: "06:00" }
              - { days: [weekend, holidays], from: "00:00", to: "24:00" }
            off: [works]
        cameras:
          - id: gate
            url: rtsp://127.0.0.1:8554/gate
            fences:
              - { id: lawn, kind: zone, points: [[0,0.6],[0.3,0.66],[0.66,1],[0,1]], schedule: night }
              - { id: path, kind: line, points: [[0.5,0.75],[0.5,0.2]], schedule: always, preset: north }
              - id: yard
                kind: zone
                points: [[0,0.1],[0.3,0.1],[0.3,0.3],[0,0.3]]
                schedule: { periods: [{ days: [daily], from: "08:00", to: "09:30" }] }
        """

    @Test("named, inline and always")
    func reading() throws {
        let site = try Fixture.decode(Self.text)
        let duties = site.cameras[0].duties
        #expect(duties.count == 3 && duties[RuleID("path")!]?.schedule == nil)
        #expect(duties[RuleID("path")!]?.preset == "north")
        let night = try #require(duties[RuleID("lawn")!]?.schedule)
        #expect(duties[RuleID("lawn")!]?.scheduleName == "night" && night.calendar.identifier == "Europe/Berlin")
        // 2026-12-25 is a Friday: the whole day by its list, in place of the night.
        for (time, isArmed) in [
            ("2026-12-24T18:59:59Z", false), ("2026-12-24T19:00:00Z", true), ("2026-12-25T12:00:00Z", true),
            ("2026-12-28T12:00:00Z", false), ("2026-12-30T20:00:00Z", false), ("2026-12-31T20:00:00Z", true)
        ] {
            #expect(night.state(at: MediaTime(time)!).isArmed == isArmed, "\(time)")
        }
        #expect(duties[RuleID("yard")!]?.schedule?.schedule.week.allSatisfy { $0.count == 1 } == true)
    }

    @Test("another schedule starts its cameras anew and shows in their hash; a site without schedules stays as it was")
    func revisions() throws {
        let before = try Fixture.decode(Self.text)
        let after = try Fixture.decode(Self.text.replacing("\"06:00\"", with: "\"06:01\""))
        #expect(SiteConfiguration.changes(from: before, to: after).changed.map(\.text) == ["gate"])
        #expect(before.cameras[0].configurationHash != after.cameras[0].configurationHash)
        #expect(before.cameras[0].rules == after.cameras[0].rules, "the rule itself decides as before")
        let listed = try Fixture.decode(Self.text.replacing("2027-01-01]", with: "2027-01-02]"))
        #expect(SiteConfiguration.changes(from: before, to: listed).changed.map(\.text) == ["gate"])
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let passage: String
        let replacement: String
        let problem: String
        var testDescription: String { replacement }

        init(_ passage: String, _ replacement: String, _ problem: String) {
            self.passage = passage
            self.replacement = replacement
            self.problem = problem
        }
    }

    static let cases = [
        Case(
            "schedule: night }", "schedule: day }",
            "15: cameras[0].fences[0].schedule: day is not a schedule; known: always, night"),
        Case("preset: north", "preset: \"a b\"", "16: cameras[0].fences[1].preset: \"a b\" is not a preset"),
        Case("[weekdays]", "[workdays]", "8: schedules[0].periods[0].days[0]: workdays is no day; allowed: mon, tue,"),
        Case("[weekdays]", "[]", "8: schedules[0].periods[0].days: is empty, so the period would never come"),
        Case("[weekdays]", "[sat]", "9: schedules[0].periods[1]: overlaps schedules[0].periods[0]"),
        Case(
            "\"06:00\"", "\"20:00\"",
            "8: schedules[0].periods[0]: is empty: it ends when it begins; give 00:00 to 24:00"),
        Case("\"06:00\"", "6", "8: schedules[0].periods[0].to: 6 is not a time of day; give HH:MM"),
        Case("\"06:00\"", "\"24:01\"", "8: schedules[0].periods[0].to: \"24:01\" is outside 00:00…24:00"),
        Case("from: \"20:00\"", "from: \"24:00\"", "8: schedules[0].periods[0].from: \"24:00\" is outside 00:00…23:59"),
        Case("from: \"20:00\", ", "", "8: schedules[0].periods[0].from: is missing; give for example from: \"20:00\""),
        Case("off: [works]", "off: [work]", "10: schedules[0].off[0]: work is not a day list; known: holidays, works"),
        Case("off: [works]", "of: [works]", "10: schedules[0].of: unknown key; did you mean off?"),
        Case("id: night", "id: always", "6: schedules[0].id: always is built in; choose another id"),
        Case("id: works", "id: mon", "4: day_lists[1].id: mon is a word for days of the week"),
        Case("id: works", "id: holidays", "4: day_lists[1].id: holidays is already the id of day_lists[0]"),
        Case("[2026-12-30]", "[2026-12-32]", "4: day_lists[1].dates[0]: 2026-12-32 is not a date; give one like"),
        Case("[2026-12-30]", "[2027-02-29]", "4: day_lists[1].dates[0]: 2027-02-29 is not a date"),
        Case("[2026-12-30]", "[]", "4: day_lists[1].dates: is empty; give at least one date"),
        Case(
            "2026-12-25..2026-12-26", "2026-12-26..2026-12-25",
            "3: day_lists[0].dates[0]: 2026-12-26..2026-12-25 ends before"),
        Case(
            "2026-12-25..2026-12-26", "2026-12-25...2026-12-26",
            "3: day_lists[0].dates[0]: 2026-12-25...2026-12-26 is not a date"),
        Case(
            "{ periods: [{ days: [daily], from: \"08:00\", to: \"09:30\" }] }", "{ periods: [] }",
            "20: cameras[0].fences[2].schedule.periods: is empty, so nothing would ever be armed"),
        Case(
            "{ periods: [{ days: [daily], from: \"08:00\", to: \"09:30\" }] }", "{ off: [works] }",
            "20: cameras[0].fences[2].schedule.periods: is missing"),
        // The one date on which it would be armed is off.
        Case(
            "[{ days: [daily], from: \"08:00\", to: \"09:30\" }] }",
            "[{ days: [works], from: \"08:00\", to: \"09:30\" }], off: [works] }",
            "20: cameras[0].fences[2].schedule.periods: never arms anything"),
        // A Thursday has two periods that run into each other.
        Case(
            "[weekend, holidays], from: \"00:00\", to: \"24:00\"", "[thu], from: \"19:00\", to: \"20:01\"",
            "9: schedules[0].periods[1]: overlaps schedules[0].periods[0]")
    ]

    @Test("what is wrong is told with line and mend; at most what names it is wrong too", arguments: cases)
    func problems(_ one: Case) {
        let text = Self.text.replacing(one.passage, with: one.replacement, maxReplacements: 1)
        #expect(text != Self.text)
        let problems = Fixture.problems(text)
        #expect((1...2).contains(problems.count) && problems[0].hasPrefix("site.yaml:\(one.problem)"), "\(problems)")
    }

    @Test("the only hour of a period may be one that the clocks leave out")
    func neverByTheClocks() {
        let text = Self.text
            .replacing("[2026-12-30]", with: "[2027-03-28]")
            .replacing("off: [works]", with: "off: []")
            .replacing("[daily], from: \"08:00\", to: \"09:30\"", with: "[works], from: \"02:10\", to: \"02:50\"")
        #expect(Fixture.problems(text).first?.contains("schedule.periods: never arms anything") == true)
        #expect(Fixture.problems(text.replacing("Europe/Berlin", with: "Asia/Shanghai")).isEmpty)
    }

    @Test("periods that touch do not overlap, also over the end of the week")
    func touching() {
        let text = Self.text.replacing(
            "[weekdays], from: \"20:00\", to: \"06:00\"", with: "[fri, sun], from: \"18:00\", to: \"24:00\""
        )
        .replacing(
            "[weekend, holidays], from: \"00:00\", to: \"24:00\"", with: "[sat, mon], from: \"00:00\", to: \"07:00\"")
        #expect(Fixture.problems(text).isEmpty, "\(Fixture.problems(text))")
    }
}
