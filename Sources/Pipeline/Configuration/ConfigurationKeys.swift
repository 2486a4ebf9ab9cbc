package import Scene

/// Every key that `site.yaml` may hold, by section. The readers refuse all others, and a test asks that
/// docs/configuration.md describes each.
package enum ConfigurationKeys {
    package static let root = [
        "site", "data", "listen", "retention", "evidence", "day_lists", "schedules", "decode", "load", "cameras",
        "sinks"
    ]
    package static let site = ["id", "name", "area", "timezone", "language"]
    package static let retention = ["days", "gigabytes"]
    package static let evidence = ["clips"]
    package static let clips = ["classes", "pre_s", "post_s", "max_s", "max_megabytes", "ring_megabytes", "encode"]
    package static let dayList = ["id", "dates"]
    package static let schedule = ["id", "periods", "off"]
    package static let period = ["days", "from", "to"]
    package static let camera = [
        "id", "name", "class", "grid", "gb_id", "location", "url", "evidence_url", "transport", "decode",
        "analysis_fps", "model",
        "privacy_masks", "ignore_masks", "perspective", "fences"
    ]
    /// The site's policy of decoding: a mode for each class, and what holds for all of its cameras.
    package static let decode = ["A", "B", "C", "quiet_s", "wakes"]
    /// What the machine may do for the site.
    package static let load = ["shed", "cores"]
    package static let perspective = ["far", "near", "person_m", "view_degrees"]
    package static let reference = ["y", "height"]
    /// Of every fence; those on objects and on certainty only where the kind knows them.
    static let anyFence = ["id", "kind", "schedule", "preset", "cool_down", "rearm", "severity", "tags"]
    static let objects = ["anchor", "size", "height_m"]
    package static let fence =
        anyFence + objects + ["persistence", "sensitivity"]
        + [
            "points", "direction", "raise", "seconds", "gap", "allowed", "distance", "tolerance", "above_kmh",
            "below_kmh", "stages", "within", "attended", "above", "below", "share", "conditions"
        ]
    package static let limits = ["min", "max"]
    package static let stage = ["shape", "points", "direction"]
    package static let anySink = ["id", "kind", "rate_per_s", "burst", "thin_above"]
    package static let sink =
        anySink + [
            "url", "secret", "previous_secret", "ca", "path", "max_megabytes", "user", "password", "certificate", "key",
            "topic", "servers", "credentials", "subject", "stream", "replicas", "receipts", "confirm", "resend_s",
            "timeout_s"
        ]

    /// Keys of former versions and what they are called now.
    static let renamed = ["mode": "decode"]

    /// As paths, for documentation: `cameras[].fences[].points`.
    package static var allPaths: [String] {
        root + site.map { "site.\($0)" } + retention.map { "retention.\($0)" }
            + evidence.map { "evidence.\($0)" } + clips.map { "evidence.clips.\($0)" }
            + dayList.map { "day_lists[].\($0)" } + schedule.map { "schedules[].\($0)" }
            + period.map { "schedules[].periods[].\($0)" } + decode.map { "decode.\($0)" }
            + load.map { "load.\($0)" }
            + camera.map { "cameras[].\($0)" }
            + perspective.map { "cameras[].perspective.\($0)" }
            + ["far", "near"].flatMap { end in reference.map { "cameras[].perspective.\(end).\($0)" } }
            + fence.map { "cameras[].fences[].\($0)" }
            + ["size", "height_m"].flatMap { pair in limits.map { "cameras[].fences[].\(pair).\($0)" } }
            + stage.map { "cameras[].fences[].stages[].\($0)" } + sink.map { "sinks[].\($0)" }
    }

    /// The keys of a fence of one kind. A key that would do nothing is none of them.
    package static func fence(of kind: RuleKind) -> [String] {
        let tracked = anyFence + objects + ["persistence", "points"]
        let settled = tracked + ["sensitivity"]
        return switch kind {
        case .line: settled + ["direction"]
        case .zone, .appear: settled + ["raise"]
        case .dwell: settled + ["seconds", "gap"]
        case .wrongWay: settled + ["allowed", "distance", "tolerance"]
        case .speed: tracked + ["above_kmh", "below_kmh", "seconds"]
        case .sequence: settled.filter { $0 != "points" } + ["stages", "within"]
        case .stopped: settled + ["seconds"]
        case .leftObject: tracked + ["seconds", "attended"]
        case .removedObject: anyFence + objects + ["points", "seconds"]
        case .occupancy: settled + ["above", "below", "seconds"]
        case .density: tracked + ["share", "seconds"]
        case .motion: anyFence + ["points", "sensitivity", "share", "seconds"]
        case .sceneHealth: anyFence + ["conditions", "seconds"]
        case .manual: anyFence.filter { $0 != "preset" }
        }
    }
}
