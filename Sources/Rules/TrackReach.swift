import Scene

/// A set of tracks of one engine: each has one bit for as long as it is followed. Twice as many as
/// ``RuleEngine/trackLimit``, because on one frame all can end and as many begin.
typealias TrackBits = UInt128

/// What one rule wants to see of a frame; plain numbers, so that the engine can ask all rules without touching what
/// they remember.
///
/// Most rules ask nothing of a track that has settled outside their zone, but that it comes in: it sleeps. Until one of
/// its points lies within what encloses the zone, or it ends, its points change nothing that the rule remembers, and are
/// not shown to it.
struct TrackReach: Sendable {
    /// What encloses all that is drawn: a point that lies in a zone lies in its extent.
    struct Extent: Sendable {
        private let least: Point
        private let most: Point

        init(_ areas: [Polygon], margin: Double = 0) {
            let corners = areas.flatMap(\.vertices)
            // At the picture's right and lower border a zone takes in what lies beyond.
            func last(_ most: Double) -> Double { most < 1 - Polygon.borderInset ? most + margin : .infinity }
            least = Point(x: (corners.map(\.x).min() ?? 1) - margin, y: (corners.map(\.y).min() ?? 1) - margin)
            most = Point(x: last(corners.map(\.x).max() ?? -1), y: last(corners.map(\.y).max() ?? -1))
        }

        /// No point lies in it.
        static let nowhere = Extent([])

        @inline(__always) func contains(_ point: Point) -> Bool {
            point.x >= least.x && point.x <= most.x && point.y >= least.y && point.y <= most.y
        }

        func meets(_ box: Box) -> Bool {
            box.x <= most.x && box.x + box.width >= least.x && box.y <= most.y && box.y + box.height >= least.y
        }
    }

    /// Where the next point of a sleeping track must lie to wake it.
    enum Region: Sendable {
        /// Its anchor within the extent.
        case anchor(Extent)
        /// A part of its box.
        case box(Extent)
        /// Its anchor anywhere but clear of the line on the side on which the track fell asleep.
        case beyond(LineClearance)
    }

    // What decides most often stands first: between two frames the analysis has filled the caches.
    private var sleeping: TrackBits = 0
    /// A filter wants every point: a size is smoothed over all, persistence counts from the first.
    private let seesAll: Bool
    private let isThorough: Bool
    /// What asks for the rule though no track concerns it.
    var occasions = Occasions.always
    private let anchor: Anchor
    /// The sleeping ones that stand to the right of a line.
    private var right: TrackBits = 0
    private let region: Region

    /// - Parameter isThorough: no track ever sleeps, and every frame concerns the rule.
    init(_ region: Region, anchor: Anchor, seesAll: Bool, isThorough: Bool) {
        self.region = region
        self.anchor = anchor
        self.seesAll = seesAll || isThorough
        self.isThorough = isThorough
    }

    /// Whether anything of a settled frame on which no track ended can change what the rule remembers or raises.
    /// - Parameters:
    ///   - tracks: those that the steps belong to.
    ///   - given: what the frame offers besides its steps.
    func isConcerned(
        by steps: UnsafeBufferPointer<PathStep>, of tracks: TrackBits, _ given: Occasions
    ) -> Bool {
        if seesAll || !occasions.isDisjoint(with: given) || tracks & ~sleeping != 0 { return true }
        for index in steps.indices where concerns(steps[index]) { return true }
        return false
    }

    /// Whether the rule's filters want the step.
    func admits(_ step: PathStep) -> Bool { seesAll || concerns(step) }

    /// Whether the rule's kind wants the step.
    @inline(__always) func concerns(_ step: PathStep) -> Bool {
        if sleeping & step.bit == 0 { return true }
        return switch region {
        case .anchor(let extent): extent.contains(step.place(anchor))
        case .box(let extent): extent.meets(step.point.box)
        case .beyond(let line): line.side(of: step, anchor) != (right & step.bit != 0 ? .right : .left)
        }
    }

    /// Shows the step to the rule's kind, if that wants it.
    mutating func pass(
        _ step: PathStep, to watcher: inout any Watcher, at time: MediaTime, into findings: inout Findings
    ) {
        guard concerns(step) else { return }
        note(step, watcher.follow(step, at: time, into: &findings))
    }

    /// What the rule said of the track when it judged the step.
    @inline(__always) mutating func note(_ step: PathStep, _ interest: Interest) {
        switch interest {
        case .kept: sleeping &= ~step.bit
        case .lost where isThorough: break
        case .lost:
            sleeping |= step.bit
            guard case .beyond(let line) = region else { break }
            if line.side(of: step, anchor) == .right { right |= step.bit } else { right &= ~step.bit }
        }
    }

    mutating func forget(_ bit: TrackBits) { sleeping &= ~bit }

    mutating func removeAll() {
        sleeping = 0
        occasions = .always
    }
}

/// Whether a rule still asks for a track's points that lie out of its reach.
enum Interest: Sendable {
    case kept
    /// They would change nothing from now on.
    case lost

    init(isLost: Bool) { self = isLost ? .lost : .kept }
}

/// What asks for a rule on a frame on which no track concerns it.
struct Occasions: OptionSet, Sendable {
    let rawValue: UInt8

    /// Each frame: a time runs, or the picture is measured.
    static let always = Occasions(rawValue: 1)
    /// Something rests in the picture.
    static let resting = Occasions(rawValue: 2)
    /// Something is wrong with the picture.
    static let health = Occasions(rawValue: 4)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Those that an observation gives.
    init(_ observation: Observation) {
        self = .always
        if !observation.resting.isEmpty { insert(.resting) }
        if !observation.health.isGood { insert(.health) }
    }
}

/// A track that is no longer followed.
struct EndedTrack: Sendable {
    let id: TrackID
    let bit: TrackBits
}
