import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// `snowline alerts rerun`: an alert's own clip through the same configuration, and through others.
@Suite(.timeLimit(.minutes(5)))
struct AlertRerunTests {
    private static let line = "[[0.3,0.05],[0.3,0.95]]"
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func rerun(_ id: String, _ site: String, _ more: String...) async throws -> Programs.Outcome {
        try await RunningProgram("snowline", ["alerts", "rerun", id, "--site", site] + more).outcome()
    }

    /// The walk's configuration with something else in it, in a folder of its own.
    private func other(_ walk: JournaledWalk, _ old: String, _ new: String) throws -> String {
        let text = walk.site.text.replacingOccurrences(of: old, with: new)
        try #require(text != walk.site.text, "\(old) is not in it")
        let file = folder.file("other.yaml")
        try Files.write(Array(text.utf8), to: file)
        return file
    }

    @Test func anUnchangedConfigurationRaisesTheSameAlertAgain() async throws {
        let walk = try await JournaledWalk()
        for rule in ["path", "yard"] {
            let alert = try walk.alert(of: rule)
            let outcome = try await rerun(alert.decision.id, walk.site.file)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(
                outcome.lines.first?.hasSuffix(": raised again at the same time (+0.000 s), same id") == true,
                "\(outcome.output)")
            #expect(outcome.output.contains(" s before the alert, the first 1.0 s teach the background"))
            let json = try await rerun(alert.decision.id, walk.site.file, "--json")
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            #expect(object?["outcome"] as? String == "raised" && object?["same_id"] as? Bool == true)
            #expect(object?["shift_s"] as? Double == 0 && (object?["reasons"] as? [Any])?.isEmpty == true)
            let again = object?["again"] as? [String: Any]
            #expect(again?["start"] as? String == "\(alert.decision.start)" && again?["rule"] as? String == rule)
        }
    }

    @Test func anotherFenceMovesTheAlertOrRaisesNone() async throws {
        let walk = try await JournaledWalk()
        let id = try walk.alert(of: "path").decision.id
        let near = try await rerun(id, other(walk, Self.line, "[[0.42,0.05],[0.42,0.95]]"), "--data", walk.site.data)
        #expect(near.status == 0 && near.lines.first?.contains(": raised again at 2026-11-22T01:31:0") == true)
        let shift = try #require(near.output.firstMatch(of: /\(\+([0-9.]+) s\), id ([a-z2-7]{26})/))
        #expect((0.3...0.7).contains(Double(shift.output.1) ?? 0), "0.12 of the width at 0.25 a second: \(near.output)")
        #expect(shift.output.2 != id)

        for (old, new, reason) in [
            (
                Self.line, "[[0.3,0.02],[0.3,0.2]]",
                "because: nothing that fence path watches for was seen within 5 s of"
            ),
            (
                "direction: any }", "direction: any, size: { min: 0.2 } }",
                "of the picture, less than 20 %"
            ),
            (
                "direction: any }", "direction: any, persistence: 20 }",
                "s before the alert once the background is learnt, persistence asks for 20"
            ),
            (
                "id: path", "id: road",
                "because: camera gate of \(folder.file("other.yaml")) has no fence path; it has road"
            ),
            (
                "kind: line, points: \(Self.line), direction: any",
                "kind: zone, points: [[0.1,0.5],[0.4,0.5],[0.4,0.9]]", "because: fence path is a zone there"
            )
        ] {
            let changed = try await rerun(id, other(walk, old, new), "--data", walk.site.data)
            #expect(changed.status == 1 && changed.lines.first?.hasSuffix(": not raised") == true, "\(changed.output)")
            #expect(changed.output.contains(reason), "\(reason): \(changed.output)\(changed.errors)")
        }
    }

    @Test func aFenceThatDoesNotWatchThenRaisesNone() async throws {
        let walk = try await JournaledWalk()
        let id = try walk.alert(of: "path").decision.id
        let night = walk.site.text.replacingOccurrences(
            of: "direction: any }", with: "direction: any, schedule: night }"
        )
        .replacingOccurrences(
            of: "cameras:",
            with: "schedules: [{ id: night, periods: [{ days: [mon], from: \"20:00\", to: \"22:00\" }] }]\ncameras:")
        try Files.write(Array(night.utf8), to: folder.file("night.yaml"))
        let outcome = try await rerun(id, folder.file("night.yaml"), "--data", walk.site.data)
        #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("because: fence path does not watch at 2026-11-22T01:31:"), "\(outcome.output)")
        #expect(outcome.output.contains("(off_schedule)"))
        #expect(outcome.output.contains("besides: yard occupied at"), "\(outcome.output)")
    }

    @Test func withoutItsClipAnAlertCannotBeRerun() async throws {
        let none = try await JournaledWalk(keepsClips: false)
        let id = try none.alert(of: "path").decision.id
        let outcome = try await rerun(id, none.site.file)
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(
            outcome.errors.contains(
                "alert \(id) has no clip: cameras of class A record none; add the class to evidence.clips.classes"),
            "\(outcome.errors)")

        let walk = try await JournaledWalk()
        let alert = try walk.alert(of: "path")
        let clip = try walk.file(of: alert, .clip)
        var bytes = try #require(Files.read(clip))
        bytes[bytes.count - 9] ^= 1
        try Files.write(bytes, to: clip)
        let changed = try await rerun(alert.decision.id, walk.site.file)
        #expect(
            changed.status == 3 && changed.errors.contains("the file is not what was journaled"), "\(changed.errors)")
        try FileManager.default.removeItem(atPath: clip)
        let gone = try await rerun(alert.decision.id, walk.site.file)
        #expect(gone.status == 3 && gone.errors.contains(".mp4: the file is gone"), "\(gone.errors)")
        let unknown = try await rerun("zzz", walk.site.file)
        #expect(unknown.status == 1 && unknown.errors.contains("no alert zzz"))
        for (more, words) in [
            (["--camera", "barn"], "has no camera barn; it has gate"), (["--camera", "a/b"], "--camera a/b"),
            (["--data", "/none"], "/none"), (["--model", "nothing"], "nothing")
        ] {
            let wrong = try await RunningProgram(
                "snowline", ["alerts", "rerun", alert.decision.id, "--site", walk.site.file] + more
            ).outcome()
            #expect(wrong.status == 2 && wrong.errors.contains(words), "\(more): \(wrong.errors)")
        }
    }
}
