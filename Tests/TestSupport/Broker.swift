import Foundation
import Synchronization

/// A message broker as a process of its own, on a free port, that a test can kill and start again on its data.
package final class Broker: Sendable {
    private let process: Mutex<Process?> = Mutex(nil)
    private let program: String
    private let arguments: [String]
    package let port: Int

    /// Where `mosquitto` lies; nil where it is not installed (`apt-get install mosquitto`).
    package static let mosquitto = find("mosquitto", in: ["/usr/sbin", "/usr/local/sbin", "/usr/bin"])
    package static let mosquittoSub = find("mosquitto_sub", in: ["/usr/bin", "/usr/local/bin"])
    /// Where `nats-server` lies; nil where it is not installed (`.venv`, from requirements.txt).
    package static let natsServer = find("nats-server", in: [venv, "/usr/local/bin"])
    package static let areAvailable = mosquitto != nil && mosquittoSub != nil && natsServer != nil
    package static let requirement =
        "needs mosquitto and mosquitto-clients (apt) and nats-server (scripts/python.sh makes .venv with it)"

    /// An MQTT broker with no memory over restarts.
    package static func mqtt(folder: String, settings: String = "allow_anonymous true") throws -> Broker {
        let port = try freePort()
        let file = folder + "/mosquitto.conf"
        try "listener \(port) 127.0.0.1\npersistence false\n\(settings)\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        return try Broker(mosquitto, ["-c", file], port: port)
    }

    /// A single NATS server with JetStream, whose streams lie in `folder`.
    package static func nats(folder: String, settings: String = "") throws -> Broker {
        let port = try freePort()
        let file = folder + "/nats.conf"
        let text = """
            listen: "127.0.0.1:\(port)"
            jetstream { store_dir: "\(folder)/jetstream", sync_interval: always, max_file: 256MB }
            \(settings)
            """
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return try Broker(natsServer, ["-c", file], port: port)
    }

    package func kill() {
        guard let running = process.withLock({ $0 }) else { return }
        _ = Foundation.kill(running.processIdentifier, SIGKILL)
        running.waitUntilExit()
    }

    package func restart() throws {
        let fresh = try Self.launch(program, arguments)
        process.withLock { $0 = fresh }
        try waitUntilListening()
    }

    deinit { kill() }

    private init(_ program: String?, _ arguments: [String], port: Int) throws {
        guard let program else { throw BrokerError(text: Self.requirement) }
        self.program = program
        self.arguments = arguments
        self.port = port
        try restart()
    }

    private static func launch(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func waitUntilListening() throws {
        for _ in 0..<600 {
            if Self.connects(to: port) { return }
            usleep(50_000)
        }
        throw BrokerError(text: "\(program) does not listen on \(port)")
    }

    private static let venv = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".venv/bin").path

    private static func find(_ name: String, in folders: [String]) -> String? {
        folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A port that nobody had a moment ago.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = local(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard code == 0 else { throw BrokerError(text: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func connects(to port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = local(port: UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func local(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

package struct BrokerError: Error, CustomStringConvertible {
    package let text: String

    package init(text: String) { self.text = text }

    package var description: String { "broker: \(text)" }
}

/// Whoever subscribes to an MQTT broker, by Debian's own client; it connects again by itself.
package final class MQTTSubscriber: Sendable {
    private let process: Process
    private let file: String

    /// - Parameter topic: may hold `#`. Messages come as `TOPIC BODY`, one a line.
    package init(port: Int, topic: String, file: String, options: [String] = []) throws {
        guard let program = Broker.mosquittoSub else { throw BrokerError(text: Broker.requirement) }
        self.file = file
        try Data().write(to: URL(fileURLWithPath: file))
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["-V", "5", "-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-v", "-t", topic] + options
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    package var lines: [(topic: String, body: String)] {
        get throws {
            try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
                let parts = line.split(separator: " ", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
        }
    }

    /// Its own way of stopping waits for a broker that is gone.
    deinit { kill(process.processIdentifier, SIGKILL) }
}
