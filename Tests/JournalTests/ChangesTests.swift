import Scene
import Testing

@testable import Journal

@Suite struct ChangesTests {
    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let journal: AlertJournal
    private let gate = CameraID("gate")!
    private let dome = CameraID("dome")!

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
    }

    @Test("of some kinds in a stretch of time: what held before of each camera, and no more than may be given")
    func ofKinds() throws {
        let begin = clock.now
        let kinds: Set<JournalChange.Kind> = [.started, .denseFellBack, .denseResumed]
        for (kind, camera) in [
            (.started, nil), (.denseFellBack, gate), (.denseFellBack, dome), (.denseResumed, dome),
            (.configurationLoaded, nil), (.denseFellBack, dome), (.resent, nil), (.denseResumed, gate)
        ] as [(JournalChange.Kind, CameraID?)] {
            try journal.record(kind, camera: camera, detail: camera == nil ? [:] : ["reason": "long_gop"])
            clock.advance(seconds: 10)
        }
        let period = (begin + .seconds(45))..<(begin + .seconds(65))
        let changes = try #require(try journal.reader.changes(kinds, in: period))
        #expect(changes.map(\.kind) == [.started, .denseFellBack, .denseResumed, .denseFellBack])
        #expect(changes.map(\.camera) == [nil, gate, dome, dome])
        #expect(changes.map(\.time) == [0, 10, 30, 50].map { begin + .seconds($0) })
        #expect(changes.last?.detail == ["reason": "long_gop"])
        #expect(try journal.reader.changes(kinds, in: period, limit: 0) == nil)
        #expect(try journal.reader.changes(kinds, in: (begin - .seconds(9))..<begin)?.isEmpty == true)
    }
}
