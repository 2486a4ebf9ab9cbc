import Delivery
package import Ingest
import Journal
package import Scene

/// What the daemon says of itself: the object of `GET /v1/status` and `snowline status --json`. Holds no credentials.
package struct SiteStatus: Codable, Sendable, Hashable {
    /// How a rule stands now.
    package struct Rule: Codable, Sendable, Hashable {
        package var id: RuleID
        package var standing: RuleStanding
        /// When this ends by itself, as far as that is known.
        package var until: MediaTime?
        /// What its account says of the newest picture.
        package var coverage: CoverageState?
        /// The order that decides; absent where the schedule does.
        package var order: ArmingOrder?
    }

    package struct Camera: Codable, Sendable, Hashable {
        package var id: CameraID
        package var name: String
        package var cameraClass: CameraClass
        /// `connecting`, `streaming`, `waiting` (for the next attempt), `finished`, `idle`.
        package var phase: String
        /// Why the newest session or attempt ended.
        package var failure: String?
        /// Media time of the running session's first picture.
        package var anchor: MediaTime?
        package var codec: String?
        package var size: String?
        package var pictures: Int64
        package var analyzed: Int64
        package var corrupt: Int64
        package var bytes: Int64
        package var sessions: Int64
        package var reconnects: Int64
        package var alerts: Int64
        package var journalFailures: Int64
        /// What is wrong with the picture now; empty while all is well.
        package var conditions: [Condition]
        package var conditionChanges: Int64
        package var rules: [Rule]
        /// Seconds of all rules together by state, since the camera was started.
        package var coverageSeconds: [String: Double]
        package var decoding: Decoding

        package var armedCount: Int { rules.count { $0.standing == .armed } }
        package var watchedCount: Int { rules.count { $0.standing == .armed && $0.coverage == .watched } }

        enum CodingKeys: String, CodingKey {
            case id, name, phase, failure, anchor, codec, size, pictures, analyzed, corrupt, bytes, sessions,
                reconnects, alerts, conditions, rules
            case conditionChanges = "condition_changes"
            case coverageSeconds = "coverage_s"
            case decoding = "decode"
            case cameraClass = "class"
            case journalFailures = "journal_failures"
        }
    }

    /// How a camera's stream is decoded.
    package struct Decoding: Codable, Sendable, Hashable {
        package var mode: DecodeMode
        /// `everything`, `keyframes`, `waiting` (for others to catch up).
        package var state: String
        /// Why everything is decoded though the camera is to be dense.
        package var fallback: DenseFallback?
        /// From one keyframe to the next, in seconds.
        package var keyframeSeconds: Double?
        package var wakes: Int64
        /// Wakes that no track came of, and stirs that woke nobody because the same places did so in vain.
        package var falseWakes: Int64
        package var suppressedWakes: Int64
        package var caughtUpPictures: Int64
        package var catchUps: Int64
        package var catchUpSeconds: Double
        package var sheds: Int64
        package var idleSeconds: Double
        package var awakeSeconds: Double

        init(_ feed: CameraFeed.Status, _ values: CameraCounters.Values) {
            let (now, counters) = (feed.decoding, feed.counters)
            mode = now.mode
            state = now.isIdle ? "keyframes" : now.isWaiting ? "waiting" : "everything"
            fallback = now.fallback
            keyframeSeconds = now.keyframeSpan?.seconds
            wakes = counters.wakes
            falseWakes = values.falseWakes
            suppressedWakes = values.suppressedWakes
            caughtUpPictures = counters.caughtUp
            catchUps = counters.catchUps
            catchUpSeconds = Double(counters.catchUpMicroseconds) / 1e6
            sheds = counters.sheds
            idleSeconds = Double(counters.idleMicroseconds) / 1e6
            awakeSeconds = Double(counters.awakeMicroseconds) / 1e6
        }

        enum CodingKeys: String, CodingKey {
            case mode, state, fallback, wakes, sheds
            case keyframeSeconds = "keyframe_s"
            case falseWakes = "false_wakes"
            case suppressedWakes = "suppressed_wakes"
            case caughtUpPictures = "caught_up_pictures"
            case catchUps = "catch_ups"
            case catchUpSeconds = "catch_up_s"
            case idleSeconds = "idle_s"
            case awakeSeconds = "awake_s"
        }
    }

    /// Something that is wrong with a camera's whole picture.
    package struct Condition: Codable, Sendable, Hashable {
        package var condition: SceneCondition
        /// As far back as it can be dated, in media time.
        package var since: MediaTime
    }

    package struct Sink: Codable, Sendable, Hashable {
        package var id: String
        package var kind: String?
        /// `working`, `backing_off`, `disabled`, `unusable`, `removed`.
        package var state: String
        package var detail: String?
        package var pending: Int
        package var refused: Int
        /// With a broker, not confirmed by the dispatch side.
        package var unconfirmed: Int
        /// Passed over for a newer version that is not confirmed yet; they do not wait.
        package var superseded: Int
        package var oldestSeconds: Double?
        /// Age of the oldest of the unconfirmed.
        package var unconfirmedSeconds: Double?
        package var confirmed: Int64
        package var failedAttempts: Int64
        /// Passed over since the daemon was started.
        package var supersededTotal: Int64
        package var lastError: String?

        enum CodingKeys: String, CodingKey {
            case id, kind, state, detail, pending, refused, unconfirmed, superseded, confirmed
            case oldestSeconds = "oldest_s"
            case unconfirmedSeconds = "unconfirmed_s"
            case supersededTotal = "superseded_total"
            case failedAttempts = "failed_attempts"
            case lastError = "last_error"
        }
    }

    package var version: String
    package var site: String
    package var siteName: String
    package var started: MediaTime
    package var now: MediaTime
    package var cameras: [Camera]
    package var sinks: [Sink]
    /// What people have ordered and still holds.
    package var orders: [ArmingOrder]
    package var journaledAlerts: Int64
    package var journalCommits: Int64

    package var streamingCount: Int { cameras.count { $0.phase == "streaming" } }
    package var uptime: MediaSpan { now - started }

    enum CodingKeys: String, CodingKey {
        case version, site, started, now, cameras, sinks, orders
        case siteName = "site_name"
        case journaledAlerts = "journaled_alerts"
        case journalCommits = "journal_commits"
    }
}

extension SiteStatus {
    init(
        configuration: SiteConfiguration, started: MediaTime, now: MediaTime, cameras: [CameraStanding],
        sinks: [SinkStatus], orders: [ArmingOrder], journal: JournalCounters
    ) {
        self.init(
            version: SnowlineVersion.text, site: configuration.site.id, siteName: configuration.site.name,
            started: started, now: now, cameras: cameras.map(\.status), sinks: sinks.map(Sink.init),
            orders: orders, journaledAlerts: journal.alerts, journalCommits: journal.commits)
    }
}

/// A camera's status, read once.
struct CameraStanding {
    let status: SiteStatus.Camera

    init(_ station: CameraStation, at now: MediaTime) {
        let feed = station.feed.status
        let values = station.counters.snapshot
        var stream: StreamDescription?
        if case .streaming(let description) = feed.phase { stream = description }
        status = SiteStatus.Camera(
            id: station.camera.id, name: station.camera.name, cameraClass: station.camera.cameraClass,
            phase: Self.name(of: feed.phase), failure: feed.lastFailure?.detail,
            anchor: stream == nil ? nil : values.anchor, codec: stream?.codec,
            size: stream.map { "\($0.size)" }, pictures: feed.counters.pictures, analyzed: values.analyzed,
            corrupt: feed.counters.corruptPackets + feed.counters.corruptPictures, bytes: feed.counters.bytes,
            sessions: feed.counters.sessions, reconnects: feed.counters.reconnects, alerts: values.opened,
            journalFailures: values.journalFailures,
            conditions: values.health.conditions.compactMap { condition in
                values.health.beginning(of: condition).map { SiteStatus.Condition(condition: condition, since: $0) }
            }, conditionChanges: values.healthChanges,
            rules: station.duty.reports(at: now).map { report in
                SiteStatus.Rule(
                    id: report.rule, standing: report.standing, until: report.until, coverage: report.coverage,
                    order: report.order)
            },
            coverageSeconds: Dictionary(
                uniqueKeysWithValues: station.duty.coverageTotals.map { ($0.key.rawValue, $0.value.seconds) }),
            decoding: SiteStatus.Decoding(feed, values))
    }

    private static func name(of phase: CameraFeed.Phase) -> String {
        switch phase {
        case .idle: "idle"
        case .connecting: "connecting"
        case .streaming: "streaming"
        case .waiting: "waiting"
        case .finished: "finished"
        }
    }
}

extension SiteStatus.Sink {
    init(_ status: SinkStatus) {
        let (state, detail) = Self.words(for: status.state)
        self.init(
            id: status.id, kind: status.kind?.rawValue, state: state, detail: detail, pending: status.pending,
            refused: status.refused, unconfirmed: status.unconfirmed, superseded: status.superseded,
            oldestSeconds: status.oldestAge?.seconds, unconfirmedSeconds: status.unconfirmedAge?.seconds,
            confirmed: status.confirmed, failedAttempts: status.failedAttempts,
            supersededTotal: status.supersededTotal, lastError: status.lastError)
    }

    private static func words(for state: SinkStatus.State) -> (String, String?) {
        switch state {
        case .working: ("working", nil)
        case .backingOff(let until): ("backing_off", "until \(until)")
        case .disabled(let reason): ("disabled", reason)
        case .unusable(let reason): ("unusable", reason)
        case .removed: ("removed", nil)
        }
    }
}
