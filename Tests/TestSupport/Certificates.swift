import Foundation

/// An authority of its own and certificates that it has signed, made by openssl for one test.
package struct Certificates: Sendable {
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    private static let openSSL = "/usr/bin/openssl"
    package static let areAvailable = FileManager.default.isExecutableFile(atPath: openSSL)

    private let folder: String
    private let name: String
    private let authorityKey: String
    /// PEM file of the authority.
    package let authority: String

    /// - Parameter name: tells several authorities of one folder apart.
    package init(folder: String, name: String = "authority") throws {
        self.folder = folder
        self.name = name
        authority = "\(folder)/\(name).pem"
        authorityKey = "\(folder)/\(name).key"
        try Self.run(
            ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout", authorityKey, "-out", authority]
                + Self.newKey)
    }

    /// A certificate for an address such as `IP:127.0.0.1`.
    package func pair(_ purpose: String, for address: String) throws -> Pair {
        let stem = "\(folder)/\(name)-\(purpose)"
        let pair = Pair(certificate: stem + ".pem", key: stem + ".key")
        try Self.run(
            [
                "req", "-nodes", "-subj", "/CN=\(purpose)", "-addext", "subjectAltName=\(address)", "-keyout", pair.key,
                "-out", stem + ".csr"
            ] + Self.newKey)
        try Self.run([
            "x509", "-req", "-in", stem + ".csr", "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial", "-days",
            "2", "-copy_extensions", "copy", "-out", pair.certificate
        ])
        return pair
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openSSL)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BrokerError(text: "openssl \(arguments[0]) failed") }
    }
}
