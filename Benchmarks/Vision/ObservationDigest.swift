import Scene

/// A number that two runs share only when they observed the same: FNV-1a over every field of every observation, and
/// over the last mask.
struct ObservationDigest {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ observation: Observation) {
        add(UInt64(bitPattern: observation.time.microseconds))
        add(observation.isSettled ? 2 : 1)
        add(observation.isStirring ? 2 : 1)
        for condition in SceneCondition.allCases {
            add(observation.health.beginning(of: condition).map { UInt64(bitPattern: $0.microseconds) } ?? .max)
        }
        add(UInt64(observation.tracks.count))
        for track in observation.tracks { add(track) }
        add(UInt64(observation.resting.count))
        for region in observation.resting {
            add(UInt64(region.number))
            add(UInt64(bitPattern: region.since.microseconds))
            add(region.nature == .placed ? 2 : 1)
            add(region.box)
        }
    }

    mutating func add(_ mask: UnsafeBufferPointer<UInt8>) {
        for byte in mask { mix(byte) }
    }

    private mutating func add(_ track: Track) {
        add(UInt64(track.id.number))
        add(UInt64(bitPattern: track.firstSeen.microseconds))
        add(track.displacement.bitPattern)
        add(UInt64(track.path.count))
        for point in track.path {
            add(UInt64(bitPattern: point.time.microseconds))
            add(point.isMeasured ? 2 : 1)
            add(point.box)
        }
    }

    private mutating func add(_ box: Box) {
        for side in [box.x, box.y, box.width, box.height] { add(side.bitPattern) }
    }

    private mutating func add(_ word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    private mutating func mix(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}
