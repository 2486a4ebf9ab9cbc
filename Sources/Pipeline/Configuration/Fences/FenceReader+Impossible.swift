import Rules
import Scene

// Never silent: a fence that can never fire is a problem of the configuration, not a quiet camera.

extension FenceReader {
    /// Whether the rule could ever raise anything; the first reason why not is a problem.
    func canFire(_ rule: FenceRule, _ section: ConfigurationSection) -> Bool {
        let areas = rule.shapes.compactMap { shape -> Polygon? in
            if case .polygon(let area) = shape { area } else { nil }
        }
        if let least = rule.conditions.area.least,
            let smallest = areas.map({ enclosedArea($0.vertices) }).min(), smallest < least
        {
            (section.optional("size") ?? section.node).complain(
                "the zone covers \(rounded(smallest)) of the picture, less than the smallest object it accepts "
                    + "(\(least)); enlarge the zone or lower size.min")
            return false
        }
        for shape in rule.shapes {
            guard let cover = cover(of: shape) else { continue }
            (section.optional("points") ?? section.optional("stages") ?? section.node).complain(
                "lies wholly under \(cover), so nothing can be seen there; make the mask smaller or move the fence")
            return false
        }
        return true
    }

    /// The mask, or all of them, under which the whole shape lies. Weighed at sample points.
    private func cover(of shape: FenceShape) -> String? {
        let places = samples(of: shape)
        guard !masks.isEmpty, !places.isEmpty else { return nil }
        if let mask = masks.first(where: { mask in places.allSatisfy(mask.area.contains) }) { return mask.path }
        let isCovered = places.allSatisfy { place in masks.contains { $0.area.contains(place) } }
        return isCovered ? "the masks of the camera together" : nil
    }

    private func samples(of shape: FenceShape) -> [Point] {
        switch shape {
        case .polyline(let line):
            let steps = 64
            return zip(line.points, line.points.dropFirst()).flatMap { from, to in
                (0...steps).map { step in
                    let share = Double(step) / Double(steps)
                    return Point(x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
                }
            }
        case .polygon(let area):
            let (xs, ys) = (area.vertices.map(\.x), area.vertices.map(\.y))
            guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max() else {
                return []
            }
            let steps = 48
            return (0..<steps * steps).compactMap { index in
                let (column, row) = (Double(index % steps) + 0.5, Double(index / steps) + 0.5)
                let point = Point(
                    x: left + (right - left) * column / Double(steps), y: top + (bottom - top) * row / Double(steps))
                return area.contains(point) ? point : nil
            }
        }
    }

    private func rounded(_ share: Double) -> Double { (share * 100_000).rounded() / 100_000 }
}
