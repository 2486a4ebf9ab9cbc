import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// A site whose journal holds the alerts of the drawn walk, with stills and clips, as a daemon would have left them.
struct JournaledWalk {
    static let start = MediaTime("2026-11-22T01:31:00Z")!

    let site: Site
    /// The newest version of each.
    let alerts: [Alert]

    /// - Parameters:
    ///   - keepsClips: false for a site whose cameras have none.
    ///   - change: what is changed in the configuration before anything is raised.
    init(keepsClips: Bool = true, _ change: (String) -> String = { $0 }) async throws {
        site = try Site([.init(id: "gate", url: try Scenes.walk())])
        let clips = keepsClips ? "[A, B, C]" : "[]"
        try site.configure(change(site.text) + "evidence: { clips: { classes: \(clips) } }\n")
        let replay = try await Programs.snowline(
            "replay", try Scenes.walk(), "--site", site.file, "--camera", "gate", "--start", "\(Self.start)",
            "--evidence", site.data + "-replayed")
        try #require(replay.status == 0, "\(replay.errors)")
        // A replay keeps out of a daemon's folder; here it makes one.
        try FileManager.default.moveItem(atPath: site.data + "-replayed", toPath: site.data)
        let lines = String(decoding: Files.read(site.data + "/alerts.jsonl") ?? [], as: UTF8.self)
        let newest = try lines.split(separator: "\n").map { try DecisionCoder.decode(Alert.self, from: String($0)) }
        try #require(newest.count >= 2, "\(lines)")
        let journal = try AlertJournal(folder: site.data)
        try journal.configureSinks(["paper"])
        alerts = try newest.map { alert in
            let versions = Self.versions(of: alert)
            try journal.append(versions, sinks: ["paper"])
            return versions[1]
        }
        try journal.close()
    }

    /// As it was opened, and as it stands now.
    private static func versions(of newest: Alert) -> [Alert] {
        var (first, last) = (newest, newest)
        first.decision.version = 1
        first.decision.state = .opened
        first.decision.end = nil
        first.reception.evidence.removeAll { $0.kind == .clip }
        first.reception.clip = newest.reception.clip.map { _ in ClipStanding(.recording) }
        last.decision.version = 2
        return [first, last]
    }

    func alert(of rule: String) throws -> Alert {
        try #require(alerts.first { $0.decision.rule.text == rule }, "no alert of \(rule)")
    }

    func file(of alert: Alert, _ kind: AlertReception.Evidence.Kind) throws -> String {
        let entry = try #require(alert.reception.evidence.first { $0.kind == kind }, "\(kind)")
        return "\(site.data)/\(entry.path)"
    }
}
