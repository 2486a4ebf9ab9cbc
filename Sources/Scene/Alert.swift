/// One version of one alert: a lead that a person verifies.
///
/// `decision` is a pure function of footage, configuration and model, and is compared byte for byte by replays.
/// `reception` is what this server added. No field of either may say who somebody in the picture is.
package struct Alert: Hashable, Sendable, Codable {
    package var decision: AlertDecision
    package var reception: AlertReception
    /// False until a person says otherwise.
    package var verified: Bool

    package init(decision: AlertDecision, reception: AlertReception, verified: Bool = false) {
        self.decision = decision
        self.reception = reception
        self.verified = verified
    }
}

package enum AlertState: String, Sendable, Codable, CaseIterable {
    case opened
    case updated
    case closed
}

/// Why an episode was closed other than by quiet: its rule stopped watching.
package enum ClosingReason: String, Sendable, Codable, CaseIterable {
    /// By hand (人工撤防).
    case disarmed
    /// Its schedule ended (布防时段结束).
    case offSchedule = "off_schedule"
    /// The camera was held, or turned away from the rule's preset.
    case held
}

package struct AlertDecision: Hashable, Sendable, Codable {
    /// A single finding within the episode, newest last; at most ``findingLimit`` are kept (the first and the newest).
    package struct Finding: Hashable, Sendable, Codable {
        package var time: MediaTime
        package var occurrence: Occurrence
        package var direction: CrossingDirection?
        package var track: TrackID?
        package var box: Box?
        package var point: Point?
        /// Of what a person asked for by hand; nil for all else.
        package var request: ManualRequest?

        package init(
            time: MediaTime, occurrence: Occurrence, direction: CrossingDirection?, track: TrackID?, box: Box?,
            point: Point?, request: ManualRequest? = nil
        ) {
            self.time = time
            self.occurrence = occurrence
            self.direction = direction
            self.track = track
            self.box = box
            self.point = point
            self.request = request
        }
    }

    package struct Summary: Hashable, Sendable, Codable {
        package var zh: String
        package var en: String

        package init(zh: String, en: String) {
            self.zh = zh
            self.en = en
        }
    }

    package struct Provenance: Hashable, Sendable, Codable {
        /// Name and SHA-256 of the detector model (preset) that analysed the footage.
        package var model: String
        package var modelHash: String
        /// SHA-256 of the camera's validated configuration.
        package var configurationHash: String

        package init(model: String, modelHash: String, configurationHash: String) {
            self.model = model
            self.modelHash = modelHash
            self.configurationHash = configurationHash
        }

        enum CodingKeys: String, CodingKey {
            case model
            case modelHash = "model_hash"
            case configurationHash = "configuration_hash"
        }
    }

    package static let findingLimit = 32

    package var id: String
    package var version: Int
    package var state: AlertState
    package var camera: CameraID
    package var place: CameraPlace
    package var rule: RuleID
    package var ruleRevision: String
    package var kind: RuleKind
    package var occurrence: Occurrence
    package var anchor: Anchor?
    package var start: MediaTime
    /// The newest finding.
    package var last: MediaTime
    /// Nil while the episode is open.
    package var end: MediaTime?
    /// True while a condition itself holds (the zone is occupied now); false for instants, and while an open episode
    /// only waits for quiet.
    package var isHolding: Bool
    /// How many findings the episode holds, more than are listed.
    package var count: Int
    package var findings: [Finding]
    /// The numbers that decided the first finding, by name.
    package var measures: [String: Double]
    package var summary: Summary
    /// Why the first finding was raised: the tests that held, the filters it passed, where the object was.
    package var explanation: Explanation?
    /// The same as one sentence in each language.
    package var reason: Summary?
    /// 1 (highest) … 4, as GB/T 28181 counts its alarm levels (警情级别).
    package var severity: Int?
    /// Free words of the rule's configuration.
    package var tags: [String]?
    /// How platforms call what happened.
    package var codes: AlarmCode?
    package var provenance: Provenance
    /// Nil while the episode is open, and where it was closed because nothing more came.
    package var closedBy: ClosingReason?

    package init(
        id: String, version: Int, state: AlertState, camera: CameraID, place: CameraPlace, rule: RuleID,
        ruleRevision: String, kind: RuleKind, occurrence: Occurrence, anchor: Anchor?, start: MediaTime,
        last: MediaTime, end: MediaTime?, isHolding: Bool = false, count: Int, findings: [Finding],
        measures: [String: Double], summary: Summary, explanation: Explanation? = nil, reason: Summary? = nil,
        severity: Int? = nil, tags: [String]? = nil, codes: AlarmCode? = nil, provenance: Provenance,
        closedBy: ClosingReason? = nil
    ) {
        self.id = id
        self.version = version
        self.state = state
        self.camera = camera
        self.place = place
        self.rule = rule
        self.ruleRevision = ruleRevision
        self.kind = kind
        self.occurrence = occurrence
        self.anchor = anchor
        self.start = start
        self.last = last
        self.end = end
        self.isHolding = isHolding
        self.count = count
        self.findings = findings
        self.measures = measures
        self.summary = summary
        self.explanation = explanation
        self.reason = reason
        self.severity = severity
        self.tags = tags
        self.codes = codes
        self.provenance = provenance
        self.closedBy = closedBy
    }

    enum CodingKeys: String, CodingKey {
        case id, version, state, camera, place, rule, kind, occurrence, anchor, start, last, end, count, findings
        case measures, summary, provenance, explanation, reason, severity, tags, codes
        case ruleRevision = "rule_revision"
        case isHolding = "holding"
        case closedBy = "closed_by"
    }
}

package struct AlertReception: Hashable, Sendable, Codable {
    package struct Evidence: Hashable, Sendable, Codable {
        package enum Kind: String, Sendable, Codable, CaseIterable {
            /// The picture as analysed (privacy masks burnt in), nothing drawn.
            case clean
            /// The same with fence, box and track drawn.
            case annotated
            /// Video from before the event until after it (fragmented MP4).
            case clip
        }

        package var kind: Kind
        /// Relative to the data folder.
        package var path: String
        package var sha256: String
        package var bytes: Int
        package var width: Int
        package var height: Int
        /// Of the picture; of a clip's first one.
        package var mediaTime: MediaTime
        /// Of clips: how long it is, and FFmpeg's name of its codec.
        package var seconds: Double?
        package var codec: String?
        /// Of stills of cameras with two streams: which of them it shows.
        package var stream: EvidenceStream?

        package init(
            kind: Kind, path: String, sha256: String, bytes: Int, width: Int, height: Int, mediaTime: MediaTime,
            seconds: Double? = nil, codec: String? = nil, stream: EvidenceStream? = nil
        ) {
            self.kind = kind
            self.path = path
            self.sha256 = sha256
            self.bytes = bytes
            self.width = width
            self.height = height
            self.mediaTime = mediaTime
            self.seconds = seconds
            self.codec = codec
            self.stream = stream
        }

        enum CodingKeys: String, CodingKey {
            case kind, path, sha256, bytes, width, height, seconds, codec, stream
            case mediaTime = "media_time"
        }
    }

    /// When this version was put into the journal, by the server's clock.
    package var serverTime: MediaTime
    /// Server clock minus media time of the deciding frame, in milliseconds.
    package var latencyMilliseconds: Int64
    /// Counts the versions of this camera without gaps, across restarts.
    package var sequence: Int64
    package var evidence: [Evidence]
    /// Nil where the camera records no clips.
    package var clip: ClipStanding?
    /// True where the alert was raised by replaying footage.
    package var isReplay: Bool

    package init(
        serverTime: MediaTime, latencyMilliseconds: Int64, sequence: Int64, evidence: [Evidence],
        clip: ClipStanding? = nil, isReplay: Bool
    ) {
        self.serverTime = serverTime
        self.latencyMilliseconds = latencyMilliseconds
        self.sequence = sequence
        self.evidence = evidence
        self.clip = clip
        self.isReplay = isReplay
    }

    enum CodingKeys: String, CodingKey {
        case sequence, evidence, clip
        case serverTime = "server_time"
        case latencyMilliseconds = "latency_ms"
        case isReplay = "replay"
    }
}
