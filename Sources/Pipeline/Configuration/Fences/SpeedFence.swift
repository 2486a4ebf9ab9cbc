import Rules
import Scene

extension FenceReader {
    /// Limits are written in km/h and kept in metres a second.
    func readSpeed(_ section: ConfigurationSection) -> FenceRule.Watch? {
        guard ground == .heightsAndSpeeds else {
            (section.optional("kind") ?? section.node).complain(
                "speed needs a calibrated camera; give the camera a perspective with view_degrees, or use another kind")
            return nil
        }
        let above = readLimit("above_kmh", section)
        let below = readLimit("below_kmh", section)
        let span = readSpan("seconds", section, in: SpeedRule.spans, usual: .milliseconds(500))
        guard let area = readArea(section), let above, let below, let span else { return nil }
        guard above != nil || below != nil else {
            section.node.complain("a speed fence needs a limit; give above_kmh, below_kmh or both")
            return nil
        }
        if let above, let below, below > above {
            section.node.complain(
                "below_kmh is more than above_kmh, so every speed would raise; give below_kmh the smaller value")
            return nil
        }
        return .speed(SpeedRule(area: area, above: above, below: below, leastSpan: span))
    }

    private func readLimit(_ key: String, _ section: ConfigurationSection) -> Double?? {
        section.value(key, default: Double?.none as Double??) {
            $0.number(in: 1...300, unit: "km/h").map { Optional.some($0 / 3.6) }
        }
    }
}
