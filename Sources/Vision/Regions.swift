/// An upright rectangle on the grid, in pixels; the far edges are exclusive.
struct GridBox: Equatable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { right - left }
    var height: Double { bottom - top }
    var area: Double { width * height }
    var x: Double { (left + right) / 2 }
    var y: Double { (top + bottom) / 2 }

    func union(_ other: GridBox) -> GridBox {
        GridBox(
            left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
            bottom: max(bottom, other.bottom))
    }

    /// Positive where they share columns (rows), negative the gap between them.
    func across(_ other: GridBox) -> Double { min(right, other.right) - max(left, other.left) }
    func down(_ other: GridBox) -> Double { min(bottom, other.bottom) - max(top, other.top) }

    func shared(_ other: GridBox) -> Double { max(0, across(other)) * max(0, down(other)) }

    func grown(_ x: Double, _ y: Double) -> GridBox {
        GridBox(left: left - x, top: top - y, right: right + x, bottom: bottom + y)
    }
}

/// A connected piece of foreground, or several that were joined.
struct Region: Equatable {
    var box: GridBox
    /// Foreground pixels.
    var area: Int
    /// Sum over them of the distance to the nearest sample, in grey levels.
    var contrastSum: Int

    var contrast: Double { Double(contrastSum) / Double(max(1, area)) }

    func joined(_ other: Region) -> Region {
        Region(box: box.union(other.box), area: area + other.area, contrastSum: contrastSum + other.contrastSum)
    }
}
