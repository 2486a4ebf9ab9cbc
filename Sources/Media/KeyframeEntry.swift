import CFFmpeg

/// What decoding can rest on at a packet that is marked as a keyframe.
///
/// The mark alone says too little: FFmpeg also sets it where a stream of intra refresh says that the picture will be
/// whole some time later.
package enum KeyframeEntry: Sendable, Hashable {
    /// Nothing after it refers to anything before it: IDR, or a codec without prediction.
    case instant
    /// H.265's clean random access: pictures that are shown before it may need what came before.
    case cleanRandomAccess
    /// H.264 without IDR: an open GOP or intra refresh.
    case recoveryPoint
}

/// Where the units (NAL) of a stream's packets begin.
struct UnitFraming: Sendable {
    private enum Codec { case h264, h265, other }

    private let codec: Codec
    /// Bytes of the length before each unit; nil where start codes part them.
    private let lengthBytes: Int?

    init(_ parameters: UnsafeMutablePointer<AVCodecParameters>) {
        let (data, size) = (parameters.pointee.extradata, Int(parameters.pointee.extradata_size))
        switch parameters.pointee.codec_id {
        case AV_CODEC_ID_H264:
            codec = .h264
            lengthBytes = data.flatMap { size >= 7 && $0[0] == 1 ? Int($0[4] & 3) + 1 : nil }
        case AV_CODEC_ID_HEVC:
            codec = .h265
            lengthBytes = data.flatMap { size >= 23 && $0[0] == 1 ? Int($0[21] & 3) + 1 : nil }
        default:
            codec = .other
            lengthBytes = nil
        }
    }

    /// What the first slice of a keyframe is (ITU-T H.264 table 7-1, H.265 table 7-1).
    func entry(of packet: borrowing Packet) -> KeyframeEntry {
        guard codec != .other, let data = packet.raw.pointee.data else { return .instant }
        let bytes = UnsafeBufferPointer(start: data, count: packet.byteCount)
        var place = 0
        while let unit = nextUnit(in: bytes, from: &place) {
            switch codec {
            case .h264:
                let type = bytes[unit] & 31
                if type == 5 { return .instant }
                if (1...4).contains(type) { return .recoveryPoint }
            case .h265:
                let type = bytes[unit] >> 1 & 63
                if type == 21 { return .cleanRandomAccess }
                if (16...20).contains(type) { return .instant }
                if type < 16 { return .recoveryPoint }
            case .other: return .instant
            }
        }
        return .recoveryPoint
    }

    var hasStartCodes: Bool { lengthBytes == nil }

    /// The parameter sets up to the first slice (ITU-T H.264 table 7-1: 7, 8; H.265 table 7-1: 32, 33, 34).
    func parameterSets(in bytes: UnsafeBufferPointer<UInt8>) -> ParameterSets {
        var sets = ParameterSets()
        var place = 0
        var found = nextUnit(in: bytes, from: &place)
        while let unit = found, unit < bytes.count {
            let type = codec == .h264 ? bytes[unit] & 31 : bytes[unit] >> 1 & 63
            if codec == .h264 ? (1...5).contains(type) : type < 32 { break }
            found = nextUnit(in: bytes, from: &place)
            guard codec == .h264 ? type == 7 || type == 8 : (32...34).contains(type) else { continue }
            // A start code of four bytes begins with one zero more, and units never end with one.
            var end = found.map { $0 - 3 } ?? bytes.count
            while end > unit, bytes[end - 1] == 0 { end -= 1 }
            if end > unit { sets.add(bytes[unit..<end]) }
        }
        return sets
    }

    /// How many bytes at a packet's beginning are parameter sets (and the delimiter before them) and nothing else.
    func leadingSetBytes(of packet: borrowing Packet) -> Int {
        guard codec != .other, let data = packet.raw.pointee.data else { return 0 }
        let bytes = UnsafeBufferPointer(start: data, count: packet.byteCount)
        var place = 0
        while let unit = nextUnit(in: bytes, from: &place), unit < bytes.count {
            let type = codec == .h264 ? bytes[unit] & 31 : bytes[unit] >> 1 & 63
            guard codec == .h264 ? (7...9).contains(type) : (32...35).contains(type) else {
                return unit - (lengthBytes ?? 3)
            }
        }
        return 0
    }

    /// - Parameter place: where to look from; behind the found unit's head afterwards.
    /// - Returns: the index of the next unit's first byte.
    private func nextUnit(in bytes: UnsafeBufferPointer<UInt8>, from place: inout Int) -> Int? {
        if let lengthBytes {
            guard place + lengthBytes < bytes.count else { return nil }
            var length = 0
            for index in 0..<lengthBytes { length = length << 8 | Int(bytes[place + index]) }
            let unit = place + lengthBytes
            place = unit + length
            return unit
        }
        while place + 3 < bytes.count {
            if bytes[place] == 0, bytes[place + 1] == 0, bytes[place + 2] == 1 {
                place += 4
                return place - 1
            }
            place += 1
        }
        return nil
    }
}
