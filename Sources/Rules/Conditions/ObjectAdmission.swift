import Scene

/// The filter that killed a candidate, with its numbers.
struct Refusal: Sendable {
    let filter: RuleFilter
    let value: Double
    let limit: Double
}

/// Which objects a rule judges: those outside the camera's ignore masks and within the rule's size limits.
struct ObjectAdmission: Sendable {
    let masks: [Polygon]
    let conditions: RuleConditions
    let ground: GroundMeasure?

    var asksForSize: Bool { conditions.area != .none || asksForHeight }
    private var asksForHeight: Bool { conditions.height != .none && ground != nil }

    /// - Parameters:
    ///   - area: of the object, smoothed.
    ///   - height: in metres, smoothed; nil where it cannot be told, which refuses nothing.
    func refusal(anchor: Point, area: Double, height: Double?) -> Refusal? {
        if masks.contains(where: { $0.contains(anchor) }) {
            return Refusal(filter: .ignoreMask, value: 1, limit: 0)
        }
        return exceeded(conditions.area, area, .sizeLeast, .sizeMost)
            ?? height.flatMap { exceeded(conditions.height, $0, .heightLeast, .heightMost) }
    }

    /// For regions that have no path to smooth over.
    func refusal(of box: Box, anchor: Anchor) -> Refusal? {
        refusal(anchor: box.point(of: anchor), area: box.area, height: height(of: box))
    }

    func height(of box: Box) -> Double? { asksForHeight ? ground?.height(box) : nil }

    /// The size filters as tests that held, for the explanation.
    func passed(area: Double, height: Double?) -> [Explanation.Test] {
        tests(.area, conditions.area, area) + (height.map { tests(.height, conditions.height, $0) } ?? [])
    }

    private func exceeded(
        _ limits: RuleConditions.Limits, _ value: Double, _ least: RuleFilter, _ most: RuleFilter
    ) -> Refusal? {
        if let limit = limits.least, value < limit { return Refusal(filter: least, value: value, limit: limit) }
        if let limit = limits.most, value > limit { return Refusal(filter: most, value: value, limit: limit) }
        return nil
    }

    private func tests(
        _ quantity: Explanation.Quantity, _ limits: RuleConditions.Limits, _ value: Double
    ) -> [Explanation.Test] {
        var tests: [Explanation.Test] = []
        if let least = limits.least { tests.append(.init(quantity, value, .atLeast, least)) }
        if let most = limits.most { tests.append(.init(quantity, value, .atMost, most)) }
        return tests
    }
}

/// The sizes of the tracks as one rule weighs them: an exponential mean, because boxes open and close with legs and
/// arms and a size that flickers around its limit must not make an object come and go.
struct ObjectSizes: Sendable {
    private static let weight = 0.25

    struct Size: Sendable {
        var area: Double
        var height: Double?
    }

    private var sizes = TrackTable<Size>()

    func size(of track: TrackID) -> Size? { sizes[track] }

    /// - Returns: the size with this point; a predicted one changes nothing.
    mutating func note(_ step: PathStep, height: Double?) -> Size {
        let area = step.point.box.area
        guard var size = sizes[step.track] else {
            let first = Size(area: area, height: height)
            sizes[step.track] = first
            return first
        }
        guard step.point.isMeasured else { return size }
        size.area += Self.weight * (area - size.area)
        size.height = height.map { new in
            let old = size.height ?? new
            return old + Self.weight * (new - old)
        }
        sizes[step.track] = size
        return size
    }

    mutating func forget(_ track: TrackID) { sizes[track] = nil }
    mutating func removeAll() { sizes.removeAll() }
}
