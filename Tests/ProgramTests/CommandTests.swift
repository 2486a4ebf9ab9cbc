import Foundation
import Media
import Scene
import TestSupport
import Testing

/// `snowline` from the shell: what it prints and how it ends.
@Suite(.timeLimit(.minutes(3)))
struct CommandTests {
    let folder: ScratchFolder
    let site: Site

    init() throws {
        folder = try ScratchFolder()
        site = try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")])
    }

    @Test func checkTellsEveryProblemWithItsPlace() async throws {
        let good = try await Programs.snowline("check", site.file)
        #expect(good.status == 0 && good.output.isEmpty && good.errors.contains("in order"))
        try site.configure(
            site.text.replacingOccurrences(of: "[0.3,0.05]", with: "[2,2]")
                .replacingOccurrences(of: "class: A", with: "class: Z"))
        let bad = try await Programs.snowline("check", site.file)
        #expect(bad.status == 1 && bad.errors.isEmpty)
        #expect(bad.lines.count == 2)
        #expect(bad.lines.contains { $0.hasPrefix("site.yaml:8: cameras[0].class: ") }, "\(bad.output)")
        #expect(
            bad.lines.contains {
                $0.hasPrefix("site.yaml:12: cameras[0].fences[0].points[0]: [2,2] is outside 0…1; give shares of")
            }, "\(bad.output)")
        let missing = try await Programs.snowline("check", "/none/site.yaml")
        #expect(missing.status == 1 && missing.output.contains("site.yaml: no such file"), "\(missing.output)")
    }

    @Test func usageErrorsEndWith2AndHelpWith0() async throws {
        let wrong = [
            ["nonsense"], ["check"], ["check", "a", "--nonsense"], ["probe"], ["probe", "x", "--seconds", "0"],
            ["replay", "x"], ["alerts", "list"], ["alerts", "list", "--data", "/none"],
            ["alerts", "list", "--data", folder.path, "--since", "yesterday"],
            ["alerts", "list", "--data", folder.path, "--site", site.file],
            ["replay", "x", "--site", site.file, "--camera", "nobody"],
            ["replay", "x", "--site", site.file, "--camera", "gate", "--start", "now"],
            ["replay", try Scenes.walk(), "--site", site.file, "--camera", "gate", "--annotate", "/none/film.mp4"],
            ["check", site.file, "--draw", "/proc/none"],
            ["status", "--site", site.file], ["evaluate", "/none", "--mode", "sparse"]
        ]
        for arguments in wrong {
            let outcome = try await RunningProgram("snowline", arguments).outcome()
            #expect(outcome.status == 2, "\(arguments): \(outcome.output) \(outcome.errors)")
            #expect(outcome.output.isEmpty && !outcome.errors.isEmpty, "\(arguments): \(outcome.output)")
            #expect(!outcome.errors.contains("Fatal") && !outcome.errors.contains("Error Domain"), "\(outcome.errors)")
        }
        for arguments in [["--help"], ["replay", "--help"], ["alerts", "list", "--help"], ["--version"]] {
            let outcome = try await RunningProgram("snowline", arguments).outcome()
            #expect(outcome.status == 0 && !outcome.output.isEmpty && outcome.errors.isEmpty, "\(arguments)")
        }
    }

    @Test(.enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)))
    func probeTellsWhatACameraSends() async throws {
        let camera = try Scenes.camera("gate")
        let still = folder.file("still.jpg")
        let live = try await Programs.snowline("probe", camera.address("gate"), "--seconds", "2", "--still", still)
        #expect(live.status == 0, "\(live.errors)")
        #expect(live.lines.contains("codec: h264") && live.lines.contains("size: 160x120"), "\(live.output)")
        #expect(live.output.contains("GOP: 15 pictures"), "\(live.output)")
        let bytes = try #require(Files.read(still))
        #expect(JPEG.size(of: bytes) == Scenes.size)
        let nowhere = try await Programs.snowline(
            "probe", camera.address("gate"), "--seconds", "1", "--still", "/none/still.jpg")
        #expect(nowhere.status == 2 && nowhere.errors.contains("/none/still.jpg: no such file"), "\(nowhere.errors)")
        let drawn = try Site([.init(id: "gate", url: camera.address("gate"))])
        let fences = try await Programs.snowline("check", drawn.file, "--draw", folder.file("drawn"))
        #expect(
            fences.status == 0 && Files.read(folder.file("drawn/gate.jpg")).flatMap { JPEG.size(of: $0) } == Scenes.size
        )
    }

    @Test func probeOfADeadCameraEndsWith3() async throws {
        let dead = try await Programs.snowline("probe", "rtsp://user:geheim@127.0.0.1:1/gate", "--seconds", "1")
        #expect(dead.status == 3 && dead.output.isEmpty)
        #expect(dead.errors.contains("connection refused; check the port in url"), "\(dead.errors)")
        #expect(!dead.errors.contains("geheim"))
        let none = try await Programs.snowline("probe", folder.file("none.mp4"))
        #expect(none.status == 3 && none.errors.contains("the file does not exist"), "\(none.errors)")
        let drawn = try await Programs.snowline("check", site.file, "--draw", folder.file("drawn"))
        #expect(drawn.status == 3 && drawn.errors.contains("gate: "), "\(drawn.errors)")
    }

    @Test(.enabled(if: Programs.canIsolate, "network namespaces are not allowed here"))
    func aHostWithoutARouteCannotBeReached() async throws {
        let outcome = try await Programs.snowlineWithoutNetwork("probe", "rtsp://203.0.113.7/gate", "--seconds", "1")
        #expect(outcome.status == 3 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("the host cannot be reached; check the address"), "\(outcome.errors)")
    }

    @Test func replayIsRepeatableAndTellsDifferences() async throws {
        let (first, second) = (folder.file("first.jsonl"), folder.file("second.jsonl"))
        let one = try await replay("--alerts", first)
        #expect(one.status == 0, "\(one.errors)")
        #expect(one.lines.contains { $0.contains("opened yard") } && one.lines.contains { $0.contains("closed yard") })
        #expect(one.lines.contains { $0.contains("opened path") }, "\(one.output)")
        let two = try await replay("--alerts", second, "--expect", first)
        #expect(two.status == 0 && two.output == one.output)
        let golden = try #require(Files.read(first))
        #expect(!golden.isEmpty && golden == Files.read(second))

        let text = String(decoding: golden, as: UTF8.self).replacingOccurrences(
            of: "\"rule\":\"yard\"", with: "\"rule\":\"lawn\"")
        try Files.write(Array(text.utf8), to: second)
        let changed = try await replay("--expect", second)
        #expect(changed.status == 1)
        let told = changed.output.dropFirst(one.output.count)
        #expect(told.contains("second.jsonl: line 1") || told.contains("second.jsonl: line 2"), "\(told)")
        #expect(told.contains("is missing: rule lawn") && told.contains("is new: rule yard"), "\(told)")
    }

    @Test func pathsThatCannotBeUsedAreNamed() async throws {
        for option in ["--alerts", "--expect"] {
            let outcome = try await replay(option, "/none/alerts.jsonl")
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.contains("snowline: /none/alerts.jsonl: no such file or directory; check path"),
                "\(outcome.errors)")
        }
    }

    @Test func unreadableFootageEndsWith3() async throws {
        let garbage = folder.file("garbage.mp4")
        try Files.write((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37) }, to: garbage)
        for (path, words) in [(garbage, "the data is not valid video"), (folder.file("none.mp4"), "does not exist")] {
            let outcome = try await Programs.snowline("replay", path, "--site", site.file, "--camera", "gate")
            #expect(outcome.status == 3 && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test func aFolderOfRecordingsIsReplayedAndABadFileOfItNamed() async throws {
        let records = folder.file("records/gate")
        try FileManager.default.createDirectory(atPath: records, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Scenes.walk(), toPath: records + "/20261122T093100.mp4")
        try FileManager.default.copyItem(atPath: Scenes.walk(), toPath: records + "/20261122T093000.mp4")
        let whole = try await Programs.snowline("replay", folder.file("records"), "--site", site.file)
        #expect(whole.status == 0 && whole.errors.contains("in 2 files"), "\(whole.errors)")
        #expect(whole.lines.count { $0.contains("opened path") } == 2, "\(whole.output)")
        try Files.write([], to: records + "/20261122T093200.mp4")
        let part = try await Programs.snowline("replay", folder.file("records"), "--site", site.file, "--from", "50")
        #expect(part.status == 3 && part.errors.contains("20261122T093200.mp4: the data is not valid video"))
        #expect(part.lines.count { $0.contains("opened path") } == 1, "\(part.output)")
        let bad = try await Programs.snowline(
            "replay", folder.file("records"), "--site", site.file, "--from", "9", "--to", "3")
        #expect(bad.status == 2 && bad.errors.contains("is not before --to"), "\(bad.errors)")
    }

    @Test func truncatedFootageGivesWhatWasReadable() async throws {
        let bytes = try #require(Files.read(Scenes.walk(form: "mkv")))
        let cut = folder.file("cut.mkv")
        try Files.write(Array(bytes.prefix(bytes.count * 8 / 10)), to: cut)
        let alerts = folder.file("alerts.jsonl")
        let outcome = try await Programs.snowline(
            "replay", cut, "--site", site.file, "--camera", "gate", "--alerts", alerts)
        #expect(outcome.status == 3 && outcome.errors.contains("cut off or damaged"), "\(outcome.errors)")
        #expect(outcome.lines.contains { $0.contains("opened yard") }, "\(outcome.output)")
        #expect(String(decoding: Files.read(alerts) ?? [], as: UTF8.self).contains("\"rule\":\"yard\""))
        // Differences do not hide that the footage is damaged.
        let golden = try await Programs.snowline(
            "replay", cut, "--site", site.file, "--camera", "gate", "--expect", alerts)
        #expect(golden.status == 3)
    }

    private func replay(_ options: String...) async throws -> Programs.Outcome {
        let footage = try Scenes.walk()
        return try await RunningProgram(
            "snowline", ["replay", footage, "--site", site.file, "--camera", "gate"] + options
        ).outcome()
    }
}
