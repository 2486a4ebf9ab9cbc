internal import Scene

/// What one look at the picture says of a condition.
enum ConditionEvidence {
    case present
    case absent
    /// Something else hides the answer: a condition that holds goes on, one that has not begun does not begin.
    case hidden
}

/// Evidence over time → when a condition holds: confirmed after a span, dated back to its first sign, ended after a
/// span without a sign. A pure value.
struct ConditionCourse: Hashable, Sendable {
    /// The first sign of the condition that holds or may begin.
    private(set) var since: MediaTime?
    private(set) var isHolding = false
    private var lastSign: MediaTime?

    /// A gap in the evidence up to this long does not begin the confirmation anew.
    private static let gap = MediaSpan.milliseconds(800)

    var beginning: MediaTime? { isHolding ? since : nil }
    /// Signs, confirmed or not yet.
    var isSuspected: Bool { since != nil }

    mutating func follow(_ evidence: ConditionEvidence, at time: MediaTime, confirm: Double, clear: Double) {
        switch evidence {
        case .present:
            let first = since ?? time
            since = first
            lastSign = time
            if (time - first).seconds >= confirm { isHolding = true }
        case .absent:
            guard let lastSign else { return }
            let patience = isHolding ? MediaSpan.seconds(clear) : Self.gap
            if time - lastSign >= patience { forget() }
        case .hidden:
            if isHolding { lastSign = time } else { forget() }
        }
    }

    mutating func forget() {
        since = nil
        lastSign = nil
        isHolding = false
    }
}

/// One look at the picture's health, as shares and correlations: what ``SceneCourse`` judges.
struct SceneReading: Hashable, Sendable {
    /// Whether the normal picture has been learnt long enough to compare with.
    var hasNormal = false
    var darkShare = 0.0
    var brightShare = 0.0
    /// Of the textured blocks: without texture now.
    var flatShare = 0.0
    /// Share of all blocks that show nothing at one level, and usually show different ones.
    var plainShare = 0.0
    /// Of the textured blocks: unsharp now, flat ones included.
    var softShare = 0.0
    /// Correlation of the blocks' means with the normal ones.
    var layoutLikeness = 1.0
    /// Correlation of the edges with the normal ones, at the best small shift; nil where there are too few edges.
    var edgeLikeness: Double?
    /// The same of the edges' strength alone, whichever side is the brighter one.
    var contourLikeness: Double?
    /// The part of the edges seen now that are the usual ones; nil where there are too few edges.
    var explainedEdges: Double?
    /// The part of the usual edges that is still there; nil where there are too few edges.
    var keptEdges: Double?
    /// Share of the blocks whose mean changed suddenly, either way.
    var changedShare = 0.0
    /// The same, those that became lighter less those that became darker.
    var lightShare = 0.0
    /// Of the changed blocks with texture: those whose texture is the usual one in another light.
    var explainedShare = 1.0
    /// How long exactly the same picture has been repeated by a camera that does not do so.
    var repeatedSince: MediaTime?
}

/// Readings → conditions. A pure value: a copy goes on exactly as the original does.
struct SceneCourse: Hashable, Sendable {
    private let model: HealthModel
    private(set) var health = SceneHealth.good
    private var covered = ConditionCourse()
    private var dark = ConditionCourse()
    private var bright = ConditionCourse()
    private var blurred = ConditionCourse()
    private var moved = ConditionCourse()
    private var jump = ConditionCourse()
    private var infrared = ConditionCourse()
    private var frozen = ConditionCourse()

    /// While a condition holds its evidence may be this much weaker.
    private static let slack = 0.8
    /// The layout of a blurred picture is still the scene's.
    private static let sameLayout = 0.7
    private static let sameRest = 0.3
    private static let sameView = 0.75
    private static let sameEdges = 0.5
    private static let sameContours = 0.45
    private static let keptView = 0.6

    init(_ model: HealthModel) { self.model = model }

    /// Whether the normal picture may follow what is seen now.
    var mayLearn: Bool {
        !(covered.isSuspected || dark.isSuspected || bright.isSuspected || blurred.isSuspected || moved.isSuspected
            || infrared.isSuspected || frozen.isHolding)
    }

    /// Another light, or another kind of picture, may have come.
    var isLightSuspected: Bool { infrared.isSuspected || dark.isSuspected || bright.isSuspected }

    /// What is seen is, or may be, not the scene: the light of now says nothing of the scene's.
    var isViewLost: Bool { covered.isSuspected || moved.isSuspected }

    /// Something is, or may be, before the lens: what lies behind it is still the background.
    var isHidden: Bool { covered.isSuspected }

    /// The view that has come to stay is to be learnt as the normal one.
    func wantsNewNormal(at time: MediaTime) -> Bool {
        if let since = infrared.beginning, (time - since).seconds >= model.infraredSpan { return true }
        guard let since = moved.beginning else { return false }
        return (time - since).seconds >= model.adoptSpan
    }

    /// A new session or a new normal picture: everything begins anew.
    mutating func forget() { self = SceneCourse(model) }

    mutating func follow(_ reading: SceneReading, at time: MediaTime) {
        let model = model
        let isDark = reading.darkShare >= model.blankShare * (dark.isHolding ? Self.slack : 1)
        let isBright = reading.brightShare >= model.blankShare * (bright.isHolding ? Self.slack : 1)
        dark.follow(isDark ? .present : .absent, at: time, confirm: model.blankSpan, clear: model.clearSpan)
        bright.follow(isBright ? .present : .absent, at: time, confirm: model.blankSpan, clear: model.clearSpan)
        followLight(reading, at: time)
        let isBlank = isDark || isBright || !reading.hasNormal
        let isCovered = isCovered(reading)
        covered.follow(
            isBlank ? .hidden : isCovered ? .present : .absent, at: time, confirm: model.coveredSpan,
            clear: model.clearSpan)
        blurred.follow(
            isBlank || covered.isHolding ? .hidden : isBlurred(reading) ? .present : .absent, at: time,
            confirm: model.blurredSpan, clear: model.clearSpan)
        moved.follow(
            isBlank || covered.isHolding || infrared.isSuspected
                ? .hidden : !isCovered && isMoved(reading) ? .present : .absent,
            at: time, confirm: model.movedSpan, clear: model.clearSpan)
        followFrozen(isBlank || isCovered ? nil : reading.repeatedSince, at: time)
        tell()
    }

    private mutating func followLight(_ reading: SceneReading, at time: MediaTime) {
        let edges = reading.edgeLikeness ?? 0
        let contours = reading.contourLikeness ?? 0
        let isLight =
            reading.hasNormal && reading.lightShare >= model.jumpShare && edges >= Self.sameView
            && reading.explainedShare >= 0.5
        // What comes back into view is no other light.
        jump.follow(
            isViewLost ? .hidden : isLight ? .present : .absent, at: time, confirm: 0, clear: model.jumpHoldSpan)
        // Colour to infra-red: what was darker than its neighbour is the brighter one now, its outline stays.
        let isOtherLight = reading.hasNormal && edges < Self.sameEdges && contours >= Self.sameContours
        let begins = isOtherLight && reading.changedShare >= model.infraredShare
        let goesOn = isOtherLight && infrared.isSuspected
        infrared.follow(
            begins || goesOn ? .present : .absent, at: time, confirm: min(1, model.infraredSpan / 2),
            clear: model.jumpHoldSpan)
    }

    /// - Parameter repeatedSince: nil also where nothing is to be seen that could differ.
    private mutating func followFrozen(_ repeatedSince: MediaTime?, at time: MediaTime) {
        guard let since = repeatedSince else {
            frozen.forget()
            return
        }
        if !frozen.isSuspected { frozen.follow(.present, at: since, confirm: model.frozenSpan, clear: 0) }
        frozen.follow(.present, at: time, confirm: model.frozenSpan, clear: 0)
    }

    private func isCovered(_ reading: SceneReading) -> Bool {
        let least = model.lostShare * (covered.isHolding ? Self.slack : 1)
        // What is not hidden is still the scene; else the camera looks at something plain elsewhere.
        let isHidden = reading.flatShare >= least && reading.layoutLikeness < Self.sameLayout
        return (isHidden || reading.plainShare >= least) && (reading.explainedEdges ?? 1) >= Self.sameRest
    }

    private func isBlurred(_ reading: SceneReading) -> Bool {
        let least = model.lostShare * (blurred.isHolding ? Self.slack : 1)
        return reading.softShare >= least && reading.layoutLikeness >= Self.sameLayout
    }

    private func isMoved(_ reading: SceneReading) -> Bool {
        guard let edges = reading.edgeLikeness, let contours = reading.contourLikeness else { return false }
        let most = model.likenessLeast / (moved.isHolding ? Self.slack : 1)
        // Beside faint edges one person's are most of what is seen: the view is the same while the usual ones are there.
        return edges < most && contours < Self.sameContours && (reading.keptEdges ?? 0) < Self.keptView
    }

    private mutating func tell() {
        set(.covered, covered)
        set(.tooDark, dark)
        set(.tooBright, bright)
        set(.blurred, blurred)
        set(.moved, moved)
        set(.frozen, frozen)
        set(.lightingJump, jump)
        set(.infraredSwitch, infrared)
    }

    private mutating func set(_ condition: SceneCondition, _ course: ConditionCourse) {
        // Writing only what changed keeps the value's storage shared with the observations that carry it.
        if health.beginning(of: condition) != course.beginning { health.set(condition, since: course.beginning) }
    }
}
