import Alerts
import Scene

/// Reproducible randomness; the seed is printed by the test that fails.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func seconds(_ value: Double) -> MediaTime { MediaTime.epoch + .seconds(value) }

func watchedCamera(revision: String = "r1") -> WatchedCamera {
    WatchedCamera(
        id: CameraID("south-gate")!,
        place: CameraPlace(
            site: "530302", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "南门", cameraClass: .a),
        rules: [
            RuleID("lawn")!: .init(revision: revision, anchor: .foot), RuleID("path")!: .init(revision: revision)
        ],
        provenance: .init(model: "visible", modelHash: "m", configurationHash: "c"))
}

func book(
    _ camera: WatchedCamera = watchedCamera(), settings: EpisodeSettings = EpisodeSettings(),
    restoring: [AlertDecision] = []
) -> AlertBook {
    AlertBook(
        camera: camera, settings: settings, localTime: LocalTime(identifier: "Asia/Shanghai")!.text,
        restoring: restoring)
}

func crossing(
    _ second: Double, _ direction: CrossingDirection = .leftToRight, measures: [String: Double] = [:]
) -> RuleEvent {
    RuleEvent(
        rule: RuleID("path")!, kind: .line, occurrence: .crossed, phase: .instant, time: seconds(second),
        decidedAt: seconds(second), direction: direction, track: TrackID(1),
        box: Box(x: 0.1, y: 0.2, width: 0.1, height: 0.2), point: Point(x: 0.5, y: 0.5), measures: measures)
}

func occupied(_ phase: RuleEvent.Phase, _ second: Double) -> RuleEvent {
    RuleEvent(
        rule: RuleID("lawn")!, kind: .zone, occurrence: .occupied, phase: phase, time: seconds(second),
        decidedAt: seconds(second), measures: ["dwell_s": 1])
}

func passing(_ occurrence: Occurrence, _ second: Double) -> RuleEvent {
    RuleEvent(
        rule: RuleID("lawn")!, kind: .zone, occurrence: occurrence, phase: .instant, time: seconds(second),
        decidedAt: seconds(second))
}

func signal(_ phase: RuleEvent.Phase, _ second: Double) -> RuleEvent {
    RuleEvent(
        rule: .signal, kind: .sceneHealth, occurrence: .signalLost, phase: phase, time: seconds(second),
        decidedAt: seconds(second))
}

extension [AlertDecision] {
    /// `opened 1`, `closed 3`.
    var outline: [String] { map { "\($0.state) \($0.version)" } }
}
