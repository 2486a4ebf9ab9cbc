import Delivery
import Foundation
import NIOSSL
import TestSupport
import Testing

private let openSSL = "/usr/bin/openssl"

@Suite(.timeLimit(.minutes(5)), .enabled(if: FileManager.default.isExecutableFile(atPath: openSSL), "no openssl"))
struct TLSTests {
    /// A certificate of nobody's authority for 127.0.0.1, made for this test.
    private func makeCertificate(in folder: TemporaryFolder) throws -> (certificate: String, key: String) {
        let paths = (certificate: folder.path + "/certificate.pem", key: folder.path + "/key.pem")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openSSL)
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", paths.key, "-out",
            paths.certificate
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return paths
    }

    @Test func unknownCertificateIsRefusedUnlessItsAuthorityIsGiven() async throws {
        let folder = try TemporaryFolder()
        let paths = try makeCertificate(in: folder)
        let settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(paths.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: paths.key, format: .pem)))
        let receiver = try await Receiver(tls: try NIOSSLContext(configuration: settings))
        let url = "https://127.0.0.1:\(receiver.port)/alerts"
        let message = Delivery(id: "a.1", body: "{}", attempts: 0)

        let doubting = try webhook(url).makeSink(SinkEnvironment(), logger: silent)
        guard case .failed(let reason, _) = await doubting.deliver(message) else {
            Issue.record("an unknown certificate was trusted")
            return
        }
        #expect(reason.contains("the TLS connection failed"), "\(reason)")
        #expect(receiver.requests.isEmpty)
        await doubting.close()

        let target = try WebhookTarget(
            url: url, secret: sampleSecret(), certificateAuthorityFile: paths.certificate)
        let trusting = try SinkConfiguration(id: "x", target: .webhook(target)).makeSink(
            SinkEnvironment(), logger: silent)
        #expect(await trusting.deliver(message) == .confirmed)
        await trusting.close()
        await receiver.stop()
    }
}
