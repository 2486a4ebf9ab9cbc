/// The fixed part of an RTP packet (RFC 3550, 5.1) and where its payload lies.
struct RTPPacket: Sendable, Hashable {
    let payloadType: UInt8
    let isMarked: Bool
    let sequence: UInt16
    let timestamp: UInt32
    let source: UInt32
    let payload: Range<Int>

    /// Nil for what is no RTP packet.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
        var (begin, end) = (12 + 4 * Int(bytes[0] & 15), bytes.count)
        if bytes[0] & 0x10 != 0 {
            guard begin + 4 <= end else { return nil }
            begin += 4 + 4 * (Int(bytes[begin + 2]) << 8 | Int(bytes[begin + 3]))
        }
        if bytes[0] & 0x20 != 0 { end -= Int(bytes[bytes.count - 1]) }
        guard begin <= end else { return nil }
        payloadType = bytes[1] & 127
        isMarked = bytes[1] & 128 != 0
        sequence = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        timestamp = bigEndian(bytes, at: 4)
        source = bigEndian(bytes, at: 8)
        payload = begin..<end
    }
}

/// What a sender says of its clock (RFC 3550, 6.4.1).
struct SenderReport: Sendable, Hashable {
    let source: UInt32
    /// Seconds since 1900, 32.32.
    let clock: UInt64
    let timestamp: UInt32

    /// What a compound RTCP packet holds of interest.
    enum Found: Sendable, Hashable {
        case report(SenderReport)
        case goodbye
        case nothing
    }

    static func find(in bytes: UnsafeRawBufferPointer) -> Found {
        var place = 0
        var found = Found.nothing
        while place + 8 <= bytes.count, bytes[place] >> 6 == 2 {
            let length = 4 + 4 * (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
            guard place + length <= bytes.count else { break }
            if bytes[place + 1] == 203 { return .goodbye }
            if bytes[place + 1] == 200, length >= 20 {
                found = .report(
                    SenderReport(
                        source: bigEndian(bytes, at: place + 4),
                        clock: UInt64(bigEndian(bytes, at: place + 8)) << 32 | UInt64(bigEndian(bytes, at: place + 12)),
                        timestamp: bigEndian(bytes, at: place + 16)))
            }
            place += length
        }
        return found
    }
}

/// What came, for the sender's own watch over its receivers (RFC 3550, 6.4.2); many cameras end sessions that never send one.
struct ReceiverReport: Sendable {
    let own: UInt32
    let source: UInt32
    let highestSequence: UInt32
    let lost: Int
    let report: SenderReport?
    /// Since `report` came, in 1/65536 s.
    let delay: UInt32

    /// As ``delay``: what is more than the field holds is the most that it holds.
    static func delay(_ span: Duration) -> UInt32 {
        let whole = span.components.seconds.multipliedReportingOverflow(by: 65_536)
        let part = span.components.attoseconds / 1_000_000_000 * 65_536 / 1_000_000_000
        return whole.overflow ? .max : UInt32(clamping: whole.partialValue + part)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x81, 201, 0, 7]
        func append(_ value: UInt32) {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
        }
        append(own)
        append(source)
        append(UInt32(clamping: min(max(lost, 0), 0x7F_FFFF)))
        append(highestSequence)
        append(0)
        append(UInt32(truncatingIfNeeded: (report?.clock ?? 0) >> 16))
        append(report == nil ? 0 : delay)
        return bytes
    }
}

func bigEndian(_ bytes: UnsafeRawBufferPointer, at place: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
}
