import Ingest
import Logging
import Media
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

@Suite("Replay in dense mode")
struct DenseReplayTests {
    private static let site = """
        site: { id: "1", name: drawn }
        decode: { C: dense, quiet_s: 1 }
        cameras:
          - id: scene
            url: rtsp://127.0.0.1/scene
            fences:
              - { id: path, kind: line, points: [[0.5, 0.95], [0.5, 0.05]] }
              - { id: yard, kind: zone, points: [[0.4, 0.05], [0.95, 0.05], [0.95, 0.95], [0.4, 0.95]] }
        """
    private static let quiet = Logger(label: "replay", factory: { _ in SwiftLogNoOpLogHandler() })

    private let scratch: ScratchFolder
    private let assembly: CameraAssembly

    init() throws {
        scratch = try ScratchFolder()
        assembly = try CameraAssembly(firstOf: Self.site)
    }

    /// Somebody walks through from left to right, beginning with picture `first`, in front of sensor noise.
    private func footage(_ form: VideoWriter.Form, first: Int) throws -> String {
        try DrawnFootage(pictureCount: 320, form: form) { index, brush in
            brush.fill { x, y in UInt8(90 + (x * 7 + y * 3) % 17 + (x * 31 + y * 17 + index * 13) % 5) }
            if (first..<first + 60).contains(index) {
                brush.fill(Box(x: Double(index - first) / 60 * 0.9, y: 0.4, width: 0.1, height: 0.3), luma: 220)
            }
        }.write(to: scratch.file("walk.mp4"))
    }

    private func outline(_ replay: FootageReplay) -> [String] {
        replay.decisions.map { "\($0.rule) \($0.state.rawValue) \($0.occurrence.rawValue)" }
    }

    @Test("the alerts are those of strict, wherever in the GOP it begins", arguments: [170, 179, 188])
    func sameAlerts(first: Int) throws {
        let path = try footage(.camera(.h264, keyframeDistance: 25), first: first)
        let strict = try FootageReplay(path, assembly: assembly, mode: .strict, logger: Self.quiet)
        let dense = try FootageReplay(path, assembly: assembly, logger: Self.quiet)
        #expect(strict.decisions.contains { $0.rule.text == "path" } && strict.pictureCount == 320)
        #expect(outline(dense) == outline(strict))
        #expect(dense.pictureCount < 250, "the configuration asks for dense")
        for (own, other) in zip(dense.decisions, strict.decisions) {
            #expect(abs((own.last - other.last).seconds) < 0.2)
        }
        let again = try FootageReplay(path, assembly: assembly, mode: .dense, logger: Self.quiet)
        #expect(try again.lines() == dense.lines())
    }

    @Test("footage with a long GOP gives the very same decisions")
    func longGOP() throws {
        let path = try footage(.camera(.h264, keyframeDistance: 250), first: 170)
        let strict = try FootageReplay(path, assembly: assembly, mode: .strict, logger: Self.quiet)
        let dense = try FootageReplay(path, assembly: assembly, mode: .dense, logger: Self.quiet)
        #expect(dense.pictureCount == 320)
        #expect(try dense.lines() == strict.lines())
    }
}
