/// A closed region of the picture with 3…64 vertices inside it.
package struct Polygon: Hashable, Sendable {
    package static let vertexLimit = 64
    package let vertices: [Point]
    /// What encloses all vertices: most points that are asked for lie outside.
    @usableFromInline let least: Point
    @usableFromInline let most: Point

    /// - Returns: nil for fewer than 3 or more than ``vertexLimit`` vertices, or one outside 0…1.
    package init?(_ vertices: [Point]) {
        guard (3...Self.vertexLimit).contains(vertices.count), vertices.allSatisfy(isInsidePicture) else { return nil }
        self.vertices = vertices
        least = vertices.reduce(vertices[0]) { Point(x: min($0.x, $1.x), y: min($0.y, $1.y)) }
        most = vertices.reduce(vertices[0]) { Point(x: max($0.x, $1.x), y: max($0.y, $1.y)) }
    }

    /// Even-odd rule. A point exactly on a left or upper edge is inside, on a right or lower edge outside,
    /// so that polygons that share an edge never both contain a point; but the picture's own right and lower
    /// border count as inside, because a foot point is held to them.
    @inlinable package func contains(_ point: Point) -> Bool {
        let px = min(point.x, 1 - Self.borderInset)
        let py = min(point.y, 1 - Self.borderInset)
        if px < least.x || px > most.x || py < least.y || py > most.y { return false }
        var inside = false
        var previous = vertices[vertices.count - 1]
        for vertex in vertices {
            if (vertex.y > py) != (previous.y > py) {
                let x = vertex.x + (py - vertex.y) / (previous.y - vertex.y) * (previous.x - vertex.x)
                if px < x { inside.toggle() }
            }
            previous = vertex
        }
        return inside
    }

    @inlinable package static var borderInset: Double { 1e-9 }
}

/// A line of 2…64 points inside the picture, directed from its first point to its last.
package struct Polyline: Hashable, Sendable {
    package static let pointLimit = 64
    package let points: [Point]

    /// - Returns: nil for fewer than 2 or more than ``pointLimit`` points, one outside 0…1, or two equal neighbours.
    package init?(_ points: [Point]) {
        guard (2...Self.pointLimit).contains(points.count), points.allSatisfy(isInsidePicture) else { return nil }
        for (point, next) in zip(points, points.dropFirst()) where point == next { return nil }
        self.points = points
    }
}

/// The drawn form of an electronic fence (电子围栏).
package enum FenceShape: Hashable, Sendable {
    case polygon(Polygon)
    case polyline(Polyline)
}

/// Direction of a crossing as seen in the picture (y down) when looking from a line's first point to its last.
package enum CrossingDirection: String, Sendable, Codable, CaseIterable {
    case leftToRight = "left_to_right"
    case rightToLeft = "right_to_left"
}

private func isInsidePicture(_ point: Point) -> Bool {
    (0...1).contains(point.x) && (0...1).contains(point.y)
}
