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
            measureBlocks: good.measureBlocks)
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
}
