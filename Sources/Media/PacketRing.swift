import CFFmpeg
package import Scene

/// Packets in the order they came, owned and counted in bytes. Nothing is copied: a packet's data moves in and out.
package struct PacketRing: ~Copyable {
    private struct Entry {
        let raw: UnsafeMutablePointer<AVPacket>
        let arrival: MediaTime?
    }

    private var entries: [Entry] = []
    private var first = 0
    /// Empty packets for the next to come.
    private var spare: [UnsafeMutablePointer<AVPacket>] = []
    package private(set) var byteCount = 0

    package init() {}

    deinit {
        for entry in entries[first...] { Self.free(entry.raw) }
        for raw in spare { Self.free(raw) }
    }

    package var count: Int { entries.count - first }
    package var isEmpty: Bool { count == 0 }

    /// Takes what is in `packet` and leaves it empty.
    /// - Parameter arrival: given back with the packet.
    package mutating func append(_ packet: inout Packet, arrival: MediaTime?) {
        guard let raw = spare.popLast() ?? av_packet_alloc() else { fatalError("out of memory for a packet") }
        byteCount += packet.byteCount
        av_packet_move_ref(raw, packet.raw)
        entries.append(Entry(raw: raw, arrival: arrival))
    }

    /// Shares the data of `packet`, which stays whole.
    package mutating func append(copyOf packet: borrowing Packet, arrival: MediaTime?) {
        guard let raw = spare.popLast() ?? av_packet_alloc() else { fatalError("out of memory for a packet") }
        guard av_packet_ref(raw, packet.raw) == 0 else { fatalError("out of memory for a packet") }
        byteCount += packet.byteCount
        entries.append(Entry(raw: raw, arrival: arrival))
    }

    /// Gives back the oldest packet and when it came; nil where there is none.
    package mutating func takeFirst(into packet: inout Packet) -> (arrival: MediaTime?, wasLast: Bool)? {
        guard first < entries.count else { return nil }
        let entry = entries[first]
        byteCount -= Int(entry.raw.pointee.size)
        av_packet_unref(packet.raw)
        av_packet_move_ref(packet.raw, entry.raw)
        spare.append(entry.raw)
        first += 1
        if first == entries.count {
            entries.removeAll(keepingCapacity: true)
            first = 0
        }
        return (entry.arrival, isEmpty)
    }

    package mutating func removeAll() { drop(to: entries.count) }

    /// Lets go of everything before the newest keyframe; of everything where none but the oldest packet is one.
    package mutating func keepNewestGOP() {
        let newest = entries.indices.dropFirst(first + 1).last {
            entries[$0].raw.pointee.flags & AV_PKT_FLAG_KEY != 0
        }
        drop(to: newest ?? entries.count)
    }

    private mutating func drop(to end: Int) {
        for entry in entries[first..<end] {
            byteCount -= Int(entry.raw.pointee.size)
            av_packet_unref(entry.raw)
            spare.append(entry.raw)
        }
        entries.removeSubrange(0..<end)
        first = 0
    }

    private static func free(_ raw: UnsafeMutablePointer<AVPacket>) {
        var packet: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&packet)
    }
}
