import Foundation
import Scene
import TestSupport
import Testing

/// Each message about a camera, as the operator reads it in `snowline status` and in the journal's alarms.
@Suite(.timeLimit(.minutes(3)))
struct CameraMessageTests {
    private static let messages = [
        "refused": "connection refused; check the port in url",
        "unknown": "the host name cannot be resolved; check the spelling",
        "unauthorized": "the camera wants another user name or password; check user name and password",
        "forbidden": "the camera forbids this user to watch; give the user the right",
        "missing": "the camera knows no such stream; check the path in url",
        "busy": "the camera rejected the request",
        "audio-only": "there is no video in the stream; check that the path",
        "strange-codec": "the codec is not supported",
        "garbage": "the data is not valid video",
        "closes": "the data is not valid video",
        "closes-playing": "the stream ended; the sender stopped by itself",
        "silent": "no answer in time; check that the address is a camera",
        "silent-playing": "connected, but no video came; check the camera's encoder"
    ]

    @Test func everyFaultIsNamedAndIsAnAlarm() async throws {
        let broken = try SimulatedCamera.broken()
        var cameras = Self.messages.keys.sorted().map { Site.Camera(id: $0, url: broken.address($0)) }
        for index in cameras.indices {
            switch cameras[index].id {
            case "refused": cameras[index].url = "rtsp://127.0.0.1:1/gate"
            case "unknown": cameras[index].url = "rtsp://no-such-host.invalid/gate"
            default: break
            }
        }
        let site = try Site(cameras)
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("every camera has failed") { $0.cameras.allSatisfy { $0.failure != nil } }
        let told = try await Programs.snowline("status", "--site", site.file)
        for (id, message) in Self.messages {
            #expect(
                told.lines.contains { $0.hasPrefix("camera \(id) ") && $0.contains(message) }, "\(id): \(told.output)")
        }
        let isAlarmed = try await waits {
            try await daemon.status().cameras.allSatisfy { $0.alerts == 1 && $0.sessions == 0 }
        }
        #expect(isAlarmed)
        try await daemon.stop()
        let open = try await Programs.snowline("alerts", "list", "--site", site.file, "--open")
        #expect(open.lines.count == Self.messages.count && open.lines.allSatisfy { $0.contains("video signal lost") })
        expectWhole(try site.journaled())
    }

    @Test(.enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)))
    func aStallIsAnAlarmAndAChangedSizeIsNone() async throws {
        let folder = try ScratchFolder()
        let clips = try [160, 96].map { width in
            try DrawnFootage(size: PictureSize(width: width, height: 64), pictureCount: 50)
                .write(to: folder.file("\(width).mp4"))
        }
        let changing = try SimulatedCamera.serving(["gate=\(clips.joined(separator: "+"))"])
        let stalling = try Scenes.camera("lawn")
        let site = try Site([
            .init(id: "gate", url: changing.address("gate")), .init(id: "lawn", url: stalling.address("lawn"))
        ])
        let daemon = try await Daemon.running(site)
        try await daemon.waitsForStatus("both stream") { $0.cameras.allSatisfy { $0.phase == "streaming" } }
        stalling.stall()
        try await daemon.waitsForStatus("a stall and three sizes") { status in
            status.camera("lawn")?.failure?.contains("the stream stalled; no packet came in time") == true
                && status.camera("gate")?.sessions ?? 0 >= 3
        }
        let failure = try await daemon.status().camera("gate")?.failure
        #expect(failure?.contains("the picture size changed") == true, "\(failure ?? "none")")
        let isAlarmed = try await waits { try site.journaled().contains { $0.decision.occurrence == .signalLost } }
        #expect(isAlarmed)
        try await daemon.stop()
        let alarms = try site.journaled().filter { $0.decision.occurrence == .signalLost }
        #expect(Set(alarms.map(\.decision.camera.text)) == ["lawn"])
    }
}
