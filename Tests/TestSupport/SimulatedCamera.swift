import Foundation
import Synchronization

/// A camera made by one of the scripts, as a process of its own that a test can stall and kill.
package final class SimulatedCamera: Sendable {
    private struct State {
        var process: Process
        /// Held open: the script ends when it closes.
        var input: Pipe
    }

    private let arguments: [String]
    private let state: Mutex<State>
    package let port: Int

    /// RTSP cameras that loop files, by scripts/camera_simulator.py.
    /// - Parameter mounts: `NAME=FILE`, see the script.
    package static func serving(_ mounts: [String], options: [String] = []) throws -> SimulatedCamera {
        try SimulatedCamera([script("camera_simulator.py"), "--with-parent"] + options, mounts, port: 0)
    }

    /// A camera that is broken in the way its path says, by scripts/broken_camera.py.
    package static func broken() throws -> SimulatedCamera {
        try SimulatedCamera([script("broken_camera.py")], [], port: 0)
    }

    /// A camera that plays files once and damages them in the ways that the path says, by scripts/damaged_camera.py.
    /// - Parameter clips: `NAME=FILE`, see the script.
    package static func damaged(_ clips: [String], options: [String] = []) throws -> SimulatedCamera {
        try SimulatedCamera([script("damaged_camera.py")] + options, clips, port: 0)
    }

    /// Whether the simulator can run here: Debian's Python with GStreamer's RTSP server.
    package static let isAvailable: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", "import gi; gi.require_version('GstRtspServer', '1.0')"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    package static let requirement = "needs /usr/bin/python3 with gir1.2-gst-rtsp-server-1.0"

    package func address(_ mount: String, user: String? = nil, password: String? = nil) -> String {
        let login = user.map { "\($0):\(password ?? "")@" } ?? ""
        return "rtsp://\(login)127.0.0.1:\(port)/\(mount)"
    }

    package func stall() { send(SIGUSR1) }
    package func resume() { send(SIGUSR2) }

    /// As by a power cut: no goodbye.
    package func kill() {
        send(SIGKILL)
        state.withLock { $0.process }.waitUntilExit()
    }

    /// Comes back on the same port after ``kill()``.
    package func restart() throws {
        let (process, input, _) = try Self.launch(arguments, port: port)
        state.withLock { $0 = State(process: process, input: input) }
    }

    deinit {
        let process = state.withLock { $0.process }
        if process.isRunning { process.terminate() }
    }

    private static let python = "/usr/bin/python3"

    private static func script(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("scripts/\(name)").path
    }

    private init(_ options: [String], _ mounts: [String], port: Int) throws {
        arguments = options + mounts
        let (process, input, actualPort) = try Self.launch(arguments, port: port)
        self.port = actualPort
        state = Mutex(State(process: process, input: input))
    }

    private static func launch(_ arguments: [String], port: Int) throws -> (Process, Pipe, Int) {
        let process = Process(), output = Pipe(), input = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [arguments[0], "--port", String(port)] + arguments.dropFirst()
        process.standardOutput = output
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw SimulatorError(text: "ended before it was ready: \(text)") }
            text += String(decoding: data, as: UTF8.self)
            let ready = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix("READY ") }
            if let ready, let port = Int(ready.dropFirst("READY ".count)) { return (process, input, port) }
        }
    }

    private func send(_ signal: Int32) {
        _ = Foundation.kill(state.withLock { $0.process }.processIdentifier, signal)
    }
}

package struct SimulatorError: Error, CustomStringConvertible {
    package let text: String
    package var description: String { "the camera simulator \(text)" }
}
