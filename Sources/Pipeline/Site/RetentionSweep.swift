import Evidence
import Journal
import Logging
import Scene

/// One look at what is older or larger than the configuration keeps.
struct RetentionSweep {
    private static let microsecondsPerDay: Int64 = 86_400 * 1_000_000
    private static let bytesPerGigabyte = 1e9

    let rooms: SiteRooms
    let retention: SiteConfiguration.Retention

    /// Removes alerts and their evidence, then stills that no alert names (of a crash between still and journal).
    /// Open episodes and what is not yet delivered stay.
    func run() {
        let age = MediaSpan(microseconds: Int64(retention.days) * Self.microsecondsPerDay)
        let bytes = Int64(retention.gigabytes * Self.bytesPerGigabyte)
        do {
            let report = try rooms.journal.prune(RetentionPolicy(age: age, bytes: bytes))
            for path in report.evidencePaths { rooms.store.remove(path) }
            let pruned = rooms.store.prune(
                writtenBefore: rooms.clock() - age, byteLimit: .max, isProtected: isNamedInJournal)
            if report.alerts > 0 || pruned.files > 0 {
                rooms.logger.info(
                    "retention",
                    metadata: ["alerts": "\(report.alerts)", "stills": "\(pruned.files + report.evidencePaths.count)"])
            }
            if report.isOverLimit {
                rooms.logger.error(
                    "journal over its limit: the rest is open or not yet delivered",
                    metadata: ["bytes": "\(report.bytesLeft)", "limit": "\(bytes)"])
            }
        } catch {
            rooms.logger.error("retention failed", metadata: ["error": "\(error)"])
        }
    }

    /// A still's name begins with its alert's id. In doubt it stays.
    private func isNamedInJournal(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard let id = name.split(separator: ".").first else { return true }
        return (try? rooms.journal.reader.holds(alertID: String(id))) ?? true
    }
}
