package import Scene

/// What is drawn on a picture, back to front. Places are shares of the picture.
package struct Overlay: Sendable, Hashable {
    package struct Item: Sendable, Hashable {
        package var shape: Shape
        package var colour: Colour

        package init(_ shape: Shape, _ colour: Colour) {
            self.shape = shape
            self.colour = colour
        }
    }

    package enum Shape: Sendable, Hashable {
        case polygon(Polygon)
        /// With an arrowhead at its last point, and one arrow across for the crossing that counts (nil: either way).
        case line(Polyline, counting: CrossingDirection?)
        case box(Box)
        /// A box of one pixel's width, for what is shown beside the main thing.
        case thinBox(Box)
        /// Where a track went, oldest first.
        case path([Point])
        /// The same without a rim, of one pixel's width: for many at once.
        case trail([Point])
        /// A cross where the deciding point is.
        case mark(Point)
        /// Text beside a place, ASCII.
        case label(String, at: Point)
        /// Text above a box, or below it where there is no room.
        case tag(String, on: Box)
    }

    package struct Colour: Sendable, Hashable {
        package var red: UInt8
        package var green: UInt8
        package var blue: UInt8

        package init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        package static let fence = Colour(red: 255, green: 208, blue: 0)
        package static let object = Colour(red: 255, green: 48, blue: 48)
        package static let track = Colour(red: 0, green: 224, blue: 255)
        package static let mark = Colour(red: 255, green: 0, blue: 255)
        package static let text = Colour(red: 255, green: 255, blue: 255)
        package static let shadow = Colour(red: 0, green: 0, blue: 0)
    }

    package var items: [Item]
    /// Lines of a strip in the upper left corner, ASCII; other characters show as `?`.
    package var caption: [String]
    /// Lines at every tenth of width and height with their shares, for drawing fences without guessing.
    package var hasGrid: Bool

    package init(items: [Item] = [], caption: [String] = [], hasGrid: Bool = false) {
        self.items = items
        self.caption = caption
        self.hasGrid = hasGrid
    }

    /// A fence with its name at its first point.
    package static func fence(
        _ shape: FenceShape, name: String, counting: CrossingDirection? = nil, colour: Colour = .fence
    ) -> [Item] {
        switch shape {
        case .polygon(let polygon):
            [Item(.polygon(polygon), colour), Item(.label(name, at: polygon.vertices[0]), colour)]
        case .polyline(let line):
            [Item(.line(line, counting: counting), colour), Item(.label(name, at: line.points[0]), colour)]
        }
    }

    package static let grid = Overlay(hasGrid: true)
}
