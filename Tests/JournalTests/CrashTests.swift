import Foundation
import Journal
import Scene
import Testing

@Suite(.timeLimit(.minutes(2))) struct CrashTests {
    /// The helper program lies beside the test program.
    private func probe() throws -> URL {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return program.deletingLastPathComponent().appendingPathComponent("JournalCrashProbe")
    }

    /// Runs the probe until it has said `count` ids, kills it and returns all it has said.
    private func saidBeforeKill(folder: String, round: Int, count: Int) throws -> [String] {
        let process = Process()
        process.executableURL = try probe()
        process.arguments = [folder, "r\(round)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var said = Data()
        while said.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let part = pipe.fileHandleForReading.availableData
            if part.isEmpty { break }
            said += part
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        said += pipe.fileHandleForReading.readDataToEndOfFile()
        #expect(process.terminationReason == .uncaughtSignal)
        return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func killLosesNothingThatWasAcknowledged() throws {
        let folder = try TemporaryFolder()
        var said: Set<String> = []
        for round in 0..<3 {
            let ids = try saidBeforeKill(folder: folder.path, round: round, count: 150)
            #expect(ids.count >= 150)
            said.formUnion(ids)
            // The lock went with the process; opening checks the whole file.
            let journal = try AlertJournal(folder: folder.path)
            let alerts = try journal.reader.alerts()
            let kept = Set(alerts.map(\.decision.id))
            #expect(said.isSubset(of: kept), "lost: \(said.subtracting(kept))")
            #expect(try journal.reader.outbox().map(\.pending) == [alerts.count])
            for (camera, episodes) in Dictionary(grouping: alerts, by: \.decision.camera) {
                #expect(episodes.map(\.reception.sequence).sorted() == Array(1...Int64(episodes.count)), "\(camera)")
            }
            try journal.close()
        }
    }
}
