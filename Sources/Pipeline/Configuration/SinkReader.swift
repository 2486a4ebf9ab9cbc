import Delivery
import Foundation
import Scene

/// Reads one sink.
struct SinkReader {
    let surroundings: ConfigurationSurroundings

    func read(_ node: ConfigurationNode) -> SinkConfiguration? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.sink, noun: "a sink") else { return nil }
        let id = section.required("id", example: "dispatch")?.plainName("a sink id")
        guard let kind = section.required("kind", example: "webhook")?.choice(SinkKind.self) else { return nil }
        for other in SinkKind.allCases where other != kind {
            for key in other.keys {
                section.optional(key)?.complain("belongs to kind \(other.rawValue); leave it out for \(kind.rawValue)")
            }
        }
        let target: SinkConfiguration.Target? =
            switch kind {
            case .webhook: readWebhook(section)
            case .file: readFile(section)
            }
        guard let id, let target else { return nil }
        return SinkConfiguration(id: id, target: target)
    }

    private func readWebhook(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let url = section.required("url", example: "https://dispatch.example/alerts").flatMap(readURL)
        let secret = section.required("secret", example: "\"env:SNOWLINE_DISPATCH_SECRET\"").flatMap(readSecret)
        let certificates = section.optional("ca").flatMap(readCertificates)
        guard let url, let secret else { return nil }
        do {
            return .webhook(
                try WebhookTarget(url: url.revealed, secret: secret, certificateAuthorityFile: certificates))
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
        guard let text = node.text(), let value = surroundings.resolved(text, at: node, standIn: WebhookSecret.standIn)
        else { return nil }
        do {
            return try WebhookSecret(value, environment: { _ in nil })
        } catch {
            node.complain("\(error)")
            return nil
        }
    }

    private func readCertificates(_ node: ConfigurationNode) -> String? {
        guard let path = node.text(limit: 1024).map(surroundings.absolutePath) else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            node.complain("\(node.shown) cannot be read; give a PEM file with the certificates to trust")
            return nil
        }
        return path
    }

    private func readFile(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let path = section.required("path", example: "alerts.jsonl")?.text(limit: 1024)
        let megabytes = section.value("max_megabytes", default: 100) {
            $0.integer(in: 1...100_000, unit: "megabytes")
        }
        guard let path, let megabytes else { return nil }
        return .file(FileTarget(path: surroundings.absolutePath(path), rotateBytes: megabytes << 20))
    }
}

extension SinkKind {
    /// The keys besides `id` and `kind`.
    fileprivate var keys: [String] {
        switch self {
        case .webhook: ["url", "secret", "ca"]
        case .file: ["path", "max_megabytes"]
        }
    }
}

extension WebhookSecret {
    /// For commands that read a configuration but deliver nothing.
    fileprivate static var standIn: String { "whsec_" + Data(count: 32).base64EncodedString() }
}
