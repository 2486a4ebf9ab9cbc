import Foundation
import Scene

/// Reads one sink.
struct SinkReader {
    let surroundings: ConfigurationSurroundings

    private enum Kind: String, CaseIterable {
        case webhook
        case file

        /// The keys besides `id` and `kind`.
        var keys: [String] {
            switch self {
            case .webhook: ["url", "secret", "ca"]
            case .file: ["path", "max_megabytes"]
            }
        }
    }

    func read(_ node: ConfigurationNode) -> SinkSettings? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.sink, noun: "a sink") else { return nil }
        let id = section.required("id", example: "dispatch")?.plainName("a sink id")
        guard let kind = section.required("kind", example: "webhook")?.choice(Kind.self) else { return nil }
        for other in Kind.allCases where other != kind {
            for key in other.keys {
                section.optional(key)?.complain("belongs to kind \(other.rawValue); leave it out for \(kind.rawValue)")
            }
        }
        let settings: SinkSettings.Kind? =
            switch kind {
            case .webhook: readWebhook(section)
            case .file: readFile(section)
            }
        guard let id, let settings else { return nil }
        return SinkSettings(id: id, kind: settings)
    }

    private func readWebhook(_ section: ConfigurationSection) -> SinkSettings.Kind? {
        let url = section.required("url", example: "https://dispatch.example/alerts").flatMap(readURL)
        let secret = section.required("secret", example: "\"env:SNOWLINE_DISPATCH_SECRET\"").flatMap(readSecret)
        let certificates = section.optional("ca").flatMap(readCertificates)
        guard let url, let secret else { return nil }
        return .webhook(url: url, secret: secret, caFile: certificates)
    }

    /// Like a camera's address it may hold a password and is never shown.
    private func readURL(_ node: ConfigurationNode) -> StreamAddress? {
        guard let text = node.text(limit: 2048), let value = surroundings.resolved(text, at: node) else { return nil }
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

    /// `whsec_` and base64, as Standard Webhooks writes a symmetric key.
    private func readSecret(_ node: ConfigurationNode) -> SigningSecret? {
        guard let text = node.text(), let value = surroundings.resolved(text, at: node) else { return nil }
        let origin = text.hasPrefix("env:") ? "the value of \(text.dropFirst("env:".count))" : "it"
        let advice = "make one with: echo whsec_$(openssl rand -base64 32)"
        guard value.hasPrefix("whsec_"), let key = Data(base64Encoded: String(value.dropFirst("whsec_".count))) else {
            node.complain("\(origin) is not whsec_ followed by base64; \(advice)")
            return nil
        }
        let counts = SigningSecret.byteCounts
        guard counts.contains(key.count) else {
            node.complain(
                "\(origin) holds a key of \(key.count) bytes, allowed are \(counts.lowerBound)…\(counts.upperBound); \(advice)"
            )
            return nil
        }
        return SigningSecret(bytes: Array(key))
    }

    private func readCertificates(_ node: ConfigurationNode) -> String? {
        guard let path = node.text(limit: 1024).map(surroundings.absolutePath) else { return nil }
        guard FileManager.default.isReadableFile(atPath: path) else {
            node.complain("\(node.shown) cannot be read; give a PEM file with the certificates to trust")
            return nil
        }
        return path
    }

    private func readFile(_ section: ConfigurationSection) -> SinkSettings.Kind? {
        let path = section.required("path", example: "alerts.jsonl")?.text(limit: 1024)
        let megabytes = section.value("max_megabytes", default: 100) {
            $0.integer(in: 1...100_000, unit: "megabytes")
        }
        guard let path, let megabytes else { return nil }
        return .file(path: surroundings.absolutePath(path), maxMegabytes: megabytes)
    }
}
