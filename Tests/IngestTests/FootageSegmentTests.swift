import Foundation
import Ingest
import Media
import Scene
import TestSupport
import Testing

@Suite("Recordings in several files")
struct FootageSegmentTests {
    private let folder: ScratchFolder
    private let start = MediaTime("2026-11-22T09:00:00Z")!

    init() throws { folder = try ScratchFolder() }

    private func segment(_ name: String, at seconds: Double?, pictures: Int = 25) throws -> FootageSegment {
        let path = try DrawnFootage(pictureCount: pictures, form: .camera(.h264, keyframeDistance: 5))
            .write(to: folder.file(name))
        return FootageSegment(path: path, start: seconds.map { start + .seconds($0) })
    }

    private func read(
        _ segments: [FootageSegment], window: FootageWindow = FootageWindow()
    ) throws -> (Footage.Outcome, NoteLog) {
        let log = NoteLog()
        let outcome = try Footage(segments, start: start, window: window).read(into: RecordingReceiver(log))
        return (outcome, log)
    }

    private func seconds(_ log: NoteLog) -> [Double] { log.pictures.map { ($0 - start).seconds } }

    @Test("files that follow on one another are one session, whatever second their names say")
    func joined() throws {
        let named = try [
            segment("a.mp4", at: 0), segment("b.mp4", at: 1), segment("c.mp4", at: 3), segment("d.mp4", at: nil)
        ]
        let (outcome, log) = try read(named)
        #expect(outcome.ending == .complete && outcome.unreadable.isEmpty && outcome.counters.sessions == 1)
        #expect(log.failures.map(\.kind) == [.ended] && log.pictures.count == 100)
        let steps = zip(log.pictures, log.pictures.dropFirst()).map { ($1 - $0).microseconds }
        #expect(steps.allSatisfy { abs($0 - 40_000) <= 20 }, "\(steps)")
    }

    @Test("after a gap another session begins at its own time, and the gap's length is told")
    func gap() throws {
        let (outcome, log) = try read([segment("a.mp4", at: 0), segment("b.mp4", at: 61)])
        #expect(outcome.counters.sessions == 2 && log.failures.map(\.kind) == [.ended, .ended])
        #expect(log.failures[0].detail.contains("60 s missing"), "\(log.failures[0].detail)")
        #expect(abs(seconds(log)[25] - 61) < 0.001 && log.pictures.count == 50)
    }

    @Test("what two files both show is received once, in the order of time")
    func overlap() throws {
        let (outcome, log) = try read([
            segment("a.mp4", at: 0, pictures: 100), segment("b.mp4", at: 1, pictures: 125)
        ])
        #expect(log.pictures == log.pictures.sorted() && Set(log.pictures).count == log.pictures.count)
        #expect(outcome.counters.pictures == 150 && abs(seconds(log).last! - 5.96) < 0.01)
        #expect(log.failures[0].detail.contains("3 s recorded twice"), "\(log.failures[0].detail)")
    }

    @Test("a file that cannot be read ends the session, is named, and the others are read")
    func unreadable() throws {
        let empty = FootageSegment(path: folder.file("empty.mp4"), start: start + .seconds(1))
        try Data().write(to: URL(fileURLWithPath: empty.path))
        let (outcome, log) = try read([segment("a.mp4", at: 0), empty, segment("c.mp4", at: 2)])
        #expect(outcome.unreadable.map(\.kind) == [.invalidData] && outcome.counters.sessions == 2)
        #expect(outcome.unreadable[0].detail.contains("empty.mp4"))
        #expect(log.pictures.count == 50 && abs(seconds(log)[25] - 2) < 0.001)
        let none = FootageSegment(path: folder.file("none.mp4"))
        let failure = #expect(throws: SessionFailure.self) { try read([none, empty]) }
        #expect(failure?.kind == .fileNotFound)
    }

    @Test("a window has exactly the pictures that the whole has there, sought or decoded up to", arguments: [5, 20])
    func window(from: Int) throws {
        let whole = try segment("whole.mp4", at: 0, pictures: 750)
        let window = FootageWindow(from: start + .seconds(Double(from)), to: start + .seconds(25))
        let (all, everything) = try read([whole])
        let (outcome, log) = try read([whole], window: window)
        let expected = everything.pictures.filter { $0 >= window.from! && $0 < window.to! }
        #expect(log.pictures == expected && expected.count == (25 - from) * 25)
        #expect(log.failures.map(\.kind) == [.ended] && outcome.ending == .complete)
        // Twenty seconds in, what comes before is not read at all.
        if from == 20 { #expect(outcome.counters.packets < all.counters.packets / 2) }
        // Files that lie outside are not even opened.
        let missing = FootageSegment(path: folder.file("none.mp4"), start: start)
        let later = FootageSegment(path: folder.file("none.mp4"), start: start + .seconds(40))
        let second = FootageSegment(path: whole.path, start: start + .seconds(1))
        let (among, _) = try read([missing, second, later], window: window)
        #expect(among.unreadable.isEmpty && among.counters.pictures == outcome.counters.pictures)
    }

    @Test("a window behind the end holds nothing, and that is no error")
    func nothing() throws {
        let (outcome, log) = try read(
            [segment("a.mp4", at: 0)], window: FootageWindow(from: start + .seconds(100)))
        #expect(outcome.counters.pictures == 0 && outcome.last == nil && log.all.isEmpty)
    }
}
