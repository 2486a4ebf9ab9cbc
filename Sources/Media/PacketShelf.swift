import CFFmpeg
import Scene

/// What a ``PacketRing`` holds, guarded by its lock: `[kept … | waiting …]` in the order in which the packets came.
struct Shelf: ~Copyable, @unchecked Sendable {
    struct Label {
        let bytes: Int
        let arrival: MediaTime?
        let presentation: MediaSpan?
        let isKeyframe: Bool
        /// Whether decoding can begin here with nothing before it.
        let isStart: Bool
    }

    private struct Entry {
        let raw: UnsafeMutablePointer<AVPacket>
        let label: Label
    }

    private let history: PacketRing.History?
    private var entries: [Entry] = []
    /// Where the oldest packet stands in `entries`, and its serial number.
    private var head = 0
    private var headSerial = 0
    /// Where the oldest packet stands that waits.
    private var waiting = 0
    /// Serial numbers of the packets that a clip can begin with.
    private var starts: [Int] = []
    /// Empty packets for the next to come.
    private var spare: [UnsafeMutablePointer<AVPacket>] = []
    private var newest: MediaSpan?
    private var cutSerial = 0
    private var cutReason = ""

    private(set) var byteCount = 0
    private(set) var waitingBytes = 0
    /// Media time minus presentation time.
    var offset: MediaSpan?
    var ending: String?

    /// Places in front that are empty before the array is moved together.
    private static let slack = 256

    init(history: PacketRing.History?) { self.history = history }

    deinit {
        for entry in entries[head...] { Self.free(entry.raw) }
        for raw in spare { Self.free(raw) }
    }

    var count: Int { entries.count - head }
    var isEmpty: Bool { waiting == entries.count }

    // MARK: Filling

    mutating func append(_ packet: inout Packet, _ label: Label) {
        let raw = shell()
        av_packet_move_ref(raw, packet.raw)
        waitingBytes += label.bytes
        put(Entry(raw: raw, label: label))
    }

    mutating func append(copyOf packet: borrowing Packet, _ label: Label) {
        let raw = shell()
        guard av_packet_ref(raw, packet.raw) >= 0 else { fatalError("out of memory for a packet") }
        waitingBytes += label.bytes
        put(Entry(raw: raw, label: label))
    }

    mutating func pass(_ packet: borrowing Packet, _ label: Label) {
        precondition(isEmpty, "a packet overtakes others that wait")
        let raw = shell()
        guard av_packet_ref(raw, packet.raw) >= 0 else { return spare.append(raw) }
        put(Entry(raw: raw, label: label))
        waiting = entries.count
        trim()
    }

    mutating func takeFirst(into packet: inout Packet) -> (arrival: MediaTime?, wasLast: Bool)? {
        guard waiting < entries.count else { return nil }
        let entry = entries[waiting]
        av_packet_unref(packet.raw)
        if history == nil || av_packet_ref(packet.raw, entry.raw) < 0 { av_packet_move_ref(packet.raw, entry.raw) }
        waiting += 1
        waitingBytes -= entry.label.bytes
        trim()
        return (entry.label.arrival, isEmpty)
    }

    /// - Parameter place: in `entries`; nil for the end.
    mutating func skip(to place: Int?) {
        let place = place ?? entries.count
        for entry in entries[waiting..<place] { waitingBytes -= entry.label.bytes }
        waiting = place
        trim()
    }

    mutating func skipToNewestKeyframe() {
        skip(to: entries.indices.dropFirst(waiting + 1).last { entries[$0].label.isKeyframe })
    }

    mutating func cut(at presentation: MediaSpan?, _ reason: String) {
        let place = presentation.flatMap { wanted in
            entries[head...].lastIndex { $0.label.presentation == wanted }
        }
        cutSerial = serial(at: place ?? entries.count)
        cutReason = reason
        offset = nil
        newest = nil
    }

    private mutating func put(_ entry: Entry) {
        if entry.label.isStart { starts.append(serial(at: entries.count)) }
        entries.append(entry)
        byteCount += entry.label.bytes
        if let presentation = entry.label.presentation { newest = newest.map { max($0, presentation) } ?? presentation }
    }

    private mutating func shell() -> UnsafeMutablePointer<AVPacket> {
        guard let raw = spare.popLast() ?? av_packet_alloc() else { fatalError("out of memory for a packet") }
        return raw
    }

    /// Lets go of what is neither waiting nor wanted.
    private mutating func trim() {
        guard let history else { return drop(to: waiting) }
        if let newest {
            var wanted: Int?
            for serial in starts where serial >= cutSerial {
                let place = place(of: serial)
                guard place <= waiting, let presentation = entries[place].label.presentation,
                    newest.microseconds - presentation.microseconds >= history.span.microseconds
                else { break }
                wanted = place
            }
            if let wanted { drop(to: wanted) }
        }
        while byteCount > history.bytes, head < waiting {
            let next = starts.first { $0 > headSerial }.map { place(of: $0) } ?? waiting
            drop(to: min(next, waiting))
        }
    }

    private mutating func drop(to place: Int) {
        for index in head..<place {
            byteCount -= entries[index].label.bytes
            av_packet_unref(entries[index].raw)
            spare.append(entries[index].raw)
        }
        headSerial += place - head
        head = place
        if let first = starts.first, first < headSerial { starts.removeAll { $0 < headSerial } }
        guard head > 0, head == entries.count || head > Self.slack && head * 2 > entries.count else { return }
        entries.removeSubrange(0..<head)
        waiting -= head
        head = 0
    }

    // MARK: Reading

    func start(atOrBefore time: MediaTime, latest: MediaTime) -> PacketRing.Start? {
        guard let offset else { return nil }
        var chosen: PacketRing.Start?
        for serial in starts where serial >= cutSerial {
            guard let presentation = entries[place(of: serial)].label.presentation else { continue }
            let begins = MediaTime(microseconds: presentation.microseconds) + offset
            guard begins <= (chosen == nil ? latest : time) else { break }
            chosen = PacketRing.Start(serial: serial, time: begins)
        }
        return chosen
    }

    func read(_ serial: Int, from start: Int, into packet: inout Packet) -> PacketRing.Reading {
        if start < cutSerial, serial >= cutSerial { return .ended(reason: cutReason) }
        guard serial >= headSerial else { return .gone }
        let place = place(of: serial)
        guard place < entries.count else { return ending.map { .ended(reason: $0) } ?? .notYet }
        av_packet_unref(packet.raw)
        return av_packet_ref(packet.raw, entries[place].raw) >= 0 ? .packet : .gone
    }

    private func serial(at place: Int) -> Int { headSerial + place - head }
    private func place(of serial: Int) -> Int { head + serial - headSerial }

    private static func free(_ raw: UnsafeMutablePointer<AVPacket>) {
        var packet: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&packet)
    }
}
