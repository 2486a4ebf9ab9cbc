import Evidence
import Foundation
import Ingest
import Journal
import Logging
import Media
import Pipeline
import Review
import Scene
import TestSupport
import Testing

/// A replay of what a camera's connection received raises what the daemon raised, byte for byte.
///
/// The daemon's side is the wiring of `CameraStation`: `CameraFeed` over RTSP, `CameraDesk`, `CameraPipeline`, the journal.
/// Its packets and the media times of its pictures are kept while it runs; `ReplayBatch` is what `snowline replay` runs.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(5)))
struct LiveReplayTests {
    private static let frameRate = 10.0
    /// Of the loop; the camera begins it anew for each connection.
    private static let loopSeconds = 24.0
    /// Beyond the seam of the loop, and then until nothing is open any more.
    private static let leastSpan = MediaSpan.seconds(27)
    private static let attempts = 3
    private static let rules: Set = ["path", "yard", "lingers"]

    private let scratch: ScratchFolder
    private let quiet = Logger(label: "live", factory: { _ in SwiftLogNoOpLogHandler() })

    init() throws { scratch = try ScratchFolder() }

    /// Over the line and back, in and out of the zone, twice; something else comes down the right side meanwhile.
    private func footage() throws -> String {
        try DrawnFootage(
            frameRate: Self.frameRate, pictureCount: Int(Self.loopSeconds * Self.frameRate),
            form: .camera(.h264, keyframeDistance: 10)
        ) { index, brush in
            let second = Double(index) / Self.frameRate
            let left: Double? =
                switch second {
                case 2..<4: -0.12 + (second - 2) * 0.4
                case 4..<6: 0.68 - (second - 4) * 0.4
                case 7..<9.5: -0.12 + (second - 7) * 0.45
                default: nil
                }
            if let left {
                let (begin, end) = (max(0, left), min(1, left + 0.12))
                brush.fill(Box(x: begin, y: 0.3, width: max(0, end - begin), height: 0.35), luma: 220)
            }
            if (5..<8.5).contains(second) {
                brush.fill(Box(x: 0.86, y: (second - 5) * 0.2, width: 0.09, height: 0.2), luma: 30)
            }
        }.write(to: scratch.file("loop.mp4"))
    }

    private func site(_ url: String, decode: String) throws -> SiteConfiguration {
        try SiteConfiguration.decode(
            """
            site: { id: "530302", name: drawn, timezone: Asia/Shanghai }
            cameras:
              - id: gate
                url: \(url)
                decode: \(decode)
                fences:
                  - { id: path, kind: line, points: [[0.4, 0.05], [0.4, 0.95]], direction: any }
                  - { id: yard, kind: zone, points: [[0.5, 0.1], [1, 0.1], [1, 1], [0.5, 1]], anchor: foot }
                  - { id: lingers, kind: dwell, points: [[0.3, 0.1], [1, 0.1], [1, 1], [0.3, 1]], seconds: 1 }
            sinks:
              - { id: paper, kind: file, path: ./alerts.jsonl }
            """, file: "site.yaml",
            in: ConfigurationSurroundings(
                folder: scratch.path, environment: { _ in nil }, modelNames: ModelLibrary.standard().names))
    }

    @Test(arguments: ["strict", "dense"])
    func theDaemonsAlertsAreThoseOfAReplayOfWhatItReceived(decode: String) async throws {
        let camera = try SimulatedCamera.serving(["gate=\(footage())"])
        let site = try site(camera.address("gate"), decode: decode)
        let assembly = try CameraAssembly(
            #require(site.cameras.first), library: .standard(), localTime: site.localTime)
        var reception: Reception?
        // A machine that is busy just as it connects gives a session that is begun anew: not what is looked at here.
        for attempt in 1...Self.attempts where reception?.isClean != true {
            reception = try await receive(assembly, site, folder: scratch.file("data\(attempt)"))
        }
        let live = try #require(reception)
        try #require(live.isClean, "\(live.counters)")
        let file = scratch.file("received.mp4")
        let packets = try ReceivedRecording(live.notes, live.ring).write(copy: scratch.file("copy.mp4"), to: file)
        let anchor = try #require(live.notes.anchor)
        if decode == "strict" {
            #expect(packets == live.notes.pictures.count)
            let times = TimesOfFootage()
            _ = try Footage(path: file, start: anchor).read(into: times)
            #expect(times.all == live.notes.pictures.map(\.time), "the recording carries the times exactly")
        } else {
            #expect(live.counters.wakes >= 1 && live.notes.pictures.count < packets, "the camera did sleep")
        }
        var manner = ReplayBatch.Manner()
        manner.start = anchor
        let batch = ReplayBatch(
            [ReplayBatch.Job(Recording(file: file), assembly)], manner, workers: 1, logger: quiet)
        let replay = try #require(batch.results.first).get()
        #expect(replay.pictureCount == Int64(live.notes.pictures.count) && replay.damagedCount == 0)
        let raised = try live.alerts.map { "{\"decision\":\(try DecisionCoder.text($0.decision))}" }
        let replayed = try replay.lines().split(separator: "\n").map(String.init)
        for (number, pair) in zip(raised, replayed).enumerated() {
            try #require(pair.0 == pair.1, "line \(number + 1)")
        }
        #expect(raised.count == replayed.count && raised == replayed)
        expectMuchHappened(live.alerts, anchor)
    }

    /// Nothing is compared with nothing: each rule raised, in both rounds of the loop, and all is closed.
    private func expectMuchHappened(_ alerts: [Alert], _ anchor: MediaTime) {
        let opened = alerts.filter { $0.decision.state == .opened }.map(\.decision)
        for round in 0..<2 {
            let begin = anchor + .seconds(Double(round) * Self.loopSeconds)
            let rules = opened.filter { $0.start >= begin && $0.start < begin + .seconds(Self.loopSeconds) }.map(
                \.rule.text)
            #expect(Set(rules) == Self.rules, "round \(round): \(rules)")
        }
        #expect(alerts.count { $0.decision.state == .closed } == opened.count)
        #expect(alerts.contains { $0.decision.rule.text == "path" && $0.decision.count >= 3 }, "several crossings")
        #expect(alerts.allSatisfy { !$0.reception.isReplay && $0.decision.explanation != nil })
    }

    private struct Reception {
        let notes: ReceptionNotes.State
        let ring: PacketRing
        let counters: FeedCounters
        let alerts: [Alert]

        /// Everything that was sent has been received, at times that a file can say.
        var isClean: Bool {
            notes.isOver && notes.sessions == 1 && notes.picturesWithoutTicks == 0 && notes.leftOut == 0
                && counters.leftOut == 0 && counters.damaged == 0 && counters.picturesBeforeKeyframe == 0
                && counters.sheds == 0
        }
    }

    /// Watches the camera as the daemon does, until enough has happened.
    private func receive(
        _ assembly: CameraAssembly, _ site: SiteConfiguration, folder: String
    ) async throws -> Reception {
        let journal = try AlertJournal(folder: folder)
        defer { try? journal.close() }
        try journal.configureSinks(["paper"])
        let notes = ReceptionNotes()
        let tap = PacketTap(PacketRing.History(span: .seconds(600), bytes: 64 << 20))
        let feed = try feed(assembly, site, journal, notes, tap)
        feed.start()
        let end = ContinuousClock.now + .seconds(90)
        while !notes.all.isOver, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        await feed.stop()
        let alerts = try journal.reader.alerts().flatMap { try journal.reader.alert(id: $0.decision.id) }
        return Reception(
            notes: notes.all, ring: try #require(tap.ring), counters: feed.status.counters,
            alerts: alerts.sorted { $0.reception.sequence < $1.reception.sequence })
    }

    private func feed(
        _ assembly: CameraAssembly, _ site: SiteConfiguration, _ journal: AlertJournal, _ notes: ReceptionNotes,
        _ tap: PacketTap
    ) throws -> CameraFeed {
        let camera = assembly.camera
        let counters = CameraCounters()
        let desk = CameraDesk(
            CameraPipeline(
                camera: camera.id, rules: camera.rules, analysis: assembly.makeAnalysis(),
                book: assembly.makeBook(restoring: try journal.reader.decisions(toRestore: camera.id)),
                outlet: JournalOutlet(
                    camera: camera.id, journal: journal, sinks: SharedSinks(["paper"]),
                    store: EvidenceStore(folder: journal.folder), restoring: [], clock: { .now }, counters: counters,
                    logger: quiet),
                counters: counters,
                duty: assembly.makeDuty(
                    ArmingOrders(), calendar: site.calendar, accountedUntil: [:], now: .now),
                clock: { .now }, logger: quiet))
        let (enough, reader) = (Self.leastSpan, journal.reader)
        // As the daemon does, while a replay decodes everything.
        var policy = assembly.decodePolicy
        policy.planes = .luma
        return CameraFeed(
            CameraFeed.Settings(
                camera: camera.id, address: camera.address, transport: camera.transport, policy: policy),
            clock: { .now }, logger: quiet, wakeGate: WakeGate(limit: 1), tap: tap
        ) {
            NotingReceiver(desk, notes) { span in
                guard span >= enough, let open = try? reader.alerts(AlertFilter(onlyOpen: true)), open.isEmpty,
                    let all = try? reader.alerts().map(\.decision), let first = all.map(\.start).min()
                else { return false }
                // In the second round of the loop too.
                return Set(all.filter { $0.start > first + .seconds(20) }.map(\.rule)).count == Self.rules.count
            }
        }
    }
}

/// The times of a file's pictures.
private final class TimesOfFootage: PictureReceiver {
    private(set) var all: [MediaTime] = []

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}
    func receive(_ picture: inout Picture, at time: MediaTime) { all.append(time) }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}
