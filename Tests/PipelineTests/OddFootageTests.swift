import Foundation
import Ingest
import Media
import Pipeline
import Scene
import TestSupport
import Testing

/// Streams that are sound but unlike the usual ones, and files that are damaged: nobody is reported who is not there,
/// and whoever comes is.
@Suite("Odd and damaged footage")
struct OddFootageTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private static let openGOP = "keyint=25:min-keyint=25:scenecut=0:bframes=2:b-adapt=0:open-gop=1"
    private static let refresh = "keyint=25:scenecut=0:bframes=0:intra-refresh=1"

    static let scenes: [(name: String, scene: SpoiltScene)] = [
        ("5 pictures a second", SpoiltScene(form: .camera(.h264, keyframeDistance: 10), frameRate: 5)),
        ("5 pictures a second, H.265", SpoiltScene(form: .camera(.h265, keyframeDistance: 10), frameRate: 5)),
        ("a rate that varies", SpoiltScene(frameRate: 15, hasEvenRate: false)),
        (
            "a rate that varies around 5",
            SpoiltScene(form: .camera(.h264, keyframeDistance: 8), frameRate: 5, hasEvenRate: false)
        ),
        ("open GOPs", SpoiltScene(form: .encoder(.h265, parameters: openGOP))),
        ("open GOPs, H.264", SpoiltScene(form: .encoder(.h264, parameters: openGOP))),
        ("intra refresh", SpoiltScene(form: .encoder(.h264, parameters: refresh))),
        ("long GOPs", SpoiltScene(form: .camera(.h264, keyframeDistance: 250)))
    ]

    private func expect(_ outcome: SpoiltOutcome) {
        #expect(outcome.falseAlerts.isEmpty, "\(outcome.outline)")
        #expect(outcome.hasRaised("path") && outcome.hasRaised("yard"), "\(outcome.outline)")
    }

    @Test("odd streams", arguments: scenes.map(\.name), [true, false])
    func streams(name: String, isBusy: Bool) async throws {
        try await TrialLane.shared.run {
            var scene = Self.scenes.first { $0.name == name }!.scene
            scene.isBusy = isBusy
            let path = try scene.write(to: folder.file("odd.ts"))
            for mode in DecodeMode.allCases {
                let outcome = try SpoiltOutcome(replaying: path, mode: mode)
                print("TRIAL \(name) \(mode) \(isBusy): \(outcome.outline)")
                expect(outcome)
                #expect(outcome.counters.damaged == 0 && outcome.sessions == 1, "\(outcome.outline)")
            }
        }
    }

    @Test("as wide as 4K, and higher: 3840x2880", arguments: DecodeMode.allCases)
    func large(mode: DecodeMode) async throws {
        try await TrialLane.shared.run {
            let scene = SpoiltScene(form: .camera(.h264, keyframeDistance: 10), scale: 24, frameRate: 5)
            let outcome = try SpoiltOutcome(replaying: scene.write(to: folder.file("large.mp4")), mode: mode)
            print("TRIAL 4K \(mode): \(outcome.outline)")
            expect(outcome)
        }
    }

    /// What becomes of the packets of 188 bytes of a transport stream between two shares of the file.
    enum Harm: String, Sendable, CaseIterable {
        case lost
        case spoilt
        case swapped
        case garbage
    }

    @Test("damaged files", arguments: Harm.allCases, DecodeMode.allCases)
    func damaged(harm: Harm, mode: DecodeMode) async throws {
        try await TrialLane.shared.run {
            // No decoder notices wrong bits in H.265, and nothing but a file brings them: packets have checksums.
            let codecs: [VideoWriter.CameraCodec] = harm == .spoilt ? [.h264] : [.h264, .h265]
            for form in codecs.map({ VideoWriter.Form.camera($0, keyframeDistance: 25) }) {
                let path = try SpoiltScene(form: form).write(to: folder.file("whole.ts"))
                let outcome = try SpoiltOutcome(replaying: damage(path, harm), mode: mode)
                print("TRIAL file \(harm) \(mode): \(outcome.outline)")
                expect(outcome)
                #expect(outcome.counters.damaged > 0)
            }
        }
    }

    /// About one packet in thirty between a third and two thirds of the file. Seed 5.
    private func damage(_ path: String, _ harm: Harm) throws -> String {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SeededRandom(seed: 5)
        var packets = stride(from: 0, to: whole.count - 187, by: 188).map { Array(whole[$0..<$0 + 188]) }
        for index in packets.count * 27 / 100..<packets.count * 6 / 10 where Int.random(in: 0..<30, using: &random) == 0
        {
            switch harm {
            case .lost: packets[index] = []
            case .spoilt:
                for _ in 0..<8 {
                    packets[index][Int.random(in: 20..<188, using: &random)] = UInt8(truncatingIfNeeded: random.next())
                }
            case .swapped: packets.swapAt(index, index + 1)
            case .garbage:
                packets[index] += (0..<Int.random(in: 1..<400, using: &random)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            }
        }
        let damaged = folder.file("\(harm.rawValue).ts")
        try Data(packets.joined()).write(to: URL(fileURLWithPath: damaged))
        return damaged
    }
}
