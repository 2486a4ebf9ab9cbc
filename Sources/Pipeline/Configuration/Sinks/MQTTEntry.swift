import Delivery
import Foundation

extension SinkReader {
    func readMQTT(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let address = section.required("url", example: "mqtt://127.0.0.1:1883").flatMap(readBroker)
        let login = readLogin(section)
        let authority = readable(section, "ca", what: "a PEM file with the certificates to trust")
        let (certificate, isRight) = readClientCertificate(section)
        let topic = section.value("topic", default: "snowline") { $0.text(limit: 200) }
        guard let address, let login, !authority.isWrong, isRight, let topic else { return nil }
        if !address.isEncrypted { refuseCertificates(section, scheme: "mqtts") }
        do {
            return .mqtt(
                try MQTTTarget(
                    host: address.host, port: address.port, isEncrypted: address.isEncrypted, user: login.user,
                    password: login.password, certificateAuthorityFile: authority.path, clientCertificate: certificate,
                    topic: topic))
        } catch {
            section.optional("topic")?.complain("\(error)")
            return nil
        }
    }

    /// User and password, or neither. Nil where one of them is wrong or alone.
    func readLogin(_ section: ConfigurationSection) -> (user: String?, password: Password?)? {
        let user = section.optional("user").map { $0.text() }
        let password = section.optional("password").map { readHidden($0) }
        switch (user, password) {
        case (nil, nil): return (nil, nil)
        case (let user??, let password??): return (user, Password(password))
        case (nil, _?):
            section.optional("password")?.complain("has no user; give `user` too")
            return nil
        case (_?, nil):
            section.optional("user")?.complain("has no password; give `password` too, best as env:NAME")
            return nil
        default: return nil
        }
    }

    func refuseCertificates(_ section: ConfigurationSection, scheme: String) {
        for key in ["ca", "certificate", "key"] {
            section.optional(key)?.complain("is used with encryption only; write the address with \(scheme)://")
        }
    }

    private func readBroker(_ node: ConfigurationNode) -> (host: String, port: Int?, isEncrypted: Bool)? {
        guard let text = node.text(limit: 512),
            let value = surroundings.resolved(text, at: node, standIn: "mqtt://unset.invalid")
        else { return nil }
        guard let parts = URLComponents(string: value), let scheme = parts.scheme?.lowercased(),
            ["mqtt", "mqtts"].contains(scheme), let host = parts.host, !host.isEmpty
        else {
            node.complain("is not the address of a broker; give mqtt://host:port, or mqtts://host:port with encryption")
            return nil
        }
        guard parts.user == nil, parts.password == nil else {
            node.complain("carries a login; give it as `user` and `password`")
            return nil
        }
        guard ["", "/"].contains(parts.path), parts.query == nil else {
            node.complain("has more than host and port; the topic is its own key, `topic`")
            return nil
        }
        return (host, parts.port, scheme == "mqtts")
    }
}
