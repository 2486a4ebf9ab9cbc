import Delivery
import Foundation

/// Reads one sink. What each kind takes is in `Sinks/`, one file a kind.
struct SinkReader {
    let surroundings: ConfigurationSurroundings

    func read(_ node: ConfigurationNode) -> SinkConfiguration? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.sink, noun: "a sink") else { return nil }
        let id = section.required("id", example: "dispatch")?.plainName("a sink id")
        guard let kind = section.required("kind", example: "webhook")?.choice(SinkKind.self) else { return nil }
        refuseKeysOfOthers(in: section, kind: kind)
        let target: SinkConfiguration.Target? =
            switch kind {
            case .webhook: readWebhook(section)
            case .file: readFile(section)
            case .mqtt: readMQTT(section)
            case .nats: readNATS(section)
            }
        let duty = readDuty(section, kind: kind)
        let flow = readFlow(section)
        guard let id, let target, let duty, let flow else { return nil }
        return SinkConfiguration(id: id, target: target, duty: duty, flow: flow)
    }

    private func refuseKeysOfOthers(in section: ConfigurationSection, kind: SinkKind) {
        for key in ConfigurationKeys.sink where !(ConfigurationKeys.anySink + kind.keys).contains(key) {
            guard let node = section.optional(key) else { continue }
            let owners = SinkKind.allCases.filter { $0.keys.contains(key) }.map(\.rawValue).joined(separator: ", ")
            node.complain(
                "belongs to kind\(owners.contains(",") ? "s" : "") \(owners); leave it out for \(kind.rawValue)")
        }
    }

    /// What confirms a message: only an engine that takes messages for others has a choice.
    private func readDuty(_ section: ConfigurationSection, kind: SinkKind) -> DeliveryDuty? {
        guard kind == .nats else { return .untilTaken }
        let end = section.value("confirm", default: ConfirmedBy.dispatch) { $0.choice(ConfirmedBy.self) }
        let resend = section.value("resend_s", default: Self.resendDefault) {
            $0.integer(in: 10...86_400, unit: "seconds")
        }
        guard let end, let resend else { return nil }
        switch end {
        case .dispatch: return .untilReceipt(resendAfter: .seconds(resend))
        case .broker:
            section.optional("resend_s")?.complain("nothing is sent again with confirm: broker; leave it out")
            return .untilTaken
        }
    }

    /// How fast it may be sent, and when updates are passed over.
    private func readFlow(_ section: ConfigurationSection) -> DeliveryFlow? {
        let rate = section.optional("rate_per_s").map {
            $0.number(in: DeliveryRate.perSecondLimits, unit: "messages a second")
        }
        let burst = section.optional("burst").map { $0.integer(in: DeliveryRate.burstLimits, unit: "messages") }
        let thinAbove = section.value("thin_above", default: DeliveryFlow.thinAboveDefault) {
            $0.integer(in: 0...1_000_000, unit: "alert versions")
        }
        guard rate != .some(.none), burst != .some(.none), let thinAbove else { return nil }
        guard let perSecond = rate ?? nil else {
            guard let node = section.optional("burst") else { return DeliveryFlow(thinAbove: thinAbove) }
            node.complain("means nothing without a rate; give `rate_per_s` too")
            return nil
        }
        return DeliveryFlow(rate: DeliveryRate(perSecond: perSecond, burst: burst ?? nil), thinAbove: thinAbove)
    }

    private static let resendDefault = Int(DeliveryDuty.resendDefault.components.seconds)

    private enum ConfirmedBy: String, CaseIterable {
        case dispatch
        case broker
    }

    /// A PEM or credentials file that must be there and readable.
    func readable(_ section: ConfigurationSection, _ key: String, what: String) -> ReadableFile {
        guard let node = section.optional(key) else { return .absent }
        guard let path = node.text(limit: 1024).map(surroundings.absolutePath) else { return .wrong }
        guard access(path, R_OK) == 0 else {
            node.complain("\(node.shown) cannot be read; give \(what)")
            return .wrong
        }
        return .path(path)
    }

    enum ReadableFile {
        case absent
        case wrong
        case path(String)

        var path: String? { if case .path(let path) = self { path } else { nil } }
        var isWrong: Bool { if case .wrong = self { true } else { false } }
    }

    /// A pair of files, or neither. The flag is false where one is wrong or alone.
    func readClientCertificate(_ section: ConfigurationSection) -> (ClientCertificate?, isRight: Bool) {
        let file = readable(section, "certificate", what: "a PEM file with this client's certificate")
        let key = readable(section, "key", what: "a PEM file with the certificate's key")
        if file.isWrong || key.isWrong { return (nil, false) }
        switch (file.path, key.path) {
        case (nil, nil): return (nil, true)
        case (let file?, let key?): return (ClientCertificate(file: file, keyFile: key), true)
        case (nil, _?):
            section.optional("key")?.complain("has no certificate; give `certificate` too")
            return (nil, false)
        case (_?, nil):
            section.optional("certificate")?.complain("has no key; give `key` too")
            return (nil, false)
        }
    }

    /// Text that may stand in the environment, as `env:NAME`, and is never shown.
    func readHidden(_ node: ConfigurationNode, standIn: String = "unset") -> String? {
        node.text().flatMap { surroundings.resolved($0, at: node, standIn: standIn) }
    }
}

extension SinkKind {
    /// The keys besides `id` and `kind`.
    fileprivate var keys: [String] {
        switch self {
        case .webhook: ["url", "secret", "previous_secret", "ca", "timeout_s"]
        case .file: ["path", "max_megabytes"]
        case .mqtt: ["url", "user", "password", "ca", "certificate", "key", "topic"]
        case .nats:
            [
                "servers", "user", "password", "credentials", "ca", "certificate", "key", "subject", "stream",
                "replicas", "max_megabytes", "receipts", "confirm", "resend_s"
            ]
        }
    }
}
