import Scene
import Yams

/// The schedules and day lists of a site, by name. A name whose definition is wrong is known all the same, so that it
/// is not complained of twice.
struct ScheduleShelf {
    /// A fence that is always armed, which needs no definition.
    static let always = "always"

    var calendar = SiteCalendar.universal
    var dayLists: [String: Set<CivilDay>?] = [:]
    var schedules: [String: PlacedSchedule?] = [:]
}

/// Reads `day_lists`: days by date that have periods of their own.
struct DayListReader {
    static let listLimit = 32
    static let entryLimit = 200
    static let dayLimit = 1000

    func readAll(_ node: ConfigurationNode) -> [String: Set<CivilDay>?]? {
        guard let nodes = node.elements(limit: Self.listLimit, noun: "day lists") else { return nil }
        refuseRepeatedIDs(nodes, noun: "day lists")
        var lists: [String: Set<CivilDay>?] = [:]
        for node in nodes {
            guard let section = ConfigurationSection(node, keys: ConfigurationKeys.dayList, noun: "a day list") else {
                continue
            }
            let name = section.required("id", example: "holidays").flatMap(readName)
            let days = section.required("dates", example: "[2026-10-01..2026-10-07]").flatMap(readDates)
            if let name { lists.updateValue(days, forKey: name) }
        }
        return lists
    }

    private func readName(_ node: ConfigurationNode) -> String? {
        guard let name = node.plainName("the id of a day list") else { return nil }
        guard WeekdayWord.days(name) == nil else {
            node.complain("\(name) is a word for days of the week; choose another id")
            return nil
        }
        return name
    }

    private func readDates(_ node: ConfigurationNode) -> Set<CivilDay>? {
        guard let nodes = node.elements(limit: Self.entryLimit, noun: "dates") else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty; give at least one date, or leave the list out")
            return nil
        }
        guard let ranges = allOrNil(nodes.map(readRange)) else { return nil }
        let days = Set(ranges.flatMap { range in (range.lowerBound...range.upperBound).map(CivilDay.init(number:)) })
        guard days.count <= Self.dayLimit else {
            node.complain("holds \(days.count) days, at most \(Self.dayLimit) are allowed")
            return nil
        }
        return days
    }

    /// `2026-10-01` or `2026-10-01..2026-10-07`.
    private func readRange(_ node: ConfigurationNode) -> ClosedRange<Int64>? {
        guard let text = node.text(limit: 32) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let days = text.contains("..") ? [parts.first, parts.last] : [parts.first, parts.first]
        guard parts.count == (text.contains("..") ? 3 : 1), let first = days[0].flatMap({ CivilDay($0) }),
            let last = days[1].flatMap({ CivilDay($0) })
        else {
            node.complain("\(node.shown) is not a date; give one like 2026-10-01 or a range 2026-10-01..2026-10-07")
            return nil
        }
        guard first <= last else {
            node.complain("\(node.shown) ends before it begins; give the earlier date first")
            return nil
        }
        guard last.number - first.number < Int64(Self.dayLimit) else {
            node.complain("\(node.shown) is longer than \(Self.dayLimit) days; use days of the week")
            return nil
        }
        return first.number...last.number
    }
}

/// Words for days of the week, 0 is Monday.
enum WeekdayWord {
    static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    static func days(_ word: String) -> [Int]? {
        switch word {
        case "daily": Array(0..<7)
        case "weekdays": Array(0..<5)
        case "weekend": [5, 6]
        default: names.firstIndex(of: word).map { [$0] }
        }
    }
}

/// Reads `schedules`, and a schedule that is written at a fence itself.
struct ScheduleReader {
    static let scheduleLimit = 64
    static let periodLimit = 64

    /// The periods of one entry with the days it names.
    private struct Entry {
        let node: ConfigurationNode
        let weekdays: Set<Int>
        let lists: [String]
        let period: Schedule.Period
    }

    let shelf: ScheduleShelf

    func readAll(_ node: ConfigurationNode) -> [String: PlacedSchedule?]? {
        guard let nodes = node.elements(limit: Self.scheduleLimit, noun: "schedules") else { return nil }
        refuseRepeatedIDs(nodes, noun: "schedules")
        var schedules: [String: PlacedSchedule?] = [:]
        for node in nodes {
            guard let section = ConfigurationSection(node, keys: ConfigurationKeys.schedule, noun: "a schedule") else {
                continue
            }
            let name = section.required("id", example: "night").flatMap(readName)
            let schedule = readBody(section)
            if let name { schedules.updateValue(schedule, forKey: name) }
        }
        return schedules
    }

    /// `periods` and `off` of a schedule; at a fence the section has no id.
    func readBody(_ section: ConfigurationSection) -> PlacedSchedule? {
        let periods = section.required("periods", example: "[{ days: [daily], from: \"20:00\", to: \"06:00\" }]")
        let entries = periods.flatMap(readPeriods)
        let off = section.value("off", default: [], readOff)
        guard let periods, let entries, let off else { return nil }
        refuseOverlaps(entries)
        guard let schedule = assemble(entries, off: off) else { return nil }
        let placed = PlacedSchedule(schedule, shelf.calendar)
        guard isEverArmed(placed) else {
            periods.complain(
                "never arms anything: every date is off or falls out of the calendar; give a period that counts")
            return nil
        }
        return placed
    }

    private func readName(_ node: ConfigurationNode) -> String? {
        guard let name = node.plainName("the id of a schedule") else { return nil }
        guard name != ScheduleShelf.always else {
            node.complain("always is built in; choose another id")
            return nil
        }
        return name
    }

    private func readPeriods(_ node: ConfigurationNode) -> [Entry]? {
        guard let nodes = node.elements(limit: Self.periodLimit, noun: "periods") else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty, so nothing would ever be armed; give at least one period")
            return nil
        }
        return allOrNil(nodes.map(readPeriod))
    }

    private func readPeriod(_ node: ConfigurationNode) -> Entry? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.period, noun: "a period") else {
            return nil
        }
        let days = section.required("days", example: "[daily]").flatMap(readDays)
        let from = section.required("from", example: "\"20:00\"").flatMap { readMinute($0, limit: 1439) }
        let to = section.required("to", example: "\"06:00\"").flatMap { readMinute($0, limit: 1440) }
        guard let days, let from, let to else { return nil }
        guard from != to else {
            node.complain("is empty: it ends when it begins; give 00:00 to 24:00 for a whole day")
            return nil
        }
        guard let period = Schedule.Period(from: from, to: to > from ? to : to + 1440) else {
            node.complain("is longer than a day; write two periods")
            return nil
        }
        return Entry(node: node, weekdays: days.weekdays, lists: days.lists, period: period)
    }

    private func readDays(_ node: ConfigurationNode) -> (weekdays: Set<Int>, lists: [String])? {
        guard let nodes = node.elements(limit: 64, noun: "days") else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty, so the period would never come; give days, for example [daily]")
            return nil
        }
        var weekdays: Set<Int> = []
        var lists: [String] = []
        var isSound = true
        for node in nodes {
            guard let word = node.text(limit: 64) else { return nil }
            if let days = WeekdayWord.days(word) {
                weekdays.formUnion(days)
            } else if shelf.dayLists[word] != nil {
                if !lists.contains(word) { lists.append(word) }
            } else {
                node.complain("\(node.shown) is no day; \(knownDays)")
                isSound = false
            }
        }
        return isSound ? (weekdays, lists) : nil
    }

    private var knownDays: String {
        let lists = shelf.dayLists.keys.sorted().joined(separator: ", ")
        return "allowed: \(WeekdayWord.names.joined(separator: ", ")), weekdays, weekend, daily"
            + (lists.isEmpty ? " (and the ids of day_lists)" : ", \(lists)")
    }

    private func readOff(_ node: ConfigurationNode) -> [String]? {
        guard let nodes = node.elements(limit: DayListReader.listLimit, noun: "day lists") else { return nil }
        return allOrNil(
            nodes.map { node in
                guard let name = node.text(limit: 64) else { return nil }
                guard shelf.dayLists[name] != nil else {
                    let known = shelf.dayLists.keys.sorted().joined(separator: ", ")
                    node.complain(
                        "\(node.shown) is not a day list; known: \(known.isEmpty ? "none, define it in day_lists" : known)"
                    )
                    return nil
                }
                return name
            })
    }

    /// `HH:MM` as minutes since midnight.
    private func readMinute(_ node: ConfigurationNode, limit: Int) -> Int? {
        guard let text = node.text(limit: 16) else { return nil }
        let digits = text.split(separator: ":", omittingEmptySubsequences: false)
        let isForm = digits.count == 2 && digits.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isASCII) }
        guard isForm, let hour = UInt8(digits[0]), let minute = UInt8(digits[1]), minute < 60 else {
            node.complain("\(node.shown) is not a time of day; give HH:MM, for example 20:00")
            return nil
        }
        let total = Int(hour) * 60 + Int(minute)
        guard total <= limit else {
            node.complain("\(node.shown) is outside 00:00…\(limit == 1440 ? "24:00" : "23:59")")
            return nil
        }
        return total
    }

    /// Records a problem at every period that overlaps an earlier one of the same day. A night that runs into a period of
    /// the next day is none: the two join.
    private func refuseOverlaps(_ entries: [Entry]) {
        for (index, entry) in entries.enumerated() {
            guard let earlier = entries[..<index].first(where: { overlaps($0, entry) }) else { continue }
            entry.node.complain(
                "overlaps \(earlier.node.path); give periods of one day that do not run into each other")
        }
    }

    private func overlaps(_ left: Entry, _ right: Entry) -> Bool {
        let sharesDay =
            !left.weekdays.isDisjoint(with: right.weekdays) || left.lists.contains(where: right.lists.contains)
        return sharesDay && left.period.from < right.period.to && right.period.from < left.period.to
    }

    /// - Returns: nil where a day list is wrong itself.
    private func assemble(_ entries: [Entry], off: [String]) -> Schedule? {
        var week: [[Schedule.Period]] = Array(repeating: [], count: 7)
        var days: [CivilDay: [Schedule.Period]] = [:]
        for entry in entries {
            for day in entry.weekdays { week[day].append(entry.period) }
            for list in entry.lists {
                guard let dates = shelf.dayLists[list] ?? nil else { return nil }
                for day in dates { days[day, default: []].append(entry.period) }
            }
        }
        for list in off {
            guard let dates = shelf.dayLists[list] ?? nil else { return nil }
            for day in dates { days[day] = [] }
        }
        return Schedule(week: week, days: days)
    }

    private func isEverArmed(_ placed: PlacedSchedule) -> Bool {
        placed.schedule.week.contains { !$0.isEmpty }
            || placed.schedule.days.keys.contains { !placed.intervals(from: $0, through: $0).isEmpty }
    }
}

/// Reads when the fences of one camera watch: the keys `schedule` and `preset`, beside what ``FenceReader`` reads.
struct DutyReader {
    let shelf: ScheduleShelf

    /// - Returns: nil where one is wrong; fences that are no mappings or have no id are left to the fence reader.
    func readAll(_ node: ConfigurationNode) -> [RuleID: RuleDuty]? {
        guard case .sequence(let sequence) = node.node else { return [:] }
        var duties: [RuleID: RuleDuty] = [:]
        var isSound = true
        for (index, element) in sequence.prefix(CameraConfiguration.fenceLimit).enumerated() {
            guard let mapping = element.mapping else { continue }
            let path = "\(node.path)[\(index)]"
            let child = { (key: String) in
                mapping[key].map { ConfigurationNode(node: $0, path: "\(path).\(key)", log: node.log) }
            }
            var duty = RuleDuty.always
            if let schedule = child("schedule") {
                guard let read = readSchedule(schedule) else {
                    isSound = false
                    continue
                }
                duty.schedule = read.schedule
                duty.scheduleName = read.name
            }
            if let preset = child("preset") {
                duty.preset = preset.plainName("a preset")
                isSound = isSound && duty.preset != nil
            }
            guard duty != .always, let id = mapping["id"]?.scalar.flatMap({ RuleID($0.string) }) else { continue }
            duties[id] = duty
        }
        return isSound ? duties : nil
    }

    private func readSchedule(_ node: ConfigurationNode) -> (schedule: PlacedSchedule?, name: String?)? {
        if node.node.mapping != nil {
            let keys = ConfigurationKeys.schedule.filter { $0 != "id" }
            guard let section = ConfigurationSection(node, keys: keys, noun: "a schedule"),
                let schedule = ScheduleReader(shelf: shelf).readBody(section)
            else { return nil }
            return (schedule, nil)
        }
        guard let name = node.text(limit: 64) else { return nil }
        if name == ScheduleShelf.always { return (nil, nil) }
        guard let known = shelf.schedules[name] else {
            let names = ([ScheduleShelf.always] + shelf.schedules.keys.sorted()).joined(separator: ", ")
            node.complain("\(node.shown) is not a schedule; known: \(names)")
            return nil
        }
        return known.map { ($0, name) }
    }
}
