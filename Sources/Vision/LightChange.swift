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
        let least = Int(max(3, model.lightLeast * Double(cells.count)).rounded(.up))
        // The cheap questions first: in traffic much is foreground and hardly any of it is light.
        guard suspect(mask, layout) >= least else { return 0 }
        var number = 0
        for row in 0..<rows {
            for column in 0..<columns where cells[row * columns + column].kind != .quiet {
                let cell = judge(column, row, grid, background)
                cells[row * columns + column] = cell
                if cell.kind == .light { number += 1 }
            }
        }
        guard number >= least else { return 0 }
        for row in 0..<rows {
            for column in 0..<columns where cells[row * columns + column].kind == .quiet {
                if isHeld(column, row, background) { cells[row * columns + column].kind = .unknown }
            }
        }
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

    /// Marks the cells with enough foreground to ask.
    /// - Returns: how many there are.
    private mutating func suspect(_ mask: Plane<UInt64>, _ layout: GridLayout) -> Int {
        var number = 0
        for row in 0..<rows {
            let ys = row * Self.side..<min((row + 1) * Self.side, layout.height)
            for word in 0..<(columns + 3) / 4 {
                // The bits of four cells are counted side by side, 16 bits for each.
                var counts: UInt64 = 0
                for y in ys { counts &+= Self.countBits(mask.base[y * layout.rowWords + word]) }
                for column in word * 4..<min(word * 4 + 4, columns) {
                    let width = min(Self.side, layout.width - column * Self.side)
                    let foreground = Double(counts >> UInt64(column % 4 * 16) & 0xFFFF)
                    let isSuspicious = foreground >= Self.suspiciousShare * Double(width * ys.count)
                    cells[row * columns + column].kind = isSuspicious ? .unknown : .quiet
                    if isSuspicious { number += 1 }
                }
            }
        }
        return number
    }

    /// The number of bits set in each 16 of them.
    private static func countBits(_ word: UInt64) -> UInt64 {
        var bits = word &- (word >> 1 & 0x5555_5555_5555_5555)
        bits = (bits & 0x3333_3333_3333_3333) &+ (bits >> 2 & 0x3333_3333_3333_3333)
        bits = (bits &+ bits >> 4) & 0x0F0F_0F0F_0F0F_0F0F
        return (bits &+ bits >> 8) & 0x001F_001F_001F_001F
    }

    /// Too little of the cell's ground is free of tracks to ask it.
    private static func isHeld(_ open: Int, of count: Int) -> Bool { Double(open) < 0.4 * Double(count) }

    private func isHeld(_ column: Int, _ row: Int, _ background: BackgroundModel) -> Bool {
        let layout = background.layout
        let (xs, ys) = area(column, row, layout)
        var open = 0
        for y in ys {
            let line = background.hold.base + y * layout.stride
            for x in xs where line[x] == 0 { open += 1 }
        }
        return Self.isHeld(open, of: xs.count * ys.count)
    }

    private func judge(
        _ column: Int, _ row: Int, _ grid: Plane<UInt8>, _ background: BackgroundModel
    ) -> Cell {
        let layout = background.layout
        let (xs, ys) = area(column, row, layout)
        // 256 pixels of 255² each fit 32 bits.
        var (open, c, m): (Int32, Int32, Int32) = (0, 0, 0)
        var (cc, mm, cm): (Int32, Int32, Int32) = (0, 0, 0)
        for y in ys {
            let line = y * layout.stride
            let (held, pixels, means) = (
                background.hold.base + line, grid.base + line, background.mean.base + line
            )
            for x in xs {
                let keep: Int32 = held[x] == 0 ? -1 : 0
                let (now, usual) = (Int32(pixels[x]) & keep, Int32(means[x] >> 8) & keep)
                open &-= keep
                c &+= now
                m &+= usual
                cc &+= now &* now
                mm &+= usual &* usual
                cm &+= now &* usual
            }
        }
        var cell = Cell()
        cell.kind = .unknown
        if Self.isHeld(Int(open), of: xs.count * ys.count) { return cell }
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
