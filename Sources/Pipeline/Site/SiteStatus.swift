import Delivery
package import Ingest
package import Journal
package import Media
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
        /// `connecting`, `streaming`, `waiting` (for the next attempt), `paused` (load is shed), `finished`, `idle`.
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
        package var clips: Clips
        package var load: CameraLoad
        package var clock: Clock
        /// Of cameras with a second stream for evidence.
        package var evidence: Evidence?

        package var armedCount: Int { rules.count { $0.standing == .armed } }
        package var watchedCount: Int { rules.count { $0.standing == .armed && $0.coverage == .watched } }

        enum CodingKeys: String, CodingKey {
            case id, name, phase, failure, anchor, codec, size, pictures, analyzed, corrupt, bytes, sessions,
                reconnects, alerts, conditions, rules, clips, load, clock
            case conditionChanges = "condition_changes"
            case evidence = "evidence_stream"
            case coverageSeconds = "coverage_s"
            case decoding = "decode"
            case cameraClass = "class"
            case journalFailures = "journal_failures"
        }
    }

    /// Clips since the camera was started.
    package struct Clips: Codable, Sendable, Hashable {
        package var kept: Int64
        package var bytes: Int64
        /// Alerts without one, and clips that end early, by the reason.
        package var absent: [String: Int64]
        package var short: [String: Int64]

        init(_ values: CameraCounters.Values) {
            kept = values.clips
            bytes = values.clipBytes
            absent = Dictionary(uniqueKeysWithValues: values.absentClips.map { ($0.key.rawValue, $0.value) })
            short = Dictionary(uniqueKeysWithValues: values.shortClips.map { ($0.key.rawValue, $0.value) })
        }
    }

    /// A camera's second stream, which is received and kept, and decoded only for stills.
    package struct Evidence: Codable, Sendable, Hashable {
        package var isStreaming: Bool
        package var failure: String?
        package var bytes: Int64
        package var sessions: Int64
        /// Of packets that are kept now.
        package var keptBytes: Int64

        init(_ status: EvidenceFeed.Status, keptBytes: Int) {
            isStreaming = status.isStreaming
            failure = status.lastFailure?.detail
            bytes = status.bytes
            sessions = status.sessions
            self.keptBytes = Int64(keptBytes)
        }

        enum CodingKeys: String, CodingKey {
            case failure, bytes, sessions
            case isStreaming = "streaming"
            case keptBytes = "kept_bytes"
        }
    }

    /// How a camera's stream is decoded.
    package struct Decoding: Codable, Sendable, Hashable {
        package var mode: DecodeMode
        /// `everything`, `keyframes`, `waiting` (for others to catch up).
        package var state: String
        /// Why everything is decoded though the camera is to be dense.
        package var fallback: DenseFallback?
        /// What of each picture is decoded: `all`, or `luma`, which is all that analysis needs.
        package var planes: DecodedPlanes
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
        /// Bytes of packets that are kept now for catching up.
        package var keptBytes: Int64
        package var idleSeconds: Double
        package var awakeSeconds: Double

        init(_ feed: CameraFeed.Status, _ values: CameraCounters.Values) {
            let (now, counters) = (feed.decoding, feed.counters)
            mode = now.mode
            state = now.isIdle ? "keyframes" : now.isWaiting ? "waiting" : "everything"
            fallback = now.fallback
            planes = now.planes
            keyframeSeconds = now.keyframeSpan?.seconds
            wakes = counters.wakes
            falseWakes = values.falseWakes
            suppressedWakes = values.suppressedWakes
            caughtUpPictures = counters.caughtUp
            catchUps = counters.catchUps
            catchUpSeconds = Double(counters.catchUpMicroseconds) / 1e6
            sheds = counters.sheds
            keptBytes = counters.keptBytes
            idleSeconds = Double(counters.idleMicroseconds) / 1e6
            awakeSeconds = Double(counters.awakeMicroseconds) / 1e6
        }

        enum CodingKeys: String, CodingKey {
            case mode, state, fallback, planes, wakes, sheds
            case keyframeSeconds = "keyframe_s"
            case falseWakes = "false_wakes"
            case suppressedWakes = "suppressed_wakes"
            case caughtUpPictures = "caught_up_pictures"
            case catchUps = "catch_ups"
            case catchUpSeconds = "catch_up_s"
            case keptBytes = "kept_bytes"
            case idleSeconds = "idle_s"
            case awakeSeconds = "awake_s"
        }
    }

    /// What the machine has to do for a camera, and does.
    package struct CameraLoad: Codable, Sendable, Hashable {
        /// `full`, `analysis`, `keyframes`, `paused`.
        package var step: String
        /// Cores that all of it takes.
        package var cores: Double
        package var source: LoadEstimate.Source
        /// Cores that it uses now.
        package var usedCores: Double
        package var processorSeconds: Double
        /// How much of the stream waits to be read.
        package var behindSeconds: Double
        /// Packets and pictures that were let go of.
        package var leftOut: Int64

        enum CodingKeys: String, CodingKey {
            case step, cores, source
            case usedCores = "used_cores"
            case processorSeconds = "processor_s"
            case behindSeconds = "behind_s"
            case leftOut = "left_out"
        }
    }

    /// How a camera's clocks run.
    package struct Clock: Codable, Sendable, Hashable {
        /// What placed the session's first picture: `sender_reports` or `arrival`.
        package var source: LiveTimeline.Source?
        /// The camera's own clock minus the server's.
        package var offsetSeconds: Double?
        /// What to add to the times of alerts to get the camera's own.
        package var senderMinusMediaSeconds: Double?
        /// Millionths by which its time stamps run faster than the server's clock.
        package var driftPPM: Double?

        init(_ standing: ClockStanding) {
            source = standing.source
            offsetSeconds = standing.offset?.seconds
            senderMinusMediaSeconds = standing.senderMinusMedia?.seconds
            driftPPM = standing.driftPPM
        }

        enum CodingKeys: String, CodingKey {
            case source
            case offsetSeconds = "offset_s"
            case senderMinusMediaSeconds = "sender_minus_media_s"
            case driftPPM = "drift_ppm"
        }
    }

    /// What the machine has to do for the site.
    package struct Load: Codable, Sendable, Hashable {
        package var cores: Double
        package var neededCores: Double
        /// Of the whole process, in the last second.
        package var usedCores: Double
        package var shed: String
        package var isOverloaded: Bool
        /// Cameras for which less is done than is configured.
        package var lightened: Int
        /// The verdict on the list of cameras, for people.
        package var sentence: String

        enum CodingKeys: String, CodingKey {
            case cores, shed, lightened, sentence
            case neededCores = "needed_cores"
            case usedCores = "used_cores"
            case isOverloaded = "overloaded"
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

    /// Whether alerts can be journaled.
    package struct Journal: Codable, Sendable, Hashable {
        /// `working`, `full`, `read_only`, `failing`, `damaged`.
        package var state: String
        package var since: MediaTime
        package var detail: String?
        /// Alert versions that wait in memory.
        package var waiting: Int
        package var waitingBytes: Int
        /// Damaged journals set aside since the daemon was started.
        package var setAside: [JournalSetAside]

        enum CodingKeys: String, CodingKey {
            case state, since, detail, waiting
            case waitingBytes = "waiting_bytes"
            case setAside = "set_aside"
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
    package var load: Load
    package var journal: Journal

    package var streamingCount: Int { cameras.count { $0.phase == "streaming" } }
    package var uptime: MediaSpan { now - started }

    enum CodingKeys: String, CodingKey {
        case version, site, started, now, cameras, sinks, orders, load, journal
        case siteName = "site_name"
        case journaledAlerts = "journaled_alerts"
        case journalCommits = "journal_commits"
    }
}

extension SiteStatus {
    init(
        configuration: SiteConfiguration, started: MediaTime, now: MediaTime, cameras: [CameraStanding],
        sinks: [SinkStatus], orders: [ArmingOrder], journal: AlertJournal, load: SiteLoad
    ) {
        let (counters, health) = (journal.snapshot(), journal.health)
        self.init(
            version: SnowlineVersion.text, site: configuration.site.id, siteName: configuration.site.name,
            started: started, now: now, cameras: cameras.map(\.status), sinks: sinks.map(Sink.init),
            orders: orders, journaledAlerts: counters.alerts, journalCommits: counters.commits,
            load: Load(load, shed: configuration.load.shed),
            journal: Journal(
                state: health.state.rawValue, since: health.since, detail: health.detail,
                waiting: health.spilledAlerts, waitingBytes: health.spilledBytes, setAside: health.setAside))
    }
}

/// A camera's status, read once.
struct CameraStanding {
    let status: SiteStatus.Camera

    init(_ station: CameraStation, _ load: SiteLoad, at now: MediaTime) {
        let feed = station.feed.status
        let values = station.counters.snapshot
        var stream: StreamDescription?
        if case .streaming(let description) = feed.phase { stream = description }
        status = SiteStatus.Camera(
            id: station.camera.id, name: station.camera.name, cameraClass: station.camera.cameraClass,
            phase: feed.loadStep == .paused && stream != nil ? "paused" : Self.name(of: feed.phase),
            failure: feed.lastFailure?.detail,
            anchor: stream == nil ? nil : values.anchor, codec: stream?.codec,
            size: stream.map { "\($0.size)" }, pictures: feed.counters.pictures, analyzed: values.analyzed,
            corrupt: feed.counters.damaged, bytes: feed.counters.bytes,
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
            decoding: SiteStatus.Decoding(feed, values), clips: SiteStatus.Clips(values),
            load: SiteStatus.CameraLoad(station.camera.id, feed, load), clock: SiteStatus.Clock(feed.clock),
            evidence: station.evidenceStatus)
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

extension SiteStatus.CameraLoad {
    init(_ id: CameraID, _ feed: CameraFeed.Status, _ load: SiteLoad) {
        let estimate = load.estimate.cameras.first { $0.id == id }
        step = feed.loadStep.name
        cores = estimate?.cores ?? 0
        source = estimate?.source ?? .table
        usedCores = load.meter.measures[id]?.usedCores ?? 0
        processorSeconds = Double(feed.counters.processorMicroseconds) / 1e6
        behindSeconds = feed.counters.behind.seconds
        leftOut = feed.counters.leftOut
    }
}

extension SiteStatus.Load {
    init(_ load: SiteLoad, shed: LoadPolicy.Shedding) {
        cores = load.estimate.cores
        neededCores = load.estimate.needed
        usedCores = load.usedCores
        self.shed = shed.rawValue
        isOverloaded = load.shedder.isOverloaded
        lightened = load.shedder.steps.count { $0.value != .full }
        sentence = load.estimate.sentence
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
