import Delivery

extension SinkReader {
    private static let serverLimit = 16

    func readNATS(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let servers = section.required("servers", example: "[nats://127.0.0.1:4222]")?
            .elements(limit: Self.serverLimit, noun: "servers")?.map { $0.text(limit: 512) }
        let login = readNATSLogin(section)
        let authority = readable(section, "ca", what: "a PEM file with the certificates to trust")
        let (certificate, isRight) = readClientCertificate(section)
        let subject = section.value("subject", default: "alerts") { $0.text(limit: 128) }
        let receipts = section.value("receipts", default: "receipts") { $0.text(limit: 128) }
        let stream = readStream(section)
        guard let servers, !servers.contains(nil), let login, !authority.isWrong, isRight, let subject, let receipts,
            let stream
        else { return nil }
        do {
            let target = try NATSTarget(
                servers: servers.compactMap { $0 }, login: login, certificateAuthorityFile: authority.path,
                clientCertificate: certificate, subjectPrefix: subject, stream: stream, receiptSubject: receipts)
            if !target.isEncrypted { refuseCertificates(section, scheme: "tls") }
            return .nats(target)
        } catch {
            section.node.complain("\(error)")
            return nil
        }
    }

    private func readNATSLogin(_ section: ConfigurationSection) -> NATSTarget.Login? {
        let file = readable(section, "credentials", what: "the .creds file of this user")
        guard let login = readLogin(section), !file.isWrong else { return nil }
        switch (login.user, login.password, file.path) {
        case (nil, _, nil): return NATSTarget.Login.none
        case (nil, _, let file?): return .credentials(file: file)
        case (let user?, let password?, nil): return .user(user, password: password)
        default:
            section.optional("credentials")?.complain("there is a user and password too; give one of the two")
            return nil
        }
    }

    private func readStream(_ section: ConfigurationSection) -> NATSTarget.Stream? {
        let name = section.value("stream", default: "ALERTS") { $0.text(limit: 64) }
        let replicas = section.value("replicas", default: 3) { $0.integer(in: 1...5, unit: "replicas") }
        let megabytes = section.value("max_megabytes", default: 1024) {
            $0.integer(in: 1...100_000, unit: "megabytes")
        }
        guard let name, let replicas, let megabytes else { return nil }
        return NATSTarget.Stream(name: name, replicas: replicas, bytesLimit: Int64(megabytes) << 20)
    }
}
