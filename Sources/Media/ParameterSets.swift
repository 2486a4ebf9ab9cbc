import CFFmpeg

/// The parameter sets (SPS, PPS; H.265: VPS too) that a stream with start codes carries among its pictures, or its
/// description announces.
struct ParameterSets: Hashable {
    private(set) var units: Set<[UInt8]> = []
    /// In the order in which they came, each after a start code.
    private(set) var annexB: [UInt8] = []

    var isEmpty: Bool { units.isEmpty }

    mutating func add(_ unit: UnsafeBufferPointer<UInt8>.SubSequence) {
        let bytes = Array(unit)
        guard units.insert(bytes).inserted else { return }
        annexB += [0, 0, 0, 1] + bytes
    }
}

extension StreamParameters {
    /// Whether units are parted by start codes; else the description alone holds the parameter sets.
    var hasStartCodes: Bool { isCopyable && framing.hasStartCodes }

    /// Of the stream's description; empty where it has none, or its own form of them (avcC, hvcC).
    var announcedSets: ParameterSets {
        guard hasStartCodes, let data = raw.pointee.extradata else { return ParameterSets() }
        return framing.parameterSets(in: UnsafeBufferPointer(start: data, count: Int(raw.pointee.extradata_size)))
    }

    /// Those in a packet; empty where it brings none.
    func sets(in packet: borrowing Packet) -> ParameterSets {
        guard hasStartCodes, let data = packet.raw.pointee.data else { return ParameterSets() }
        return framing.parameterSets(in: UnsafeBufferPointer(start: data, count: packet.byteCount))
    }
}
