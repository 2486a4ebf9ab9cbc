/// Which cells of the analysis grid were foreground on one frame, packed to bits. For showing to people only.
package struct ForegroundMask: Hashable, Sendable {
    package let columns: Int
    package let rows: Int
    /// Width and height of a cell in shares of the picture. The last column and row also stand for the few pixels
    /// that are left over beyond the grid.
    package let cellWidth: Double
    package let cellHeight: Double
    private let rowWords: Int
    private let words: [UInt64]

    /// - Parameter words: row after row, `rowWords` words each, bit 0 the leftmost cell.
    /// - Precondition: the grid has at least one cell, `rowWords` holds a row, and there are words for all rows.
    package init(
        columns: Int, rows: Int, cellWidth: Double, cellHeight: Double, rowWords: Int, words: [UInt64]
    ) {
        precondition(
            columns > 0 && rows > 0 && rowWords * 64 >= columns && words.count >= rows * rowWords, "mask geometry")
        self.columns = columns
        self.rows = rows
        self.cellWidth = cellWidth
        self.cellHeight = cellHeight
        self.rowWords = rowWords
        self.words = words
    }

    /// False outside the grid.
    package func contains(column: Int, row: Int) -> Bool {
        guard (0..<columns).contains(column), (0..<rows).contains(row) else { return false }
        return words[row * rowWords + column / 64] >> UInt64(column % 64) & 1 == 1
    }
}
