import KernelAPI
import KernelReference
import Kernels
import Testing

@Suite struct KernelTableTests {
    @Test(arguments: Kernels.available.map(\.name))
    func everyKernelEqualsItsTwin(name: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var comparison = KernelComparison(table: try #require(Kernels.named(name)), seed: seed)
        comparison.run(thorough: false)
        #expect(comparison.count > 500)
        #expect(comparison.failures.isEmpty, "seed \(seed): \(comparison.failures.prefix(5))")
    }

    /// The comparison itself must notice a kernel that is wrong by one grey level, or writes one byte too many.
    @Test func comparisonNoticesAWrongKernel() {
        let good = kernelReference
        let wrong = KernelTable(
            name: "wrong", boxDownsample: good.boxDownsample, smooth: good.smooth,
            adjust: { row, width, gain, offset in
                good.adjust(row, width, gain, offset)
                if width > 0 { row[width - 1] ^= 1 }
            },
            classify: good.classify,
            learn: { values, noise, chance, hold, sample, count in
                good.learn(values, noise, chance, hold, sample, count)
                sample[count] = 0
            }, blend: good.blend, adapt: good.adapt, expand: good.expand, median: good.median, dilate: good.dilate,
            erode: good.erode, runs: good.runs, sumLight: good.sumLight, project: good.project,
            measureBlocks: good.measureBlocks, shift: good.shift)
        var comparison = KernelComparison(table: wrong, seed: 7)
        comparison.run(thorough: false)
        let kernels = Set(comparison.failures.map { $0.split(separator: " ")[1] })
        #expect(kernels == ["adjust", "learn"])
    }

    @Test func namesAreFound() {
        #expect(Kernels.named("baseline") != nil)
        #expect(Kernels.named("mmx") == nil)
        #expect(Kernels.names.contains(Kernels.best.name))
    }

    @Test func downsampleRoundsHalvesUp() {
        let source: [UInt8] = [1, 2, 10, 10, 2, 1, 10, 11]
        for table in Kernels.available {
            var out = [UInt8](repeating: 0, count: 2)
            var scratch = [UInt16](repeating: 0, count: 4)
            table.boxDownsample(source, 4, 2, &out, 2, 2, 1, &scratch)
            #expect(out == [2, 10], "1.5 and 10.25")
        }
    }

    @Test func runsCrossWordsAndReachTheEnd() {
        let row: [UInt64] = [0b1001 | 1 << 63, 0b11 | 1 << 63]
        for table in Kernels.available + [kernelReference] {
            var edges = [UInt16](repeating: 0, count: 128)
            #expect(table.runs(row, 2, &edges) == 4)
            #expect(Array(edges.prefix(8)) == [0, 1, 3, 4, 63, 66, 127, 128])
        }
    }

    @Test func erosionKeepsTheInnerPixels() {
        let square: [UInt64] = [0b01110, 0b01110, 0b01110]
        for table in Kernels.available + [kernelReference] {
            var out = [UInt64](repeating: 7, count: 3)
            table.erode(square, &out, 1, 3)
            #expect(out == [0, 0b00100, 0])
        }
    }

    @Test func lightIsSummedWhereItSaysSomething() {
        var values = [UInt8](repeating: 120, count: 64)
        values[0] = 255
        var means = [UInt16](repeating: 100 << 8, count: 64)
        means[1] = 10 << 8
        var hold = [UInt8](repeating: 0, count: 64)
        hold[2] = 255
        for table in Kernels.available + [kernelReference] {
            var sums = LightSums(values: 1, means: 2, count: 3)
            table.sumLight(values, means, hold, LightRule(least: 24, most: 240, ceiling: 250), &sums, 64)
            #expect(sums == LightSums(values: 1 + 61 * 120, means: 2 + 61 * 100, count: 3 + 61))
        }
    }

    @Test func aShiftRepeatsTheOutermostPixelAndInterpolates() {
        let picture: [UInt8] = [10, 20, 30, 40, 110, 120, 130, 140]
        for table in Kernels.available + [kernelReference] {
            var (out, scratch) = ([UInt8](repeating: 9, count: 8), [UInt16](repeating: 9, count: 5))
            table.shift(picture, 4, &out, 4, 4, 2, 16, 0, &scratch)
            #expect(out == [20, 30, 40, 40, 120, 130, 140, 140])
            table.shift(picture, 4, &out, 4, 4, 2, -32, -16, &scratch)
            #expect(out == [10, 10, 10, 20, 10, 10, 10, 20])
            table.shift(picture, 4, &out, 4, 4, 2, 4, 8, &scratch)
            #expect(out == [63, 73, 83, 90, 113, 123, 133, 140], "62.5, 72.5, 82.5 and 112.5, 122.5, 132.5 round up")
            table.shift(picture, 4, &out, 4, 4, 2, 65_536, -65_536, &scratch)
            #expect(out == [40, 40, 40, 40, 40, 40, 40, 40])
        }
    }

    @Test func projectionsAndBlocksAddUp() {
        let side = PlaneLayout.blockSide
        // One bright column: two steps of 10 in each row, none down.
        let picture = (0..<side * side).map { UInt8($0 % side == 5 ? 12 : 2) }
        for table in Kernels.available + [kernelReference] {
            var columns = [UInt32](repeating: 9, count: side)
            var rows = columns
            table.project(picture, side, side, side, &columns, &rows)
            #expect(columns == (0..<side).map { UInt32(side) * ($0 == 5 ? 12 : 2) })
            #expect(rows == [UInt32](repeating: 31 * 2 + 12, count: side))
            var block = BlockStatistics()
            table.measureBlocks(picture, side, 1, 1, &block)
            #expect(block == BlockStatistics(sum: 32 * 74, squares: 32 * (31 * 4 + 144), gradients: 32 * 200))
        }
    }
}
