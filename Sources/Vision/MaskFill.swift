internal import KernelAPI

/// Closes the gaps and fills the holes of a foreground mask: a coat of the grey level of the wall behind it, a
/// windscreen. Closing by a 5×5 square; a hole is what background cannot be reached in from the picture's border.
///
/// A hole larger than a share of the picture stays: cars around a square do not make the square a car.
///
/// For the mask that is shown and scored; regions and tracks are found in the mask as it was classified.
final class MaskFill {
    /// Passes down and up; only a spiral needs more, and it then keeps some of its inner background filled.
    private static let passLimit = 4
    private static let rowMargin = 5

    private let layout: GridLayout
    private let kernels: KernelTable
    private let first: Plane<UInt64>
    private let second: Plane<UInt64>
    /// The columns of a row that lie in the picture.
    private let inside: Plane<UInt64>
    private let finder: RegionFinder
    /// Pixels of the largest hole that is filled.
    private let holeMost: Int

    init(layout: GridLayout, holeMost: Double, kernels: KernelTable) {
        self.holeMost = Int(holeMost * Double(layout.width * layout.height))
        finder = RegionFinder(layout: layout, kernels: kernels)
        self.layout = layout
        self.kernels = kernels
        first = Plane(count: layout.wordCount, repeating: 0)
        second = Plane(count: layout.wordCount, repeating: 0)
        inside = Plane(count: layout.rowWords, repeating: 0)
        for x in 0..<layout.width { inside.base[x / 64] |= 1 << UInt64(x % 64) }
    }

    /// Fills `mask` in place; no pixel of it is lost.
    func fill(_ mask: Plane<UInt64>) {
        let rows = rowsAround(mask)
        if rows.isEmpty { return }
        dilateTwice(mask, into: second, rows)
        floodFromBorder(around: second, into: first, rows)
        for y in rows {
            for word in 0..<layout.rowWords { first.base[y * layout.rowWords + word] &= inside.base[word] }
        }
        dilateTwice(first, into: second, rows)
        if findHoles(of: mask, outside: second, into: first, rows) > holeMost { keepLargeHoles(first, rows) }
        for index in words(rows) { mask.base[index] |= first.base[index] }
    }

    /// - Returns: how many pixels all holes and gaps have together.
    private func findHoles(
        of mask: Plane<UInt64>, outside: Plane<UInt64>, into holes: Plane<UInt64>, _ rows: Range<Int>
    ) -> Int {
        var count = 0
        for y in rows {
            for word in 0..<layout.rowWords {
                let index = y * layout.rowWords + word
                let bits = ~outside.base[index] & ~mask.base[index] & inside.base[word]
                holes.base[index] = bits
                count += bits.nonzeroBitCount
            }
        }
        return count
    }

    /// Takes the holes that are too large out of `holes`; all of them where they are too many to be told apart.
    private func keepLargeHoles(_ holes: Plane<UInt64>, _ rows: Range<Int>) {
        for index in 0..<layout.wordCount where !words(rows).contains(index) { holes.base[index] = 0 }
        guard finder.find(joined: holes, pixels: holes, nearest: nil, areaLeast: holeMost + 1) else {
            holes.fill(0)
            return
        }
        finder.keepLarge(of: holes, into: second)
        for index in words(rows) { holes.base[index] &= ~second.base[index] }
    }

    private func words(_ rows: Range<Int>) -> Range<Int> {
        rows.lowerBound * layout.rowWords..<rows.upperBound * layout.rowWords
    }

    /// The rows that hold foreground and so many around them that the outermost stay empty, except at the border.
    private func rowsAround(_ mask: Plane<UInt64>) -> Range<Int> {
        let words = 0..<layout.wordCount
        guard let first = words.first(where: { mask.base[$0] != 0 }),
            let last = words.last(where: { mask.base[$0] != 0 })
        else { return 0..<0 }
        let low = first / layout.rowWords - Self.rowMargin
        let high = last / layout.rowWords + 1 + Self.rowMargin
        return max(0, low)..<min(layout.height, high)
    }

    private func dilateTwice(_ source: Plane<UInt64>, into target: Plane<UInt64>, _ rows: Range<Int>) {
        let start = rows.lowerBound * layout.rowWords
        kernels.dilate(source.base + start, target.base + start, layout.rowWords, rows.count)
        // `first` may be the source: it has been read by now.
        (first.base + start).update(from: target.base + start, count: rows.count * layout.rowWords)
        kernels.dilate(first.base + start, target.base + start, layout.rowWords, rows.count)
    }

    /// The background that is 4-connected to the border, or to the empty rows above and below `rows`.
    private func floodFromBorder(around mask: Plane<UInt64>, into outside: Plane<UInt64>, _ rows: Range<Int>) {
        (outside.base + rows.lowerBound * layout.rowWords).update(repeating: 0, count: rows.count * layout.rowWords)
        for pass in 0..<Self.passLimit {
            var changed = pass == 0
            for y in rows { changed = floodRow(y, from: y - 1, rows, mask, outside) || changed }
            if !changed { return }
            changed = false
            for y in rows.reversed() { changed = floodRow(y, from: y + 1, rows, mask, outside) || changed }
            if !changed { return }
        }
    }

    private func floodRow(
        _ y: Int, from other: Int, _ rows: Range<Int>, _ mask: Plane<UInt64>, _ outside: Plane<UInt64>
    ) -> Bool {
        let words = layout.rowWords
        let row = outside.base + y * words
        let covered = mask.base + y * words
        let isBorder = !rows.contains(other)
        var changed = false
        var carry: UInt64 = 1
        for word in 0..<words {
            let free = ~covered[word]
            let seed = isBorder ? ~0 : outside.base[other * words + word]
            let flooded = spreadUp(row[word] | (seed & free) | (carry & free), free)
            changed = changed || flooded != row[word]
            row[word] = flooded
            carry = flooded >> 63
        }
        carry = 1
        for word in (0..<words).reversed() {
            let free = ~covered[word]
            let flooded = spreadDown(row[word] | ((carry << 63) & free), free)
            changed = changed || flooded != row[word]
            row[word] = flooded
            carry = flooded & 1
        }
        return changed
    }

    /// `seed` and every free bit that a run of free bits joins to it on its upper (lower) side.
    private func spreadUp(_ seed: UInt64, _ free: UInt64) -> UInt64 {
        if seed == 0 || seed == free { return seed }
        // The other direction would reach the rest.
        if free == ~0 { return ~0 }
        var (reached, open) = (seed, free)
        for step in 0..<6 {
            let shift = UInt64(1) << UInt64(step)
            reached |= open & (reached << shift)
            open &= open << shift
        }
        return reached
    }

    private func spreadDown(_ seed: UInt64, _ free: UInt64) -> UInt64 {
        if seed == 0 || seed == free { return seed }
        // The other direction would reach the rest.
        if free == ~0 { return ~0 }
        var (reached, open) = (seed, free)
        for step in 0..<6 {
            let shift = UInt64(1) << UInt64(step)
            reached |= open & (reached >> shift)
            open &= open >> shift
        }
        return reached
    }
}
