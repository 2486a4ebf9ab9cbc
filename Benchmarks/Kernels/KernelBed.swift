import KernelAPI
import KernelReference

/// Inputs and outputs for every kernel on one analysis grid, always the same content.
final class KernelBed {
    /// One kernel on the bed. `pixels` are those that it reads: of the source for a downsample, of the grid otherwise.
    struct Workload {
        let name: String
        let pixels: Int
        let run: (KernelTable, KernelBed) -> Void
    }

    let width: Int
    let height: Int
    var count: Int { width * height }
    private static let largestFactor = 6
    private static let sampleCount = 10

    // Inputs.
    private let source: UnsafeMutablePointer<UInt8>
    private let plane: UnsafeMutablePointer<UInt8>
    private let samples: UnsafeMutablePointer<UInt8>
    private let noise: UnsafeMutablePointer<UInt8>
    private let hold: UnsafeMutablePointer<UInt8>
    private let radius: UnsafeMutablePointer<UInt8>
    private let mask: UnsafeMutablePointer<UInt64>
    // Outputs; `reset` gives them their first content.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let restless: UnsafeMutablePointer<UInt8>
    private let sums: UnsafeMutablePointer<UInt16>
    private let words: UnsafeMutablePointer<UInt64>
    private let totals: UnsafeMutablePointer<UInt32>
    private let scratch: UnsafeMutablePointer<UInt16>

    /// - Precondition: `width` is a multiple of ``PlaneLayout/lane``, `height` of ``PlaneLayout/blockSide``.
    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        let count = width * height
        var generator = SeededGenerator(seed: 1)
        source = Self.random(count * Self.largestFactor * Self.largestFactor, &generator)
        plane = Self.random(count, &generator)
        samples = Self.random(count * Self.sampleCount, &generator)
        noise = Self.random(count, &generator)
        hold = Self.random(count, &generator)
        for index in 0..<count { hold[index] = hold[index] < 32 ? 255 : 0 }
        radius = Self.memory(count, 20)
        mask = Self.blobs(width: width, height: height, &generator)
        bytes = Self.memory(count, 0)
        restless = Self.memory(count, 0)
        sums = Self.memory(count, 0)
        words = Self.memory(count / PlaneLayout.lane, 0)
        totals = Self.memory(count, 0)
        scratch = Self.memory(width * Self.largestFactor + 2, 0)
        reset()
    }

    deinit {
        for pointer in [source, plane, samples, noise, hold, radius, bytes, restless] { pointer.deallocate() }
        for pointer in [mask, words] { pointer.deallocate() }
        for pointer in [sums, scratch] { pointer.deallocate() }
        totals.deallocate()
    }

    func reset() {
        for index in 0..<count {
            bytes[index] = plane[index]
            restless[index] = samples[index]
            sums[index] = 100 << 8
            totals[index] = 0
        }
        for index in 0..<count / PlaneLayout.lane { words[index] = 0 }
    }

    /// Everything that a kernel may have written.
    var output: [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(count * 4)
        for index in 0..<count {
            result.append(UInt32(bytes[index]) | UInt32(restless[index]) << 8 | UInt32(sums[index]) << 16)
            result.append(totals[index])
        }
        for index in 0..<count / PlaneLayout.lane {
            result.append(UInt32(truncatingIfNeeded: words[index]))
            result.append(UInt32(truncatingIfNeeded: words[index] >> 32))
        }
        return result
    }
}

extension KernelBed {
    var workloads: [Workload] {
        [2, 3, 4, 6].map(downsample) + pictures + background + masks + statistics
    }

    private func downsample(_ factor: Int) -> Workload {
        Workload(name: "boxDownsample\(factor)", pixels: count * factor * factor) { table, bed in
            table.boxDownsample(
                bed.source, bed.width * factor, factor, bed.bytes, bed.width, bed.width, bed.height, bed.scratch)
        }
    }

    private var pictures: [Workload] {
        [
            Workload(name: "smooth", pixels: count) {
                $0.smooth($1.plane, $1.width, $1.bytes, $1.width, $1.width, $1.height, $1.scratch)
            },
            Workload(name: "adjust", pixels: count) { $0.adjust($1.bytes, $1.count, 280, -3) },
            Workload(name: "shift", pixels: count) {
                $0.shift($1.plane, $1.width, $1.bytes, $1.width, $1.width, $1.height, 37, -21, $1.scratch)
            }
        ]
    }

    private var background: [Workload] {
        let rule = AdaptRule(
            noiseShift: 4, noiseGain: 32, rise: 24, fall: 1, restlessGain: 38, least: 10, most: 60)
        return [
            Workload(name: "classify", pixels: count) {
                $0.classify($1.plane, $1.samples, Self.sampleCount, $1.radius, 2, $1.count, $1.words, $1.bytes)
            },
            Workload(name: "learn", pixels: count) {
                $0.learn($1.plane, $1.noise, 20, $1.hold, $1.bytes, $1.count)
            },
            Workload(name: "blend", pixels: count) { $0.blend($1.plane, $1.hold, 5, $1.sums, $1.count) },
            Workload(name: "adapt", pixels: count) {
                $0.adapt($1.plane, $1.noise, $1.samples, $1.hold, rule, $1.sums, $1.restless, $1.bytes, $1.count)
            }
        ]
    }

    private var masks: [Workload] {
        [
            Workload(name: "expand", pixels: count) { $0.expand($1.mask, $1.bytes, $1.count) },
            Workload(name: "median", pixels: count) { $0.median($1.mask, $1.words, $1.rowWords, $1.height) },
            Workload(name: "dilate", pixels: count) { $0.dilate($1.mask, $1.words, $1.rowWords, $1.height) },
            Workload(name: "erode", pixels: count) { $0.erode($1.mask, $1.words, $1.rowWords, $1.height) },
            Workload(name: "runs", pixels: count) { table, bed in
                for y in 0..<bed.height {
                    bed.totals[y] = UInt32(
                        table.runs(bed.mask + y * bed.rowWords, bed.rowWords, bed.sums + y * bed.width))
                }
            }
        ]
    }

    private var statistics: [Workload] {
        let rule = LightRule(least: 24, most: 240, ceiling: 250)
        let side = PlaneLayout.blockSide
        return [
            Workload(name: "sumLight", pixels: count) { table, bed in
                let lanes = UnsafeMutableRawPointer(bed.totals).assumingMemoryBound(to: LightSums.self)
                table.sumLight(bed.plane, bed.sums, bed.hold, rule, lanes, bed.count)
            },
            Workload(name: "project", pixels: count) {
                $0.project($1.plane, $1.width, $1.width, $1.height, $1.totals, $1.totals + $1.width)
            },
            Workload(name: "measureBlocks", pixels: count) { table, bed in
                let blocks = UnsafeMutableRawPointer(bed.totals).assumingMemoryBound(to: BlockStatistics.self)
                table.measureBlocks(bed.plane, bed.width, bed.width / side, bed.height / side, blocks)
            }
        ]
    }

    private var rowWords: Int { width / PlaneLayout.lane }

    // MARK: Content

    private static func memory<Element>(_ count: Int, _ value: Element) -> UnsafeMutablePointer<Element> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        return raw.initializeMemory(as: Element.self, repeating: value, count: count)
    }

    /// Repeats after a prime number of pixels: callgrind should not count random numbers for minutes.
    private static func random(_ count: Int, _ generator: inout SeededGenerator) -> UnsafeMutablePointer<UInt8> {
        let period = 8191
        let result = memory(count, UInt8(0))
        for index in 0..<min(count, period) { result[index] = UInt8(truncatingIfNeeded: generator.next() >> 40) }
        var filled = min(count, period)
        while filled < count {
            let more = min(filled, count - filled)
            (result + filled).update(from: result, count: more)
            filled += more
        }
        return result
    }

    /// A scene's mask: a dozen solid rectangles and one stray pixel in five hundred.
    private static func blobs(
        width: Int, height: Int, _ generator: inout SeededGenerator
    ) -> UnsafeMutablePointer<UInt64> {
        let result = memory(width * height / PlaneLayout.lane, UInt64(0))
        func set(_ x: Int, _ y: Int) { result[(y * width + x) / 64] |= 1 << UInt64(x % 64) }
        for _ in 0..<12 {
            let left = Int.random(in: 0..<width, using: &generator)
            let top = Int.random(in: 0..<height, using: &generator)
            for y in top..<min(height, top + 24) {
                for x in left..<min(width, left + 16) { set(x, y) }
            }
        }
        for _ in 0..<width * height / 500 {
            set(Int.random(in: 0..<width, using: &generator), Int.random(in: 0..<height, using: &generator))
        }
        return result
    }
}
