package import Evidence
import Foundation
package import Journal
package import Logging
package import Media
package import Scene
import Synchronization

/// Puts a camera's alerts into the journal, with their stills and outbox rows, before anything is sent.
///
/// While the journal cannot be written (disk full) alerts wait in memory, in order; once that is used up the camera's
/// thread waits here and tries again: its pictures are dropped by the sender meanwhile, its alerts are not.
package final class JournalOutlet: AlertOutlet {
    private static let retryPause: TimeInterval = 1

    private let camera: CameraID
    private let journal: AlertJournal
    private let sinks: SharedSinks
    private let stills: AlertStills
    private let clips: AlertClips?
    private let clock: @Sendable () -> MediaTime
    private let counters: CameraCounters
    private let logger: Logger
    /// Attempts that fail alike are journaled once.
    private var lastEnding: String?

    /// - Parameters:
    ///   - restoring: the camera's alerts that are open in the journal.
    ///   - clips: nil where alerts have none.
    ///   - views: where better pictures for stills than the analysed ones may be, the best first.
    package init(
        camera: CameraID, journal: AlertJournal, sinks: SharedSinks, store: EvidenceStore, restoring: [Alert],
        clips: AlertClips? = nil, views: [EvidenceView] = [], clock: @escaping @Sendable () -> MediaTime,
        counters: CameraCounters, logger: Logger
    ) {
        self.camera = camera
        self.journal = journal
        self.sinks = sinks
        self.clips = clips
        self.clock = clock
        self.counters = counters
        self.logger = logger
        stills = AlertStills(store: store, restoring: restoring, views: views, logger: logger)
    }

    package func publish(
        _ decisions: [AlertDecision], picture: borrowing Picture, overlay: @autoclosure () -> Overlay,
        decidedAt: MediaTime
    ) {
        let drawn = overlay()
        let alerts = decisions.map { decision in
            alert(
                decision, stills.evidence(for: decision, picture: picture, overlay: drawn, at: decidedAt),
                decidedAt: decidedAt)
        }
        append(alerts)
    }

    package func publish(_ decisions: [AlertDecision], decidedAt: MediaTime) {
        append(decisions.map { alert($0, stills.evidence(for: $0), decidedAt: decidedAt) })
    }

    package func note(_ note: CameraNote) {
        do {
            switch note {
            case .began(let codec, let size, let anchor):
                lastEnding = nil
                logger.info("camera streaming", metadata: ["codec": "\(codec)", "size": "\(size)"])
                try journal.record(
                    .sessionAnchored, camera: camera,
                    detail: ["codec": codec, "size": "\(size)", "anchor": "\(anchor)"])
            case .ended(let kind, let detail, let time):
                guard lastEnding != kind else { return }
                lastEnding = kind
                let moment = time.map { ["last": "\($0)"] } ?? [:]
                try journal.record(
                    .sessionEnded, camera: camera,
                    detail: ["reason": kind, "detail": detail].merging(moment) { first, _ in first })
            case .condition(let change): try record(change)
            case .suppressed(let candidates): counters.suppressed(candidates)
            case .decoding(let fallback, let time):
                try journal.record(
                    fallback == nil ? .denseResumed : .denseFellBack, camera: camera,
                    detail: ["since": "\(time)"].merging(fallback.map { ["reason": $0] } ?? [:]) { first, _ in first })
            }
        } catch {
            logger.error("camera note not journaled", metadata: ["error": "\(error)"])
        }
    }

    private func record(_ change: ConditionChange) throws {
        var detail = ["condition": change.condition.rawValue, "since": "\(change.since)"]
        if let end = change.end {
            detail["end"] = "\(end)"
            logger.notice(
                "picture is good again: a condition ended",
                metadata: ["condition": "\(change.condition.rawValue)", "since": "\(change.since)", "end": "\(end)"])
        } else {
            logger.warning(
                "picture is not as it should be",
                metadata: ["condition": "\(change.condition.rawValue)", "since": "\(change.since)"])
        }
        try journal.record(change.end == nil ? .conditionBegan : .conditionEnded, camera: camera, detail: detail)
    }

    private func alert(
        _ decision: AlertDecision, _ evidence: [AlertReception.Evidence], decidedAt: MediaTime
    ) -> Alert {
        let now = clock()
        let clip = clips?.tell(decision, decidedAt: decidedAt)
        return Alert(
            decision: decision,
            reception: AlertReception(
                serverTime: now, latencyMilliseconds: (now - decidedAt).microseconds / 1000, sequence: 0,
                evidence: evidence + (clip?.evidence.map { [$0] } ?? []), clip: clip?.standing, isReplay: false))
    }

    private func append(_ alerts: [Alert]) {
        let note = JournalNote(alerts: alerts, counters: counters, clips: clips, logger: logger)
        // Once at least: what was decided before the stop belongs into the journal as well.
        repeat {
            do {
                let outcome = try journal.keep(alerts, sinks: sinks.ids) { note.take($0) }
                switch outcome {
                case .stored(let stored): return note.take(.success(stored))
                case .spilled(let error):
                    counters.journalFailed()
                    logger.critical(
                        "alerts kept in memory: the journal cannot be written",
                        metadata: ["alerts": "\(alerts.count)", "error": "\(error)"])
                    return
                case .refused(let error): throw error
                }
            } catch  where error.isOfTheAlerts {
                // Trying again would hold the camera for ever; the others of the picture are not at fault.
                guard alerts.count > 1 else { return note.take(.failure(error)) }
                return alerts.forEach { append([$0]) }
            } catch {
                counters.journalFailed()
                logger.critical(
                    "alerts not journaled, trying again",
                    metadata: ["alerts": "\(alerts.count)", "error": "\(error)"])
                if !counters.isStopping { Thread.sleep(forTimeInterval: Self.retryPause) }
            }
        } while !counters.isStopping
        for alert in alerts {
            logger.critical(
                "alert lost: stopped while the journal could not be written",
                metadata: ["alert": "\(alert.text)"])
        }
    }
}

/// Counts and logs what the journal has taken, at once or later.
private struct JournalNote: Sendable {
    let alerts: [Alert]
    let counters: CameraCounters
    let clips: AlertClips?
    let logger: Logger

    func take(_ result: Result<[Alert], any Error>) {
        switch result {
        case .success(let stored):
            counters.journaled(stored)
            for alert in stored {
                log(alert)
                clips?.journaled(alert)
            }
        case .failure(JournalError.conflict(let id, let version)):
            counters.journalFailed()
            logger.critical(
                "alert not journaled: the journal holds another one under its id",
                metadata: ["id": "\(id)", "version": "\(version)"])
        case .failure(let error):
            counters.journalFailed()
            // Nowhere else does it stand.
            for alert in alerts {
                logger.critical(
                    "alert not journaled",
                    metadata: ["error": "\(error)", "alert": "\(alert.text)"])
            }
        }
    }

    private func log(_ alert: Alert) {
        logger.notice(
            "alert",
            metadata: [
                "id": "\(alert.decision.id)", "version": "\(alert.decision.version)",
                "state": "\(alert.decision.state.rawValue)", "rule": "\(alert.decision.rule)",
                "summary": "\(alert.decision.summary.en)"
            ])
    }
}

extension Alert {
    /// As JSON; only its id where it cannot be encoded.
    fileprivate var text: String { (try? DecisionCoder.text(self)) ?? decision.id }
}

extension Error {
    /// Not of the journal: the same alerts can never be stored.
    fileprivate var isOfTheAlerts: Bool {
        guard let error = self as? JournalError else { return true }
        if case .conflict = error { return true }
        return false
    }
}

/// The ids of the configured sinks, shared by all cameras; a reload changes them.
package final class SharedSinks: Sendable {
    private let value: Mutex<[String]>

    package init(_ ids: [String]) { value = Mutex(ids) }

    package var ids: [String] {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
