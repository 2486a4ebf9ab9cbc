internal import KernelAPI

/// Connected components of a packed mask by runs and union-find (He, Chao, Suzuki, "A run-based two-scan labeling
/// algorithm", IEEE TIP 2008). Pixels are joined over the dilated mask, so gaps of two pixels do not part a region;
/// sizes are those of the undilated pixels. What it found lasts until the next ``find(joined:pixels:nearest:areaLeast:)``.
final class RegionFinder {
    /// More runs than this in one frame is no scene but noise: the frame counts as flooded.
    static let runLimit = 16_384
    /// The largest regions are kept, the rest is dropped.
    static let regionLimit = 128

    private struct Run {
        let row: Int32
        let start: Int32
        let end: Int32
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

        var region: Region { Region(box: box, area: Int(area), contrastSum: Int(contrast)) }
    }

    /// Steps of grey level across a piece's left and right outline, summed over `count` places.
    struct Outline: Equatable {
        var picture: Int32 = 0
        var background: Int32 = 0
        var count: Int32 = 0
    }

    private let layout: GridLayout
    private let kernels: KernelTable
    private let edges: Plane<UInt16>
    private var runs = FixedList<Run>(capacity: RegionFinder.runLimit)
    private var parents = FixedList<Int32>(capacity: RegionFinder.runLimit)
    private var pieces = FixedList<Piece>(capacity: RegionFinder.runLimit)
    private var outlines = FixedList<Outline>(capacity: RegionFinder.runLimit)
    private var areaLeast: Int32 = 0
    /// The pieces that are large enough.
    private(set) var regions: [Region] = []

    init(layout: GridLayout, kernels: KernelTable) {
        self.layout = layout
        self.kernels = kernels
        edges = Plane(count: layout.stride, repeating: 0)
        regions.reserveCapacity(Self.regionLimit)
    }

    /// - Parameter nearest: distances for the regions' contrast; without them it is 0.
    /// - Returns: false when the mask has more runs than ``runLimit``.
    func find(joined: Plane<UInt64>, pixels: Plane<UInt64>, nearest: Plane<UInt8>?, areaLeast: Int) -> Bool {
        runs.removeAll()
        parents.removeAll()
        regions.removeAll(keepingCapacity: true)
        self.areaLeast = Int32(areaLeast)
        guard collectRuns(joined) else { return false }
        flatten()
        measure(pixels, nearest)
        chooseRegions()
        return true
    }

    /// The piece in `box` is none any more.
    func drop(_ box: GridBox) { regions.removeAll { $0.box == box } }

    /// Writes the pixels of the pieces that were large enough to `out`.
    func keepLarge(of pixels: Plane<UInt64>, into out: Plane<UInt64>) {
        out.fill(0)
        let pieces = pieces.elements
        for run in runs.elements where pieces[Int(run.label)].area >= areaLeast {
            forEachWord(run) { word, bits in out.base[word] |= pixels.base[word] & bits }
        }
    }

    /// A piece that was large enough: walks over its places on the grid, run by run.
    typealias Walk = ((Range<Int>) -> Void) -> Void

    /// Calls `body` with the box and outline of each piece that was large enough, and with a walk over its places.
    func forEachLarge(
        in picture: Plane<UInt8>, over mean: Plane<UInt16>, _ body: (GridBox, Outline, Walk) -> Void
    ) {
        traceOutlines(picture, mean)
        let (pieces, outlines) = (pieces.elements, outlines.elements)
        for label in pieces.indices where pieces[label].area >= areaLeast {
            body(pieces[label].box, outlines[label]) { visit in walk(over: label, visit) }
        }
    }

    /// The same with the number of a piece's pixels, without its outline.
    func forEachLarge(_ body: (GridBox, Int, Walk) -> Void) {
        let pieces = pieces.elements
        for label in pieces.indices where pieces[label].area >= areaLeast {
            body(pieces[label].box, Int(pieces[label].area)) { visit in walk(over: label, visit) }
        }
    }

    private func walk(over label: Int, _ visit: (Range<Int>) -> Void) {
        for run in runs.elements where Int(run.label) == label {
            let row = Int(run.row) * layout.stride
            visit(row + Int(run.start)..<row + Int(run.end))
        }
    }

    /// Runs are those of the dilated mask: the outline lies one pixel inside their ends, blurred by the smoothing.
    private func traceOutlines(_ picture: Plane<UInt8>, _ mean: Plane<UInt16>) {
        let (outer, inner) = (1, 3)
        outlines.fill(Outline(), count: pieces.count)
        let (pieces, outlines) = (pieces.elements, outlines.elements)
        for run in runs.elements where pieces[Int(run.label)].area >= areaLeast {
            let label = Int(run.label)
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

    private func collectRuns(_ joined: Plane<UInt64>) -> Bool {
        var previous = 0..<0
        for y in 0..<layout.height {
            let first = runs.count
            let found = kernels.runs(joined.base + y * layout.rowWords, layout.rowWords, edges.base)
            guard first + found <= Self.runLimit else { return false }
            for index in 0..<found {
                let start = Int32(edges.base[2 * index])
                let end = min(Int32(edges.base[2 * index + 1]), Int32(layout.width))
                // The dilated mask may reach into the padding of a row.
                guard start < end else { break }
                previous = addRun(y, start, end, previous)
            }
            previous = first..<runs.count
        }
        return true
    }

    /// 8-connected: touches a run of the row above that reaches to within one column.
    /// - Returns: those of `above` that a later run of this row may touch.
    private func addRun(_ row: Int, _ start: Int32, _ end: Int32, _ above: Range<Int>) -> Range<Int> {
        let (runs, parents) = (runs.base, parents.base)
        var first = above.lowerBound
        while first < above.upperBound, runs[first].end < start { first += 1 }
        var label: Int32 = -1
        var index = first
        while index < above.upperBound, runs[index].start <= end {
            let other = Self.root(runs[index].label, parents)
            if label < 0 {
                label = other
            } else if label != other {
                let low = min(label, other)
                parents[Int(max(label, other))] = low
                label = low
            }
            index += 1
        }
        if label < 0 {
            label = Int32(self.parents.count)
            self.parents.append(label)
        }
        self.runs.append(Run(row: Int32(row), start: start, end: end, label: label))
        return first..<above.upperBound
    }

    private static func root(_ label: Int32, _ parents: UnsafeMutablePointer<Int32>) -> Int32 {
        var label = label
        while parents[Int(label)] != label {
            parents[Int(label)] = parents[Int(parents[Int(label)])]
            label = parents[Int(label)]
        }
        return label
    }

    /// Gives every run its root's label. A parent's number is never above its child's, so one pass down is enough.
    private func flatten() {
        let (runs, parents) = (runs.elements, parents.elements)
        for label in parents.indices { parents[label] = parents[Int(parents[label])] }
        for index in runs.indices { runs[index].label = parents[Int(runs[index].label)] }
    }

    private func measure(_ pixels: Plane<UInt64>, _ nearest: Plane<UInt8>?) {
        self.pieces.fill(Piece(), count: parents.count)
        let pieces = pieces.elements
        for run in runs.elements {
            var piece = pieces[Int(run.label)]
            forEachWord(run) { word, span in
                let bits = pixels.base[word] & span
                if bits == 0 { return }
                let first = Int32((word - Int(run.row) * layout.rowWords) * 64)
                piece.left = min(piece.left, first + Int32(bits.trailingZeroBitCount))
                piece.right = max(piece.right, first + 63 - Int32(bits.leadingZeroBitCount))
                piece.top = min(piece.top, run.row)
                piece.bottom = max(piece.bottom, run.row)
                piece.area += Int32(bits.nonzeroBitCount)
                guard let nearest else { return }
                let place = Int(run.row) * layout.stride + Int(first)
                piece.contrast += Int32(sumOf(nearest.base + place, where: bits))
            }
            pieces[Int(run.label)] = piece
        }
    }

    /// In the order of their uppermost runs, or, where they are too many, the largest first.
    private func chooseRegions() {
        var isSorted = false
        for piece in pieces.elements where piece.area >= areaLeast {
            if regions.count == Self.regionLimit, !isSorted {
                sortRegions()
                isSorted = true
            }
            if isSorted { insert(piece.region) } else { regions.append(piece.region) }
        }
    }

    private func sortRegions() {
        for end in 1..<regions.count {
            var place = end
            while place > 0, regions[place].isLarger(than: regions[place - 1]) {
                regions.swapAt(place, place - 1)
                place -= 1
            }
        }
    }

    private func insert(_ region: Region) {
        var place = regions.count - 1
        guard region.isLarger(than: regions[place]) else { return }
        while place > 0, region.isLarger(than: regions[place - 1]) {
            regions[place] = regions[place - 1]
            place -= 1
        }
        regions[place] = region
    }

    /// The words a run lies in, with the bits that belong to it.
    @inline(__always)
    private func forEachWord(_ run: Run, _ body: (_ word: Int, _ bits: UInt64) -> Void) {
        let (start, end) = (Int(run.start), Int(run.end))
        for word in start / 64...(end - 1) / 64 {
            let low = max(start - word * 64, 0)
            let high = min(end - word * 64, 64)
            let bits = (high == 64 ? ~0 : (UInt64(1) << UInt64(high)) - 1) & (~0 << UInt64(low))
            body(Int(run.row) * layout.rowWords + word, bits)
        }
    }
}

/// Sum of the bytes whose bits are set, lowest bit first.
@inline(__always)
private func sumOf(_ bytes: UnsafePointer<UInt8>, where bits: UInt64) -> Int {
    var (sum, bits) = (0, bits)
    while bits != 0 {
        sum += Int(bytes[bits.trailingZeroBitCount])
        bits &= bits - 1
    }
    return sum
}

extension Region {
    fileprivate func isLarger(than other: Region) -> Bool {
        (area, box.left, box.top) > (other.area, other.box.left, other.box.top)
    }
}

extension RegionFinder.Outline {
    fileprivate mutating func add(_ one: Int, _ other: Int, _ grid: Plane<UInt8>, _ mean: Plane<UInt16>) {
        picture += abs(Int32(grid.base[one]) - Int32(grid.base[other]))
        background += abs(Int32(mean.base[one] >> 8) - Int32(mean.base[other] >> 8))
        count += 1
    }
}
