internal import KernelAPI

/// Tells a change of light from things: where the ground's texture shows through at another brightness, the background
/// takes the new light over at once; what does not fit stays foreground.
///
/// Works on cells of the grid and only on frames much of which is foreground. A textured cell is light if it correlates
/// with the background (as in the ratio test of ``ShadowTest``); a plain one if it changed by about the factor of a
/// light cell beside it; a cell full of something new, or under a track, takes its neighbours' factor for the ground
/// that cannot be seen and keeps its foreground.
struct LightChange {
    private enum Kind: UInt8 {
        /// Not enough foreground to ask.
        case quiet
        case unknown
        case plain
        case light
        /// The ground behind it is lit as its neighbours' is.
        case behind
    }

    private struct Cell {
        var kind = Kind.quiet
        var mean = 0.0
        var usual = 0.0
        var slope = 1.0
        /// Brightness now over before.
        var factor: Double { (mean + 1) / (usual + 1) }
    }

    static let side = 16
    private static let suspiciousShare = 0.4
    private static let texturedVariance = 6.0
    private static let factorLeast = 0.12
    private static let factorMost = 8.0
    private static let alike = 0.22

    private let model: HealthModel
    private let columns: Int
    private let rows: Int
    private var cells: [Cell]

    init(model: HealthModel, layout: GridLayout) {
        self.model = model
        columns = (layout.width + Self.side - 1) / Self.side
        rows = (layout.height + Self.side - 1) / Self.side
        cells = Array(repeating: Cell(), count: columns * rows)
    }

    /// Where the light changed, the background takes it over.
    /// - Parameter mask: the cleaned foreground of this frame.
    /// - Returns: the share of the picture that is lit differently; 0 where it was not light and nothing was done.
    mutating func settle(_ mask: Plane<UInt64>, _ grid: Plane<UInt8>, _ background: BackgroundModel) -> Double {
        let layout = background.layout
        var number = 0
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = judge(column, row, mask, grid, background)
                cells[row * columns + column] = cell
                if cell.kind == .light { number += 1 }
            }
        }
        let least = max(3, model.lightLeast * Double(cells.count))
        guard Double(number) >= least else { return 0 }
        spreadLight()
        fillBehind()
        for row in 0..<rows {
            for column in 0..<columns { relight(column, row, grid, background, layout) }
        }
        return Double(cells.count { $0.kind == .light }) / Double(cells.count)
    }

    // MARK: Judging

    private func area(_ column: Int, _ row: Int, _ layout: GridLayout) -> (x: Range<Int>, y: Range<Int>) {
        let (x, y) = (column * Self.side, row * Self.side)
        return (x..<min(x + Self.side, layout.width), y..<min(y + Self.side, layout.height))
    }

    private func judge(
        _ column: Int, _ row: Int, _ mask: Plane<UInt64>, _ grid: Plane<UInt8>, _ background: BackgroundModel
    ) -> Cell {
        let layout = background.layout
        let (xs, ys) = area(column, row, layout)
        var (count, open, foreground) = (0, 0, 0)
        var (c, m, cc, mm, cm) = (0, 0, 0, 0, 0)
        for y in ys {
            let word = mask.base[y * layout.rowWords + xs.lowerBound / 64] >> UInt64(xs.lowerBound % 64)
            foreground += (word & (1 << UInt64(Self.side) - 1)).nonzeroBitCount
            let line = y * layout.stride
            for x in xs where background.hold.base[line + x] == 0 {
                let (now, usual) = (Int(grid.base[line + x]), Int(background.mean.base[line + x]) >> 8)
                open += 1
                c += now
                m += usual
                cc += now * now
                mm += usual * usual
                cm += now * usual
            }
            count += xs.count
        }
        var cell = Cell()
        if Double(open) < 0.4 * Double(count) {
            cell.kind = .unknown
            return cell
        }
        if Double(foreground) < Self.suspiciousShare * Double(count) { return cell }
        let n = Double(open)
        cell.mean = Double(c) / n
        cell.usual = Double(m) / n
        let variance = max(0, Double(cc) / n - cell.mean * cell.mean)
        let usualVariance = max(0, Double(mm) / n - cell.usual * cell.usual)
        let shared = Double(cm) / n - cell.mean * cell.usual
        cell.kind = kind(of: cell, variance, usualVariance, shared)
        if cell.kind == .light { cell.slope = min(max(shared / usualVariance, Self.factorLeast), Self.factorMost) }
        return cell
    }

    private func kind(of cell: Cell, _ variance: Double, _ usual: Double, _ shared: Double) -> Kind {
        guard (Self.factorLeast...Self.factorMost).contains(cell.factor) else { return .unknown }
        if usual >= Self.texturedVariance, variance >= 1 {
            return shared >= model.lightLikeness * (variance * usual).squareRoot() ? .light : .unknown
        }
        // Both plain: nothing shows through, the neighbours must tell. Clipped light is plain as well.
        return variance <= max(3 * usual, 2 * Self.texturedVariance) ? .plain : .unknown
    }

    private func forEachNeighbour(_ index: Int, _ body: (Int) -> Void) {
        let (column, row) = (index % columns, index / columns)
        if column > 0 { body(index - 1) }
        if column + 1 < columns { body(index + 1) }
        if row > 0 { body(index - columns) }
        if row + 1 < rows { body(index + columns) }
    }

    /// Light flows into plain cells that changed by about the same factor.
    private mutating func spreadLight() {
        for pass in 0..<4 {
            var isDone = true
            for step in cells.indices {
                let index = pass % 2 == 0 ? step : cells.count - 1 - step
                guard cells[index].kind == .plain else { continue }
                var fits = false
                let own = cells[index]
                forEachNeighbour(index) { other in
                    guard cells[other].kind == .light else { return }
                    let expected = min(255, (own.usual + 1) * cells[other].factor)
                    if abs(own.mean + 1 - expected) <= Self.alike * expected + 3 { fits = true }
                }
                guard fits else { continue }
                cells[index].kind = .light
                cells[index].slope = own.factor
                isDone = false
            }
            if isDone { return }
        }
    }

    /// Ground that cannot be seen is lit as the light around it, where that is most of what is around.
    private mutating func fillBehind() {
        for _ in 0..<3 {
            var isDone = true
            for index in cells.indices where cells[index].kind == .unknown || cells[index].kind == .plain {
                var (lit, around, sum) = (0, 0, 0.0)
                forEachNeighbour(index) { other in
                    around += 1
                    guard cells[other].kind == .light || cells[other].kind == .behind else { return }
                    lit += 1
                    sum += cells[other].kind == .light ? cells[other].factor : cells[other].slope
                }
                guard lit * 2 >= around, lit > 0 else { continue }
                cells[index].kind = .behind
                cells[index].slope = sum / Double(lit)
                isDone = false
            }
            if isDone { return }
        }
    }

    // MARK: Taking over

    private func relight(
        _ column: Int, _ row: Int, _ grid: Plane<UInt8>, _ background: BackgroundModel, _ layout: GridLayout
    ) {
        let cell = cells[row * columns + column]
        guard cell.kind == .light || cell.kind == .behind else { return }
        let (xs, ys) = area(column, row, layout)
        for y in ys {
            for x in xs {
                let index = y * layout.stride + x
                let usual = Double(background.mean.base[index]) / 256
                var wanted = cell.kind == .light ? cell.mean + cell.slope * (usual - cell.usual) : usual * cell.slope
                if cell.kind == .light, background.hold.base[index] == 0 {
                    let now = Double(grid.base[index])
                    // What fits the cell's light is taken as it is, so that no seams stay.
                    if abs(now - wanted) <= max(10, 0.15 * wanted) { wanted = now }
                }
                background.shift(at: index, to: UInt8(min(max(wanted, 0), 255)))
            }
        }
    }
}

extension BackgroundModel {
    /// The mean goes to `level` and the samples with it.
    func shift(at index: Int, to level: UInt8) {
        let delta = Int(level) - (Int(mean.base[index]) + 128) >> 8
        if delta == 0 { return }
        mean.base[index] = UInt16(level) << 8
        shiftSamples(at: index, by: delta)
    }
}
