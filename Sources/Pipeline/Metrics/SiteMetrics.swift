import CoreMetrics
import Delivery
import Ingest
import Media
import Metrics
import Scene

/// Tells swift-metrics what the site's counters say, whenever somebody asks. The stages count by themselves and know
/// nothing of metrics; labels are ids of the configuration only, so their number is bounded.
package actor SiteMetrics {
    private let supervisor: SiteSupervisor
    private let registry: MetricsRegistry
    /// The values told last, by metric and label: counters are told what came since.
    private var told: [String: Int64] = [:]

    package init(supervisor: SiteSupervisor, registry: MetricsRegistry = MetricsRegistry(help: SiteMetrics.help)) {
        self.supervisor = supervisor
        self.registry = registry
    }

    /// All metrics as Prometheus text.
    /// - Throws: `JournalError`.
    package func text() async throws -> String {
        let status = try await supervisor.status()
        for camera in status.cameras { tell(camera) }
        for sink in status.sinks { tell(sink) }
        await tellLatencies(status)
        tell(status.load)
        count("snowline_journal_alerts", status.journaledAlerts)
        count("snowline_journal_commits", status.journalCommits)
        gauge("snowline_journal_working", status.journal.state == "working" ? 1 : 0)
        gauge("snowline_journal_waiting_alerts", Double(status.journal.waiting))
        gauge("snowline_journal_set_aside", Double(status.journal.setAside.count))
        gauge("snowline_cameras", Double(status.cameras.count))
        gauge("snowline_uptime_seconds", status.uptime.seconds)
        return registry.render()
    }

    private func tell(_ camera: SiteStatus.Camera) {
        let label = [("camera", camera.id.text)]
        count("snowline_camera_pictures", camera.pictures, label)
        count("snowline_camera_analyzed_pictures", camera.analyzed, label)
        count("snowline_camera_corrupt", camera.corrupt, label)
        count("snowline_camera_received_bytes", camera.bytes, label)
        count("snowline_camera_sessions", camera.sessions, label)
        count("snowline_camera_reconnects", camera.reconnects, label)
        count("snowline_camera_alerts", camera.alerts, label)
        count("snowline_camera_journal_failures", camera.journalFailures, label)
        gauge("snowline_camera_rules_armed", Double(camera.armedCount), label)
        gauge("snowline_camera_rules_watched", Double(camera.watchedCount), label)
        let states = camera.coverageSeconds.merging(["watched": 0, "lost": 0]) { told, _ in told }
        for (state, seconds) in states.sorted(by: { $0.key < $1.key }) {
            count("snowline_camera_coverage_seconds", Int64(seconds), label + [("state", state)])
        }
        tell(camera.decoding, label)
        tell(camera.clips, label)
        tell(camera.load, label)
        gauge("snowline_camera_clock_offset_seconds", camera.clock.offsetSeconds ?? .nan, label)
        gauge("snowline_camera_clock_drift_ppm", camera.clock.driftPPM ?? .nan, label)
        if let evidence = camera.evidence { tell(evidence, label) }
        gauge("snowline_camera_streaming", camera.phase == "streaming" ? 1 : 0, label)
        count("snowline_scene_condition_changes", camera.conditionChanges, label)
        for condition in SceneCondition.allCases {
            gauge(
                "snowline_scene_condition", camera.conditions.contains { $0.condition == condition } ? 1 : 0,
                label + [("condition", condition.rawValue)])
        }
    }

    private func tell(_ decoding: SiteStatus.Decoding, _ label: [(String, String)]) {
        gauge("snowline_camera_dense", decoding.mode == .dense ? 1 : 0, label)
        for reason in DenseFallback.allCases {
            gauge(
                "snowline_camera_dense_fallback", decoding.fallback == reason ? 1 : 0,
                label + [("reason", reason.rawValue)])
        }
        gauge("snowline_camera_luma_only", decoding.planes == .luma ? 1 : 0, label)
        gauge("snowline_camera_keyframe_seconds", decoding.keyframeSeconds ?? 0, label)
        count("snowline_camera_wakes", decoding.wakes, label)
        count("snowline_camera_false_wakes", decoding.falseWakes, label)
        count("snowline_camera_suppressed_wakes", decoding.suppressedWakes, label)
        count("snowline_camera_caught_up_pictures", decoding.caughtUpPictures, label)
        count("snowline_camera_catch_ups", decoding.catchUps, label)
        count("snowline_camera_catch_up_milliseconds", Int64(decoding.catchUpSeconds * 1000), label)
        count("snowline_camera_sheds", decoding.sheds, label)
        gauge("snowline_camera_kept_bytes", Double(decoding.keptBytes), label)
        count("snowline_camera_idle_seconds", Int64(decoding.idleSeconds), label)
        count("snowline_camera_awake_seconds", Int64(decoding.awakeSeconds), label)
    }

    private func tell(_ clips: SiteStatus.Clips, _ label: [(String, String)]) {
        count("snowline_camera_clips", clips.kept, label)
        count("snowline_camera_clip_bytes", clips.bytes, label)
        let absent = clips.absent.merging(["no_packets": 0], uniquingKeysWith: max)
        for (reason, number) in absent.sorted(by: { $0.key < $1.key }) {
            count("snowline_camera_absent_clips", number, label + [("reason", reason)])
        }
        let short = clips.short.merging(["stream_ended": 0], uniquingKeysWith: max)
        for (reason, number) in short.sorted(by: { $0.key < $1.key }) {
            count("snowline_camera_short_clips", number, label + [("reason", reason)])
        }
    }

    private func tellLatencies(_ status: SiteStatus) async {
        let latencies = await supervisor.takeLatencies()
        histogram("snowline_alert_journal_latency", latencies.journal)
        for sink in Set(status.sinks.map(\.id)).union(latencies.delivery.keys).sorted() {
            histogram("snowline_alert_delivery_latency", latencies.delivery[sink] ?? [], [("sink", sink)])
        }
        for cameraClass in CameraClass.allCases {
            histogram(
                "snowline_catch_up", latencies.catchUp[cameraClass] ?? [], [("class", cameraClass.rawValue)])
        }
    }

    private func tell(_ load: SiteStatus.Load) {
        gauge("snowline_load_cores", load.cores)
        gauge("snowline_load_needed_cores", load.neededCores)
        gauge("snowline_load_used_cores", load.usedCores)
        gauge("snowline_load_overloaded", load.isOverloaded ? 1 : 0)
        gauge("snowline_load_lightened_cameras", Double(load.lightened))
    }

    private func tell(_ load: SiteStatus.CameraLoad, _ label: [(String, String)]) {
        gauge("snowline_camera_load_step", Double(LoadStep(name: load.step)?.rawValue ?? 0), label)
        gauge("snowline_camera_needed_cores", load.cores, label)
        gauge("snowline_camera_behind_seconds", load.behindSeconds, label)
        count("snowline_camera_left_out", load.leftOut, label)
        count("snowline_camera_processor_milliseconds", Int64(load.processorSeconds * 1000), label)
    }

    private func tell(_ evidence: SiteStatus.Evidence, _ label: [(String, String)]) {
        gauge("snowline_camera_evidence_streaming", evidence.isStreaming ? 1 : 0, label)
        gauge("snowline_camera_evidence_kept_bytes", Double(evidence.keptBytes), label)
        count("snowline_camera_evidence_received_bytes", evidence.bytes, label)
        count("snowline_camera_evidence_sessions", evidence.sessions, label)
    }

    private func tell(_ sink: SiteStatus.Sink) {
        let label = [("sink", sink.id)]
        count("snowline_sink_confirmed", sink.confirmed, label)
        count("snowline_sink_failed_attempts", sink.failedAttempts, label)
        gauge("snowline_sink_pending", Double(sink.pending), label)
        gauge("snowline_sink_oldest_pending_seconds", sink.oldestSeconds ?? 0, label)
        gauge("snowline_sink_refused", Double(sink.refused), label)
        gauge("snowline_sink_unconfirmed", Double(sink.unconfirmed), label)
        gauge("snowline_sink_oldest_unconfirmed_seconds", sink.unconfirmedSeconds ?? 0, label)
        count("snowline_sink_superseded", sink.supersededTotal, label)
        gauge("snowline_sink_disabled", sink.state == "disabled" ? 1 : 0, label)
        gauge("snowline_sink_working", sink.state == "working" ? 1 : 0, label)
    }

    /// A camera that was started anew counts from zero again: then all of its value is new.
    private func count(_ name: String, _ value: Int64, _ dimensions: [(String, String)] = []) {
        let key = name + dimensions.map { "\u{1F}\($0.1)" }.joined()
        let before = told[key] ?? 0
        told[key] = value
        Counter(label: name, dimensions: dimensions, factory: registry)
            .increment(by: value >= before ? value - before : value)
    }

    /// One without values is told as well, so that it is there before the first alert is.
    private func histogram(_ name: String, _ milliseconds: [Int64], _ dimensions: [(String, String)] = []) {
        let timer = Timer(label: name, dimensions: dimensions, factory: registry)
        for value in milliseconds { timer.recordMilliseconds(max(0, value)) }
    }

    private func gauge(_ name: String, _ value: Double, _ dimensions: [(String, String)] = []) {
        Gauge(label: name, dimensions: dimensions, factory: registry).record(value)
    }

    package static let help = [
        "snowline_camera_pictures_total": "Sound pictures that came from the camera.",
        "snowline_camera_analyzed_pictures_total": "Pictures that were analysed.",
        "snowline_camera_corrupt_total": "Damaged packets and pictures, left out.",
        "snowline_camera_received_bytes_total": "Bytes of video received.",
        "snowline_camera_sessions_total": "Sessions that brought pictures.",
        "snowline_camera_reconnects_total": "Attempts to connect after the first.",
        "snowline_camera_alerts_total": "Alerts opened.",
        "snowline_camera_journal_failures_total": "Attempts to journal that failed and were repeated.",
        "snowline_camera_rules_armed": "Rules that are armed now.",
        "snowline_camera_rules_watched": "Rules that are armed and whose newest picture was analysed.",
        "snowline_camera_coverage_seconds_total": "Whole seconds of all rules together, by state.",
        "snowline_camera_dense": "1 where the configuration asks for dense decoding.",
        "snowline_camera_dense_fallback": "1 for the reason why everything is decoded all the same.",
        "snowline_camera_luma_only": "1 while brightness alone is decoded of the camera's pictures.",
        "snowline_camera_keyframe_seconds": "From one keyframe to the next, measured last; 0 before it is known.",
        "snowline_camera_wakes_total": "Stirs in a keyframe that had everything since the one before decoded.",
        "snowline_camera_false_wakes_total": "Those of them that no track came of.",
        "snowline_camera_suppressed_wakes_total": "Stirs that woke nobody: the same places had stirred in vain.",
        "snowline_camera_caught_up_pictures_total": "Pictures decoded after their time, because of a wake.",
        "snowline_camera_catch_ups_total": "Times that kept packets were decoded.",
        "snowline_camera_catch_up_milliseconds_total": "From the wish to decode what was kept until it was done.",
        "snowline_camera_sheds_total": "Times that kept packets were let go of while others caught up.",
        "snowline_camera_kept_bytes": "Bytes of packets that are kept now for catching up.",
        "snowline_camera_idle_seconds_total": "Media time seen in keyframes only.",
        "snowline_camera_awake_seconds_total": "Media time decoded in full.",
        "snowline_camera_evidence_streaming": "1 while the second stream comes, of which evidence is made.",
        "snowline_camera_evidence_kept_bytes": "Bytes of its packets that are kept now.",
        "snowline_camera_evidence_received_bytes_total": "Bytes received of it.",
        "snowline_camera_evidence_sessions_total": "Connections of it that brought packets.",
        "snowline_camera_streaming": "1 while pictures come.",
        "snowline_camera_clips_total": "Clips written.",
        "snowline_camera_clip_bytes_total": "Bytes of them.",
        "snowline_camera_absent_clips_total": "Alerts without a clip, by the reason.",
        "snowline_camera_short_clips_total": "Clips that end before their time, by the reason.",
        "snowline_camera_load_step": "0: all is done, 1: least analysis, 2: keyframes only, 3: paused.",
        "snowline_camera_needed_cores": "Cores that all of the camera takes, measured or by the table.",
        "snowline_camera_behind_seconds": "How much of the stream waits to be read.",
        "snowline_camera_left_out_total": "Packets and pictures let go of because the machine had too much to do.",
        "snowline_camera_processor_milliseconds_total": "Processor time of the camera's thread.",
        "snowline_camera_clock_offset_seconds": "The camera's own clock minus the server's, by RTCP; NaN without.",
        "snowline_camera_clock_drift_ppm": "Millionths by which the camera's time stamps run fast; NaN before known.",
        "snowline_load_cores": "Cores that the site may use.",
        "snowline_load_needed_cores": "Cores that all cameras take together.",
        "snowline_load_used_cores": "Cores that the process used in the last second.",
        "snowline_load_overloaded": "1 while the machine has too much to do.",
        "snowline_load_lightened_cameras": "Cameras for which less is done than is configured.",
        "snowline_alert_delivery_latency_seconds": "From the deciding picture to the sink's word, of first versions.",
        "snowline_catch_up_seconds": "From the wish to decode what a dense camera had kept until it was done.",
        "snowline_scene_condition": "1 while this is wrong with the camera's picture.",
        "snowline_scene_condition_changes_total": "How often a condition of the camera's picture began or ended.",
        "snowline_alert_journal_latency_seconds": "From the deciding picture to the journal, of opened alerts.",
        "snowline_journal_alerts_total": "Alert versions journaled.",
        "snowline_journal_commits_total": "Transactions that did it.",
        "snowline_journal_working":
            "1 while the journal can be written, 0 while the disk is full, read-only or failing.",
        "snowline_journal_waiting_alerts": "Alert versions that wait in memory until it can.",
        "snowline_journal_set_aside": "Damaged journals set aside since the daemon was started.",
        "snowline_sink_confirmed_total": "Alert versions that the sink confirmed.",
        "snowline_sink_failed_attempts_total": "Attempts that failed and are repeated.",
        "snowline_sink_pending": "Alert versions that wait for the sink.",
        "snowline_sink_oldest_pending_seconds": "Age of the oldest of them.",
        "snowline_sink_refused": "Those of them that the receiver refused.",
        "snowline_sink_unconfirmed": "Those of them that a broker has and the dispatch side has not confirmed.",
        "snowline_sink_oldest_unconfirmed_seconds": "Age of the oldest of these.",
        "snowline_sink_superseded_total": "Updates passed over because a newer version of the alert waited.",
        "snowline_sink_disabled": "1 after the receiver said that it wants no more alerts (410).",
        "snowline_sink_working": "1 while the sink is in use, 0 while it is backed off, disabled or unusable.",
        "snowline_cameras": "Cameras that run.",
        "snowline_uptime_seconds": "Since the daemon was started."
    ]
}
