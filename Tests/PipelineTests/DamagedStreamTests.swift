import Foundation
import Ingest
import Media
import Pipeline
import Scene
import TestSupport
import Testing

/// Real RTSP with real damage: nobody is reported who is not there, and whoever comes afterwards is.
@Suite(
    "Damaged streams",
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(5)))
struct DamagedStreamTests {
    /// How a camera is decoded, and whether it sleeps while the damage is done.
    struct Situation: Sendable, CustomTestStringConvertible {
        let mode: DecodeMode
        let isBusy: Bool
        var testDescription: String { "\(mode.rawValue), \(isBusy ? "awake" : "quiet")" }

        static let strict = Situation(mode: .strict, isBusy: true)
        static let awake = Situation(mode: .dense, isBusy: true)
        static let quiet = Situation(mode: .dense, isBusy: false)
        static let all = [strict, awake, quiet]
    }

    private static let forms: [(name: String, form: VideoWriter.Form)] = [
        ("h264", .camera(.h264, keyframeDistance: 25)), ("h265", .camera(.h265, keyframeDistance: 25)),
        ("mjpeg", .camera(.mjpeg, keyframeDistance: 1)),
        ("bframes", .encoder(.h264, parameters: "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-adapt=0:open-gop=0"))
    ]

    private static let folder = Result { try ScratchFolder() }
    /// One for all: it plays to as many viewers as come.
    private static let camera = Result {
        let scratch = try Self.folder.get()
        var clips: [String] = []
        for (name, form) in forms {
            for isBusy in [true, false] {
                let clip = name + (isBusy ? "-busy" : "-quiet")
                let path = try SpoiltScene(form: form, isBusy: isBusy).write(to: scratch.file("\(clip).mp4"))
                clips.append("\(clip)=\(path)")
            }
        }
        for (name, frameRate, isEven) in [("slow", 5.0, true), ("uneven", 25, false)] {
            for isBusy in [true, false] {
                let form = VideoWriter.Form.camera(.h264, keyframeDistance: Int(frameRate))
                let path = try SpoiltScene(form: form, frameRate: frameRate, isBusy: isBusy, hasEvenRate: isEven)
                    .write(to: scratch.file("\(name)-\(isBusy).mp4"))
                clips.append("\(name)-\(isBusy ? "busy" : "quiet")=\(path)")
            }
        }
        for isBusy in [true, false] {
            let early = try SpoiltScene(isBusy: isBusy, eventStart: 6).write(to: scratch.file("early-\(isBusy).mp4"))
            clips.append("early-\(isBusy ? "busy" : "quiet")=\(early)")
            let before = try SpoiltScene(isBusy: isBusy, eventStart: nil, length: 6)
                .write(to: scratch.file("before-\(isBusy).mp4"))
            let after = try SpoiltScene(scale: 2, isBusy: isBusy, eventStart: 6, length: 9.6)
                .write(to: scratch.file("after-\(isBusy).mp4"))
            clips.append("sizes-\(isBusy ? "busy" : "quiet")=\(before)+\(after)")
        }
        return try SimulatedCamera.damaged(clips, options: ["--speed", "\(SpoiltFeed.speed)"])
    }

    private func trial(
        _ clip: String, _ faults: String, _ situation: Situation, comesBack: Bool = false
    ) async throws -> SpoiltOutcome {
        let outcome = try await run(clip, faults, situation, .tcp, comesBack: comesBack)
        #expect(outcome.falseAlerts.isEmpty, "\(outcome.outline)")
        #expect(outcome.hasRaised("path") && outcome.hasRaised("yard"), "\(outcome.outline)")
        // Nothing is left, taken or parked, and the camera is not touched, before or after.
        #expect(!["desk", "statue", "bay", "eye"].contains(where: outcome.hasRaised), "\(outcome.outline)")
        return outcome
    }

    private func run(
        _ clip: String, _ faults: String, _ situation: Situation, _ transport: StreamTransport, comesBack: Bool = false
    ) async throws -> SpoiltOutcome {
        let outcome = try await TrialLane.shared.run {
            let clip = clip + (situation.isBusy ? "-busy" : "-quiet")
            return try await SpoiltFeed.run(
                Self.camera.get().address(clip + faults), mode: situation.mode, transport: transport,
                comesBack: comesBack)
        }
        print("TRIAL \(clip)\(faults) \(transport) \(situation.testDescription): \(outcome.outline)")
        return outcome
    }

    @Test(
        "lost packets", arguments: ["/loss-0.05-4-10", "/burst-12-4-10/gap-0-8-9.2"], Situation.all)
    func losses(faults: String, situation: Situation) async throws {
        let outcome = try await trial("h264", faults, situation)
        #expect(outcome.interruptions.isEmpty)
        if situation.isBusy {
            #expect(outcome.counters.damaged > 0 && outcome.counters.picturesBeforeKeyframe > 0)
            #expect(outcome.missed > 0, "the account of the watch is told")
        }
    }

    @Test("pictures that the encoder left out, broke off and spoilt", arguments: Situation.all)
    func encoder(situation: Situation) async throws {
        let outcome = try await trial("h264", "/skip-0.05-4-6/cut-0.1-6-8/flip-0.1-8-10/noise-0.1-4-10", situation)
        #expect(outcome.interruptions.isEmpty)
        if situation.isBusy { #expect(outcome.counters.missedReferences > 0 && outcome.counters.corruptPictures > 0) }
    }

    @Test("packets in the wrong order, twice, of strangers and of noise", arguments: Situation.all)
    func order(situation: Situation) async throws {
        let outcome = try await trial(
            "h264", "/swap-0.1-4-6/late-0.05-6-8/twice-0.1-7-9/alien-0.1-8-10/junk-0.05-9-11", situation)
        #expect(outcome.interruptions.isEmpty)
        #expect(outcome.counters.corruptPackets > 50 && outcome.counters.corruptPictures > 0)
    }

    @Test("whoever comes while the check looks for false alerts is one", arguments: Situation.all)
    func control(situation: Situation) async throws {
        let outcome = try await run("early", "", situation, .tcp)
        #expect(outcome.falseAlerts.count >= 2 && outcome.missed == 0, "\(outcome.outline)")
    }

    @Test("noise between packets ends the connection or not; the next one goes on", arguments: Situation.all)
    func between(situation: Situation) async throws {
        _ = try await trial("h264", "/between-0.02-4-10", situation, comesBack: true)
    }

    @Test(
        "stamps that jump, stand still, scatter, drift and wrap",
        arguments: [
            "/jump-5-6-9", "/jump-60-6-9", "/back-30-6-9/back-2-8-9", "/scatter-0.1-4-8/still-0-8-9",
            "/drift-0.05-4-7/lag-0.05-7-10", "/hold-0-5-7/wrap-0-9-9"
        ], Situation.all)
    func stamps(faults: String, situation: Situation) async throws {
        let outcome = try await trial("h264", faults, situation)
        // Ahead of the clock by more than it bears is a jump as well, and so is the way back.
        let jumps = faults.contains("jump") || faults.contains("back") ? 2 : 0
        #expect(outcome.interruptions.count <= jumps, "\(outcome.outline)")
        #expect(outcome.sessions == outcome.interruptions.count + 1, "\(outcome.outline)")
        if jumps > 0 { #expect(!outcome.interruptions.isEmpty) }
    }

    @Test("other codecs", arguments: ["h265", "mjpeg", "bframes"], Situation.all)
    func codecs(clip: String, situation: Situation) async throws {
        // Wrong bits in H.265 and MJPEG go unnoticed, and over a network they do not come.
        let bits = clip == "bframes" ? "/flip-0.1-8-9" : ""
        let outcome = try await trial(
            clip, "/loss-0.05-4-6/skip-0.05-6-7/cut-0.1-7-8/swap-0.1-9-10" + bits, situation)
        #expect(outcome.interruptions.isEmpty)
        if situation.isBusy {
            let counters = outcome.counters
            // A broken picture of MJPEG never becomes a packet; others refer to what did not come.
            #expect(clip == "mjpeg" ? counters.packets < 385 : counters.damaged > 20, "\(outcome.outline)")
        }
    }

    @Test("five pictures a second, and a rate that varies", arguments: ["slow", "uneven"], Situation.all)
    func rates(clip: String, situation: Situation) async throws {
        let outcome = try await trial(clip, "/loss-0.1-4-8/skip-0.1-6-9/swap-0.1-8-10", situation)
        #expect(outcome.interruptions.isEmpty)
        if situation.isBusy { #expect(outcome.counters.damaged > 0 && outcome.missed > 0, "\(outcome.outline)") }
    }

    @Test("another picture size in mid-stream", arguments: Situation.all)
    func sizes(situation: Situation) async throws {
        let outcome = try await trial("sizes", "/loss-0.05-5-7", situation)
        #expect(outcome.sessions == 2 && outcome.interruptions.map(\.kind) == [.sizeChanged])
        if situation.isBusy { #expect(outcome.counters.damaged > 20, "\(outcome.outline)") }
    }

    @Test(
        "the same over UDP", arguments: ["/swap-0.05-4-7/late-0.02-7-10", "/loss-0.05-4-7/twice-0.1-7-10"],
        Situation.all)
    func datagrams(faults: String, situation: Situation) async throws {
        // Whether he is found depends on whether the system had room for the packets while the machine was busy.
        let outcome = try await run("h264", faults, situation, .udp)
        #expect(outcome.falseAlerts.isEmpty && outcome.counters.pictures > 20, "\(outcome.outline)")
        if outcome.counters.packets > 370 {
            #expect(outcome.hasRaised("path") && outcome.hasRaised("yard"), "\(outcome.outline)")
        }
    }
}
