/// A place in the picture as shares of its width and height: x to the right, y down, (0, 0) the top left corner.
package struct Point: Hashable, Sendable, Codable {
    package var x: Double
    package var y: Double

    @inlinable package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// Written as `[x, y]`.
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        x = try container.decode(Double.self)
        y = try container.decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(x)
        try container.encode(y)
    }
}

/// An upright rectangle in shares of the picture: top left corner, width, height.
package struct Box: Hashable, Sendable, Codable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    @inlinable package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    @inlinable package var centre: Point { Point(x: x + width / 2, y: y + height / 2) }

    /// Where the object stands: the middle of the lower edge, kept inside the picture.
    @inlinable package var foot: Point { Point(x: x + width / 2, y: min(y + height, 1)) }

    /// Share of the picture that the box covers.
    @inlinable package var area: Double { width * height }

    @inlinable package func point(of anchor: Anchor) -> Point {
        switch anchor {
        case .foot: foot
        case .centre: centre
        }
    }

    /// Written as `[x, y, width, height]`.
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        x = try container.decode(Double.self)
        y = try container.decode(Double.self)
        width = try container.decode(Double.self)
        height = try container.decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for value in [x, y, width, height] { try container.encode(value) }
    }
}

/// Which point of an object's box decides (锚点): its foot point (脚点) or its centre.
package enum Anchor: String, Sendable, Codable, CaseIterable {
    case foot
    case centre
}
