import Alerts
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// A camera's alerts in a process that is killed again and again.
@Suite(.timeLimit(.minutes(3))) struct CrashTests {
    private static let frames = 400

    /// What an undisturbed run decides, frame by frame.
    private func expected(seed: UInt64) throws -> [[String]] {
        var book = book(settings: EpisodeSettings(restoreWindow: .seconds(1e6)))
        return try EpisodeStream.frames(seed: seed, count: Self.frames).map { frame in
            try book.handle(frame.events, at: frame.time).map { try DecisionCoder.text($0) }
        }
    }

    private func journaled(_ folder: String) throws -> [(text: String, sequence: Int64)] {
        let reader = try JournalReader(folder: folder)
        return try reader.alerts().flatMap { try reader.alert(id: $0.decision.id) }
            .map { (try DecisionCoder.text($0.decision), $0.reception.sequence) }.sorted { $0.1 < $1.1 }
    }

    /// - Returns: whether the probe has come to the end.
    private func run(_ folder: String, seed: UInt64, from frame: Int, kill lines: Int) throws -> Bool {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let process = Process()
        process.executableURL = program.deletingLastPathComponent().appendingPathComponent("EpisodeCrashProbe")
        process.arguments = [folder, "\(seed)", "\(Self.frames)", "\(frame)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var said = Data()
        while said.count(where: { $0 == UInt8(ascii: "\n") }) < lines {
            let part = pipe.fileHandleForReading.availableData
            if part.isEmpty { break }
            said += part
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }

    @Test func idsContentAndCountersAreTheSameHoweverOftenTheProcessIsKilled() throws {
        let seed = UInt64.random(in: 0...UInt64(Int64.max))
        var random = SeededRandom(seed: seed)
        let folder = try ScratchFolder()
        let expected = try expected(seed: seed)
        let whole = expected.flatMap { $0 }
        try #require(whole.count > 150)
        var frame = 0
        var kills = 0
        var continued = 0
        while true {
            let isDone = try run(
                folder.path, seed: seed, from: frame, kill: kills < 6 ? Int.random(in: 20...60, using: &random) : .max)
            let found = try journaled(folder.path)
            // Everything up to the kill, in order, as if nothing had happened; the counter without a gap.
            #expect(found.map(\.text) == Array(whole.prefix(found.count)), "seed \(seed), kill \(kills)")
            #expect(found.map(\.sequence) == Array(1..<Int64(found.count + 1)), "seed \(seed), kill \(kills)")
            if isDone { break }
            kills += 1
            try #require(kills < 50)
            // The frame after the last one whose alerts are journaled; a frame's alerts are journaled together.
            var count = 0
            frame = 0
            while frame < expected.count, count + expected[frame].count <= found.count {
                count += expected[frame].count
                frame += 1
            }
            #expect(count == found.count, "seed \(seed): a part of a frame's alerts is journaled")
            continued += try JournalReader(folder: folder.path).alerts(AlertFilter(onlyOpen: true)).count
        }
        #expect(try journaled(folder.path).count == whole.count)
        #expect(kills >= 6)
        #expect(continued > 0, "seed \(seed): no kill met an open episode")
    }
}
