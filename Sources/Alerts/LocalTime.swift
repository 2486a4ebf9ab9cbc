import Foundation
package import Scene

/// Writes media times as the site's clocks show them: `2026-11-22 17:31:02`.
package struct LocalTime: Sendable {
    private let zone: TimeZone

    /// - Parameter identifier: as in the configuration, `Asia/Shanghai`.
    /// - Returns: nil when the system's time zone data does not know it.
    package init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
    }

    package func text(_ time: MediaTime) -> String {
        let date = Date(timeIntervalSince1970: Double(time.wholeSecond))
        let shifted = time + MediaSpan(microseconds: Int64(zone.secondsFromGMT(for: date)) * 1_000_000)
        let text = String(shifted.description.prefix(19))
        return text.replacing("T", with: " ")
    }
}
