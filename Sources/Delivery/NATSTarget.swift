/// A stream of NATS JetStream that takes alerts.
package struct NATSTarget: Hashable, Sendable {
    package enum Login: Hashable, Sendable {
        case none
        case user(String, password: Password)
        /// A file of `nsc`: JWT and seed.
        case credentials(file: String)
    }

    /// What the stream must be, and is made as where it is missing.
    package struct Stream: Hashable, Sendable {
        package var name: String
        /// 1, 3 or 5; of a single server 1.
        package var replicas: Int
        /// Full, it refuses: the alerts wait in the journal then.
        package var bytesLimit: Int64
        /// How long it knows message ids again.
        package var duplicateWindow: Duration

        package init(
            name: String = "ALERTS", replicas: Int = 3, bytesLimit: Int64 = 1 << 30,
            duplicateWindow: Duration = .seconds(600)
        ) {
            self.name = name
            self.replicas = replicas
            self.bytesLimit = bytesLimit
            self.duplicateWindow = duplicateWindow
        }
    }

    /// `nats://host:port` or `tls://host:port`, without login.
    package var servers: [String]
    package var login: Login
    package var certificateAuthorityFile: String?
    package var clientCertificate: ClientCertificate?
    /// Subjects are `<prefix>.<area>.<grid>.<camera>`.
    package var subjectPrefix: String
    package var stream: Stream
    /// Where receipts come back; nil for none.
    package var receiptSubject: String?
    package var connectTimeout: Duration
    package var publishTimeout: Duration

    /// - Throws: ``SinkProblem`` for addresses with a login, other schemes, or names that are no subjects.
    package init(
        servers: [String], login: Login = .none, certificateAuthorityFile: String? = nil,
        clientCertificate: ClientCertificate? = nil, subjectPrefix: String = "alerts",
        stream: Stream = Stream(), receiptSubject: String? = "receipts", connectTimeout: Duration = .seconds(2),
        publishTimeout: Duration = .seconds(5)
    ) throws {
        guard !servers.isEmpty else { throw SinkProblem("servers: name at least one, like nats://10.0.0.5:4222") }
        for server in servers {
            guard let scheme = ["nats://", "tls://"].first(where: server.hasPrefix), server.count > scheme.count else {
                throw SinkProblem("servers: \"\(server)\" does not begin with nats:// or tls://")
            }
            guard !server.contains("@") else {
                throw SinkProblem("servers: an address carries a login; give it as `user` and `password`")
            }
        }
        guard Self.isSubject(subjectPrefix) else {
            throw SinkProblem(
                "subject: \"\(subjectPrefix)\" is not a subject; give words with dots between, no * and no >")
        }
        guard receiptSubject.map(Self.isSubject) ?? true else {
            throw SinkProblem("receipts: \"\(receiptSubject ?? "")\" is not a subject")
        }
        guard !stream.name.isEmpty, !stream.name.contains(where: { ". *>/\\\t\n".contains($0) }) else {
            throw SinkProblem("stream: \"\(stream.name)\" is not the name of a stream; leave out dots and blanks")
        }
        self.servers = servers
        self.login = login
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificate = clientCertificate
        self.subjectPrefix = subjectPrefix
        self.stream = stream
        self.receiptSubject = receiptSubject
        self.connectTimeout = connectTimeout
        self.publishTimeout = publishTimeout
    }

    package var isEncrypted: Bool { servers.contains { $0.hasPrefix("tls://") } }

    func subject(of origin: Delivery.Origin) -> String {
        ([subjectPrefix] + origin.tokens).joined(separator: ".")
    }

    private static func isSubject(_ text: String) -> Bool {
        let tokens = text.split(separator: ".", omittingEmptySubsequences: false)
        return tokens.allSatisfy { token in
            !token.isEmpty && token.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
                && !token.contains("*") && !token.contains(">")
        }
    }
}
