/// How much of each part of the picture stirred on one analysed frame: 16 × 12 cells, row by row from the top left.
///
/// A value without storage of its own, so that an observation carries it without allocating.
package struct MotionGrid: Hashable, Sendable {
    package static let columns = 16
    package static let rows = 12

    /// Share of each cell that is foreground, 0…255 for 0…1.
    package var cells: InlineArray<192, UInt8>

    /// Nothing stirs.
    package init() { cells = InlineArray(repeating: 0) }

    package subscript(column: Int, row: Int) -> UInt8 {
        get { cells[row * Self.columns + column] }
        set { cells[row * Self.columns + column] = newValue }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.cells.indices.allSatisfy { left.cells[$0] == right.cells[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for index in cells.indices { hasher.combine(cells[index]) }
    }
}

/// A part of the picture that differs from the learnt background and keeps its place, followed or not.
package struct RestingRegion: Hashable, Sendable {
    package enum Nature: String, Sendable, Codable {
        /// Something is there that was not: the outline is in the picture.
        case placed
        /// Something is not there that was: the outline is in the background.
        case taken
    }

    /// Names the region for as long as it lasts within one session.
    package let number: UInt32
    package let box: Box
    /// Since when it has been there without moving.
    package let since: MediaTime
    package let nature: Nature

    package init(number: UInt32, box: Box, since: MediaTime, nature: Nature) {
        self.number = number
        self.box = box
        self.since = since
        self.nature = nature
    }
}
