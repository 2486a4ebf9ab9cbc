import Foundation
import Synchronization

/// docs/examples/receiver.py as a process of its own.
package final class ExampleReceiver: Sendable {
    private static let python = "/usr/bin/python3"
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    package static let script = root + "/docs/examples/receiver.py"
    package static let isAvailable = FileManager.default.isExecutableFile(atPath: python)

    /// A message as it keeps it.
    package struct Kept: Sendable, Decodable {
        package let id: String
        package let body: String
    }

    private let process = Mutex<Process?>(nil)
    private let store: String
    private let secret: String
    private let port: Int

    package init(folder: String, secret: String) throws {
        store = folder + "/received.sqlite"
        self.secret = secret
        port = try Broker.freePort()
        try restart()
    }

    deinit { stop() }

    package var url: String { "http://127.0.0.1:\(port)/" }

    /// Kills it where it runs, and starts it on what it has kept.
    package func restart() throws {
        stop()
        let fresh = Process()
        fresh.executableURL = URL(fileURLWithPath: Self.python)
        fresh.arguments = [Self.script, "\(port)", store]
        fresh.environment = ProcessInfo.processInfo.environment.merging(["SECRET": secret]) { $1 }
        fresh.standardOutput = FileHandle.nullDevice
        fresh.standardError = FileHandle.nullDevice
        fresh.standardInput = FileHandle.nullDevice
        try fresh.run()
        process.withLock { $0 = fresh }
        // One connection is enough: each further one waits for the one before it to be served.
        for _ in 0..<600 {
            if Broker.connects(to: port) { return }
            usleep(50_000)
        }
    }

    package func stop() {
        process.withLock { running in
            guard let process = running else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            running = nil
        }
    }

    package func kept() throws -> [Kept] {
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: Self.python)
        reader.arguments = [
            "-c",
            "import json, sqlite3, sys\nrows = sqlite3.connect(sys.argv[1]).execute('SELECT id, body FROM alert ORDER BY rowid')\n"
                + "print(json.dumps([{'id': id, 'body': body} for id, body in rows]))", store
        ]
        let pipe = Pipe()
        reader.standardOutput = pipe
        try reader.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        reader.waitUntilExit()
        return try JSONDecoder().decode([Kept].self, from: data)
    }
}
