import Foundation
import Ingest
import Media
import Scene
import TestSupport
import Testing

@Suite struct FootageTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func read(_ path: String, start: MediaTime = .epoch) throws -> (Footage.Outcome, NoteLog) {
        let log = NoteLog()
        let outcome = try Footage(path: path, start: start).read(into: RecordingReceiver(log))
        return (outcome, log)
    }

    @Test func everyPictureComesAtItsTime() throws {
        let path = try DrawnFootage(pictureCount: 30).write(to: folder.file("box.mp4"))
        let start = MediaTime("2026-11-22T09:00:00Z")!
        let (outcome, log) = try read(path, start: start)
        #expect(outcome.ending == .complete)
        #expect(outcome.counters.pictures == 30)
        #expect(log.sessions.count == 1 && log.sessions[0].codec == "h264")
        #expect(log.sessions[0].size == PictureSize(width: 160, height: 120))
        for (index, time) in log.pictures.enumerated() {
            #expect(abs((time - start).microseconds - Int64(index) * 40_000) <= 20)
        }
        #expect(log.failures.map(\.kind) == [.ended])
    }

    @Test(arguments: VideoWriter.CameraCodec.allCases)
    func theSameFileGivesTheSamePicturesAgain(codec: VideoWriter.CameraCodec) throws {
        let footage = DrawnFootage(pictureCount: 12, form: .camera(codec, keyframeDistance: 6))
        let path = try footage.write(to: folder.file("\(codec).mp4"))
        let (_, first) = try read(path)
        let (_, second) = try read(path)
        #expect(first.pictures.count == 12)
        #expect(first.all == second.all)
    }

    @Test func aTruncatedFileGivesWhatIsThere() throws {
        let whole = try DrawnFootage(pictureCount: 100).write(to: folder.file("whole.mkv"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        let cut = folder.file("cut.mkv")
        try bytes.prefix(bytes.count * 6 / 10).write(to: URL(fileURLWithPath: cut))
        let (outcome, log) = try read(cut)
        #expect(outcome.ending == .truncated)
        #expect((20..<100).contains(log.pictures.count))
        #expect(log.failures.map(\.kind) == [.truncated])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func flippedBytesNeverStopTheReading(seed: UInt64) throws {
        let noise: @Sendable (Int, borrowing DrawnFootage.Brush) -> Void = { index, brush in
            brush.fill { x, y in UInt8(truncatingIfNeeded: (x &* 31 &+ y &* 17 &+ index &* 7) & 63 &+ 90) }
        }
        let whole = try DrawnFootage(pictureCount: 60, paint: noise).write(to: folder.file("noise.ts"))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
        var random = SeededRandom(seed: seed)
        for _ in 0..<12 {
            let place = Int.random(in: bytes.count / 4..<bytes.count, using: &random)
            bytes[place] ^= UInt8.random(in: 1...255, using: &random)
        }
        let broken = folder.file("broken.ts")
        try bytes.write(to: URL(fileURLWithPath: broken))
        let (outcome, log) = try read(broken)
        #expect(log.pictures.count > 5, "seed \(seed)")
        #expect(zip(log.pictures, log.pictures.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
        let counters = outcome.counters
        let isWhole = counters.pictures == 60
        let isCounted = counters.corruptPackets + counters.corruptPictures + counters.picturesBeforeKeyframe > 0
        #expect(isWhole || isCounted || outcome.ending == .truncated, "seed \(seed): \(counters)")
    }

    @Test func unreadableFilesSaySo() throws {
        let garbage = folder.file("garbage.mp4")
        try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37) }).write(to: URL(fileURLWithPath: garbage))
        for (path, kind) in [
            (folder.file("none.mp4"), FailureKind.fileNotFound), (folder.path, .fileUnreadable), (garbage, .invalidData)
        ] {
            let failure = #expect(throws: SessionFailure.self) { try read(path) }
            #expect(failure?.kind == kind, "\(path): \(String(describing: failure))")
        }
    }

    @Test func aChangeOfSizeBeginsASession() throws {
        let first = try DrawnFootage(pictureCount: 10).write(to: folder.file("a.h264"))
        let second = try DrawnFootage(size: PictureSize(width: 96, height: 64), pictureCount: 10)
            .write(to: folder.file("b.h264"))
        let both = folder.file("both.h264")
        try (Data(contentsOf: URL(fileURLWithPath: first)) + Data(contentsOf: URL(fileURLWithPath: second)))
            .write(to: URL(fileURLWithPath: both))
        let (outcome, log) = try read(both)
        #expect(log.sessions.map(\.size) == [PictureSize(width: 160, height: 120), PictureSize(width: 96, height: 64)])
        #expect(log.failures.map(\.kind) == [.sizeChanged, .ended])
        #expect(outcome.counters.sizeChanges == 1)
        #expect(log.pictures.count == 20)
        #expect(zip(log.pictures, log.pictures.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func cancellingEndsTheReading() throws {
        let path = try DrawnFootage(pictureCount: 10).write(to: folder.file("box.mp4"))
        let interrupt = Interrupt()
        interrupt.cancel()
        let failure = #expect(throws: SessionFailure.self) {
            try Footage(path: path).read(into: RecordingReceiver(NoteLog()), interrupt: interrupt)
        }
        #expect(failure?.kind == .stopped)
    }

    @Test(.enabled(if: Corpus.isAvailable, Comment(rawValue: Corpus.requirement)))
    func realFootageIsReadWhole() throws {
        let (outcome, log) = try read(Corpus.footage("wallflower_WavingTrees"))
        #expect(outcome.ending == .complete)
        #expect(log.pictures.count > 200)
        #expect(outcome.counters.corruptPackets == 0 && outcome.counters.picturesBeforeKeyframe == 0)
    }
}
