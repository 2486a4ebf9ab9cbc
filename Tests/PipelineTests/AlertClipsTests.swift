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

/// Alerts of drawn footage with their clips, from the packets to the journal.
@Suite("Clips of alerts")
struct AlertClipsTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let scratch: ScratchFolder
    private let journal: AlertJournal
    private let store: EvidenceStore
    private let counters = CameraCounters()
    private let begin = MediaTime("2026-11-22T01:00:00Z")!

    init() throws {
        scratch = try ScratchFolder()
        journal = try AlertJournal(folder: scratch.file("data"), clock: { MediaTime(microseconds: 5_000_000_000) })
        store = EvidenceStore(folder: scratch.file("data"))
    }

    private func camera(masks: [Polygon] = [], _ cameraClass: CameraClass = .c) -> CameraConfiguration {
        CameraConfiguration(
            id: CameraID("gate")!,
            place: CameraPlace(
                site: "1", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "gate", cameraClass: cameraClass),
            address: StreamAddress("rtsp://127.0.0.1/"), model: "visible", privacyMasks: masks)
    }

    private func clips(
        _ settings: ClipSettings? = ClipSettings(), masks: [Polygon] = [], restoring: [Alert] = [],
        announce: (@Sendable (Alert) -> Bool)? = nil
    ) -> AlertClips {
        let journal = journal
        return AlertClips(
            camera(masks: masks), settings: settings, restoring: restoring,
            in: AlertClips.Surroundings(
                store: store, clock: { MediaTime(microseconds: 6_000_000_000) }, counters: counters,
                logger: Self.quiet, announce: announce ?? { (try? journal.append([$0], sinks: ["desk"])) != nil }),
            worker: nil)
    }

    private func outlet(_ clips: AlertClips) -> JournalOutlet {
        JournalOutlet(
            camera: camera().id, journal: journal, sinks: SharedSinks(["desk"]), store: store, restoring: [],
            clips: clips, clock: { MediaTime(microseconds: 5_000_000_000) }, counters: counters, logger: Self.quiet)
    }

    private func decision(
        _ version: Int, _ state: AlertState, at seconds: Double, id: String = "alert", start: Double? = nil,
        isHolding: Bool = false
    ) -> AlertDecision {
        let last = begin + .seconds(seconds)
        return AlertDecision(
            id: id, version: version, state: state, camera: camera().id, place: camera().place,
            rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: .foot,
            start: begin + .seconds(start ?? seconds), last: last, end: state == .closed ? last : nil,
            isHolding: isHolding, count: 1, findings: [], measures: [:], summary: .init(zh: "", en: ""),
            provenance: .init(model: "m", modelHash: "h", configurationHash: "c"))
    }

    /// What happens at a moment of the footage, in seconds.
    private struct Cue {
        let second: Double
        let decision: AlertDecision
    }

    /// Plays 40 s of footage; writes while it plays, or only at the end.
    private func play(
        _ cues: [Cue], clips: AlertClips, form: VideoWriter.Form = .camera(.h264, keyframeDistance: 50),
        seconds: Int = 40, name: String = "footage.ts", writesAlong: Bool = true
    ) throws {
        let path = try DrawnFootage(
            size: PictureSize(width: 64, height: 48), frameRate: 10, pictureCount: seconds * 10, form: form
        ) { index, brush in brush.fill(Box(x: 0, y: 0, width: 1, height: 1), luma: UInt8(30 + index / 2)) }
        .write(to: scratch.file(name))
        let outlet = outlet(clips)
        var left = cues
        let receiver = EachPicture { picture, time in
            while let cue = left.first, time >= begin + .seconds(cue.second) {
                left.removeFirst()
                outlet.publish([cue.decision], picture: picture, overlay: Overlay(), decidedAt: time)
            }
            if writesAlong { _ = clips.pump() }
        }
        _ = try Footage(path: path, start: begin).read(into: receiver, tap: clips.tap)
        _ = clips.pump()
    }

    private func versions(_ id: String = "alert") throws -> [Alert] { try journal.reader.alert(id: id) }

    @Test("the closing version names a clip from before the event until after it, with its digest")
    func whole() throws {
        let clips = clips()
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15)),
                Cue(second: 17, decision: decision(2, .updated, at: 17, start: 15)),
                Cue(second: 27.1, decision: decision(3, .closed, at: 17, start: 15))
            ], clips: clips)
        let versions = try versions()
        #expect(versions.map(\.reception.clip?.state) == [.recording, .recording, .kept])
        let last = try #require(versions.last)
        #expect(last.reception.clip == ClipStanding(.kept), "nothing is cut short")
        #expect(last.reception.evidence.map(\.kind) == [.clean, .annotated, .clip])
        let clip = try #require(last.reception.evidence.last)
        #expect(clip.path == "clips/gate/2026-11-22/alert.mp4" && clip.codec == "h264")
        let bytes = try #require(Files.read(scratch.file("data/\(clip.path)")))
        #expect(clip.sha256 == Digest.sha256Hex(Data(bytes)) && clip.bytes == bytes.count)
        // Keyframes every 5 s: the pre-roll of 5 s begins at 10 s, the post-roll ends at 22 s.
        #expect(clip.mediaTime == begin + .seconds(10))
        #expect((11.9...12.2).contains(try #require(clip.seconds)), "\(clip)")
        #expect(try ClipInspection(path: scratch.file("data/\(clip.path)")).packetCount == 121)
        #expect(counters.snapshot.clips == 1 && counters.snapshot.clipBytes == Int64(clip.bytes))
        #expect(!clips.hasWork)
    }

    @Test("the picture at the alert's time is the analysed one")
    func samePicture() throws {
        let clips = clips()
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15)),
                Cue(second: 26, decision: decision(2, .closed, at: 15))
            ], clips: clips)
        let evidence = try #require(try versions().last).reception.evidence
        let clip = try #require(evidence.last), still = try #require(evidence.first)
        let wanted = still.mediaTime - clip.mediaTime
        let shown = Shared<[Int]>([])
        let reader = EachPicture { picture, time in
            let luma = picture.withLuma { Int($0.base[$0.height / 2 * $0.stride + $0.width / 2]) }
            if abs((time - begin).microseconds - wanted.microseconds) < 1000 { shown.value.append(luma) }
        }
        _ = try Footage(path: scratch.file("data/\(clip.path)"), start: begin).read(into: reader)
        // Each picture is one brighter than the one but one before: 15 s is picture 150.
        #expect(shown.value.count == 1 && abs(shown.value[0] - (30 + 75)) <= 2, "\(shown.value)")
    }

    @Test("what is not known at the close comes with one more version, to every sink, and counts its bytes once")
    func later() throws {
        let clips = clips()
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15)),
                Cue(second: 16, decision: decision(2, .closed, at: 16, start: 15))
            ], clips: clips)
        let versions = try versions()
        #expect(versions.map(\.reception.clip?.state) == [.recording, .recording, .kept])
        #expect(versions.map(\.decision.version) == [1, 2, 3])
        #expect(versions.map(\.decision.state) == [.opened, .closed, .closed])
        var same = versions[2].decision
        same.version = 2
        #expect(same == versions[1].decision, "nothing else changes")
        #expect(versions.map(\.reception.sequence) == [1, 2, 3])
        #expect(versions[2].reception.evidence.map(\.kind) == [.clean, .annotated, .clip])
        #expect(try journal.reader.outbox().map(\.pending) == [3])
        let named = Set(versions.flatMap(\.reception.evidence).map { "\($0.path) \($0.bytes)" })
        let bytes = named.reduce(0) { $0 + (Int($1.split(separator: " ")[1]) ?? 0) }
        let report = try journal.prune(RetentionPolicy(age: .seconds(1e9), bytes: 1 << 40))
        let pages = report.bytesLeft - Int64(bytes)
        #expect(pages > 0 && pages % 4096 == 0, "the rest are whole pages of the journal")
    }

    @Test("a version that cannot be journaled is told again later")
    func toldAgain() throws {
        let tries = Shared(0), journal = journal
        let clips = clips { alert in
            tries.value += 1
            return tries.value > 3 && (try? journal.append([alert], sinks: [])) != nil
        }
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15)),
                Cue(second: 16, decision: decision(2, .closed, at: 16, start: 15))
            ], clips: clips)
        #expect(try versions().last?.reception.clip?.state == .kept)
        #expect(tries.value == 4 && !clips.hasWork)
    }

    @Test("a condition that holds is filmed up to the longest, and says so")
    func longest() throws {
        var settings = ClipSettings()
        settings.lengths.most = .seconds(12)
        let clips = clips(settings)
        try play(
            [
                Cue(second: 12, decision: decision(1, .opened, at: 12, isHolding: true)),
                Cue(second: 39, decision: decision(2, .closed, at: 38, start: 12))
            ], clips: clips)
        let last = try #require(try versions().last)
        #expect(last.reception.clip == ClipStanding(.kept, .maxLength))
        #expect((11.9...12.2).contains(try #require(last.reception.evidence.last?.seconds)))
        #expect(counters.snapshot.shortClips == [.maxLength: 1])
    }

    @Test("a clip is no larger than its limit")
    func largest() throws {
        var settings = ClipSettings()
        settings.megabytes = 0.004
        try play([Cue(second: 20, decision: decision(1, .opened, at: 20, isHolding: true))], clips: clips(settings))
        let clip = try ClipInspection(path: scratch.file("data/clips/gate/2026-11-22/alert.mp4"))
        #expect((5...120).contains(clip.packetCount))
        #expect(counters.snapshot.shortClips == [.maxBytes: 1])
    }

    @Test("the end of the stream ends the clip, with what there is")
    func streamEnds() throws {
        try play([Cue(second: 38, decision: decision(1, .opened, at: 38))], clips: clips())
        #expect(counters.snapshot.shortClips == [.streamEnded: 1])
        let clip = try ClipInspection(path: scratch.file("data/clips/gate/2026-11-22/alert.mp4"))
        #expect((69...101).contains(clip.packetCount))
    }

    @Test("what the ring has let go of before it was written ends the clip")
    func tooSlow() throws {
        var settings = ClipSettings()
        settings.lengths.most = .seconds(600)
        try play(
            [Cue(second: 6, decision: decision(1, .opened, at: 6, isHolding: true))], clips: clips(settings),
            writesAlong: false)
        #expect(counters.snapshot.absentClips == [.tooSlow: 1])
        #expect(Files.names(in: scratch.file("data/clips/gate/2026-11-22")).isEmpty, "no half file is left")
    }

    private static let mask = Polygon([
        Point(x: 0, y: 0), Point(x: 0.5, y: 0), Point(x: 0.5, y: 1), Point(x: 0, y: 1)
    ])!

    @Test("a masked camera has no clip and says why, or one with the masks burnt in")
    func masked() throws {
        let cues = [
            Cue(second: 15, decision: decision(1, .opened, at: 15)),
            Cue(second: 26, decision: decision(2, .closed, at: 15))
        ]
        try play(cues, clips: clips(masks: [Self.mask]))
        #expect(try versions().map(\.reception.clip) == [.init(.absent, .masked), .init(.absent, .masked)])
        #expect(Files.names(in: scratch.file("data")).contains("clips") == false)
        var settings = ClipSettings()
        settings.encoding = .whenNeeded
        let others = [
            Cue(second: 15, decision: decision(1, .opened, at: 15, id: "other")),
            Cue(second: 26, decision: decision(2, .closed, at: 15, id: "other"))
        ]
        try play(others, clips: clips(settings, masks: [Self.mask]), name: "again.ts")
        #expect(try versions("other").last?.reception.clip == ClipStanding(.kept))
        let dark = Shared<[Int]>([])
        let reader = EachPicture { picture, _ in
            dark.value.append(picture.withLuma { Int($0.base[$0.height / 2 * $0.stride + 8]) })
        }
        _ = try Footage(path: scratch.file("data/clips/gate/2026-11-22/other.mp4")).read(into: reader)
        #expect(dark.value.count == 101 && dark.value.allSatisfy { $0 < 24 })
    }

    @Test("MJPEG has no clip and says why; without a stream there are no packets; a class without clips says nothing")
    func none() throws {
        try play(
            [Cue(second: 5, decision: decision(1, .opened, at: 5))], clips: clips(),
            form: .camera(.mjpeg, keyframeDistance: 1), seconds: 8, name: "footage.mkv")
        #expect(try versions().first?.reception.clip == ClipStanding(.absent, .codec))
        #expect(
            clips().tell(decision(1, .opened, at: 5, id: "x"), decidedAt: begin).standing
                == ClipStanding(.absent, .noPackets))
        var settings = ClipSettings()
        settings.classes = [.a, .b]
        let off = clips(settings)
        #expect(off.tap == nil && off.tell(decision(1, .opened, at: 5, id: "x"), decidedAt: begin).standing == nil)
        #expect(clips(nil).tap == nil)
    }

    @Test("at most four clips of a camera are written at one time")
    func busy() throws {
        let cues = (0..<6).map { Cue(second: 15, decision: decision(1, .opened, at: 15, id: "alert\($0)")) }
        try play(cues, clips: clips())
        let states = try (0..<6).map { try versions("alert\($0)").first?.reception.clip }
        #expect(
            states == Array(repeating: .init(.recording), count: 4) + [.init(.absent, .busy), .init(.absent, .busy)])
        #expect(counters.snapshot.clips == 4)
    }

    @Test("after a restart an alert names the clip that was whole, and says of the others that there is none")
    func restart() throws {
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15, id: "whole")),
                Cue(second: 35, decision: decision(1, .opened, at: 35, id: "half", isHolding: true)),
                Cue(second: 35, decision: decision(1, .opened, at: 35, id: "closed", isHolding: true)),
                Cue(second: 36, decision: decision(2, .closed, at: 36, id: "closed", start: 35))
            ], clips: clips { _ in false })
        // As by a kill: the files of the last two are gone.
        for name in ["half", "closed"] {
            try FileManager.default.removeItem(atPath: scratch.file("data/clips/gate/2026-11-22/\(name).mp4"))
        }
        let open = try journal.reader.alerts(AlertFilter(camera: camera().id, onlyOpen: true))
        let waiting = try journal.reader.closedAwaitingClip(camera: camera().id)
        #expect(open.map(\.decision.id).sorted() == ["half", "whole"] && waiting.map(\.decision.id) == ["closed"])
        let clips = clips(restoring: open + waiting)
        #expect(clips.hasWork)
        #expect(!clips.pump())
        let outlet = outlet(clips)
        outlet.publish([decision(2, .closed, at: 15, id: "whole")], decidedAt: begin + .seconds(50))
        outlet.publish([decision(2, .closed, at: 35, id: "half")], decidedAt: begin + .seconds(50))
        let whole = try #require(try versions("whole").last).reception
        #expect(whole.clip == ClipStanding(.kept, .interrupted))
        #expect(whole.evidence.last?.kind == .clip && whole.evidence.last?.mediaTime == begin + .seconds(10))
        #expect(try versions("half").last?.reception.clip == ClipStanding(.absent, .interrupted))
        let closed = try versions("closed")
        #expect(closed.map(\.decision.version) == [1, 2, 3])
        #expect(closed.last?.reception.clip == ClipStanding(.absent, .interrupted))
        #expect(try journal.reader.closedAwaitingClip(camera: camera().id).isEmpty)
    }

    @Test("a camera that is stopped keeps what was filmed so far")
    func stopped() throws {
        let clips = clips()
        let path = try DrawnFootage(
            size: PictureSize(width: 64, height: 48), frameRate: 10, pictureCount: 200,
            form: .camera(.h264, keyframeDistance: 50)
        ).write(to: scratch.file("footage.ts"))
        let outlet = outlet(clips), opened = decision(1, .opened, at: 15, isHolding: true)
        var count = 0
        let receiver = EachPicture { picture, time in
            count += 1
            if count == 151 { outlet.publish([opened], picture: picture, overlay: Overlay(), decidedAt: time) }
            if count == 180 { clips.finish() }
        }
        _ = try Footage(path: path, start: begin).read(into: receiver, tap: clips.tap)
        #expect(!clips.hasWork)
        #expect(try ClipInspection(path: scratch.file("data/clips/gate/2026-11-22/alert.mp4")).packetCount >= 75)
        #expect(counters.snapshot.shortClips == [.interrupted: 1])
    }

    @Test("the thread of the clips writes by itself and rests afterwards", .timeLimit(.minutes(5)))
    func worker() async throws {
        let journal = journal, workers = ClipWorkers()
        let clips = AlertClips(
            camera(), settings: ClipSettings(), restoring: [],
            in: AlertClips.Surroundings(
                store: store, clock: { MediaTime(microseconds: 6_000_000_000) }, counters: counters,
                logger: Self.quiet, announce: { (try? journal.append([$0], sinks: [])) != nil }),
            worker: workers)
        try play(
            [
                Cue(second: 35, decision: decision(1, .opened, at: 35)),
                Cue(second: 36, decision: decision(2, .closed, at: 36, start: 35))
            ], clips: clips, writesAlong: false)
        while try versions().count < 3 { try await Task.sleep(for: .milliseconds(10)) }
        await workers.finish(clips)
        #expect(try versions().last?.reception.clip == ClipStanding(.kept, .streamEnded))
    }

    @Test("retention takes clips with their alerts, and what a crash left unfinished goes at the start")
    func retention() throws {
        let unfinished = try store.draft(camera: camera().id, at: begin, name: "crashed")
        try Files.write([1], to: unfinished.unfinishedPath)
        store.removeUnfinished()
        #expect(Files.read(unfinished.unfinishedPath) == nil)
        try play(
            [
                Cue(second: 15, decision: decision(1, .opened, at: 15)),
                Cue(second: 26, decision: decision(2, .closed, at: 15))
            ], clips: clips())
        let path = try #require(try versions().last?.reception.evidence.last?.path)
        store.remove(path)
        #expect(Files.read(scratch.file("data/\(path)")) == nil)
    }
}

/// Does something with every picture of a file.
private final class EachPicture: PictureReceiver {
    private let body: (borrowing Picture, MediaTime) -> Void

    init(_ body: @escaping (borrowing Picture, MediaTime) -> Void) { self.body = body }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}
    func receive(_ picture: inout Picture, at time: MediaTime) { body(picture, time) }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}

private final class Shared<Value: Sendable>: Sendable {
    private let held: Mutex<Value>

    init(_ value: Value) { held = Mutex(value) }

    var value: Value {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
