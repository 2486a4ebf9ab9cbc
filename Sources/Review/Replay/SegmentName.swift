import Pipeline
import Scene

/// When a recorder began a file, read from the file's name and the folders it lies in.
///
/// Known are, with any separators: a date and a time of day (`20261122T093102`, `2026-11-22_09-31-02`, also within a
/// longer name and with milliseconds), seconds or milliseconds since 1970 (`1795339862`), a time of day in a folder with
/// the date (`2026-11-22/…/09.31.02-09.32.02.dav`), and Frigate's `2026-11-22/09/camera/31.02.mp4`. A time is the site's,
/// but UTC where a `Z` follows, where it counts since 1970, and in Frigate's folders.
struct SegmentName {
    private struct Run {
        let digits: Substring
        /// The character behind it.
        let follower: Character?

        var count: Int { digits.count }
    }

    private let calendar: SiteCalendar

    init(_ calendar: SiteCalendar) { self.calendar = calendar }

    /// - Parameter path: below the folder that was given, with `/` between.
    func start(_ path: String) -> MediaTime? {
        let parts = path.split(separator: "/").map(String.init)
        guard let file = parts.last else { return nil }
        let stem = file.split(separator: ".").dropLast().joined(separator: ".")
        return stamp(in: stem) ?? frigate(parts.dropLast(), stem) ?? timeOfDay(in: stem, folders: parts.dropLast())
    }

    /// A date with a time of day, or a count since 1970.
    private func stamp(in stem: String) -> MediaTime? {
        let runs = Self.runs(in: stem)
        for index in runs.indices {
            let rest = runs[index...]
            if let time = dated(rest) { return time }
            guard let count = Int64(runs[index].digits) else { continue }
            // From 2001 on, so that a camera's number is none.
            if runs[index].count == 10, count >= 1_000_000_000 { return MediaTime(microseconds: count * 1_000_000) }
            if runs[index].count == 13, count >= 1_000_000_000_000 { return MediaTime(microseconds: count * 1000) }
        }
        return nil
    }

    private func dated(_ runs: ArraySlice<Run>) -> MediaTime? {
        let counts = runs.map(\.count)
        let used: Int
        switch counts {
        case _ where counts.starts(with: [14]) || counts.starts(with: [17]): used = 1
        case _ where counts.starts(with: [8, 6]) || counts.starts(with: [8, 9]): used = 2
        case _ where counts.starts(with: [8, 2, 2, 2]) || counts.starts(with: [4, 2, 2, 6]): used = 4
        case _ where counts.starts(with: [4, 2, 2, 2, 2, 2]): used = 6
        default: return nil
        }
        let digits = runs.prefix(used).map(\.digits).joined()
        let isUTC = runs[runs.startIndex + used - 1].follower.map { "Zz".contains($0) } ?? false
        return moment(date: digits.prefix(8), time: digits.dropFirst(8), isUTC: isUTC)
    }

    private func frigate(_ folders: ArraySlice<String>, _ stem: String) -> MediaTime? {
        let runs = Self.runs(in: stem)
        guard folders.count >= 3, runs.count == 2, runs.allSatisfy({ $0.count == 2 }) else { return nil }
        let folders = Array(folders.suffix(3))
        guard folders[0].count == 10, folders[1].count == 2 else { return nil }
        return moment(
            date: folders[0].replacing("-", with: ""), time: folders[1] + runs[0].digits + runs[1].digits, isUTC: true)
    }

    private func timeOfDay(in stem: String, folders: ArraySlice<String>) -> MediaTime? {
        let runs = Self.runs(in: stem)
        guard runs.count >= 3, runs.prefix(3).allSatisfy({ $0.count == 2 }) else { return nil }
        for folder in folders.reversed() {
            let date = folder.filter(\.isNumber)
            guard date.count == 8, folder.count <= 10 else { continue }
            return moment(date: date, time: runs.prefix(3).map(\.digits).joined(), isUTC: runs[2].follower == "Z")
        }
        return nil
    }

    /// - Parameter time: `hhmmss`, and milliseconds.
    private func moment(date: some StringProtocol, time: some StringProtocol, isUTC: Bool) -> MediaTime? {
        let date = Array(date), time = Array(time)
        guard date.count == 8, time.count >= 6,
            let day = CivilDay("\(String(date[0..<4]))-\(String(date[4..<6]))-\(String(date[6..<8]))"),
            let hour = Int(String(time[0..<2])), let minute = Int(String(time[2..<4])),
            let second = Int64(String(time[4..<6])), hour < 24, minute < 60, second < 60
        else { return nil }
        let milliseconds = time.count == 9 ? Int64(String(time[6..<9])) ?? 0 : 0
        let zone = isUTC ? .universal : calendar
        return zone.moment(day, minute: hour * 60 + minute, .first) + .milliseconds(second * 1000 + milliseconds)
    }

    private static func runs(in stem: String) -> [Run] {
        var runs: [Run] = []
        var place = stem.startIndex
        while let first = stem[place...].firstIndex(where: { $0.isASCII && $0.isNumber }) {
            let end = stem[first...].firstIndex { !($0.isASCII && $0.isNumber) } ?? stem.endIndex
            runs.append(Run(digits: stem[first..<end], follower: end < stem.endIndex ? stem[end] : nil))
            place = end
        }
        return runs
    }
}
