import Rules
import Scene

extension FenceReader {
    func readWrongWay(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let arrow = section.required("allowed", example: "[[0.5,0.9],[0.5,0.4]]").flatMap(readArrow)
        let way = section.value("distance", default: 0.05) {
            $0.number(in: WrongWayRule.ways, unit: "of the picture")
        }
        let tolerance = section.value("tolerance", default: 60) {
            $0.integer(in: WrongWayRule.tolerances, unit: "degrees")
        }
        guard let area = readArea(section), let arrow, let way, let tolerance else { return nil }
        return .wrongWay(
            WrongWayRule(area: area, from: arrow.from, to: arrow.to, leastWay: way, tolerance: tolerance))
    }

    private func readArrow(_ node: ConfigurationNode) -> (from: Point, to: Point)? {
        guard let line = readPolyline(node) else { return nil }
        guard line.points.count == 2 else {
            node.complain("\(line.points.count) given, a direction is an arrow of 2 points")
            return nil
        }
        return (line.points[0], line.points[1])
    }
}
