import Journal
import Logging
import Rules
import Scene

extension SiteSupervisor {
    /// Raises a rule of kind `manual`, the same way as everything a rule raises: journaled, then delivered.
    package func trigger(_ camera: String, _ rule: String, _ request: TriggerRequest) async -> TriggerOutcome {
        let outcome = await trigger(named: camera, rule, request)
        switch outcome {
        case .raised: break
        case .unknown(let problem), .refused(let problem), .failed(let problem):
            rooms.logger.warning("alarm by hand not raised", metadata: ["problem": "\(problem)"])
        case .malformed(let problems):
            rooms.logger.warning("alarm by hand not raised", metadata: ["problems": "\(problems)"])
        }
        return outcome
    }

    private func trigger(named camera: String, _ rule: String, _ request: TriggerRequest) async -> TriggerOutcome {
        guard let station = CameraID(camera).flatMap({ stations[$0] }) else {
            return .unknown("camera \(quoted(camera)) is not configured; see GET /v1/status for the cameras")
        }
        guard let fence = station.camera.rules.first(where: { $0.id.text == rule }) else {
            return .unknown("camera \(camera) has no rule \(quoted(rule)); see GET /v1/status for the rules")
        }
        guard fence.kind == .manual else {
            return .refused("rule \(rule) is of kind \(fence.kind.rawValue); only one of kind manual is raised by hand")
        }
        var problems: [String] = []
        let who = readWords("who", request.who, example: "dispatcher-7", &problems)
        let why = readWords("why", request.why, example: "smoke at the gate", &problems)
        guard problems.isEmpty, let who, let why else { return .malformed(problems) }
        if let report = station.duty.reports(at: surroundings.clock()).first(where: { $0.rule == fence.id }),
            report.standing != .armed
        {
            let order = report.order.map { ", by \($0.who): \($0.why)" } ?? ""
            return .refused("rule \(rule) is \(report.standing.rawValue)\(order); arm it first")
        }
        // Early, so that it is not left waiting for a disk that is full.
        guard isJournalWritable() else { return .failed("the journal cannot be written; see the log") }
        let trigger = ManualTrigger(rule: fence.id, request: ManualRequest(who: who, why: why))
        return confirmed(await station.desk.trigger(trigger))
    }

    /// Believes the journal only.
    private func confirmed(_ outcome: TriggerOutcome) -> TriggerOutcome {
        guard case .raised(let receipt) = outcome else { return outcome }
        let versions = try? rooms.journal.reader.alert(id: receipt.alert)
        guard versions?.contains(where: { $0.decision.version == receipt.version }) ?? false else {
            return .failed(
                rooms.journal.health.spilledAlerts > 0
                    ? "the alarm is kept in memory and delivered as soon as the journal can be written; do not repeat it"
                    : "the alarm was raised and is not in the journal; see the log")
        }
        return outcome
    }

    /// What a camera's rules would have raised but for a filter; nil where there is no such camera.
    package func suppressed(_ camera: String) -> SuppressedReport? {
        guard let id = CameraID(camera), let station = stations[id] else { return nil }
        let localTime = configuration.localTime
        return SuppressedReport(
            camera: id,
            suppressed: station.counters.snapshot.suppressed.map {
                SuppressedReport.Entry($0, localTime: localTime)
            })
    }
}
