import Scene

// What is drawn: lists of points that become a polygon or a line, or problems at the very point that is wrong.

/// Smallest area of a zone or mask, as a share of the picture: about 5 × 4 pixels of a full HD picture. What is
/// smaller was drawn by mistake.
let smallestArea = 1e-5

/// Reads 3…64 points that enclose an area without crossing themselves.
func readPolygon(_ node: ConfigurationNode, noun: String) -> Polygon? {
    guard let points = readPoints(node, least: 3, noun: noun) else { return nil }
    guard points.first != points.last else {
        node.complain("repeats its first point at the end; leave the last point out, the shape closes by itself")
        return nil
    }
    if let (first, second) = crossingEdges(points) {
        node.complain(
            "crosses itself: the edge after point \(first) meets the edge after point \(second); "
                + "give the corners in the order of the outline")
        return nil
    }
    guard enclosedArea(points) >= smallestArea else {
        node.complain("encloses no area; give corners that do not lie on one line")
        return nil
    }
    return Polygon(points)
}

/// Reads 2…64 points of a line.
func readPolyline(_ node: ConfigurationNode) -> Polyline? {
    readPoints(node, least: 2, noun: "a line").flatMap { Polyline($0) }
}

private func readPoints(_ node: ConfigurationNode, least: Int, noun: String) -> [Point]? {
    guard let nodes = node.elements(limit: Polygon.vertexLimit, noun: "points") else { return nil }
    guard nodes.count >= least else {
        node.complain("\(nodes.count) given, \(noun) needs at least \(least) points")
        return nil
    }
    guard let points = allOrNil(nodes.map { $0.point() }) else { return nil }
    for index in points.indices.dropFirst() where points[index] == points[index - 1] {
        nodes[index].complain("\(nodes[index].shown) repeats the point before it; leave one out")
        return nil
    }
    return points
}

/// Twice the shoelace sum, halved: the enclosed share of the picture.
func enclosedArea(_ points: [Point]) -> Double {
    var sum = 0.0
    for (point, next) in zip(points, points.dropFirst() + points.prefix(1)) {
        sum += point.x * next.y - next.x * point.y
    }
    return abs(sum) / 2
}

/// Indices of the first pair of edges that meet although they are not neighbours, or of neighbours that run back
/// over each other. At most 64² pairs.
private func crossingEdges(_ points: [Point]) -> (Int, Int)? {
    let count = points.count
    func corner(_ index: Int) -> Point { points[index % count] }
    for first in 0..<count {
        for second in (first + 1)..<max(count, first + 1) {
            let (a, b, c, d) = (corner(first), corner(first + 1), corner(second), corner(second + 1))
            let areNeighbours = second == first + 1 || (first == 0 && second == count - 1)
            let meet =
                areNeighbours
                ? runsBack(first == 0 && second == count - 1 && count > 2 ? (c, d, b) : (a, b, d))
                : edgesMeet(a, b, c, d)
            if meet { return (first, second) }
        }
    }
    return nil
}

/// Whether the way from `middle` to `end` goes back along the one from `start` to `middle`.
private func runsBack(_ way: (start: Point, middle: Point, end: Point)) -> Bool {
    guard turn(way.start, way.middle, way.end) == 0 else { return false }
    let (dx, dy) = (way.middle.x - way.start.x, way.middle.y - way.start.y)
    return dx * (way.end.x - way.middle.x) + dy * (way.end.y - way.middle.y) < 0
}

private func edgesMeet(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
    let (abc, abd, cda, cdb) = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b))
    if abc * abd < 0, cda * cdb < 0 { return true }
    return abc == 0 && spans(a, b, c) || abd == 0 && spans(a, b, d) || cda == 0 && spans(c, d, a)
        || cdb == 0 && spans(c, d, b)
}

/// Whether a point on the straight line through `a` and `b` lies between them.
private func spans(_ a: Point, _ b: Point, _ point: Point) -> Bool {
    (min(a.x, b.x)...max(a.x, b.x)).contains(point.x) && (min(a.y, b.y)...max(a.y, b.y)).contains(point.y)
}

private func turn(_ a: Point, _ b: Point, _ point: Point) -> Double {
    (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
}
