import Foundation
import GRDB
import Journal
import Scene
import Synchronization
import Testing

@Suite struct AppendTests {
    @Test func sequencesAreGaplessAndThreadsShareTransactions() async throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        let failures = Mutex(0)
        let group = DispatchGroup()
        for thread in 0..<32 {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                for number in 0..<50 {
                    let alert = sampleAlert(id: "t\(thread)-\(number)", camera: "camera-\(thread % 4)")
                    do {
                        try journal.append([alert], sinks: ["dispatch"])
                    } catch {
                        failures.withLock { $0 += 1 }
                    }
                }
            }
        }
        await withCheckedContinuation { continuation in group.notify(queue: .global()) { continuation.resume() } }

        #expect(failures.withLock { $0 } == 0)
        for camera in 0..<4 {
            let id = try #require(CameraID("camera-\(camera)"))
            let sequences = try journal.reader.alerts(AlertFilter(camera: id)).map(\.reception.sequence).sorted()
            #expect(sequences == Array(1...400))
            #expect(try journal.reader.lastSequence(camera: id) == 400)
        }
        let counters = journal.snapshot()
        #expect(counters.alerts == 1600)
        #expect(counters.commits < 1600, "\(counters.commits) transactions for 1600 appends")
        #expect(try journal.reader.outbox().map(\.pending) == [1600])
    }

    @Test func repeatedAppendIsHarmless() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        let first = try journal.append([sampleAlert()], sinks: ["dispatch"])
        var again = sampleAlert()
        again.reception.serverTime = MediaTime(microseconds: 99)
        let second = try journal.append([again], sinks: ["dispatch"])
        #expect(first == second)
        #expect(first[0].reception.sequence == 1)
        #expect(try journal.reader.outbox().map(\.pending) == [1])
    }

    @Test func anotherDecisionUnderTheSameVersionIsRefusedWhole() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert()], sinks: [])
        #expect(throws: JournalError.conflict(id: "a", version: 1)) {
            try journal.append([sampleAlert(id: "b"), sampleAlert(measures: ["dwell_s": 2])], sinks: [])
        }
        #expect(try journal.reader.alerts().map(\.decision.id) == ["a"])
        try journal.append([sampleAlert(id: "c")], sinks: [])
        #expect(try journal.reader.alert(id: "c").map(\.reception.sequence) == [2])
    }

    @Test func whatCannotBeEncodedFailsItsCallerOnly() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        #expect(throws: EncodingError.self) {
            try journal.append([sampleAlert(measures: ["dwell_s": .infinity])], sinks: [])
        }
        #expect(try journal.append([sampleAlert()], sinks: [])[0].reception.sequence == 1)
    }

    @Test func failedTransactionReachesEachCallerAndStoresNothing() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        // The same sink twice breaks the outbox's uniqueness in the middle of the transaction.
        #expect(throws: JournalError.self) { try journal.append([sampleAlert()], sinks: ["one", "one"]) }
        #expect(try journal.reader.alerts().isEmpty)
        #expect(try journal.append([sampleAlert()], sinks: ["one"])[0].reception.sequence == 1)
    }

    @Test func bytesOfDecisionsAreCanonical() throws {
        let text = try DecisionCoder.text(sampleAlert())
        #expect(text.hasPrefix("{\"decision\":{\"anchor\":\"foot\",\"camera\":\"south-gate\","))
        #expect(text.contains("something/inside"))
        #expect(!text.contains("\\/"))
        let decoded = try DecisionCoder.decode(Alert.self, from: text)
        #expect(decoded == sampleAlert())
        #expect(try DecisionCoder.text(decoded) == text)
    }

    @Test func digestsAreTheKnownOnes() {
        #expect(
            Digest.sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest.base32(Array("foobar".utf8)) == "mzxw6ytboi")
        #expect(Digest.base32(Array("fooba".utf8)) == "mzxw6ytb")
        #expect(Digest.base32([]) == "")
    }
}
