import Foundation
import Ingest
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

@Suite("Recordings as recorders leave them")
struct RecordingTests {
    private static let site = """
        site: { id: "1", name: drawn, timezone: Asia/Shanghai }
        cameras:
          - { id: gate, url: rtsp://127.0.0.1/gate, fences: [{ id: path, kind: line, points: [[0.5, 0.95], [0.5, 0.05]] }] }
          - { id: yard, url: rtsp://127.0.0.1/yard, fences: [{ id: way, kind: line, points: [[0.6, 0.95], [0.6, 0.05]] }] }
        sinks:
          - { id: record, kind: file, path: alerts.jsonl }
        """
    private static let quiet = Logger(label: "replay", factory: { _ in SwiftLogNoOpLogHandler() })
    private let shanghai = SiteCalendar(identifier: "Asia/Shanghai")!
    private let scratch: ScratchFolder
    private let configuration: SiteConfiguration

    init() throws {
        scratch = try ScratchFolder()
        configuration = try SiteConfiguration.decode(
            Self.site, file: "site.yaml",
            in: ConfigurationSurroundings(
                folder: "/", environment: { _ in nil }, modelNames: ModelLibrary.standard().names))
    }

    @Test(
        "the beginning stands in the name",
        arguments: [
            ("20261122T093102.mp4", "2026-11-22T01:31:02Z"),
            ("20261122T093102Z.mp4", "2026-11-22T09:31:02Z"),
            ("gate_2026-11-22_09-31-02.mkv", "2026-11-22T01:31:02Z"),
            ("192.168.1.64_01_20261122093102123.mp4", "2026-11-22T01:31:02.123Z"),
            ("2026-11-22 09.31.02.ts", "2026-11-22T01:31:02Z"),
            ("1795339862.mp4", "2026-11-22T09:31:02Z"),
            ("1795339862500.mp4", "2026-11-22T09:31:02.5Z"),
            ("2026-11-22/09/gate/31.02.mp4", "2026-11-22T09:31:02Z"),
            ("2026-11-22/001/dav/09/09.31.02-09.32.02[M][0@0][0].dav", "2026-11-22T01:31:02Z"),
            ("20261122/093102.mp4", nil), ("camera1.mp4", nil), ("20261322T093102.mp4", nil),
            ("20261122T256102.mp4", nil), ("0000001234.mp4", nil)
        ] as [(String, String?)])
    func names(name: String, expected: String?) {
        #expect(SegmentName(shanghai).start(name) == expected.map { MediaTime($0)! })
    }

    @Test("a folder's files are taken in the order of time, whatever the order of their names")
    func folder() throws {
        for name in ["z/20261122T010000.mp4", "a/20261122T010100.mp4", ".part/20261122T005900.mp4", "notes.txt"] {
            try FileManager.default.createDirectory(
                atPath: (scratch.file(name) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Files.write([1], to: scratch.file(name))
        }
        let recording = try Recording(path: scratch.path, calendar: shanghai)
        #expect(recording.segments.map(\.path) == ["z/20261122T010000.mp4", "a/20261122T010100.mp4"].map(scratch.file))
        #expect(recording.segments[0].start == MediaTime("2026-11-21T17:00:00Z"))
        try Files.write([1], to: scratch.file("z/other.mp4"))
        let mixed = #expect(throws: RecordingProblem.self) { try Recording(path: scratch.path, calendar: shanghai) }
        #expect(mixed?.description.contains("z/other.mp4 does not say when it begins") == true, "\(mixed!)")
        let empty = scratch.file("empty")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let none = #expect(throws: RecordingProblem.self) { try Recording(path: empty, calendar: shanghai) }
        #expect(none?.description.hasPrefix("\(empty): no video in this folder") == true)
    }

    /// Somebody walks through from left to right in each of the three files, two of which follow on one another.
    private func record(_ camera: String) throws -> String {
        for (name, first) in [("20261122T093000", 0), ("20261122T093004", 40), ("20261122T093100", 0)] {
            let path = scratch.file("\(camera)/\(name).mp4")
            try FileManager.default.createDirectory(
                atPath: scratch.file(camera), withIntermediateDirectories: true)
            _ = try DrawnFootage(frameRate: 10, pictureCount: 40) { picture, brush in
                let index = picture + first
                if index >= 15 {
                    brush.fill(Box(x: Double((index - 15) % 65) / 65 * 0.9, y: 0.4, width: 0.1, height: 0.3), luma: 220)
                }
            }.write(to: path)
        }
        return scratch.file(camera)
    }

    private func jobs() throws -> [ReplayBatch.Job] {
        try Recording.cameras(in: scratch.path, of: configuration).map { camera in
            ReplayBatch.Job(
                try Recording(path: scratch.file(camera.id.text), calendar: shanghai),
                try CameraAssembly(camera, library: .standard(), localTime: configuration.localTime))
        }
    }

    @Test("an object that goes from one file into the next is one track; cameras at once or in turn give the same")
    func batch() throws {
        _ = try (record("gate"), record("yard"))
        let jobs = try jobs()
        #expect(jobs.map(\.assembly.camera.id.text) == ["gate", "yard"])
        let together = ReplayBatch(jobs, ReplayBatch.Manner(), workers: 2, logger: Self.quiet)
        let inTurn = ReplayBatch(jobs, ReplayBatch.Manner(), workers: 1, logger: Self.quiet)
        let lines = try together.results.map { try $0.get().lines() }
        #expect(try lines == inTurn.results.map { try $0.get().lines() })
        let gate = try together.results[0].get()
        let crossings = gate.decisions.filter { $0.rule.text == "path" && $0.state == .opened }
        // It crosses at 4.3 s, in the second file; the third file ends before anybody is there.
        #expect(crossings.count == 1, "\(lines[0])")
        let time = try #require(crossings.first?.start)
        #expect(abs((time - MediaTime("2026-11-22T01:30:04.4Z")!).seconds) < 1, "\(time)")
        #expect(gate.pictureCount == 120 && gate.unreadable.isEmpty)
    }

    @Test("a part tells of what lasted into it, and only of that")
    func part() throws {
        _ = try record("gate")
        let job = try jobs()[0]
        func crossings(_ part: ReplayPart) throws -> Int {
            let replay = try FootageReplay(job.recording, assembly: job.assembly, part: part, logger: Self.quiet)
            return Set(replay.decisions.map(\.id)).count
        }
        let moment = MediaTime("2026-11-22T01:30:04.4Z")!
        #expect(try crossings(ReplayPart()) == 1)
        #expect(try crossings(ReplayPart(from: moment + .seconds(-3), to: moment + .seconds(3))) == 1)
        #expect(try crossings(ReplayPart(from: moment + .seconds(30))) == 0)
        #expect(try crossings(ReplayPart(to: moment + .seconds(-3))) == 0)
    }
}
