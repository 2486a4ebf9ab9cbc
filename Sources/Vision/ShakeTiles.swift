internal import KernelAPI

/// Where the camera's shake is measured: tiles spread over the grid, far enough from its edge that each may be looked
/// for `reach` pixels away, and what they look like in the background.
///
/// A tile is known by its projections, the mean of its columns and of its rows, of which only the slope counts, so
/// that light does not. Projections make of a search over an area two searches over a line, and average noise away.
struct ShakeTiles {
    /// Pixels of the longest shift, each way.
    let reach: Int
    let width: Int
    let height: Int
    private let columns: Int
    private let rows: Int
    private let spanX: Int
    private let spanY: Int

    var count: Int { columns * rows }
    /// Around a tile: the reach, a pixel to interpolate with and one for the slope.
    var margin: Int { reach + 2 }

    static let fewest = 6
    private static let wide = 64
    private static let narrow = 32

    /// No tiles (``count`` 0) where the grid is too small, or `reach` is 0.
    init(layout: GridLayout, reach: Int) {
        self.reach = reach
        let usableX = layout.width - 2 * (reach + 2)
        let usableY = layout.height - 2 * (reach + 2)
        // Projections are fastest over whole vectors of columns.
        width = usableX >= 4 * Self.wide ? Self.wide : Self.narrow
        let across = min(max(usableX, 0) / width, 8)
        let target = width == Self.wide ? 48 : 32
        let down = min(max(usableY, 0) / target, 6)
        let isEnough = reach > 0 && across > 1 && down > 1 && across * down >= Self.fewest
        columns = isEnough ? across : 0
        rows = isEnough ? down : 0
        height = isEnough ? usableY / down : target
        spanX = usableX - width
        spanY = usableY - height
    }

    /// Left and top of a tile.
    func origin(_ tile: Int) -> (x: Int, y: Int) {
        let (column, row) = (tile % columns, tile / columns)
        return (margin + column * spanX / (columns - 1), margin + row * spanY / (rows - 1))
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
    private let margin: Int
    private var slopes: [Int16]
    private var energies: [Int32]
    private var usable: [Bool]
    /// Tiles with texture along this axis that does not repeat itself.
    private(set) var textured = 0

    /// Slopes are in eighths of a grey level over two pixels.
    static let levelSteps = 8
    /// A texture that is as like as this (squared) to itself some way off says nothing of where it is.
    private static let repeating = 0.55
    private static let nearest = 4

    init(tiles: ShakeTiles, axis: ShakeAxis) {
        length = (axis == .x ? tiles.width : tiles.height) - 2
        margin = tiles.margin
        slopes = Array(repeating: 0, count: tiles.count * (length + 2 * tiles.margin))
        energies = Array(repeating: 0, count: tiles.count * (2 * tiles.margin + 1))
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
                let here = Double(own[margin])
                isGood = here >= leastEnergy
                guard isGood else { return }
                for lag in 1..<lags - 1 where abs(lag - margin) >= Self.nearest && own[lag] > 0 {
                    let product = Double(ShakeReference.dot(all + margin, all + lag, length))
                    if product > 0, product * product >= Self.repeating * here * Double(own[lag]) { isGood = false }
                }
            }
        }
        if usable[tile] != isGood { textured += isGood ? 1 : -1 }
        usable[tile] = isGood
    }

    /// Where a tile of the picture lies in the background.
    ///
    /// - Parameters:
    ///   - slopes: of the tile in the picture, ``length`` of them.
    ///   - lags: within the reach.
    ///   - likeness: the least squared correlation, 0…1.
    /// - Returns: the lag in pixels, nil where nothing in reach is like it.
    func lag(
        of tile: Int, _ slopes: UnsafePointer<Int16>, in lags: ClosedRange<Int>, likeness: Double
    ) -> Double? {
        let own = Double(Self.dot(slopes, slopes, length))
        guard own > 0 else { return nil }
        return self.slopes.withUnsafeBufferPointer { all in
            let base = all.baseAddress! + tile * (length + 2 * margin) + margin
            func score(_ lag: Int) -> Double {
                let energy = energies[tile * (2 * margin + 1) + margin + lag]
                let product = Self.dot(slopes, base + lag, length)
                return product > 0 && energy > 0 ? Double(product) * Double(product) / Double(energy) : 0
            }
            var (best, most) = (lags.lowerBound, -1.0)
            for lag in lags {
                let value = score(lag)
                if value > most { (best, most) = (lag, value) }
            }
            guard most >= likeness * own else { return nil }
            let isLong = lags.count > 2 * Self.nearest
            for lag in lags where isLong && abs(lag - best) >= Self.nearest && score(lag) > Self.repeating * most {
                return nil
            }
            // At the end of a short search the best may lie beyond; at the end of a long one it is none.
            if best == lags.lowerBound || best == lags.upperBound { return isLong ? nil : Double(best) }
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
