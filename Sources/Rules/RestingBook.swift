import Scene

/// The resting regions of one nature inside one zone, as a rule remembers them.
struct RestingBook: Sendable {
    /// Regions remembered at once; further ones wait until one is gone.
    static let limit = 64
    /// How long a region may be missing before it is gone.
    static let patience = MediaSpan.seconds(2)

    /// The track that a region is, or is a part of.
    struct Owner: Sendable {
        let track: TrackID
        let seen: MediaTime
        /// If it is no longer followed it is thought to be there still.
        let staysIfLost: Bool
        var isParked: Bool
    }

    struct Entry: Sendable {
        let number: UInt32
        let since: MediaTime
        var box: Box
        var lastSeen: MediaTime
        /// Since when nobody is near.
        var aloneSince: MediaTime
        var owner: Owner?
        var isDecided = false
        var isRaised = false
    }

    private let nature: RestingRegion.Nature
    private let area: Polygon
    private let anchor: Anchor
    private var entries: [Entry] = []

    init(_ nature: RestingRegion.Nature, area: Polygon, anchor: Anchor) {
        self.nature = nature
        self.area = area
        self.anchor = anchor
    }

    var isEmpty: Bool { entries.isEmpty }

    var isAnyRaised: Bool { entries.contains(where: \.isRaised) }

    /// Whether a region that was raised lies where `box` does.
    func isRaised(at box: Box) -> Bool { entries.contains { $0.isRaised && $0.box.overlap(box) > 0.3 } }

    /// Notes what is there now.
    /// - Returns: the region's slot; nil where it does not concern this rule, or where there are too many.
    mutating func note(_ region: RestingRegion, at time: MediaTime) -> Int? {
        guard region.nature == nature, area.contains(region.box.point(of: anchor)),
            let slot = slot(of: region, at: time)
        else { return nil }
        entries[slot].box = region.box
        entries[slot].lastSeen = time
        return slot
    }

    subscript(slot: Int) -> Entry {
        get { entries[slot] }
        _modify { yield &entries[slot] }
    }

    /// Drops the regions that are no longer there.
    /// - Returns: the last of those raised, where none that was raised is left.
    mutating func dropGone(at time: MediaTime) -> Entry? {
        guard entries.contains(where: { time - $0.lastSeen > Self.patience }) else { return nil }
        let last = entries.filter { $0.isRaised && time - $0.lastSeen > Self.patience }.max {
            $0.lastSeen < $1.lastSeen
        }
        entries.removeAll { time - $0.lastSeen > Self.patience }
        return entries.contains(where: \.isRaised) ? nil : last
    }

    /// Forgets everything.
    /// - Returns: the last of those raised.
    mutating func finish() -> Entry? {
        defer { entries = [] }
        return entries.filter(\.isRaised).max { $0.lastSeen < $1.lastSeen }
    }

    private mutating func slot(of region: RestingRegion, at time: MediaTime) -> Int? {
        if let index = entries.firstIndex(where: { $0.number == region.number }) { return index }
        guard entries.count < Self.limit else { return nil }
        entries.append(
            Entry(
                number: region.number, since: region.since, box: region.box, lastSeen: time, aloneSince: time))
        return entries.count - 1
    }
}

extension Box {
    /// A tenth of its size: a larger box that comes so near touches it.
    var touchingDistance: Double { 0.1 * area.squareRoot() }

    func comes(within reach: Double, of other: Box) -> Bool {
        x <= other.x + other.width + reach && other.x <= x + width + reach
            && y <= other.y + other.height + reach && other.y <= y + height + reach
    }

    /// By so many of its own sizes on each side.
    func grown(by sizes: Double) -> Box {
        Box(
            x: x - sizes * width, y: y - sizes * height, width: width * (1 + 2 * sizes),
            height: height * (1 + 2 * sizes))
    }

    func shared(_ other: Box) -> Double {
        let width = min(x + self.width, other.x + other.width) - max(x, other.x)
        let height = min(y + self.height, other.y + other.height) - max(y, other.y)
        return width > 0 && height > 0 ? width * height : 0
    }

    /// What both boxes share, as a part of what they cover together.
    func overlap(_ other: Box) -> Double {
        let shared = shared(other)
        return shared > 0 ? shared / (area + other.area - shared) : 0
    }
}

/// The largest of the values of the last five to ten seconds.
struct RecentLargest: Sendable {
    private static let span = MediaSpan.seconds(5)

    private var now: Double
    private var before: Double
    private var since: MediaTime

    init(_ value: Double, at time: MediaTime) { (now, before, since) = (value, value, time) }

    var value: Double { max(now, before) }

    mutating func note(_ value: Double, at time: MediaTime) {
        if time - since >= Self.span { (before, now, since) = (now, value, time) } else { now = max(now, value) }
    }
}
