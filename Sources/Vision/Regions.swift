internal import KernelAPI

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

/// Connected components of a packed mask by runs and union-find (He, Chao, Suzuki, "A run-based two-scan labeling
/// algorithm", IEEE TIP 2008). Pixels are joined over the dilated mask, so gaps of two pixels do not part a region;
/// sizes are those of the undilated pixels.
final class RegionFinder {
    /// More runs than this in one frame is no scene but noise: the frame counts as flooded.
    static let runLimit = 16_384
    /// The largest regions are kept, the rest is dropped.
    static let regionLimit = 128

    private struct Run {
        var row: Int32
        var start: Int32
        var end: Int32
        var label: Int32
    }

    private struct Piece {
        var left = Int32.max
        var top = Int32.max
        var right: Int32 = -1
        var bottom: Int32 = -1
        var area: Int32 = 0
        var contrast: Int32 = 0

        var box: GridBox {
            GridBox(left: Double(left), top: Double(top), right: Double(right) + 1, bottom: Double(bottom) + 1)
        }
    }

    /// Steps of grey level across a piece's left and right outline, summed over `count` places.
    struct Outline: Equatable {
        var picture: Int32 = 0
        var background: Int32 = 0
        var count: Int32 = 0
    }

    private var runs: [Run] = []
    private var parents: [Int32] = []
    private var pieces: [Piece] = []
    private var kept: [Bool] = []
    private var outlines: [Outline] = []

    init() {
        runs.reserveCapacity(Self.runLimit)
        parents.reserveCapacity(Self.runLimit)
        pieces.reserveCapacity(Self.runLimit)
        kept.reserveCapacity(Self.runLimit)
        outlines.reserveCapacity(Self.runLimit)
    }

    /// - Returns: nil when the mask has more runs than ``runLimit``.
    func find(
        joined: Plane<UInt64>, pixels: Plane<UInt64>, nearest: Plane<UInt8>, layout: GridLayout, areaLeast: Int
    ) -> [Region]? {
        runs.removeAll(keepingCapacity: true)
        parents.removeAll(keepingCapacity: true)
        guard collectRuns(joined, layout) else { return nil }
        measure(pixels, nearest, layout)
        kept.removeAll(keepingCapacity: true)
        var regions: [Region] = []
        for piece in pieces {
            kept.append(piece.area >= areaLeast)
            guard piece.area >= areaLeast else { continue }
            regions.append(
                Region(box: piece.box, area: Int(piece.area), contrastSum: Int(piece.contrast)))
        }
        if regions.count > Self.regionLimit {
            regions.sort { ($0.area, $0.box.left, $0.box.top) > ($1.area, $1.box.left, $1.box.top) }
            regions.removeLast(regions.count - Self.regionLimit)
        }
        return regions
    }

    /// The boxes of the pieces that were large enough.
    var largeBoxes: [GridBox] { zip(pieces, kept).filter(\.1).map(\.0.box) }

    /// Writes the pixels of the pieces that were large enough to `out`.
    func keepLarge(of pixels: Plane<UInt64>, into out: Plane<UInt64>, layout: GridLayout) {
        out.fill(0)
        for run in runs where kept[Int(root(run.label))] {
            forEachWord(run, layout) { word, bits in out.base[word] |= pixels.base[word] & bits }
        }
    }

    /// Calls `body` with the box and outline of each piece that was large enough; where it answers true, `take` gets
    /// the piece's places on the grid, run by run.
    func forEachLarge(
        in picture: Plane<UInt8>, over mean: Plane<UInt16>, layout: GridLayout,
        _ body: (GridBox, Outline) -> Bool, take: (Range<Int>) -> Void
    ) {
        traceOutlines(picture, mean, layout)
        for (label, piece) in pieces.enumerated() where kept[label] {
            guard body(piece.box, outlines[label]) else { continue }
            for run in runs where root(run.label) == label {
                let row = Int(run.row) * layout.stride
                take(row + Int(run.start)..<row + Int(run.end))
            }
        }
    }

    /// Runs are those of the dilated mask: the outline lies one pixel inside their ends, blurred by the smoothing.
    private func traceOutlines(_ picture: Plane<UInt8>, _ mean: Plane<UInt16>, _ layout: GridLayout) {
        let (outer, inner) = (1, 3)
        outlines.removeAll(keepingCapacity: true)
        for _ in pieces { outlines.append(Outline()) }
        for run in runs {
            let label = Int(root(run.label))
            guard kept[label] else { continue }
            let row = Int(run.row) * layout.stride
            let (start, end) = (Int(run.start), Int(run.end))
            if start >= outer, start + inner < layout.width {
                outlines[label].add(row + start - outer, row + start + inner, picture, mean)
            }
            if end - 1 + outer < layout.width, end - 1 - inner >= 0 {
                outlines[label].add(row + end - 1 + outer, row + end - 1 - inner, picture, mean)
            }
        }
    }

    private func collectRuns(_ joined: Plane<UInt64>, _ layout: GridLayout) -> Bool {
        var previous = 0..<0
        for y in 0..<layout.height {
            let first = runs.count
            var word = 0
            var x = 0
            let row = joined.base + y * layout.rowWords
            while word < layout.rowWords {
                let bits = row[word] >> UInt64(x & 63)
                if bits == 0 {
                    word += 1
                    x = word * 64
                    continue
                }
                let start = x + bits.trailingZeroBitCount
                let end = min(runEnd(row, start, layout.rowWords), layout.width)
                if start < layout.width {
                    guard runs.count < Self.runLimit else { return false }
                    addRun(Run(row: Int32(y), start: Int32(start), end: Int32(end), label: -1), previous)
                }
                x = max(end, start + 1)
                word = x / 64
            }
            previous = first..<runs.count
        }
        return true
    }

    private func runEnd(_ row: UnsafeMutablePointer<UInt64>, _ start: Int, _ rowWords: Int) -> Int {
        var word = start / 64
        var zeros = ~row[word] & (~0 << UInt64(start & 63))
        while zeros == 0 {
            word += 1
            if word == rowWords { return rowWords * 64 }
            zeros = ~row[word]
        }
        return word * 64 + zeros.trailingZeroBitCount
    }

    /// 8-connected: touches a run of the row above that reaches to within one column.
    private func addRun(_ new: Run, _ above: Range<Int>) {
        var run = new
        for index in above where runs[index].start <= run.end && runs[index].end >= run.start {
            let label = root(runs[index].label)
            if run.label < 0 {
                run.label = label
            } else if run.label != label {
                let (low, high) = (min(run.label, label), max(run.label, label))
                parents[Int(high)] = low
                run.label = low
            }
        }
        if run.label < 0 {
            run.label = Int32(parents.count)
            parents.append(run.label)
        }
        runs.append(run)
    }

    private func root(_ label: Int32) -> Int32 {
        var label = label
        while parents[Int(label)] != label {
            parents[Int(label)] = parents[Int(parents[Int(label)])]
            label = parents[Int(label)]
        }
        return label
    }

    private func measure(_ pixels: Plane<UInt64>, _ nearest: Plane<UInt8>, _ layout: GridLayout) {
        pieces.removeAll(keepingCapacity: true)
        for _ in parents { pieces.append(Piece()) }
        for run in runs {
            var piece = pieces[Int(root(run.label))]
            forEachWord(run, layout) { word, span in
                var bits = pixels.base[word] & span
                if bits == 0 { return }
                let first = Int32((word - Int(run.row) * layout.rowWords) * 64)
                piece.left = min(piece.left, first + Int32(bits.trailingZeroBitCount))
                piece.right = max(piece.right, first + 63 - Int32(bits.leadingZeroBitCount))
                piece.top = min(piece.top, run.row)
                piece.bottom = max(piece.bottom, run.row)
                piece.area += Int32(bits.nonzeroBitCount)
                let distances = nearest.base + Int(run.row) * layout.stride + Int(first)
                while bits != 0 {
                    piece.contrast += Int32(distances[bits.trailingZeroBitCount])
                    bits &= bits - 1
                }
            }
            pieces[Int(root(run.label))] = piece
        }
    }

    /// The words a run lies in, with the bits that belong to it.
    @inline(__always)
    private func forEachWord(_ run: Run, _ layout: GridLayout, _ body: (_ word: Int, _ bits: UInt64) -> Void) {
        let (start, end) = (Int(run.start), Int(run.end))
        for word in start / 64...(end - 1) / 64 {
            let low = max(start - word * 64, 0)
            let high = min(end - word * 64, 64)
            let bits = (high == 64 ? ~0 : (UInt64(1) << UInt64(high)) - 1) & (~0 << UInt64(low))
            body(Int(run.row) * layout.rowWords + word, bits)
        }
    }
}

extension RegionFinder.Outline {
    fileprivate mutating func add(_ one: Int, _ other: Int, _ grid: Plane<UInt8>, _ mean: Plane<UInt16>) {
        picture += abs(Int32(grid.base[one]) - Int32(grid.base[other]))
        background += abs(Int32(mean.base[one] >> 8) - Int32(mean.base[other] >> 8))
        count += 1
    }
}
