internal import KernelAPI

/// Closes the gaps and fills the holes of a foreground mask: a coat of the grey level of the wall behind it, a
/// windscreen. Closing by a 5×5 square; a hole is what background cannot be reached in from the picture's border.
///
/// For the mask that is shown and scored; regions and tracks are found in the mask as it was classified.
final class MaskFill {
    /// Passes down and up; only a spiral needs more, and it then keeps some of its inner background filled.
    private static let passLimit = 4

    private let layout: GridLayout
    private let kernels: KernelTable
    private let first: Plane<UInt64>
    private let second: Plane<UInt64>
    /// The columns of a row that lie in the picture.
    private let inside: Plane<UInt64>

    init(layout: GridLayout, kernels: KernelTable) {
        self.layout = layout
        self.kernels = kernels
        first = Plane(count: layout.wordCount, repeating: 0)
        second = Plane(count: layout.wordCount, repeating: 0)
        inside = Plane(count: layout.rowWords, repeating: 0)
        for x in 0..<layout.width { inside.base[x / 64] |= 1 << UInt64(x % 64) }
    }

    /// Fills `mask` in place; no pixel of it is lost.
    func fill(_ mask: Plane<UInt64>) {
        dilateTwice(mask, into: second)
        floodFromBorder(around: second, into: first)
        clearOutside(first)
        dilateTwice(first, into: second)
        for y in 0..<layout.height {
            for word in 0..<layout.rowWords {
                let index = y * layout.rowWords + word
                mask.base[index] |= ~second.base[index] & inside.base[word]
            }
        }
    }

    private func dilateTwice(_ source: Plane<UInt64>, into target: Plane<UInt64>) {
        kernels.dilate(source.base, target.base, layout.rowWords, layout.height)
        // `first` may be the source: it has been read by now.
        first.base.update(from: target.base, count: layout.wordCount)
        kernels.dilate(first.base, target.base, layout.rowWords, layout.height)
    }

    private func clearOutside(_ plane: Plane<UInt64>) {
        for y in 0..<layout.height {
            for word in 0..<layout.rowWords { plane.base[y * layout.rowWords + word] &= inside.base[word] }
        }
    }

    /// The background that is 4-connected to the border.
    private func floodFromBorder(around mask: Plane<UInt64>, into outside: Plane<UInt64>) {
        outside.fill(0)
        for pass in 0..<Self.passLimit {
            var changed = false
            for y in 0..<layout.height { changed = floodRow(y, from: y - 1, mask, outside) || changed }
            for y in (0..<layout.height).reversed() { changed = floodRow(y, from: y + 1, mask, outside) || changed }
            if pass > 0, !changed { return }
        }
    }

    private func floodRow(_ y: Int, from other: Int, _ mask: Plane<UInt64>, _ outside: Plane<UInt64>) -> Bool {
        let words = layout.rowWords
        let row = outside.base + y * words
        let covered = mask.base + y * words
        let isBorder = other < 0 || other >= layout.height
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
        var (reached, open) = (seed, free)
        for step in 0..<6 {
            let shift = UInt64(1) << UInt64(step)
            reached |= open & (reached >> shift)
            open &= open >> shift
        }
        return reached
    }
}
