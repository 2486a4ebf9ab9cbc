import Kernels
import Testing

@testable import Vision

/// `#` is foreground; every row as wide as the first.
private func filled(_ rows: [String], holeMost: Double = 1) -> [String] {
    let layout = GridLayout(width: rows[0].count, height: rows.count)
    let mask = Plane<UInt64>(count: layout.wordCount, repeating: 0)
    for (y, row) in rows.enumerated() {
        for (x, character) in row.enumerated() where character == "#" {
            mask.base[y * layout.rowWords + x / 64] |= 1 << UInt64(x % 64)
        }
    }
    MaskFill(layout: layout, holeMost: holeMost, kernels: Kernels.best).fill(mask)
    for y in 0..<layout.height {
        for x in layout.width..<layout.stride {
            #expect(mask.base[y * layout.rowWords + x / 64] >> UInt64(x % 64) & 1 == 0, "row padding stays clear")
        }
    }
    return (0..<layout.height).map { y in
        String(
            (0..<layout.width).map { x in mask.base[y * layout.rowWords + x / 64] >> UInt64(x % 64) & 1 == 1 ? "#" : "."
            })
    }
}

/// A ring of `thickness` around a hole; across the seam of two words when `left` is about 60.
private func ring(width: Int, left: Int, size: Int, thickness: Int, open: Bool = false) -> [String] {
    func isHole(_ place: Int) -> Bool { place >= thickness && place < size - thickness }
    func isDoor(_ column: Int, _ row: Int) -> Bool {
        open && row >= size - thickness && column > thickness && column < size - thickness - 1
    }
    return (0..<size + 8).map { y in
        String(
            (0..<width).map { x -> Character in
                let (column, row) = (x - left, y - 4)
                guard (0..<size).contains(column), (0..<size).contains(row) else { return "." }
                return isHole(column) && isHole(row) || isDoor(column, row) ? "." : "#"
            })
    }
}

@Suite struct MaskFillTests {
    @Test(arguments: [5, 56, 100]) func aHoleIsFilledAlsoAcrossTwoWords(left: Int) {
        let result = filled(ring(width: 130, left: left, size: 21, thickness: 3))
        #expect(result == ring(width: 130, left: left, size: 21, thickness: 11))
    }

    @Test func aHoleOfAShareOfThePictureStays() {
        // 15 × 15 of 29 × 70, and beside it one of 5 × 5.
        let large = ring(width: 70, left: 4, size: 21, thickness: 3)
        let small =
            ring(width: 70, left: 40, size: 11, thickness: 3)
            + [String](repeating: String(repeating: ".", count: 70), count: 10)
        let both = zip(large, small).map { pair in
            String(zip(pair.0, pair.1).map { $0 == "#" || $1 == "#" ? "#" : "." })
        }
        let share = 225.0 / (70 * 29)
        #expect(
            filled(both, holeMost: share + 0.001)[14] == String(repeating: ".", count: 4)
                + String(repeating: "#", count: 21) + String(repeating: ".", count: 15)
                + String(repeating: "#", count: 11)
                + String(repeating: ".", count: 19))
        let kept = filled(both, holeMost: share - 0.001)
        #expect(kept[14] == both[14], "the large hole is as it was")
        #expect(kept[9].dropFirst(40).prefix(11) == "###########", "the small one is filled")
    }

    @Test func aBayThatOpensWidelyStaysBackground() {
        let bay = ring(width: 70, left: 20, size: 21, thickness: 3, open: true)
        let result = filled(bay)
        let middle = Array(result[14])
        #expect(middle[30] == ".")
    }

    @Test func narrowGapsAreClosedAndNothingIsLost() {
        let bars = (0..<20).map { y in (5..<15).contains(y) ? "....#####..#####......" : "......................" }
        #expect(filled(bars)[9] == "....############......")
        #expect(filled(bars)[2] == bars[2])
    }

    @Test func atTheBorderNothingGrowsOrShrinks() {
        let corner = (0..<20).map { y in y < 8 ? "######......######" : ".................." }
        #expect(filled(corner) == corner)
        let full = [String](repeating: String(repeating: "#", count: 64), count: 9)
        #expect(filled(full) == full)
        let empty = [String](repeating: String(repeating: ".", count: 65), count: 9)
        #expect(filled(empty) == empty)
    }
}
