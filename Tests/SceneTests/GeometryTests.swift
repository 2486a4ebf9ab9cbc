import Scene
import TestSupport
import Testing

@Suite("Geometry of fences and boxes")
struct GeometryTests {
    @Test("containment agrees with the winding number", arguments: [1, 2, 3, 4] as [UInt64])
    func windingOracle(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let polygon = try #require(Polygon(starVertices(&random)))
            for _ in 0..<200 {
                let point = Point(
                    x: Double.random(in: 0..<0.999, using: &random), y: Double.random(in: 0..<0.999, using: &random))
                #expect(
                    polygon.contains(point) == (windingNumber(of: polygon.vertices, around: point) != 0),
                    "seed \(seed): \(point) in \(polygon.vertices)")
            }
        }
    }

    @Test("a grid of squares holds every point of the picture exactly once")
    func tiling() {
        let steps = [0, 0.25, 0.5, 0.75, 1]
        let tiles = zip(steps, steps.dropFirst()).flatMap { left, right in
            zip(steps, steps.dropFirst()).compactMap { top, bottom in
                Polygon([
                    Point(x: left, y: top), Point(x: right, y: top), Point(x: right, y: bottom),
                    Point(x: left, y: bottom)
                ])
            }
        }
        #expect(tiles.count == 16)
        for x in 0...40 {
            for y in 0...40 {
                let point = Point(x: Double(x) / 40, y: Double(y) / 40)
                #expect(tiles.count { $0.contains(point) } == 1, "\(point)")
            }
        }
    }

    @Test("left and upper edges belong to a polygon, right and lower ones only at the picture's border")
    func borders() throws {
        let inner = try #require(
            Polygon([(0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6)].map { Point(x: $0.0, y: $0.1) }))
        #expect(inner.contains(Point(x: 0.2, y: 0.4)) && inner.contains(Point(x: 0.4, y: 0.2)))
        #expect(!inner.contains(Point(x: 0.6, y: 0.4)) && !inner.contains(Point(x: 0.4, y: 0.6)))
        let corner = try #require(Polygon([(0.5, 0.5), (1, 0.5), (1, 1), (0.5, 1)].map { Point(x: $0.0, y: $0.1) }))
        #expect(corner.contains(Point(x: 1, y: 1)) && corner.contains(Point(x: 0.7, y: 1)))
    }

    @Test func polygonsAreChecked() {
        let triangle = [Point(x: 0, y: 0), Point(x: 1, y: 0), Point(x: 1, y: 1)]
        #expect(Polygon(triangle) != nil && Polygon(Array(triangle.prefix(2))) == nil && Polygon([]) == nil)
        #expect(Polygon(Array(repeating: triangle[0], count: 65)) == nil)
        for wrong in [Point(x: -0.01, y: 0), Point(x: 0, y: 1.01), Point(x: .nan, y: 0), Point(x: 0, y: .infinity)] {
            #expect(Polygon(triangle + [wrong]) == nil, "\(wrong)")
            #expect(Polyline([triangle[0], wrong]) == nil, "\(wrong)")
        }
    }

    @Test func linesAreChecked() {
        let points = (0..<65).map { Point(x: Double($0) / 64, y: 0.5) }
        #expect(Polyline(Array(points.prefix(2))) != nil && Polyline(Array(points.prefix(64))) != nil)
        #expect(Polyline(points) == nil && Polyline([points[0]]) == nil)
        #expect(Polyline([points[0], points[1], points[1]]) == nil, "two equal neighbours")
        #expect(Polyline([points[0], points[1], points[0]]) != nil, "there and back is a line")
    }

    @Test func anchorsOfABox() {
        let box = Box(x: 0.25, y: 0.5, width: 0.5, height: 0.25)
        #expect(box.foot == Point(x: 0.5, y: 0.75) && box.centre == Point(x: 0.5, y: 0.625))
        #expect(box.point(of: .foot) == box.foot && box.point(of: .centre) == box.centre)
        #expect(Box(x: 0, y: 0.9, width: 0.1, height: 0.3).foot.y == 1, "held to the picture")
        #expect(box.area == 0.125)
    }

    /// Vertices around a middle at rising angles: simple, mostly concave.
    private func starVertices(_ random: inout SeededRandom) -> [Point] {
        let directions = [
            (1.0, 0.0), (0.8, 0.6), (0.0, 1.0), (-0.6, 0.8), (-1.0, 0.0), (-0.8, -0.6), (0.0, -1.0), (0.6, -0.8)
        ]
        return directions.map { x, y in
            let radius = Double.random(in: 0.05...0.49, using: &random)
            return Point(x: 0.5 + x * radius, y: 0.5 + y * radius)
        }
    }

    /// Sunday's winding number: edges that pass upwards to the left of the point minus those that pass downwards.
    private func windingNumber(of vertices: [Point], around point: Point) -> Int {
        var number = 0
        for (from, to) in zip(vertices, vertices.dropFirst() + [vertices[0]]) {
            let side = (to.x - from.x) * (point.y - from.y) - (point.x - from.x) * (to.y - from.y)
            if from.y <= point.y, to.y > point.y, side > 0 { number += 1 }
            if from.y > point.y, to.y <= point.y, side < 0 { number -= 1 }
        }
        return number
    }
}
