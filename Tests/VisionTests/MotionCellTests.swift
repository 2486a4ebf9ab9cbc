import Scene
import Testing

@testable import Vision

@Suite("Foreground counted into cells")
struct MotionCellTests {
    @Test("every cell holds its share of any mask, at widths that divide into cells and words and at others")
    func shares() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Lehmer(state: seed)
        for (width, height) in [(320, 180), (160, 120), (213, 97), (64, 48), (17, 13), (9, 7)] {
            let layout = GridLayout(width: width, height: height)
            let mask = Plane<UInt64>(count: layout.wordCount, repeating: 0)
            var isSet: [[Bool]] = []
            for y in 0..<height {
                isSet.append((0..<width).map { x in (x * 3 / width + y) % 2 == 0 && random.next() % 3 == 0 })
                for x in 0..<width where isSet[y][x] { mask.base[y * layout.rowWords + x / 64] |= 1 << UInt64(x % 64) }
            }
            let grid = MotionCells(layout: layout).grid(of: mask)
            for row in 0..<MotionGrid.rows {
                for column in 0..<MotionGrid.columns {
                    let xs = column * width / MotionGrid.columns..<(column + 1) * width / MotionGrid.columns
                    let ys = row * height / MotionGrid.rows..<(row + 1) * height / MotionGrid.rows
                    let count = ys.reduce(0) { sum, y in sum + xs.count { isSet[y][$0] } }
                    let area = xs.count * ys.count
                    let expected = area == 0 ? 0 : (Double(count) / Double(area) * 255).rounded()
                    #expect(
                        Double(grid[column, row]) == expected, "\(width)×\(height), cell \(column) \(row), seed \(seed)"
                    )
                }
            }
        }
    }

    @Test("an observation says where it stirs, and nothing while the background is learnt")
    func observation() throws {
        let analyzer = makeAnalyzer()
        var scene = DrawnScene()
        // In the lower right quarter, once the background is learnt.
        let seen = run(analyzer, &scene, from: 0, for: 4) { scene, time in
            if time > 2.95 { scene.boxes = [(x: 100, y: 70, width: 20, height: 30, level: 230)] }
        }
        #expect(seen.first?.motion == nil && seen.first?.isSettled == false)
        let quiet = try #require(seen[29].motion)
        #expect(quiet == MotionGrid())
        let grid = try #require(seen.last?.motion)
        // The middle of the box is x 110, y 85.
        #expect(grid[11, 8] > 200)
        #expect(grid[2, 2] == 0)
    }
}

/// A small source of numbers that repeats for a seed.
private struct Lehmer {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
