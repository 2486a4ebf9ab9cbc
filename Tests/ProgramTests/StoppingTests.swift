import Foundation
import TestSupport
import Testing

/// How the daemon ends, and how it refuses to begin. These cameras need no GStreamer.
@Suite(.timeLimit(.minutes(3)))
struct StoppingTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func itEndsAtOnceWhateverItsCamerasDo(signal: Int32) async throws {
        let broken = try SimulatedCamera.broken()
        let faults = ["silent", "silent-playing", "garbage-stream", "unauthorized"]
        var cameras = faults.map { Site.Camera(id: $0, url: broken.address($0)) }
        cameras.append(.init(id: "refused", url: "rtsp://127.0.0.1:1/gate"))
        let daemon = try await Daemon.running(Site(cameras))
        try await daemon.waitsForStatus("one refused, one connecting") {
            $0.camera("refused")?.phase == "waiting" && $0.camera("silent")?.phase == "connecting"
        }
        daemon.program.send(signal)
        let outcome = try await daemon.program.outcome(within: .seconds(10))
        #expect(outcome.status == 0, "\(outcome.errors.suffix(2000))")
        #expect(outcome.output.isEmpty)
        expectWhole(try daemon.site.journaled())
    }

    @Test func aSecondDaemonOnTheSameDataIsRefused() async throws {
        let site = try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")])
        let first = try await Daemon.running(site)
        let second = try await Daemon(site).program.outcome()
        #expect(second.status == 2)
        let told = second.errors.split(separator: "\n")
        #expect(told.count == 1 && told[0].hasPrefix("snowlined: "), "\(second.errors)")
        #expect(told.first?.contains("\(site.data)") == true)
        #expect(told.first?.contains("process \(first.program.identifier)") == true, "\(second.errors)")
        #expect(try await first.get("/healthz").status == 200)
        try await first.stop()
    }

    @Test func anOccupiedPortIsSaid() async throws {
        let port = try FreePort.take()
        let occupant = try await Receiver(port: port)
        let site = try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")], port: port)
        let outcome = try await Daemon(site).program.outcome()
        #expect(outcome.status == 2)
        let last = outcome.errors.split(separator: "\n").last ?? ""
        let expected = "snowlined: listen 127.0.0.1:\(port): another program listens there already"
        #expect(last.hasPrefix(expected), "\(outcome.errors)")
        await occupant.stop()
        // The data folder is free again, and sound.
        let later = try await Daemon.running(site)
        try await later.stop()
    }

    @Test func aWrongConfigurationIsSaid() async throws {
        let site = try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")])
        try site.configure(site.text.replacingOccurrences(of: "model: visible", with: "modell: visible"))
        let outcome = try await Daemon(site).program.outcome()
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("site.yaml:") && outcome.errors.contains("modell"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: site.data), "nothing was made")
    }

    @Test func helpVersionAndUsage() async throws {
        let help = try await RunningProgram("snowlined", ["--help"]).outcome()
        #expect(help.status == 0 && help.output.contains("--site"))
        let version = try await RunningProgram("snowlined", ["--version"]).outcome()
        #expect(version.status == 0 && version.output.contains("."), "\(version.errors)")
        for arguments in [[], ["--site"], ["--site", "/none/site.yaml"], ["--sight", "x"]] {
            let outcome = try await RunningProgram("snowlined", arguments).outcome()
            #expect(outcome.status == 2 && !outcome.errors.isEmpty && outcome.output.isEmpty, "\(arguments)")
        }
    }
}
