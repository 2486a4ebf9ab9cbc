import Evidence
import Foundation
import Ingest
import Journal
import Logging
import Media
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Pipeline

/// Alerts on their way into a real journal, and what is kept of them.
@Suite("Journal, stills and retention of a site")
struct JournalOutletTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let scratch: ScratchFolder
    private let journal: AlertJournal
    private let store: EvidenceStore
    private let counters = CameraCounters()
    private let now = SharedTime(MediaTime(microseconds: 5_000_000_000))

    init() throws {
        scratch = try ScratchFolder()
        let now = now
        journal = try AlertJournal(folder: scratch.path, clock: { now.value })
        store = EvidenceStore(folder: scratch.path)
    }

    private func outlet(restoring: [Alert] = []) -> JournalOutlet {
        let now = now
        return JournalOutlet(
            camera: decision().camera, journal: journal, sinks: SharedSinks([]), store: store, restoring: restoring,
            clock: { now.value }, counters: counters, logger: Self.quiet)
    }

    private func decision(_ version: Int = 1, _ state: AlertState = .opened, id: String = "alert") -> AlertDecision {
        let time = MediaTime(microseconds: 4_999_500_000)
        return AlertDecision(
            id: id, version: version, state: state, camera: CameraID("gate")!,
            place: CameraPlace(
                site: "1", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "gate", cameraClass: .c),
            rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: .foot, start: time,
            last: time, end: state == .closed ? time : nil, count: 1, findings: [], measures: [:],
            summary: .init(zh: "", en: ""), provenance: .init(model: "m", modelHash: "h", configurationHash: "c"))
    }

    private func publish(_ decisions: [AlertDecision], to outlet: JournalOutlet) throws {
        let footage = DrawnFootage(size: PictureSize(width: 64, height: 48), pictureCount: 1)
        let receiver = EachPicture { picture in
            outlet.publish(decisions, picture: picture, overlay: Overlay(), decidedAt: decisions[0].last)
        }
        _ = try Footage(path: footage.writeMasks(to: scratch.file("picture.mkv"))).read(into: receiver)
    }

    @Test(
        "an alert is journaled with two stills whose digests are those of the files, and closes under the same stills")
    func stills() throws {
        let outlet = outlet()
        try publish([decision()], to: outlet)
        outlet.publish([decision(2, .closed)], decidedAt: decision().last)
        let versions = try journal.reader.alert(id: "alert")
        #expect(versions.map(\.reception.evidence.count) == [2, 2])
        #expect(versions.first?.reception.evidence == versions.last?.reception.evidence)
        #expect(versions.first?.reception.latencyMilliseconds == 500)
        #expect(versions.map(\.reception.sequence) == [1, 2])
        for still in try #require(versions.first).reception.evidence {
            let bytes = try #require(Files.read(scratch.file(still.path)))
            #expect(Digest.sha256Hex(Data(bytes)) == still.sha256 && bytes.count == still.bytes)
        }
        #expect(counters.snapshot.versions == 2 && counters.snapshot.opened == 1)
    }

    @Test("that a dense camera is decoded in full is journaled with its reason, and that it is dense again")
    func fallback() throws {
        let outlet = outlet()
        let time = MediaTime(microseconds: 4_999_000_000)
        outlet.note(.decoding(fallback: "long_gop", at: time))
        outlet.note(.decoding(fallback: nil, at: time + .seconds(9)))
        let changes = try journal.reader.changes()
        #expect(changes.map(\.kind) == [.denseFellBack, .denseResumed])
        #expect(changes.map(\.camera) == [decision().camera, decision().camera])
        #expect(changes.first?.detail == ["reason": "long_gop", "since": "\(time)"])
        #expect(changes.last?.detail == ["since": "\(time + .seconds(9))"])
    }

    @Test("an alert of many versions gets stills for the first eight only")
    func stillLimit() throws {
        let outlet = outlet()
        for version in 1...12 { try publish([decision(version, version == 1 ? .opened : .updated)], to: outlet) }
        let counts = try journal.reader.alert(id: "alert").map(\.reception.evidence.count)
        #expect(counts == Array(repeating: 2, count: 8) + Array(repeating: 0, count: 4))
    }

    @Test("an alert restored open closes under the stills of its journaled version")
    func restoredStills() throws {
        try publish([decision()], to: outlet())
        let open = try journal.reader.alerts(AlertFilter(onlyOpen: true))
        outlet(restoring: open).publish([decision(2, .closed)], decidedAt: decision().last)
        #expect(try journal.reader.alert(id: "alert").last?.reception.evidence == open.first?.reception.evidence)
    }

    @Test("a still that cannot be written is left out, the alert is journaled")
    func unwritableStill() throws {
        try Files.write([], to: scratch.file("stills"))
        try publish([decision()], to: outlet())
        #expect(try journal.reader.alert(id: "alert").map(\.reception.evidence.count) == [0])
    }

    @Test("while the journal cannot be written the camera's thread waits and counts, and gives up only when stopped")
    func unwritableJournal() async throws {
        try journal.close()
        let outlet = outlet(), decision = decision(), counters = counters
        let box = Unchecked(outlet)
        let waiting = Task.detached { box.value.publish([decision], decidedAt: decision.last) }
        while counters.snapshot.journalFailures == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(counters.snapshot.versions == 0)
        counters.stop()
        await waiting.value
        #expect(counters.snapshot.journalFailures >= 1)
    }

    @Test("what was decided before the camera is stopped is journaled, not given up")
    func stopping() throws {
        counters.stop()
        outlet().publish([decision()], decidedAt: decision().last)
        #expect(try journal.reader.alert(id: "alert").count == 1)
        #expect(counters.snapshot.versions == 1 && counters.snapshot.journalFailures == 0)
    }

    @Test(
        "on a full disk a camera goes on, its alerts wait in memory, and evidence makes room",
        .enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.requirement)))
    func fullDisk() async throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let now = now, counters = CameraCounters()
        let journal = try AlertJournal(folder: disk.path, clock: { now.value })
        var limits = EvidenceStore.Limits()
        limits.freeBytes = 0
        let store = EvidenceStore(folder: disk.path, limits: limits)
        let outlet = JournalOutlet(
            camera: decision().camera, journal: journal, sinks: SharedSinks(["paper"]), store: store, restoring: [],
            clock: { now.value }, counters: counters, logger: Self.quiet)
        for id in ["held", "done"] {
            try publish([decision(1, .opened, id: id)], to: outlet)
            outlet.publish([decision(2, .closed, id: id)], decidedAt: decision().last)
        }
        #expect(try journal.hold("held", who: "Li", why: "police request"))
        let stills = try ["held", "done"].map { try journal.reader.alert(id: $0).flatMap { $0.reception.evidence } }
        try disk.fill()
        // Far more than the pages of the log that are there already can take.
        for number in 0..<300 { outlet.publish([decision(id: "full-\(number)")], decidedAt: decision().last) }
        #expect(counters.snapshot.journalFailures > 0 && counters.snapshot.versions < 304)
        #expect(journal.health.state == .full)
        let rooms = SiteRooms(
            journal: journal, store: store, sinks: SharedSinks([]), wakeGate: WakeGate(limit: 1),
            clock: { now.value }, logger: Self.quiet)
        let watch = Task { await JournalWatch(rooms: rooms).run() }
        try await waits { stills[1].allSatisfy { Files.read(disk.path + "/" + $0.path) == nil } }
        #expect(stills[0].allSatisfy { Files.read(disk.path + "/" + $0.path) != nil }, "held evidence stays")
        disk.free()
        try await waits { counters.snapshot.versions == 304 }
        watch.cancel()
        await watch.value
        #expect(journal.health.state == .working && journal.health.spilledAlerts == 0)
        #expect(try journal.reader.alerts().count == 302)
        try journal.close()
    }

    @Test("retention removes the stills of removed alerts and orphans, never those of an open alert")
    func retention() throws {
        let outlet = outlet()
        try publish([decision(1, .opened, id: "done"), decision(1, .opened, id: "open")], to: outlet)
        outlet.publish([decision(2, .closed, id: "done")], decidedAt: decision().last)
        let orphan = try store.write([1, 2, 3], camera: decision().camera, at: decision().last, name: "lost.1-clean")
        let paths = try journal.reader.alert(id: "open").flatMap { $0.reception.evidence.map(\.path) }
        let gone = try journal.reader.alert(id: "done").flatMap { $0.reception.evidence.map(\.path) } + [orphan]
        for path in paths + gone { Files.setModified(scratch.file(path), secondsSinceEpoch: 4000) }

        sweep()
        #expect((paths + gone).allSatisfy { Files.read(scratch.file($0)) != nil }, "nothing is old yet")
        now.value = now.value + .seconds(2 * 86_400)
        sweep()
        #expect(paths.allSatisfy { Files.read(scratch.file($0)) != nil }, "an open alert keeps its stills")
        #expect(gone.allSatisfy { Files.read(scratch.file($0)) == nil })
        #expect(try journal.reader.alert(id: "done").isEmpty && !journal.reader.alert(id: "open").isEmpty)
    }

    private func waits(_ condition: () -> Bool, _ location: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<4000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited in vain", sourceLocation: location)
    }

    private func sweep() {
        let now = now
        let rooms = SiteRooms(
            journal: journal, store: store, sinks: SharedSinks([]), wakeGate: WakeGate(limit: 1),
            clock: { now.value }, logger: Self.quiet)
        RetentionSweep(rooms: rooms, retention: .init(days: 1, gigabytes: 1)).run()
    }
}

@Suite("The models of a folder")
struct ModelLibraryTests {
    @Test("names, hashes and strict reading")
    func loading() throws {
        let scratch = try ScratchFolder()
        let library = ModelLibrary(folder: URL(fileURLWithPath: scratch.path))
        #expect(library.names.isEmpty)
        let empty = try #require(throws: ModelError.self) { try library.load("visible") }
        #expect(empty.description.hasSuffix("no such model; the folder holds: none"))
        let shipped = try #require(Files.text(inProject: "Models/visible/model.json"))
        try add("good", shipped)
        try add("strange", shipped.replacing("\"samples\"", with: "\"sampels\""))
        try add("wrong", shipped.replacing("\"samples\": 10", with: "\"samples\": -1"))
        try add("noise", "not json")
        #expect(library.names == ["good", "noise", "strange", "wrong"])
        #expect(try library.load("good").hash == Digest.sha256Hex(Data(shipped.utf8)))
        let missing = try #require(throws: ModelError.self) { try library.load("none") }
        #expect(missing.description.contains("good, noise, strange, wrong"))
        for name in ["strange", "wrong", "noise"] {
            let error = try #require(throws: ModelError.self) { try library.load(name) }
            #expect(error.place.hasSuffix("\(name)/model.json"), "\(error)")
        }

        func add(_ name: String, _ text: String) throws {
            try FileManager.default.createDirectory(
                atPath: scratch.file(name), withIntermediateDirectories: true)
            try Files.write(Array(text.utf8), to: scratch.file("\(name)/model.json"))
        }
    }

    @Test("every shipped model loads, and the environment may name another folder")
    func shipped() throws {
        let library = ModelLibrary.standard()
        #expect(library.names.contains("visible") && library.names.contains("thermal"))
        for name in library.names { #expect(throws: Never.self) { try library.load(name) } }
        #expect(ModelLibrary.standard(environment: ["SNOWLINE_MODELS": "/srv/models"]).folder.path == "/srv/models")
    }
}

/// Does something with every picture of a file.
private final class EachPicture: PictureReceiver {
    private let body: (borrowing Picture) -> Void

    init(_ body: @escaping (borrowing Picture) -> Void) { self.body = body }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}
    func receive(_ picture: inout Picture, at time: MediaTime) { body(picture) }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

/// A clock that a test turns.
private final class SharedTime: Sendable {
    private let time: Mutex<MediaTime>

    init(_ time: MediaTime) { self.time = Mutex(time) }

    var value: MediaTime {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

/// Handed to exactly one other thread.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
