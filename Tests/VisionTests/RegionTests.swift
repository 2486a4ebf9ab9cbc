import Kernels
import Testing

@testable import Vision

@Suite struct RegionTests {
    /// Rows of `.` and `#`.
    private func regions(_ rows: [String], areaLeast: Int = 1) -> [Region]? {
        let layout = GridLayout(width: rows[0].utf8.count, height: rows.count)
        let mask = Plane<UInt64>(count: layout.wordCount, repeating: 0)
        let nearest = Plane<UInt8>(count: layout.count, repeating: 3)
        for (y, row) in rows.enumerated() {
            for (x, mark) in row.utf8.enumerated() where mark == UInt8(ascii: "#") {
                mask.base[y * layout.rowWords + x / 64] |= 1 << UInt64(x % 64)
            }
        }
        let finder = RegionFinder(layout: layout, kernels: Kernels.best)
        let isWhole = finder.find(joined: mask, pixels: mask, nearest: nearest, areaLeast: areaLeast)
        return isWhole ? finder.regions : nil
    }

    @Test func armsThatMeetBelowAreOneRegion() {
        let found = regions([
            "#..#..#....#",
            "#..#..#.....",
            "####..##...#",
            "...####....."
        ])
        #expect(found?.count == 3)
        #expect(found?[0].box == GridBox(left: 0, top: 0, right: 8, bottom: 4))
        #expect(found?[0].area == 16)
        #expect(found?[0].contrastSum == 48)
    }

    @Test func diagonalNeighboursAreJoinedAndRunsCrossWords() {
        let wide = String(repeating: ".", count: 60) + String(repeating: "#", count: 70) + ".."
        let below = String(repeating: ".", count: 130) + "#."
        let found = regions([wide, below, String(repeating: ".", count: 132)])
        #expect(found?.count == 1)
        #expect(found?[0].area == 71)
        #expect(found?[0].box == GridBox(left: 60, top: 0, right: 131, bottom: 2))
    }

    @Test func smallPiecesAreDropped() {
        #expect(regions(["#....###", "........"], areaLeast: 2)?.map(\.area) == [3])
    }

    @Test func noiseBeyondTheLimitIsNoRegions() {
        let row = String(repeating: "#.", count: 64)
        let empty = String(repeating: ".", count: 128)
        #expect(regions((0..<600).map { $0 % 2 == 0 ? row : empty }) == nil)
    }

    @Test func piecesOfOneTrackAreJoinedAndOfTwoAreNot() {
        func piece(_ top: Double, _ owner: Int?) -> Fragment {
            let box = GridBox(left: 10, top: top, right: 20, bottom: top + 10)
            return Fragment(region: Region(box: box, area: 80, contrastSum: 800), owner: owner)
        }
        let merge = RegionMerge(stackGap: 4, joinGap: 1, slimmest: 5)
        func count(_ first: Fragment, _ second: Fragment) -> Int {
            var fragments = [first, second]
            merge.merge(&fragments)
            return fragments.count
        }
        #expect(count(piece(0, nil), piece(13, nil)) == 1)
        #expect(count(piece(0, nil), piece(16, nil)) == 2)
        #expect(count(piece(0, 1), piece(11, 1)) == 1)
        #expect(count(piece(0, 1), piece(11, 2)) == 2)
    }
}
