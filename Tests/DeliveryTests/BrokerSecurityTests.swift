import Delivery
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

/// Encryption and login of the brokers, with real servers and certificates made here: who is not who he should be gets
/// nothing, the operator learns why, and no password is ever printed.
@Suite(
    .enabled(if: Broker.areAvailable && Certificates.areAvailable, "\(Broker.requirement)"), .timeLimit(.minutes(5)))
struct BrokerSecurityTests {
    enum Kind: String, CaseIterable { case mqtt, nats }

    private static let (user, right, wrong) = ("snowline", "geheim#7x", "fal5ch#9y")

    /// What is wrong on the client's side, if anything.
    struct Flaw: Sendable, CustomTestStringConvertible {
        var authority = true
        var host = "IP:127.0.0.1"
        var password = true
        var certificate = true
        var words: [String]
        var testDescription: String { words.first ?? "no certificate" }
    }

    private let folder: TemporaryFolder
    private let own: Certificates
    private let strange: Certificates
    private let log = CollectedLog()

    init() throws {
        folder = try TemporaryFolder()
        own = try Certificates(folder: folder.path)
        strange = try Certificates(folder: folder.path, name: "stranger")
    }

    private func broker(_ kind: Kind, host: String) throws -> Broker {
        let server = try own.pair("server", for: host)
        switch kind {
        case .mqtt:
            let passwords = folder.path + "/passwords"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/mosquitto_passwd")
            process.arguments = ["-b", "-c", passwords, Self.user, Self.right]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return try Broker.mqtt(
                folder: folder.path,
                settings: """
                    user root
                    allow_anonymous false
                    password_file \(passwords)
                    cafile \(own.authority)
                    certfile \(server.certificate)
                    keyfile \(server.key)
                    require_certificate true
                    """)
        case .nats:
            return try Broker.nats(
                folder: folder.path,
                settings: """
                    tls { cert_file: "\(server.certificate)", key_file: "\(server.key)", ca_file: "\(own.authority)", verify: true }
                    authorization { user: "\(Self.user)", password: "\(Self.right)" }
                    """)
        }
    }

    private func sink(_ kind: Kind, _ broker: Broker, _ flaw: Flaw) throws -> any Sink {
        let client = flaw.certificate ? try own.pair("client", for: "DNS:client") : nil
        let shown = client.map { ClientCertificate(file: $0.certificate, keyFile: $0.key) }
        let authority = flaw.authority ? own.authority : strange.authority
        let password = Password(flaw.password ? Self.right : Self.wrong)
        let target: SinkConfiguration.Target
        switch kind {
        case .mqtt:
            target = .mqtt(
                try MQTTTarget(
                    host: "127.0.0.1", port: broker.port, isEncrypted: true, user: Self.user, password: password,
                    certificateAuthorityFile: authority, clientCertificate: shown, answerTimeout: .seconds(5)))
        case .nats:
            target = .nats(
                try NATSTarget(
                    servers: ["tls://127.0.0.1:\(broker.port)"], login: .user(Self.user, password: password),
                    certificateAuthorityFile: authority, clientCertificate: shown,
                    stream: .init(name: "ALERTS", replicas: 1, bytesLimit: 16 << 20), connectTimeout: .seconds(5)))
        }
        return try SinkConfiguration(id: "bus", target: target).makeSink(SinkEnvironment(), logger: log.logger)
    }

    @Test(arguments: Kind.allCases) func whoIsRightOnBothSidesDelivers(kind: Kind) async throws {
        let broker = try broker(kind, host: "IP:127.0.0.1")
        let ear = try kind == .mqtt ? subscriber(broker) : nil
        let sink = try sink(kind, broker, Flaw(words: []))
        try await eventually("delivered") {
            await sink.deliver(Delivery(id: "a.1", body: "{\"a\":1}", attempts: 0)) == .acknowledged
        }
        if let ear { try await eventually("heard") { try ear.lines.contains { $0.body == "{\"a\":1}" } } }
        await sink.close()
        broker.kill()
        #expect(!log.text.contains(Self.right))
    }

    @Test(
        arguments: Kind.allCases,
        [
            Flaw(authority: false, words: ["check the certificates, or give the", "authority as `ca`"]),
            Flaw(host: "IP:10.9.9.9", words: ["check the certificates"]),
            Flaw(password: false, words: ["check user and password"]),
            Flaw(certificate: false, words: [])
        ])
    func whoIsWrongIsRefusedAndToldWhy(kind: Kind, flaw: Flaw) async throws {
        let broker = try broker(kind, host: flaw.host)
        let sink = try sink(kind, broker, flaw)
        let delivery = Delivery(id: "a.1", body: "{}", attempts: 0)
        var reasons: [String] = []
        try await eventually("\(kind) says why: \(flaw.words)") {
            guard case .failed(let reason, _) = await sink.deliver(delivery) else {
                Issue.record("\(kind) took a message with \(flaw)")
                return true
            }
            reasons.append(reason)
            return !reason.contains("not connected yet") && flaw.words.allSatisfy { reason.contains($0) }
        }
        await sink.close()
        broker.kill()
        for text in reasons + [log.text] {
            #expect(!text.contains(Self.right) && !text.contains(Self.wrong), "\(text)")
        }
        if !flaw.certificate { #expect(reasons.last?.isEmpty == false) }
    }

    /// What was wrong at first and is mended later: the client must not have given up.
    @Test func aBrokerWhoseCertificateIsMendedIsConnectedTo() async throws {
        let broker = try broker(.mqtt, host: "IP:10.9.9.9")
        let sink = try sink(.mqtt, broker, Flaw(words: []))
        let delivery = Delivery(id: "a.1", body: "{\"a\":1}", attempts: 0)
        try await eventually("refused") {
            guard case .failed(let reason, _) = await sink.deliver(delivery) else { return false }
            return reason.contains("check the certificates")
        }
        broker.kill()
        // Over the one that the broker's configuration names.
        _ = try own.pair("server", for: "IP:127.0.0.1")
        try broker.restart()
        let ear = try subscriber(broker)
        try await eventually("delivered") { await sink.deliver(delivery) == .acknowledged }
        try await eventually("heard") { try ear.lines.contains { $0.body == "{\"a\":1}" } }
        await sink.close()
        broker.kill()
    }

    @Test func settingsPrintNoPassword() throws {
        let target = try NATSTarget(
            servers: ["tls://127.0.0.1:1"], login: .user(Self.user, password: Password(Self.right)))
        let feed = try MQTTTarget(host: "x", user: Self.user, password: Password(Self.right))
        for text in ["\(target)", String(reflecting: target), "\(feed)", String(reflecting: feed)] {
            #expect(!text.contains(Self.right), "\(text)")
        }
        var dumped = ""
        dump(target, to: &dumped)
        dump(feed, to: &dumped)
        #expect(!dumped.contains(Self.right))
    }

    private func subscriber(_ broker: Broker) throws -> MQTTSubscriber {
        let client = try own.pair("ear", for: "DNS:ear")
        return try MQTTSubscriber(
            port: broker.port, topic: "snowline/#", file: folder.path + "/heard",
            options: [
                "-u", Self.user, "-P", Self.right, "--cafile", own.authority, "--cert", client.certificate, "--key",
                client.key
            ])
    }
}

/// Everything that was logged, at any level.
private final class CollectedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        var logger = Logger(label: "test", factory: { _ in Handler(book: self) })
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let book: CollectedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
