package import Foundation
import GRDB
package import Scene

/// Which alert versions are to be sent again, and to whom.
package struct ResendRequest: Hashable, Sendable, Codable {
    /// Alert ids (all versions) or `<alert id>.<version>`. Empty for whatever the rest of the request fits.
    package var ids: [String]?
    package var camera: CameraID?
    package var rule: RuleID?
    /// Alerts that were still going on at or after this moment, in media time.
    package var since: MediaTime?
    /// Alerts that started before this moment.
    package var until: MediaTime?
    /// Only to this sink; else to every configured one.
    package var sink: String?
    /// Only what the dispatch side has not confirmed.
    package var unconfirmed: Bool?
    package var who: String?
    package var why: String?

    package init(
        ids: [String]? = nil, camera: CameraID? = nil, rule: RuleID? = nil, since: MediaTime? = nil,
        until: MediaTime? = nil, sink: String? = nil, unconfirmed: Bool? = nil, who: String? = nil, why: String? = nil
    ) {
        self.ids = ids
        self.camera = camera
        self.rule = rule
        self.since = since
        self.until = until
        self.sink = sink
        self.unconfirmed = unconfirmed
        self.who = who
        self.why = why
    }

    /// - Throws: ``ResendProblem`` that names what is wrong.
    package init(json: Data) throws {
        let form = ResendProblem(description: "not the JSON object of this call; see docs/bus.md")
        guard let object = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else { throw form }
        let known = CodingKeys.allCases.map(\.rawValue)
        // Else a filter that is spelt wrong would send everything.
        if let key = object.keys.sorted().first(where: { !known.contains($0) }) {
            throw ResendProblem(
                description: "\(key.prefix(64)): not known; there are \(known.joined(separator: ", "))")
        }
        do { self = try JSONDecoder().decode(Self.self, from: json) } catch { throw form }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case ids, camera, rule, since, until, sink, unconfirmed, who, why
    }

    package static let idLimit = 1000
    package static let textLimit = 200
    /// Versions that one request may bring back.
    package static let versionLimit = 10_000

    /// What is wrong with it; nil where nothing is.
    package var problem: String? {
        let named = ids ?? []
        if named.count > Self.idLimit { return "ids: \(named.count); at most \(Self.idLimit) in one request" }
        if named.isEmpty, camera == nil, rule == nil, since == nil, until == nil, sink == nil, unconfirmed != true {
            return "name what to send again: ids, camera, rule, since, until, sink or unconfirmed"
        }
        if (who?.count ?? 0) > Self.textLimit || (why?.count ?? 0) > Self.textLimit {
            return "who, why: at most \(Self.textLimit) characters"
        }
        return nil
    }
}

/// What a request to send again did.
package struct ResendReport: Hashable, Sendable, Codable {
    /// Rows that wait for their sinks again.
    package var queued = 0
    /// Ids that the journal does not hold.
    package var unknown: [String] = []
}

/// Why nothing is sent again.
package struct ResendProblem: Error, Hashable, CustomStringConvertible {
    package let description: String
}

extension AlertJournal {
    /// Puts alert versions back in line: rows that are there, confirmed or not, and rows that retention has let go.
    ///
    /// - Throws: ``ResendProblem`` for a request that names nothing, an unknown sink or too much; ``JournalError``.
    package func resend(_ request: ResendRequest) throws -> ResendReport {
        if let problem = request.problem { throw ResendProblem(description: problem) }
        let now = clock()
        let report = try write { database -> ResendReport in
            let sinks = try Self.sinks(for: request, in: database)
            var report = ResendReport()
            let wanted = try Self.versions(for: request, in: database, &report)
            for version in wanted {
                for sink in sinks {
                    try Self.requeue(
                        version, sink: sink, onlyUnconfirmed: request.unconfirmed == true, at: now, in: database)
                    report.queued += database.changesCount
                }
            }
            return report
        }
        if report.queued > 0 {
            var detail = ["rows": "\(report.queued)"]
            detail["sink"] = request.sink
            detail["who"] = request.who
            detail["why"] = request.why
            try record(.resent, camera: request.camera, detail: detail)
            wakeListeners()
        }
        return report
    }

    private struct WantedVersion {
        let id: String
        let version: Int
        let decision: String
    }

    private static func sinks(for request: ResendRequest, in database: Database) throws -> [String] {
        let configured = try String.fetchAll(database, sql: "SELECT id FROM sink WHERE removed IS NULL ORDER BY id")
        guard let sink = request.sink else { return configured }
        guard configured.contains(sink) else {
            throw ResendProblem(
                description: "sink: \"\(sink.prefix(64))\" is not configured; "
                    + (configured.isEmpty ? "no sink is" : "there are \(configured.joined(separator: ", "))"))
        }
        return [sink]
    }

    private static func versions(
        for request: ResendRequest, in database: Database, _ report: inout ResendReport
    ) throws -> [WantedVersion] {
        var found: [WantedVersion] = []
        let named: [String?] = request.ids.flatMap { $0.isEmpty ? nil : $0 } ?? [nil]
        for name in named {
            let receipt = name.flatMap { DeliveryReceipt(id: $0) }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT v.id, v.version, v.decision FROM alert_version AS v JOIN episode AS e ON e.id = v.id
                    WHERE (?1 IS NULL OR v.id = ?1) AND (?2 IS NULL OR v.version = ?2)
                        AND (?3 IS NULL OR e.camera = ?3) AND (?4 IS NULL OR e.rule = ?4)
                        AND (?5 IS NULL OR e.is_open OR e.last >= ?5) AND (?6 IS NULL OR e.started < ?6)
                        AND (NOT ?7 OR EXISTS (
                            SELECT 1 FROM outbox AS o WHERE o.id = v.id AND o.version = v.version
                                AND o.sink = coalesce(?8, o.sink) AND o.dispatch_confirmed IS NULL))
                    ORDER BY e.started, v.id, v.version LIMIT ?9
                    """,
                arguments: [
                    receipt?.alert ?? name, receipt?.version, request.camera?.text, request.rule?.text,
                    request.since?.microseconds, request.until?.microseconds, request.unconfirmed == true,
                    request.sink, ResendRequest.versionLimit + 1
                ])
            if let name, rows.isEmpty { report.unknown.append(name) }
            found += rows.map { WantedVersion(id: $0["id"], version: $0["version"], decision: $0["decision"]) }
            guard found.count <= ResendRequest.versionLimit else {
                throw ResendProblem(
                    description:
                        "more than \(ResendRequest.versionLimit) alert versions fit; narrow it, by since and until"
                )
            }
        }
        return found
    }

    private static func requeue(
        _ version: WantedVersion, sink: String, onlyUnconfirmed: Bool, at now: MediaTime, in database: Database
    ) throws {
        let decision = try DecisionCoder.decode(AlertDecision.self, from: version.decision)
        try database.execute(
            sql: """
                INSERT INTO outbox (sink, id, version, camera, lane, journaled, next_attempt, is_update)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
                ON CONFLICT (id, version, sink) DO UPDATE SET parked = 0, broker_acked = NULL,
                    dispatch_confirmed = NULL, dead_reason = NULL, last_error = NULL, next_attempt = excluded.next_attempt
                WHERE NOT ?8 OR dispatch_confirmed IS NULL
                """,
            arguments: [
                sink, version.id, version.version, decision.camera.text, DeliveryLane(decision).rawValue,
                now.microseconds, decision.state == .updated, onlyUnconfirmed
            ])
    }
}
