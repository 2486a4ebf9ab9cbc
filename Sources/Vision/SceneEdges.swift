internal import KernelAPI

/// The edges of a small copy of the picture against those of the learnt one: is it still the same view?
///
/// Correlation of limited gradients, so that neither exposure nor one bright lamp decides; at every shift of a few
/// pixels, so that a camera that shakes is still the same view.
struct SceneEdges {
    struct Likeness {
        /// Of the gradients: 1 for the same view in any even light, about 0 for another one.
        let edges: Double
        /// Of their strength: still high where light and dark changed places.
        let contours: Double
        /// The part of the edges seen now that are the usual ones: high where most are hidden and the rest is the scene.
        let explained: Double
        /// The part of the usual edges that is still there, whatever else is seen besides.
        let kept: Double
    }

    private let factor: Int
    private let width: Int
    private let height: Int
    private let gridStride: Int
    private var small: [UInt8]
    /// The learnt small copy, in 1/4096 of a grey level: whole numbers, so that learning is cheap.
    private var normal: [Int32]
    private var scratch: [UInt16]
    private var across: [Int32]
    private var down: [Int32]
    private var usualAcross: [Int32]
    private var usualDown: [Int32]

    /// In pixels of the small copy.
    private static let reach = 2
    private static let smallWidth = 96
    /// Grey levels beyond which an edge counts no more.
    private static let strongest: Int32 = 24
    private static let levelBits: Int32 = 12
    private static let weightBits: Int32 = 11
    /// Mean square of gradients, in grey levels, below which there is nothing to compare.
    private static let energyLeast = 2.0

    init(layout: GridLayout) {
        factor = min(max(1, (layout.width + Self.smallWidth / 2) / Self.smallWidth), PlaneLayout.factorLimit)
        width = layout.width / factor
        height = layout.height / factor
        gridStride = layout.stride
        let count = width * height
        small = Array(repeating: 0, count: count)
        normal = Array(repeating: 0, count: count)
        scratch = Array(repeating: 0, count: width * factor + 2)
        across = Array(repeating: 0, count: count)
        down = Array(repeating: 0, count: count)
        usualAcross = Array(repeating: 0, count: count)
        usualDown = Array(repeating: 0, count: count)
    }

    private var isUsable: Bool { width > 4 * Self.reach && height > 4 * Self.reach }

    mutating func look(at grid: Plane<UInt8>, kernels: KernelTable) {
        guard isUsable else { return }
        let (factor, width, height, gridStride) = (factor, width, height, gridStride)
        small.withUnsafeMutableBufferPointer { small in
            scratch.withUnsafeMutableBufferPointer { scratch in
                guard let target = small.baseAddress, let sums = scratch.baseAddress else { return }
                kernels.boxDownsample(grid.base, gridStride, factor, target, width, width, height, sums)
            }
        }
        let strongest = Self.strongest
        small.withUnsafeBufferPointer { small in
            across.withUnsafeMutableBufferPointer { across in
                down.withUnsafeMutableBufferPointer { down in
                    for index in 0..<(small.count - width) {
                        let here = Int32(small[index])
                        across[index] = min(max(Int32(small[index &+ 1]) &- here, -strongest), strongest)
                        down[index] = min(max(Int32(small[index &+ width]) &- here, -strongest), strongest)
                    }
                }
            }
        }
    }

    /// - Parameter weight: of this picture against what was learnt, 0…1.
    mutating func learn(weight: Double) {
        guard isUsable, weight > 0 else { return }
        // A level's 20 bits times this fit 32.
        let weight = max(1, Int32(weight * Double(1 << Self.weightBits)))
        let (half, strongest, width) = (Int32(1) << (Self.levelBits - 1), Self.strongest, width)
        normal.withUnsafeMutableBufferPointer { normal in
            small.withUnsafeBufferPointer { small in
                for index in 0..<normal.count {
                    let missing = Int32(small[index]) &<< Self.levelBits &- normal[index]
                    normal[index] &+= (missing &* weight) &>> Self.weightBits
                }
            }
            usualAcross.withUnsafeMutableBufferPointer { across in
                usualDown.withUnsafeMutableBufferPointer { down in
                    for index in 0..<(normal.count - width) {
                        let here = normal[index] &- half
                        let right = (normal[index &+ 1] &- here) &>> Self.levelBits
                        let below = (normal[index &+ width] &- here) &>> Self.levelBits
                        across[index] = min(max(right, 0 &- strongest), strongest)
                        down[index] = min(max(below, 0 &- strongest), strongest)
                    }
                }
            }
        }
    }

    /// - Parameter enough: other shifts are tried only where the edges are less alike than this.
    /// - Returns: at the best shift; nil where one of both pictures has hardly an edge.
    func likeness(enough: Double) -> Likeness? {
        guard isUsable, let here = likeness(atX: 0, y: 0) else { return nil }
        if here.edges >= enough { return here }
        var (edges, contours, explained, kept) = (here.edges, here.contours, here.explained, here.kept)
        for y in -Self.reach...Self.reach {
            for x in -Self.reach...Self.reach where x != 0 || y != 0 {
                guard let other = likeness(atX: x, y: y) else { continue }
                edges = max(edges, other.edges)
                contours = max(contours, other.contours)
                explained = max(explained, other.explained)
                kept = max(kept, other.kept)
            }
        }
        return Likeness(edges: edges, contours: contours, explained: explained, kept: kept)
    }

    private func likeness(atX dx: Int, y dy: Int) -> Likeness? {
        let margin = Self.reach
        var sums = EdgeSums()
        across.withUnsafeBufferPointer { across in
            down.withUnsafeBufferPointer { down in
                usualAcross.withUnsafeBufferPointer { usualAcross in
                    usualDown.withUnsafeBufferPointer { usualDown in
                        for y in margin..<(height - margin - 1) {
                            let first = y * width + margin
                            let other = (y + dy) * width + margin + dx
                            sums.add(
                                across.baseAddress! + first, down.baseAddress! + first,
                                usualAcross.baseAddress! + other, usualDown.baseAddress! + other,
                                width - 2 * margin - 1)
                        }
                    }
                }
            }
        }
        return sums.likeness(energyLeast: Self.energyLeast)
    }
}

/// Integer sums of one comparison, row by row.
private struct EdgeSums {
    private var count = 0
    private var (own, usual, shared): (Int64, Int64, Int64) = (0, 0, 0)
    private var (ownStrength, usualStrength): (Int64, Int64) = (0, 0)
    private var (ownSquares, usualSquares, sharedStrength): (Int64, Int64, Int64) = (0, 0, 0)

    mutating func add(
        _ across: UnsafePointer<Int32>, _ down: UnsafePointer<Int32>, _ usualAcross: UnsafePointer<Int32>,
        _ usualDown: UnsafePointer<Int32>, _ length: Int
    ) {
        // A row's sums fit 32 bits: 1024 pixels of at most 48² each.
        var (a, b, ab): (Int32, Int32, Int32) = (0, 0, 0)
        var (s, t, ss, tt, st): (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0)
        for x in 0..<length {
            let (ax, ay, bx, by) = (across[x], down[x], usualAcross[x], usualDown[x])
            a &+= ax &* ax &+ ay &* ay
            b &+= bx &* bx &+ by &* by
            ab &+= ax &* bx &+ ay &* by
            let (strength, other) = (max(ax, 0 &- ax) &+ max(ay, 0 &- ay), max(bx, 0 &- bx) &+ max(by, 0 &- by))
            s &+= strength
            t &+= other
            ss &+= strength &* strength
            tt &+= other &* other
            st &+= strength &* other
        }
        count += length
        own += Int64(a)
        usual += Int64(b)
        shared += Int64(ab)
        ownStrength += Int64(s)
        usualStrength += Int64(t)
        ownSquares += Int64(ss)
        usualSquares += Int64(tt)
        sharedStrength += Int64(st)
    }

    func likeness(energyLeast: Double) -> SceneEdges.Likeness? {
        let pixels = Double(max(1, count))
        guard Double(own) >= energyLeast * pixels, Double(usual) >= energyLeast * pixels else { return nil }
        let edges = Double(shared) / (Double(own) * Double(usual)).squareRoot()
        let (s, t) = (Double(ownStrength) / pixels, Double(usualStrength) / pixels)
        let spread = (Double(ownSquares) / pixels - s * s) * (Double(usualSquares) / pixels - t * t)
        guard spread > 0 else { return nil }
        return SceneEdges.Likeness(
            edges: edges, contours: (Double(sharedStrength) / pixels - s * t) / spread.squareRoot(),
            explained: Double(shared) / Double(own), kept: Double(shared) / Double(usual))
    }
}
