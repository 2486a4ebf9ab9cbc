package import Foundation
package import Pipeline

/// What the console asks of the running daemon. Every closure must answer within seconds and from any task.
package struct ConsoleSource: Sendable {
    /// Whether the daemon does its duty.
    package struct Health: Sendable, Codable, Hashable {
        package var journalWritable: Bool
        package var camerasConfigured: Int
        /// Cameras whose pictures arrive.
        package var camerasConnected: Int
        /// What is wrong, for people; nil where nothing is.
        package var detail: String?

        package init(journalWritable: Bool, camerasConfigured: Int, camerasConnected: Int, detail: String? = nil) {
            self.journalWritable = journalWritable
            self.camerasConfigured = camerasConfigured
            self.camerasConnected = camerasConnected
            self.detail = detail
        }

        enum CodingKeys: String, CodingKey {
            case detail
            case journalWritable = "journal_writable"
            case camerasConfigured = "cameras_configured"
            case camerasConnected = "cameras_connected"
        }
    }

    package var health: @Sendable () async -> Health
    /// Prometheus text.
    package var metrics: @Sendable () async -> String
    /// One JSON object.
    package var status: @Sendable () async -> String
    package var reload: @Sendable () async -> ReloadOutcome
    package var order: @Sendable (ArmingRequest, ArmingRequest.Call) async -> ArmingOutcome
    /// Camera, rule and the request's body.
    package var trigger: @Sendable (String, String, TriggerRequest) async -> TriggerOutcome
    /// One JSON object; nil for a camera that is not configured.
    package var suppressed: @Sendable (String) async -> String?
    /// The request's body.
    package var receipts: @Sendable (Data) async -> ReceiptsOutcome
    /// The request's body.
    package var resend: @Sendable (Data) async -> ReceiptsOutcome

    package init(
        health: @escaping @Sendable () async -> Health, metrics: @escaping @Sendable () async -> String,
        status: @escaping @Sendable () async -> String, reload: @escaping @Sendable () async -> ReloadOutcome,
        order: @escaping @Sendable (ArmingRequest, ArmingRequest.Call) async -> ArmingOutcome,
        trigger: @escaping @Sendable (String, String, TriggerRequest) async -> TriggerOutcome,
        suppressed: @escaping @Sendable (String) async -> String?,
        receipts: @escaping @Sendable (Data) async -> ReceiptsOutcome,
        resend: @escaping @Sendable (Data) async -> ReceiptsOutcome = { _ in .failed("nothing is sent from here") }
    ) {
        self.health = health
        self.metrics = metrics
        self.status = status
        self.reload = reload
        self.order = order
        self.trigger = trigger
        self.suppressed = suppressed
        self.receipts = receipts
        self.resend = resend
    }
}
