/// Payloads of RTP → access units of H.264 (RFC 6184) and H.265 (RFC 7798), as start codes part them. A pure value:
/// what is damaged or lost on the way is marked and given out all the same, so that whoever decodes can count it.
struct RTPAssembler: Sendable {
    enum Codec: Sendable, Hashable { case h264, h265 }

    struct Unit: Sendable {
        var timestamp: UInt32
        var isKeyframe = false
        var isDamaged = false
        fileprivate var hasSlice = false
    }

    private let codec: Codec
    /// Of the unit in the making.
    private(set) var bytes: [UInt8] = []
    private(set) var unit: Unit?
    /// A fragmented NAL unit is in the making.
    private var isInFragment = false
    private var isLossPending = false
    /// Some cameras set the marker on every NAL unit: the change of the time stamp alone tells then.
    private var trustsMarker = true
    private var lastGiven: UInt32?

    init(_ codec: Codec) {
        self.codec = codec
        bytes.reserveCapacity(64 << 10)
    }

    /// Packets are missing before the next one.
    mutating func lost() {
        isInFragment = false
        if unit != nil { unit?.isDamaged = true }
        isLossPending = true
    }

    /// Whether a packet of this time stamp belongs to another unit than the one in the making, which is whole then.
    func completes(before timestamp: UInt32) -> Bool { unit.map { $0.timestamp != timestamp } ?? false }

    /// The unit in the making is over without its last packet's marker.
    /// - Parameter afterGap: packets are missing behind it, which may have been its own or the next one's.
    mutating func cutOff(afterGap: Bool) {
        if isInFragment { unit?.isDamaged = true }
        if afterGap { lost() }
    }

    /// - Precondition: not ``completes(before:)``.
    /// - Returns: whether the unit is whole now.
    mutating func take(_ payload: UnsafeRawBufferPointer, timestamp: UInt32, marker: Bool) -> Bool {
        if unit == nil {
            unit = Unit(timestamp: timestamp)
            // What follows a unit under its own time stamp was cut off from it.
            if lastGiven == timestamp {
                trustsMarker = false
                unit?.isDamaged = true
            }
        }
        if isLossPending {
            unit?.isDamaged = true
            isLossPending = false
        }
        switch codec {
        case .h264: takeH264(payload)
        case .h265: takeH265(payload)
        }
        if bytes.count > MediaLimits.packetBytes { drop() }
        if marker, isInFragment { damage() }
        return marker && trustsMarker && unit?.hasSlice == true
    }

    /// The unit has been used.
    mutating func next() {
        lastGiven = unit?.timestamp
        unit = nil
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        isInFragment = false
    }

    /// The unit holds nothing, because all of it was lost: the next one is marked for it.
    mutating func passOver() {
        next()
        isLossPending = true
    }

    private mutating func drop() {
        bytes.removeAll()
        unit?.isDamaged = true
        isInFragment = false
    }

    // MARK: RFC 6184

    private mutating func takeH264(_ payload: UnsafeRawBufferPointer) {
        guard let head = payload.first else { return }
        switch head & 31 {
        case 1...23: append(payload)
        case 24: aggregate(payload.dropFirst(1))
        case 28:
            guard payload.count > 2 else { return damage() }
            fragment(payload.dropFirst(2), flags: payload[1], head: [head & 0xE0 | payload[1] & 31])
        default: damage()
        }
    }

    // MARK: RFC 7798, without decoding order numbers

    private mutating func takeH265(_ payload: UnsafeRawBufferPointer) {
        guard payload.count > 2 else { return damage() }
        switch payload[0] >> 1 & 63 {
        case 0...47: append(payload)
        case 48: aggregate(payload.dropFirst(2))
        case 49:
            guard payload.count > 3 else { return damage() }
            let type = payload[2] & 63
            fragment(payload.dropFirst(3), flags: payload[2], head: [payload[0] & 0x81 | type << 1, payload[1]])
        default: damage()
        }
    }

    // MARK: Both

    private mutating func damage() {
        unit?.isDamaged = true
        isInFragment = false
    }

    private mutating func aggregate(_ payload: Slice<UnsafeRawBufferPointer>) {
        var rest = payload
        while rest.count > 2 {
            let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard count > 0, count <= rest.count else { return damage() }
            append(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
    }

    /// - Parameters:
    ///   - flags: of the fragment: begins 0x80, ends 0x40.
    ///   - head: of the NAL unit that is fragmented.
    private mutating func fragment(_ payload: Slice<UnsafeRawBufferPointer>, flags: UInt8, head: [UInt8]) {
        if flags & 0x80 != 0 {
            begin(head)
            isInFragment = true
        } else if !isInFragment {
            // Its beginning was lost.
            unit?.isDamaged = true
            return
        }
        bytes.append(contentsOf: payload)
        if flags & 0x40 != 0 { isInFragment = false }
    }

    private mutating func append(_ nal: UnsafeRawBufferPointer) {
        isInFragment = false
        guard nal.count > (codec == .h264 ? 1 : 2) else { return damage() }
        begin(Array(nal.prefix(codec == .h264 ? 1 : 2)))
        bytes.append(contentsOf: nal.dropFirst(codec == .h264 ? 1 : 2))
        if codec == .h264, nal[0] & 31 == 6, hasRecoveryPoint(nal) { unit?.isKeyframe = true }
    }

    private mutating func begin(_ head: [UInt8]) {
        if isInFragment { unit?.isDamaged = true }
        bytes.append(contentsOf: bytes.isEmpty ? [0, 0, 0, 1] : [0, 0, 1])
        bytes.append(contentsOf: head)
        switch codec {
        case .h264:
            let type = head[0] & 31
            if (1...5).contains(type) { unit?.hasSlice = true }
            if type == 5 { unit?.isKeyframe = true }
        case .h265:
            let type = head[0] >> 1 & 63
            if type < 32 { unit?.hasSlice = true }
            if (16...23).contains(type) { unit?.isKeyframe = true }
        }
    }

    /// Whether a supplemental unit (H.264, D.1.8) says that pictures are whole from here or from soon on.
    private func hasRecoveryPoint(_ nal: UnsafeRawBufferPointer) -> Bool {
        var place = 1
        while place + 2 < nal.count {
            var (type, size) = (0, 0)
            while place < nal.count, nal[place] == 255 { (type, place) = (type + 255, place + 1) }
            guard place < nal.count else { return false }
            (type, place) = (type + Int(nal[place]), place + 1)
            while place < nal.count, nal[place] == 255 { (size, place) = (size + 255, place + 1) }
            guard place < nal.count else { return false }
            (size, place) = (size + Int(nal[place]), place + 1)
            if type == 6 { return true }
            place += size
        }
        return false
    }
}
