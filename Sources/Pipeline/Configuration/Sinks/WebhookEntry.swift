import Delivery
import Foundation
import Scene

extension SinkReader {
    func readWebhook(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let url = section.required("url", example: "https://dispatch.example/alerts").flatMap(readURL)
        let secret = section.required("secret", example: "\"env:SNOWLINE_DISPATCH_SECRET\"").flatMap(readSecret)
        let previous = section.optional("previous_secret").map { (secret: readSecret($0), isGiven: true) }
        let certificates = readable(section, "ca", what: "a PEM file with the certificates to trust")
        let timeout = section.value("timeout_s", default: 10) { $0.integer(in: 1...120, unit: "seconds") }
        guard let url, let secret, previous?.secret != nil || previous == nil, !certificates.isWrong, let timeout
        else { return nil }
        do {
            return .webhook(
                try WebhookTarget(
                    url: url.revealed, secret: secret, previousSecret: previous?.secret,
                    certificateAuthorityFile: certificates.path, totalTimeout: .seconds(timeout)))
        } catch {
            section.optional("url")?.complain("\(error)")
            return nil
        }
    }

    /// Like a camera's address it may hold a password and is never shown.
    private func readURL(_ node: ConfigurationNode) -> StreamAddress? {
        guard let text = node.text(limit: 2048),
            let value = surroundings.resolved(text, at: node, standIn: "http://unset.invalid/")
        else { return nil }
        let address = StreamAddress(value)
        guard let scheme = address.scheme, ["http", "https"].contains(scheme) else {
            node.complain("is not an address for a webhook; begin it with https:// or http://")
            return nil
        }
        guard let host = URLComponents(string: value)?.host, !host.isEmpty else {
            node.complain("has no host; give https://host:port/path")
            return nil
        }
        return address
    }

    private func readSecret(_ node: ConfigurationNode) -> WebhookSecret? {
        guard let value = readHidden(node, standIn: WebhookSecret.standIn) else { return nil }
        do {
            return try WebhookSecret(value, environment: { _ in nil })
        } catch {
            node.complain("\(error)")
            return nil
        }
    }
}

extension WebhookSecret {
    /// For commands that read a configuration but deliver nothing.
    fileprivate static var standIn: String { "whsec_" + Data(count: 32).base64EncodedString() }
}
