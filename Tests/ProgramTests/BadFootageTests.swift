import Foundation
import Media
import TestSupport
import Testing

/// `snowline replay` on footage that says little or is wrong: the file and the mend are named, everything else is done,
/// and the exit code tells.
@Suite(.timeLimit(.minutes(3)))
struct BadFootageTests {
    private let folder: ScratchFolder
    private let site: Site

    init() throws {
        folder = try ScratchFolder()
        site = try Site(["gate", "yard", "lane"].map { .init(id: $0, url: "rtsp://127.0.0.1:1/\($0)") })
    }

    private func replay(_ footage: String, _ options: String...) async throws -> Programs.Outcome {
        try await RunningProgram(
            "snowline", ["replay", footage, "--site", site.file, "--camera", "gate"] + options
        ).outcome()
    }

    @Test func anEmptyFileIsNamed() async throws {
        let empty = folder.file("empty.mp4")
        try Files.write([], to: empty)
        let outcome = try await replay(empty)
        #expect(outcome.status == 3 && outcome.output.isEmpty, "\(outcome.output)")
        #expect(
            outcome.errors.contains(empty) && outcome.errors.contains("the data is not valid video"),
            "\(outcome.errors)")
    }

    @Test func aKindOfFileThatIsNoFootageIsNamed() async throws {
        // Sound: one second of it, 8-bit PCM at 8 kHz.
        let head: [UInt8] =
            Array("RIFF".utf8) + [0x64, 0x1F, 0, 0] + Array("WAVEfmt ".utf8)
            + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0] + Array("data".utf8)
            + [0x40, 0x1F, 0, 0]
        let sound = folder.file("sound.wav")
        try Files.write(head + [UInt8](repeating: 0x80, count: 8000), to: sound)
        let outcome = try await replay(sound)
        #expect(outcome.status == 3 && outcome.output.isEmpty, "\(outcome.output)")
        #expect(
            outcome.errors.contains(sound) && outcome.errors.contains("the data is not valid video"),
            "\(outcome.errors)")
    }

    @Test func ofSeveralCamerasThoseThatCanBeReadAreReplayed() async throws {
        for camera in ["gate", "yard", "lane"] {
            try FileManager.default.createDirectory(
                atPath: folder.file("records/\(camera)"), withIntermediateDirectories: true)
        }
        try Files.write([], to: folder.file("records/gate/20261122T093000.mp4"))
        try FileManager.default.copyItem(
            atPath: Scenes.walk(), toPath: folder.file("records/yard/20261122T093000.mp4"))
        try Files.write(
            (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37) }, to: folder.file("records/lane/20261122T093000.mp4"))
        let outcome = try await Programs.snowline("replay", folder.file("records"), "--site", site.file)
        #expect(outcome.status == 3)
        #expect(outcome.lines.contains { $0.contains("opened yard") }, "\(outcome.output)")
        for camera in ["gate", "lane"] {
            #expect(
                outcome.errors.contains("records/\(camera)/20261122T093000.mp4: the data is not valid video"),
                "\(outcome.errors)")
        }
        #expect(outcome.errors.contains("yard: 330 pictures"), "\(outcome.errors)")
    }

    @Test func footageThatIsTooShortSaysSo() async throws {
        let short = try DrawnFootage(frameRate: 10, pictureCount: 8).write(to: folder.file("short.mp4"))
        let outcome = try await replay(short)
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("\(short): too short: nothing can be raised"), "\(outcome.errors)")
        let whole = try await replay(Scenes.walk())
        #expect(whole.status == 0 && !whole.errors.contains("too short"), "\(whole.errors)")
        let late = try await replay(Scenes.walk(), "--from", "3")
        #expect(
            late.status == 0 && late.errors.contains("only 3.0 s of footage before --from, 30.0 s"), "\(late.errors)")
        let enough = try await replay(Scenes.walk(), "--from", "3", "--warm-up", "3")
        #expect(enough.status == 0 && !enough.errors.contains("before --from"), "\(enough.errors)")
        let beyond = try await replay(Scenes.walk(), "--from", "500")
        #expect(beyond.status == 3 && beyond.errors.contains("no picture between --from and --to"), "\(beyond.errors)")
    }

    /// A recorder that was set back: what it recorded twice is counted on, and nobody knows what time it was.
    @Test func stampsThatAreSetBackAreTold() async throws {
        let once = try DrawnFootage(frameRate: 10, pictureCount: 120).write(to: folder.file("once.ts"))
        let bytes = try #require(Files.read(once))
        let twice = folder.file("twice.ts")
        try Files.write(bytes + bytes, to: twice)
        let outcome = try await replay(twice)
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("\(twice): the time stamps jumped (12 s back at "), "\(outcome.errors)")
        #expect(outcome.errors.contains("copy or record it again"), "\(outcome.errors)")
    }
}
