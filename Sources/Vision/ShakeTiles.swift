internal import KernelAPI

/// Where it is seen at little cost whether a camera keeps still: tiles spread over the grid.
///
/// A tile is known by its projections, the mean of its columns and of its rows, of which only the slope counts, so
/// that light does not. Projections make of a search over an area two searches over a line, and average noise away.
struct ShakeTiles {
    /// Pixels each way that a tile is looked for in the background.
    static let near = 2
    /// Around a tile: those, a pixel to interpolate with and one for the slope.
    static let margin = near + 2

    let width: Int
    let height: Int
    private let columns: Int
    private let rows: Int
    private let spanX: Int
    private let spanY: Int

    var count: Int { columns * rows }
    static let fewest = 6
    private static let wide = 64
    private static let narrow = 32

    /// No tiles (``count`` 0) where the grid is too small.
    init(layout: GridLayout) {
        let usableX = layout.width - 2 * Self.margin
        let usableY = layout.height - 2 * Self.margin
        // Projections are fastest over whole vectors of columns.
        width = usableX >= 4 * Self.wide ? Self.wide : Self.narrow
        let across = min(max(usableX, 0) / width, 8)
        let target = width == Self.wide ? 48 : 32
        let down = min(max(usableY, 0) / target, 6)
        let isEnough = across > 1 && down > 1 && across * down >= Self.fewest
        columns = isEnough ? across : 0
        rows = isEnough ? down : 0
        height = isEnough ? usableY / down : target
        spanX = usableX - width
        spanY = usableY - height
    }

    /// Left and top of a tile.
    func origin(_ tile: Int) -> (x: Int, y: Int) {
        let (column, row) = (tile % columns, tile / columns)
        return (Self.margin + column * spanX / (columns - 1), Self.margin + row * spanY / (rows - 1))
    }
}

/// Across or down.
enum ShakeAxis: CaseIterable {
    case x, y
}

/// The slopes of every tile's projections in the background, along one axis, and how much there is of them at each lag.
struct ShakeReference: Hashable, Sendable {
    /// Slopes of one tile at lag 0, without the margins.
    let length: Int
    private let margin = ShakeTiles.margin
    private var slopes: [Int16]
    private var energies: [Int32]
    private var usable: [Bool]
    /// Tiles with texture along this axis.
    private(set) var textured = 0

    /// Slopes are in eighths of a grey level over two pixels.
    static let levelSteps = 8
    /// Least squared correlation of a tile with the background.
    private static let likeness = 0.5

    init(tiles: ShakeTiles, axis: ShakeAxis) {
        length = (axis == .x ? tiles.width : tiles.height) - 2
        slopes = Array(repeating: 0, count: tiles.count * (length + 2 * ShakeTiles.margin))
        energies = Array(repeating: 0, count: tiles.count * (2 * ShakeTiles.margin + 1))
        usable = Array(repeating: false, count: tiles.count)
    }

    func isUsable(_ tile: Int) -> Bool { usable[tile] }

    /// - Parameter sums: the projection with the margins, `length + 2 + 2 * margin` of them, each of `pixels` pixels.
    mutating func learn(_ tile: Int, from sums: UnsafePointer<UInt32>, pixels: Int, texture: Double) {
        let (size, lags) = (length + 2 * margin, 2 * margin + 1)
        let leastEnergy = Double(length) * (texture * Double(Self.levelSteps)) * (texture * Double(Self.levelSteps))
        let (length, margin) = (length, margin)
        var isGood = false
        slopes.withUnsafeMutableBufferPointer { slopes in
            let all = slopes.baseAddress! + tile * size
            ShakeReference.slopes(of: sums, count: size, pixels: pixels, into: all)
            energies.withUnsafeMutableBufferPointer { energies in
                let own = energies.baseAddress! + tile * lags
                for lag in 0..<lags - 1 { own[lag] = ShakeReference.dot(all + lag, all + lag, length) }
                own[lags - 1] = 0
                isGood = Double(own[margin]) >= leastEnergy
            }
        }
        if usable[tile] != isGood { textured += isGood ? 1 : -1 }
        usable[tile] = isGood
    }

    /// Where a tile of the picture lies in the background.
    ///
    /// - Parameter slopes: of the tile in the picture, ``length`` of them.
    /// - Returns: the lag in pixels, nil where nothing near is like it.
    func lag(of tile: Int, _ slopes: UnsafePointer<Int16>) -> Double? {
        let own = Double(Self.dot(slopes, slopes, length))
        guard own > 0 else { return nil }
        return self.slopes.withUnsafeBufferPointer { all in
            let base = all.baseAddress! + tile * (length + 2 * margin) + margin
            func score(_ lag: Int) -> Double {
                let energy = energies[tile * (2 * margin + 1) + margin + lag]
                let product = Self.dot(slopes, base + lag, length)
                return product > 0 && energy > 0 ? Double(product) * Double(product) / Double(energy) : 0
            }
            var (best, most) = (0, -1.0)
            for lag in -ShakeTiles.near...ShakeTiles.near {
                let value = score(lag)
                if value > most { (best, most) = (lag, value) }
            }
            guard most >= Self.likeness * own else { return nil }
            // At the end of the search the best may lie beyond.
            if abs(best) == ShakeTiles.near { return Double(best) }
            let side = score(best + 1) > score(best - 1) ? 1 : -1
            return Double(best) + Double(side) * fraction(slopes, base + best, base + best + side)
        }
    }

    /// How far `slopes` lies between two neighbouring lags: the best mixture of both, by least squares, whatever the gain.
    private func fraction(
        _ slopes: UnsafePointer<Int16>, _ first: UnsafePointer<Int16>, _ second: UnsafePointer<Int16>
    ) -> Double {
        let a = Double(Self.dot(first, first, length))
        let b = Double(Self.dot(second, second, length))
        let both = Double(Self.dot(first, second, length))
        let toFirst = Double(Self.dot(slopes, first, length))
        let toSecond = Double(Self.dot(slopes, second, length))
        let shareOfFirst = toFirst * b - toSecond * both
        let shareOfSecond = toSecond * a - toFirst * both
        let whole = shareOfFirst + shareOfSecond
        guard whole > 0, shareOfSecond > 0 else { return 0 }
        return min(shareOfSecond / whole, 1)
    }

    /// `count` slopes of `count + 2` sums of `pixels` pixels each.
    static func slopes(
        of sums: UnsafePointer<UInt32>, count: Int, pixels: Int, into slopes: UnsafeMutablePointer<Int16>
    ) {
        // Multiplied by the reciprocal: a division for each would take longer than the rest.
        let factor = (levelSteps << 16 + pixels / 2) / pixels
        for index in 0..<count {
            let difference = Int(sums[index + 2]) - Int(sums[index])
            slopes[index] = Int16(truncatingIfNeeded: (difference &* factor &+ 32_768) >> 16)
        }
    }

    /// At most 510 * 8 squared a term: 32 bits hold the sum of over a hundred.
    private static func dot(_ one: UnsafePointer<Int16>, _ other: UnsafePointer<Int16>, _ count: Int) -> Int32 {
        var sum: Int32 = 0
        var index = 0
        while index < count {
            sum = sum &+ Int32(one[index]) &* Int32(other[index])
            index &+= 1
        }
        return sum
    }
}
