import GRDB
package import Scene

extension JournalReader {
    /// The newest version of closed alerts of the camera that still call their clip `recording`, oldest start first: a
    /// program that was killed could not say what became of it. Looks at the newest ones only.
    package func closedAwaitingClip(camera: CameraID, limit: Int = 256) throws -> [Alert] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT decision, reception, verified FROM (
                        SELECT id, version, started FROM episode
                        WHERE camera = ? AND NOT is_open ORDER BY started DESC, id DESC LIMIT ?)
                    JOIN alert_version USING (id, version)
                    WHERE json_extract(reception, '$.clip.state') = 'recording' ORDER BY started, id
                    """,
                arguments: [camera.text, limit]
            ).map { row in
                Alert(
                    decision: try DecisionCoder.decode(AlertDecision.self, from: row["decision"] as String),
                    reception: try DecisionCoder.decode(AlertReception.self, from: row["reception"] as String),
                    verified: row["verified"])
            }
        }
    }
}
