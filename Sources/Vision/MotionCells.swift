import Scene

/// Counts foreground into the cells of a ``MotionGrid``. Nothing is kept from picture to picture, and no memory asked for.
struct MotionCells {
    private let layout: GridLayout
    /// First column of each cell, then the end of the last; rows alike.
    private let lefts: InlineArray<17, Int>
    private let tops: InlineArray<13, Int>

    init(layout: GridLayout) {
        self.layout = layout
        lefts = InlineArray { $0 * layout.width / MotionGrid.columns }
        tops = InlineArray { $0 * layout.height / MotionGrid.rows }
    }

    func grid(of mask: Plane<UInt64>) -> MotionGrid {
        var grid = MotionGrid()
        for row in 0..<MotionGrid.rows {
            var counts = InlineArray<16, Int>(repeating: 0)
            let rows = tops[row]..<tops[row + 1]
            for y in rows {
                let words = mask.base + y * layout.rowWords
                // Most words of most pictures are empty.
                for index in 0..<layout.rowWords where words[index] != 0 {
                    count(words[index], from: index * 64, into: &counts)
                }
            }
            for column in 0..<MotionGrid.columns where counts[column] > 0 {
                let area = rows.count * (lefts[column + 1] - lefts[column])
                grid[column, row] = UInt8((counts[column] * 255 + area / 2) / area)
            }
        }
        return grid
    }

    /// - Parameter first: the picture's column of the word's lowest bit.
    private func count(_ word: UInt64, from first: Int, into counts: inout InlineArray<16, Int>) {
        var column = min(first * MotionGrid.columns / layout.width, MotionGrid.columns - 1)
        while column < MotionGrid.columns, lefts[column] < first + 64 {
            let low = max(lefts[column] - first, 0)
            let width = min(lefts[column + 1] - first, 64) - low
            if width > 0 {
                counts[column] += (word >> UInt64(low) & UInt64.max >> UInt64(64 - width)).nonzeroBitCount
            }
            column += 1
        }
    }
}
