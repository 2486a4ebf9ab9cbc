internal import Scene

/// One resting region as it is remembered: where it lies, what it looks like, and what was there before.
struct RestingPlace {
    /// What it was found to be.
    enum Judgement {
        /// Not known yet: its border could not be seen well enough.
        case open
        case placed
        case taken
        /// Only another light, or something learnt too lately to be missed: told to nobody.
        case nothing
    }

    /// One pixel that tells the thing from what was there before.
    struct Sample {
        var place: Int32 = 0
        var now: UInt8 = 0
        var before: UInt8 = 0
    }

    static let sampleLimit = 96
    static let ringLimit = 32
    /// Looks in a row that must agree.
    private static let agreeing = 2

    let number: UInt32
    /// The grid's columns and rows in which its pixels lie; the far ones exclusive.
    let left: Int
    let top: Int
    let right: Int
    let bottom: Int
    /// Around its pixels.
    var box: GridBox
    let since: MediaTime
    private(set) var judgement = Judgement.open
    private var leaning = Judgement.open
    private var agreed = 0
    private var borderLooks = 0
    /// It has held long enough to be told.
    var isListed = false
    /// The larger region a part of which it seems to be: it is told only when that one is gone.
    var whole: UInt32?
    /// When it last looked as remembered.
    var seen: MediaTime
    /// Looks in a row on which the place looked as before, and on which a part of it did.
    var goneLooks = 0
    var partLooks = 0
    var samples = InlineArray<96, Sample>(repeating: Sample())
    var sampleCount = 0
    /// Ground around it, for the light.
    var ring = InlineArray<32, Sample>(repeating: Sample())
    var ringCount = 0

    init(number: UInt32, left: Int, top: Int, right: Int, bottom: Int, since: MediaTime, seen: MediaTime) {
        self.number = number
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
        box = GridBox(left: Double(left), top: Double(top), right: Double(right), bottom: Double(bottom))
        self.since = since
        self.seen = seen
    }

    var nature: RestingRegion.Nature? {
        switch judgement {
        case .placed: .placed
        case .taken: .taken
        case .open, .nothing: nil
        }
    }

    mutating func judge(_ judgement: Judgement) { self.judgement = judgement }

    /// The border says `judgement` on this look; what it never says clearly is nothing after `limit` looks.
    mutating func lean(to judgement: Judgement, limit: Int) {
        borderLooks += 1
        agreed = judgement == leaning ? agreed + 1 : 1
        leaning = judgement
        if judgement != .open, agreed >= Self.agreeing {
            self.judgement = judgement
        } else if borderLooks >= limit {
            self.judgement = .nothing
        }
    }

    mutating func noteThere(at time: MediaTime) {
        seen = time
        (goneLooks, partLooks) = (0, 0)
    }

    /// What stood here is gone: what was before it is here now.
    func reversed(_ judgement: Judgement, number: UInt32, at time: MediaTime) -> RestingPlace {
        var other = RestingPlace(
            number: number, left: left, top: top, right: right, bottom: bottom, since: time, seen: time)
        (other.box, other.judgement) = (box, judgement)
        (other.ring, other.ringCount, other.sampleCount) = (ring, ringCount, sampleCount)
        for index in 0..<sampleCount {
            let sample = samples[index]
            other.samples[index] = Sample(place: sample.place, now: sample.before, before: sample.now)
        }
        return other
    }
}

/// How a place looks, by the samples that tell the thing from what was there before.
struct RestingVote {
    private(set) var count: Int32 = 0
    private(set) var now: Int32 = 0
    private(set) var before: Int32 = 0

    /// Farther from both than this is neither: something else stands before it.
    private static let farthest: Int32 = 14

    /// - Parameters:
    ///   - value: what is seen.
    ///   - light: how the ground around is lit, in 1/256 of what it was.
    mutating func add(_ value: UInt8, _ sample: RestingPlace.Sample, light: Int32) {
        let thing = min(255, Int32(sample.now) &* light &>> 8)
        let ground = min(255, Int32(sample.before) &* light &>> 8)
        let (toThing, toGround) = (abs(Int32(value) &- thing), abs(Int32(value) &- ground))
        count &+= 1
        guard min(toThing, toGround) <= Self.farthest else { return }
        if toThing <= toGround { now &+= 1 } else { before &+= 1 }
    }

    /// So many 256ths of the place look as remembered.
    func isThere(_ share: Int32) -> Bool { now &* 256 >= share &* count }
    /// So many 256ths of it look as before.
    func isGone(_ share: Int32) -> Bool { before &* 256 >= share &* count }
}

/// Steps of grey level across a region's border, in the picture and in what was there before.
struct RestingBorder {
    private var picture: Int32 = 0
    private var background: Int32 = 0
    /// Places on the border at which the ground outside could be seen, of all of them.
    private var count: Int32 = 0
    private var total: Int32 = 0

    /// Grey levels from which a border counts as one.
    private static let stepLeast: Int32 = 12
    private static let ghostRatio: Int32 = 2
    private static let countLeast: Int32 = 8
    /// In tenths of the border: what is only a part of something larger that moves is not at rest.
    private static let seenLeast: Int32 = 7

    mutating func skip() { total &+= 1 }

    mutating func add(inside: (picture: UInt8, before: UInt8), outside: (picture: UInt8, before: UInt8)) {
        total &+= 1
        count &+= 1
        picture &+= abs(Int32(inside.picture) &- Int32(outside.picture))
        background &+= abs(Int32(inside.before) &- Int32(outside.before))
    }

    var isVisible: Bool { count >= Self.countLeast && count &* 10 >= Self.seenLeast &* total }

    var judgement: RestingPlace.Judgement {
        guard isVisible else { return .open }
        let least = Self.stepLeast &* count
        if background >= least, background >= Self.ghostRatio &* picture { return .taken }
        return picture >= least && picture >= background ? .placed : .open
    }
}
