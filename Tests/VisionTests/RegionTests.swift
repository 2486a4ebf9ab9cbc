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

    /// What is left of boxes with so many foreground pixels, each inside the predicted box of its owner.
    private func merged(_ pieces: [(box: GridBox, area: Int)], owner: (Int) -> Fragment.Owner?) -> [GridBox] {
        var fragments = pieces.enumerated().map { number, piece in
            Fragment(
                region: Region(box: piece.box, area: piece.area, contrastSum: 10 * piece.area), owner: owner(number))
        }
        RegionMerge(stackGap: 4, joinGap: 1, slimmest: 5).merge(&fragments)
        return fragments.map(\.region.box)
    }

    @Test func piecesOfOneTrackAreJoinedAndOfTwoAreNot() {
        let own = GridBox(left: 8, top: 0, right: 22, bottom: 24)
        func count(_ top: Double, _ owners: Int?...) -> Int {
            let boxes = [0, top].map { GridBox(left: 10, top: $0, right: 20, bottom: $0 + 10) }
            let pieces = boxes.map { (box: $0, area: 80) }
            return merged(pieces) { number in owners[number].map { Fragment.Owner(index: $0, box: own) } }.count
        }
        #expect(count(13, nil, nil) == 1)
        #expect(count(16, nil, nil) == 2)
        #expect(count(11, 1, 1) == 1)
        #expect(count(11, 1, 2) == 2)
    }

    @Test func carsInARowInsideAGrownBoxPartAgain() {
        let grown = GridBox(left: 0, top: 0, right: 160, bottom: 40)
        // The first two overlap in columns and rows, as a truck and the car behind it; the others stand apart.
        let cars = [
            (box: GridBox(left: 10, top: 8, right: 40, bottom: 32), area: 600),
            (box: GridBox(left: 39, top: 10, right: 69, bottom: 34), area: 600),
            (box: GridBox(left: 76, top: 10, right: 106, bottom: 34), area: 400),
            (box: GridBox(left: 114, top: 10, right: 144, bottom: 34), area: 400)
        ]
        let apart = merged(cars) { _ in Fragment.Owner(index: 0, box: grown) }
        #expect(apart == [cars[0].box.union(cars[1].box), cars[2].box, cars[3].box])
    }

    @Test func aTrackDoesNotOutgrowItselfBySomethingSmallBesideIt() {
        let own = GridBox(left: 10, top: 10, right: 40, bottom: 34)
        let car = (box: own, area: 600)
        func boxes(right: Double) -> Int {
            let small = (box: GridBox(left: 45, top: 12, right: right, bottom: 34), area: 150)
            return merged([car, small]) { _ in Fragment.Owner(index: 0, box: own) }.count
        }
        #expect(boxes(right: 55) == 1)
        #expect(boxes(right: 62) == 2, "more than 1.4 times as wide")
    }

    @Test func headTrunkAndLegsOfOnePersonStayOne() {
        let own = GridBox(left: 20, top: 0, right: 40, bottom: 62)
        let person = [
            (box: GridBox(left: 26, top: 1, right: 34, bottom: 9), area: 50),
            (box: GridBox(left: 20, top: 12, right: 40, bottom: 34), area: 380),
            (box: GridBox(left: 22, top: 37, right: 29, bottom: 62), area: 130),
            (box: GridBox(left: 31, top: 37, right: 38, bottom: 61), area: 130)
        ]
        #expect(
            merged(person) { _ in Fragment.Owner(index: 0, box: own) } == [
                GridBox(left: 20, top: 1, right: 40, bottom: 62)
            ])
        // Also at first sight, without a track.
        #expect(merged(person) { _ in nil }.count == 1)
    }
}
