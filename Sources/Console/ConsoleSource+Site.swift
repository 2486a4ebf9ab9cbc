import Journal
package import Logging
package import Pipeline
import Scene

extension ConsoleSource {
    /// What the console shows of a running site.
    package init(_ supervisor: SiteSupervisor, metrics: SiteMetrics, logger: Logger) {
        self.init(
            health: {
                let writable = await supervisor.isJournalWritable()
                let status = try? await supervisor.status()
                return Health(
                    journalWritable: writable, camerasConfigured: status?.cameras.count ?? 0,
                    camerasConnected: status?.streamingCount ?? 0,
                    detail: writable ? nil : "the journal cannot be written; see the log")
            },
            metrics: {
                do { return try await metrics.text() } catch {
                    logger.error("metrics not complete", metadata: ["error": "\(error)"])
                    return "# \(error)\n"
                }
            },
            status: {
                do { return try DecisionCoder.text(await supervisor.status()) + "\n" } catch {
                    logger.error("status not complete", metadata: ["error": "\(error)"])
                    return "{\"error\":\"the journal cannot be read; see the log\"}\n"
                }
            },
            reload: { await supervisor.reload() },
            order: { await supervisor.order($0, $1) },
            trigger: { await supervisor.trigger($0, $1, $2) },
            suppressed: { camera in
                guard let report = await supervisor.suppressed(camera) else { return nil }
                return (try? DecisionCoder.text(report)).map { $0 + "\n" }
            },
            receipts: { await supervisor.take(receipts: $0) },
            resend: { await supervisor.resend($0) })
    }
}
