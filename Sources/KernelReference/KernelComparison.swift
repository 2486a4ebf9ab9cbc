package import KernelAPI

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, and the same everywhere for one seed.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Compares every kernel of a table with its scalar twin, byte for byte, guard bytes included: sizes from nothing to
/// three vectors and one, misaligned starts, wide strides, random and extreme content. Used by tests and `selftest`.
package struct KernelComparison {
    package let table: KernelTable
    /// Comparisons made so far.
    package private(set) var count = 0
    /// One line a difference: kernel, geometry, content.
    package private(set) var failures: [String] = []
    private var generator: SeededGenerator

    package static let kernelNames = [
        "boxDownsample", "smooth", "adjust", "classify", "learn", "blend", "adapt", "expand", "median", "dilate",
        "erode", "runs", "sumLight", "project", "measureBlocks", "shift"
    ]

    package init(table: KernelTable, seed: UInt64) {
        self.table = table
        generator = SeededGenerator(seed: seed)
    }

    private enum Content: String, CaseIterable {
        case random, dark, bright, extremes, ramp, flat
    }

    /// - Parameter thorough: every width of 0…193 instead of the edges of the vectors.
    package mutating func run(thorough: Bool) {
        let widths = thorough ? Array(0...193) : [0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 97, 129, 193]
        for content in Content.allCases {
            for width in widths {
                comparePictures(width: width, content)
            }
            for blocks in 0...3 { comparePlanes(count: blocks * PlaneLayout.lane, content) }
            for rowWords in [1, 2, 3, 4, 5, 10] {
                for rows in [0, 1, 2, 3, 7] { compareMasks(rowWords: rowWords, rows: rows, content) }
            }
        }
    }

    // MARK: One geometry

    private mutating func comparePictures(width: Int, _ content: Content) {
        let height = Int.random(in: 0...4, using: &generator)
        let factor = Int.random(in: 1...PlaneLayout.factorLimit, using: &generator)
        downsample(width: width, height: height, factor: factor, content)
        downsample(width: width, height: height, factor: Int.random(in: 1...4, using: &generator), content)
        smooth(width: width, height: height, content)
        adjust(width: width, content)
        project(width: width, height: height, content)
        if width % 97 == 0 { project(width: width, height: 300, content) }
        shift(width: width, height: height, content)
        shift(width: width, height: height, content)
        if width < 4 { measureBlocks(columns: width, rows: height / 2, content) }
    }

    private mutating func downsample(width: Int, height: Int, factor: Int, _ content: Content) {
        let stride = width * factor + Int.random(in: 0...40, using: &generator)
        let source = bytes(max(0, stride * height * factor), content)
        let outStride = width + Int.random(in: 0...40, using: &generator)
        let scratch = sums(width * factor)
        check(
            "boxDownsample", "\(width)x\(height) factor \(factor) stride \(stride)", content,
            bytes(outStride * height, .flat)
        ) {
            table, out in
            table.boxDownsample(source.base, stride, factor, out.base, outStride, width, height, scratch.base)
        }
    }

    private mutating func smooth(width: Int, height: Int, _ content: Content) {
        let stride = width + Int.random(in: 0...40, using: &generator)
        let outStride = width + Int.random(in: 0...40, using: &generator)
        let source = bytes(stride * height, content)
        let scratch = sums(width + 2)
        check("smooth", "\(width)x\(height) stride \(stride)", content, bytes(outStride * height, .flat)) {
            table, out in
            table.smooth(source.base, stride, out.base, outStride, width, height, scratch.base)
        }
    }

    private mutating func adjust(width: Int, _ content: Content) {
        let gain = Int32.random(in: 0...1024, using: &generator)
        let offset = Int32.random(in: -300...300, using: &generator)
        check("adjust", "\(width) gain \(gain) offset \(offset)", content, bytes(width, content)) { table, row in
            table.adjust(row.base, width, gain, offset)
        }
    }

    private mutating func comparePlanes(count: Int, _ content: Content) {
        classify(count: count, content)
        learn(count: count, content)
        blend(count: count, content)
        adapt(count: count, content)
        sumLight(count: count, content)
    }

    private mutating func classify(count: Int, _ content: Content) {
        let sampleCount = Int.random(in: 1...16, using: &generator)
        let need = UInt8.random(in: 1...UInt8(sampleCount), using: &generator)
        let (current, samples) = (bytes(count, content), bytes(count * sampleCount, content))
        let (radius, words) = (bytes(count, .random), wordsBuffer(count / 64, .flat))
        let note = "\(count) samples \(sampleCount) need \(need)"
        check("classify", note, content, bytes(count, .flat)) { table, nearest in
            let scrap = GuardedBuffer(copying: words)
            table.classify(
                current.base, samples.base, sampleCount, radius.base, need, count, scrap.base, nearest.base)
        }
        check("classify", note + " words", content, words) { table, out in
            let scrap = GuardedBuffer<UInt8>(count: count, misalignment: 0) { _ in 0 }
            table.classify(current.base, samples.base, sampleCount, radius.base, need, count, out.base, scrap.base)
        }
    }

    private mutating func learn(count: Int, _ content: Content) {
        let (values, noise, hold) = (bytes(count, content), bytes(count, .random), bytes(count, .extremes))
        let chance = UInt8.random(in: 0...255, using: &generator)
        check("learn", "\(count) chance \(chance)", content, bytes(count, .random)) { table, sample in
            table.learn(values.base, noise.base, chance, hold.base, sample.base, count)
        }
    }

    private mutating func blend(count: Int, _ content: Content) {
        let (values, hold) = (bytes(count, content), bytes(count, .extremes))
        let shift = Int32.random(in: 1...8, using: &generator)
        check("blend", "\(count) shift \(shift)", content, sums(count)) { table, mean in
            table.blend(values.base, hold.base, shift, mean.base, count)
        }
    }

    private mutating func adapt(count: Int, _ content: Content) {
        let rule = AdaptRule(
            noiseShift: .random(in: 1...8, using: &generator), noiseGain: .random(in: 0...240, using: &generator),
            rise: .random(in: 0...255, using: &generator), fall: .random(in: 0...255, using: &generator),
            restlessGain: .random(in: 0...256, using: &generator), least: .random(in: 1...100, using: &generator),
            most: .random(in: 100...255, using: &generator))
        let (nearest, foreground) = (bytes(count, content), bytes(count, .extremes))
        let (before, hold) = (bytes(count, .extremes), bytes(count, .extremes))
        let (noise, restless, radius) = (sums(count), bytes(count, .random), bytes(count, .random))
        func run(
            _ table: KernelTable, _ noise: GuardedBuffer<UInt16>, _ restless: GuardedBuffer<UInt8>,
            _ radius: GuardedBuffer<UInt8>
        ) {
            table.adapt(
                nearest.base, foreground.base, before.base, hold.base, rule, noise.base, restless.base, radius.base,
                count)
        }
        check("adapt", "\(count) noise", content, noise) { table, out in
            run(table, out, GuardedBuffer(copying: restless), GuardedBuffer(copying: radius))
        }
        check("adapt", "\(count) restless", content, restless) { table, out in
            run(table, GuardedBuffer(copying: noise), out, GuardedBuffer(copying: radius))
        }
        check("adapt", "\(count) radius", content, radius) { table, out in
            run(table, GuardedBuffer(copying: noise), GuardedBuffer(copying: restless), out)
        }
    }

    private mutating func compareMasks(rowWords: Int, rows: Int, _ content: Content) {
        let source = wordsBuffer(rowWords * rows, content)
        let note = "\(rowWords) words x \(rows) rows"
        check("expand", note, content, bytes(rowWords * rows * 64, .flat)) { table, out in
            table.expand(source.base, out.base, rowWords * rows * 64)
        }
        check("median", note, content, wordsBuffer(rowWords * rows, .flat)) { table, out in
            table.median(source.base, out.base, rowWords, rows)
        }
        check("dilate", note, content, wordsBuffer(rowWords * rows, .flat)) { table, out in
            table.dilate(source.base, out.base, rowWords, rows)
        }
        check("erode", note, content, wordsBuffer(rowWords * rows, .flat)) { table, out in
            table.erode(source.base, out.base, rowWords, rows)
        }
        runs(rowWords: rowWords, content)
    }

    private mutating func runs(rowWords: Int, _ content: Content) {
        let source = wordsBuffer(rowWords, content)
        let note = "\(rowWords) words"
        check("runs", note, content, sums(rowWords * 64)) { table, out in
            _ = table.runs(source.base, rowWords, out.base)
        }
        check("runs", note + " count", content, GuardedBuffer<UInt64>(count: 1, misalignment: 0) { _ in 0 }) {
            table, out in
            let scrap = GuardedBuffer<UInt16>(count: rowWords * 64, misalignment: 0) { _ in 0 }
            out.base[0] = UInt64(table.runs(source.base, rowWords, scrap.base))
        }
    }

    private mutating func sumLight(count: Int, _ content: Content) {
        let (values, means, hold) = (bytes(count, content), sums(count), bytes(count, .extremes))
        let rule = LightRule(
            least: .random(in: 0...128, using: &generator), most: .random(in: 128...255, using: &generator),
            ceiling: .random(in: 0...255, using: &generator))
        check("sumLight", "\(count) \(rule)", content, totals(count / PlaneLayout.lane * 3)) { table, out in
            out.base.withMemoryRebound(to: LightSums.self, capacity: count / PlaneLayout.lane) { lanes in
                table.sumLight(values.base, means.base, hold.base, rule, lanes, count)
            }
        }
    }

    private mutating func project(width: Int, height: Int, _ content: Content) {
        let stride = width + Int.random(in: 0...40, using: &generator)
        let source = bytes(stride * height, content)
        let (columns, rows) = (totals(width), totals(height))
        let note = "\(width)x\(height) stride \(stride)"
        check("project", note + " columns", content, columns) { table, out in
            let scrap = GuardedBuffer(copying: rows)
            table.project(source.base, stride, width, height, out.base, scrap.base)
        }
        check("project", note + " rows", content, rows) { table, out in
            let scrap = GuardedBuffer(copying: columns)
            table.project(source.base, stride, width, height, scrap.base, out.base)
        }
    }

    private mutating func measureBlocks(columns: Int, rows: Int, _ content: Content) {
        let side = PlaneLayout.blockSide
        let stride = columns * side + Int.random(in: 0...40, using: &generator)
        let source = bytes(stride * rows * side, content)
        check("measureBlocks", "\(columns)x\(rows) stride \(stride)", content, totals(columns * rows * 3)) {
            table, out in
            out.base.withMemoryRebound(to: BlockStatistics.self, capacity: columns * rows) { blocks in
                table.measureBlocks(source.base, stride, columns, rows, blocks)
            }
        }
    }

    private mutating func shift(width: Int, height: Int, _ content: Content) {
        let stride = width + Int.random(in: 0...40, using: &generator)
        let outStride = width + Int.random(in: 0...40, using: &generator)
        // Mostly by less than the picture, sometimes by more than all of it.
        let reach = Int.random(in: 0...7, using: &generator) == 0 ? 65_536 : (width + 4) * 16
        let x = Int.random(in: -reach...reach, using: &generator)
        let y = Int.random(in: -100...100, using: &generator)
        let source = bytes(stride * height, content)
        let scratch = sums(width + 1)
        let note = "\(width)x\(height) stride \(stride) by \(x), \(y)"
        check("shift", note, content, bytes(outStride * height, .flat)) { table, out in
            table.shift(source.base, stride, out.base, outStride, width, height, x, y, scratch.base)
        }
        check("shift", note + " scratch", content, GuardedBuffer(copying: scratch)) { table, sums in
            let out = GuardedBuffer<UInt8>(count: outStride * height, misalignment: 0) { _ in 0 }
            table.shift(source.base, stride, out.base, outStride, width, height, x, y, sums.base)
            for index in 0..<sums.count { sums.base[index] = 0 }
        }
    }

    // MARK: Buffers

    private mutating func check<Element>(
        _ kernel: String, _ note: String, _ content: Content, _ start: GuardedBuffer<Element>,
        _ run: (KernelTable, GuardedBuffer<Element>) -> Void
    ) {
        let (expected, got) = (GuardedBuffer(copying: start), GuardedBuffer(copying: start))
        run(kernelReference, expected)
        run(table, got)
        count += 1
        if !got.equals(expected) { failures.append("\(table.name) \(kernel) \(note) content \(content.rawValue)") }
    }

    private mutating func bytes(_ count: Int, _ content: Content) -> GuardedBuffer<UInt8> {
        let flat = UInt8.random(in: 0...255, using: &generator)
        return GuardedBuffer(count: count, misalignment: Int.random(in: 0...63, using: &generator)) { index in
            switch content {
            case .random: UInt8(truncatingIfNeeded: generator.next() >> 32)
            case .dark: 0
            case .bright: 255
            case .extremes: generator.next() >> 63 == 0 ? 0 : 255
            case .ramp: UInt8(truncatingIfNeeded: index)
            case .flat: flat
            }
        }
    }

    private mutating func sums(_ count: Int) -> GuardedBuffer<UInt16> {
        // 8.8 fixed point of a byte never exceeds 255.0.
        GuardedBuffer(count: count, misalignment: Int.random(in: 0...31, using: &generator)) { _ in
            UInt16(generator.next() % 0xFF01)
        }
    }

    private mutating func totals(_ count: Int) -> GuardedBuffer<UInt32> {
        GuardedBuffer(count: count, misalignment: Int.random(in: 0...15, using: &generator)) { _ in
            UInt32(generator.next() % 1_000_000)
        }
    }

    private mutating func wordsBuffer(_ count: Int, _ content: Content) -> GuardedBuffer<UInt64> {
        GuardedBuffer(count: count, misalignment: Int.random(in: 0...7, using: &generator)) { index in
            switch content {
            case .random: generator.next()
            case .dark: 0
            case .bright: ~0
            case .extremes: generator.next() & generator.next() & generator.next()
            case .ramp: 0xAAAA_AAAA_AAAA_AAAA >> UInt64(index % 2)
            case .flat: 0x8000_0000_0000_0001
            }
        }
    }
}
