import Ingest
import Journal
import Media
import Scene
import Synchronization

/// What a feed gives its receiver, written down: which picture came at which media time, and how it was decided that it
/// is enough.
final class ReceptionNotes: Sendable {
    struct State: Sendable {
        var anchor: MediaTime?
        /// Presentation ticks of a picture and the media time it was given, in the order in which they came.
        var pictures: [(ticks: Int64, time: MediaTime)] = []
        var picturesWithoutTicks = 0
        var sessions = 0
        var leftOut = 0
        var isOver = false
    }

    private let state = Mutex(State())

    var all: State { state.withLock { $0 } }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
}

/// Hands on what a feed tells, and notes it. When `isEnough` says so, nothing more is handed on: whoever is behind it has
/// received exactly what is noted.
final class NotingReceiver: PictureReceiver {
    private let inner: any PictureReceiver
    private let notes: ReceptionNotes
    private let isEnough: (MediaSpan) -> Bool
    private var anchor: MediaTime?
    private var isOver = false

    init(_ inner: any PictureReceiver, _ notes: ReceptionNotes, isEnough: @escaping (MediaSpan) -> Bool) {
        self.inner = inner
        self.notes = notes
        self.isEnough = isEnough
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        guard !isOver else { return }
        self.anchor = self.anchor ?? anchor
        notes.change { notes in
            notes.sessions += 1
            notes.anchor = notes.anchor ?? anchor
        }
        inner.sessionBegan(stream, anchor: anchor)
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        guard !isOver else { return }
        let ticks = picture.presentationTicks
        notes.change { notes in
            if let ticks { notes.pictures.append((ticks, time)) } else { notes.picturesWithoutTicks += 1 }
        }
        inner.receive(&picture, at: time)
        guard let anchor, isEnough(time - anchor) else { return }
        isOver = true
        notes.change { $0.isOver = true }
    }

    var attention: PictureAttention { inner.attention }

    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        isOver ? false : inner.stirs(in: &picture, at: time)
    }

    func leftOut(until time: MediaTime) {
        guard !isOver else { return }
        notes.change { $0.leftOut += 1 }
        inner.leftOut(until: time)
    }

    func missed(until time: MediaTime) { if !isOver { inner.missed(until: time) } }
    func lightened(to step: LoadStep) { if !isOver { inner.lightened(to: step) } }
    func caughtUp(after wait: Duration) { if !isOver { inner.caughtUp(after: wait) } }
    func decoding(_ standing: DecodeStanding, at time: MediaTime) { if !isOver { inner.decoding(standing, at: time) } }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        if !isOver { inner.sessionEnded(failure, at: time) }
    }
}

/// Writes the packets that a connection has received into an MP4 whose times are the media times that the connection gave
/// their pictures, to the microsecond: a stream's own ticks (1/90000 s) would round them, and say nothing of what was worn
/// off because the camera's stamps ran ahead.
struct ReceivedRecording {
    private let notes: ReceptionNotes.State
    private let ring: PacketRing

    init(_ notes: ReceptionNotes.State, _ ring: PacketRing) {
        self.notes = notes
        self.ring = ring
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - copy: where the packets go first, as a clip of the daemon.
    ///   - path: of the recording.
    /// - Returns: how many packets it holds.
    func write(copy: String, to path: String) throws -> Int {
        guard let first = notes.pictures.first, let last = notes.pictures.last, let anchor = notes.anchor else {
            throw Problem(description: "no picture came")
        }
        try writeCopy(copy, from: first.ticks, to: last.ticks)
        return try RetimedCopy.write(copy, timeBase: ring.parameters.timeBase, to: path) { ticks in
            time(of: ticks + first.ticks) - anchor
        }
    }

    /// Of a packet whose picture nobody saw (an idle camera decodes keyframes only) it lies between those around it.
    private func time(of ticks: Int64) -> MediaTime {
        let after = notes.pictures.partitioningIndex { $0.ticks >= ticks }
        if after < notes.pictures.count, notes.pictures[after].ticks == ticks { return notes.pictures[after].time }
        let before = notes.pictures[max(0, after - 1)]
        return before.time + ring.parameters.timeBase.span(ticks: ticks - before.ticks)
    }

    private func writeCopy(_ path: String, from first: Int64, to last: Int64) throws {
        guard let start = ring.start(atOrBefore: notes.pictures[0].time, latest: .now) else {
            throw Problem(description: "the packets do not begin with a keyframe")
        }
        var packet = Packet()
        var serial = start.serial
        guard case .packet = ring.read(serial, from: start.serial, into: &packet), packet.presentationTicks == first
        else {
            throw Problem(description: "the first packet is not that of the first picture")
        }
        var clip = try ClipFile(
            path: path, parameters: ring.parameters, treatment: .copied, first: packet, note: "received")
        while true {
            let isLast = (packet.presentationTicks ?? .min) >= last
            guard try clip.append(&packet) else { throw Problem(description: "a packet does not fit into the file") }
            serial += 1
            if isLast { break }
            guard case .packet = ring.read(serial, from: start.serial, into: &packet) else {
                throw Problem(description: "packet \(serial) is gone")
            }
        }
        try clip.finish()
    }
}

extension Array {
    /// The first place from which on it holds; it holds for none before.
    fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
