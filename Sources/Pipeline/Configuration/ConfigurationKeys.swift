/// Every key that `site.yaml` may hold, by section. The readers refuse all others, and a test asks that
/// docs/configuration.md describes each.
package enum ConfigurationKeys {
    package static let root = ["site", "data", "listen", "retention", "day_lists", "schedules", "cameras", "sinks"]
    package static let site = ["id", "name", "area", "timezone", "language"]
    package static let retention = ["days", "gigabytes"]
    package static let dayList = ["id", "dates"]
    package static let schedule = ["id", "periods", "off"]
    package static let period = ["days", "from", "to"]
    package static let camera = [
        "id", "name", "class", "grid", "gb_id", "location", "url", "transport", "mode", "analysis_fps", "model",
        "privacy_masks", "perspective", "fences"
    ]
    package static let perspective = ["far", "near", "person_m", "view_degrees"]
    package static let reference = ["y", "height"]
    package static let fence = ["id", "kind", "points", "anchor", "direction", "raise", "schedule", "preset"]
    package static let sink = ["id", "kind", "url", "secret", "ca", "path", "max_megabytes"]

    /// As paths, for documentation: `cameras[].fences[].points`.
    package static var allPaths: [String] {
        root + site.map { "site.\($0)" } + retention.map { "retention.\($0)" }
            + dayList.map { "day_lists[].\($0)" } + schedule.map { "schedules[].\($0)" }
            + period.map { "schedules[].periods[].\($0)" } + camera.map { "cameras[].\($0)" }
            + perspective.map { "cameras[].perspective.\($0)" }
            + ["far", "near"].flatMap { end in reference.map { "cameras[].perspective.\(end).\($0)" } }
            + fence.map { "cameras[].fences[].\($0)" } + sink.map { "sinks[].\($0)" }
    }
}
