import Foundation
import Ingest
import Logging
import Media
import Scene
import Synchronization
import TestSupport

/// Notes everything a feed tells it.
final class RecordingReceiver: PictureReceiver {
    enum Note: Hashable, Sendable {
        case began(StreamDescription, MediaTime)
        case picture(MediaTime, mean: Int)
        case ended(SessionFailure, MediaTime?)
        case leftOut(MediaTime)
        case missed(MediaTime)
    }

    let log: NoteLog

    init(_ log: NoteLog) { self.log = log }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { log.add(.began(stream, anchor)) }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        let mean = picture.withLuma { luma in
            var sum = 0
            for y in 0..<luma.height {
                for x in 0..<luma.width { sum += Int(luma.base[y * luma.stride + x]) }
            }
            return sum / (luma.width * luma.height)
        }
        log.add(.picture(time, mean: mean))
    }

    func missed(until time: MediaTime) { log.add(.missed(time)) }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { log.add(.ended(failure, time)) }
}

/// The same, and takes what is bright for what stirs.
final class BrightnessNoting: PictureReceiver {
    private let inner: RecordingReceiver
    private(set) var attention = PictureAttention.quiet

    init(_ log: NoteLog) { inner = RecordingReceiver(log) }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { inner.sessionBegan(stream, anchor: anchor) }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        attention = stirs(in: &picture, at: time) ? .stirring : .quiet
        inner.receive(&picture, at: time)
    }

    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        picture.withLuma { $0.base[$0.height / 2 * $0.stride + $0.width / 2] > 160 }
    }

    func leftOut(until time: MediaTime) { inner.log.add(.leftOut(time)) }

    func missed(until time: MediaTime) { inner.missed(until: time) }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { inner.sessionEnded(failure, at: time) }
}

/// What receivers noted, readable while the feed runs.
final class NoteLog: Sendable {
    private let notes = Mutex<[RecordingReceiver.Note]>([])

    func add(_ note: RecordingReceiver.Note) { notes.withLock { $0.append(note) } }
    var all: [RecordingReceiver.Note] { notes.withLock { $0 } }

    var pictures: [MediaTime] { all.compactMap { if case .picture(let time, _) = $0 { time } else { nil } } }
    var failures: [SessionFailure] { all.compactMap { if case .ended(let failure, _) = $0 { failure } else { nil } } }
    var sessions: [StreamDescription] { all.compactMap { if case .began(let stream, _) = $0 { stream } else { nil } } }

    /// How many pictures in a row were bright, each time, once a dark one came after them.
    var wholeTimesOfLight: [Int] {
        var whole: [Int] = []
        var bright = 0
        for case .picture(_, let mean) in all {
            if mean > 120 {
                bright += 1
            } else if bright > 0 {
                whole.append(bright)
                bright = 0
            }
        }
        return whole
    }

    /// Waits until `condition` holds; false after `limit`.
    func waits(_ limit: Duration = .seconds(20), until condition: @Sendable (NoteLog) -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return condition(self)
    }
}

/// Keeps every line that is logged, with all its metadata.
struct RecordingLogHandler: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.add("\(event.level) \(event.message) \(metadata) \(event.metadata ?? [:])")
    }
}

let systemClock: @Sendable () -> MediaTime = {
    MediaTime(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
}

/// A feed over a recording receiver, with short limits.
struct TestFeed {
    let feed: CameraFeed
    let log = NoteLog()
    let lines = RecordingLogHandler.Lines()

    init(
        _ address: String, transport: StreamTransport = .tcp, openLimit: Duration = .seconds(10),
        readLimit: Duration = .seconds(3), policy: DecodePolicy = DecodePolicy(), wakeGate: WakeGate? = nil,
        tap: PacketTap? = nil, clock: @escaping @Sendable () -> MediaTime = systemClock,
        makeReceiver: @escaping @Sendable (NoteLog) -> any PictureReceiver = { RecordingReceiver($0) }
    ) {
        let log = log, lines = lines
        feed = CameraFeed(
            CameraFeed.Settings(
                camera: CameraID("gate")!, address: StreamAddress(address), transport: transport, openLimit: openLimit,
                readLimit: readLimit, policy: policy),
            clock: clock, random: SeededRandom(seed: 7),
            logger: Logger(label: "test") { _ in RecordingLogHandler(lines: lines) },
            wakeGate: wakeGate, tap: tap, makeReceiver: { makeReceiver(log) })
        feed.start()
    }
}
