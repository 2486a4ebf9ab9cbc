/// A broker for MQTT 5.
package struct MQTTTarget: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var isEncrypted: Bool
    package var user: String?
    package var password: Password?
    package var certificateAuthorityFile: String?
    package var clientCertificate: ClientCertificate?
    /// Alerts go to `<topic>/alerts/<area>/<grid>/<camera>`; `<topic>/availability` says `online` or `offline`.
    package var topic: String
    package var answerTimeout: Duration
    /// False for whoever publishes beside the daemon: it must not say for it whether it is there.
    package var announcesAvailability = true

    /// - Throws: ``SinkProblem`` for a topic with wildcards.
    package init(
        host: String, port: Int? = nil, isEncrypted: Bool = false, user: String? = nil, password: Password? = nil,
        certificateAuthorityFile: String? = nil, clientCertificate: ClientCertificate? = nil,
        topic: String = "snowline", answerTimeout: Duration = .seconds(10)
    ) throws {
        guard !topic.isEmpty, topic.utf8.count <= 200, !topic.contains("+"), !topic.contains("#"),
            !topic.hasPrefix("/"), !topic.hasSuffix("/")
        else { throw SinkProblem("topic: \"\(topic)\" is not a topic; give words with / between, no + and no #") }
        self.host = host
        self.port = port ?? (isEncrypted ? 8883 : 1883)
        self.isEncrypted = isEncrypted
        self.user = user
        self.password = password
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificate = clientCertificate
        self.topic = topic
        self.answerTimeout = answerTimeout
    }

    var availabilityTopic: String { topic + "/availability" }

    func topic(of origin: Delivery.Origin) -> String {
        ([topic, "alerts"] + origin.tokens).joined(separator: "/")
    }
}
