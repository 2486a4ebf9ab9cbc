import ArgumentParser
import Glibc
import KernelAPI
import KernelReference
import Kernels

/// Nanoseconds of thread time a pixel, beside the scalar twin, on one analysis grid; the outputs are compared.
struct KernelTimings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "Time every kernel on every instruction set beside its scalar twin.")

    @Option(help: "Grid width in pixels, a multiple of 64.")
    var width = 320

    @Option(help: "Grid height in pixels.")
    var height = 192

    @Option(help: "Rounds; the median counts.")
    var rounds = 15

    func validate() throws {
        guard width > 0, width % 64 == 0, height > 0, rounds > 0 else {
            throw ValidationError("--width must be a multiple of 64, --height and --rounds positive")
        }
    }

    func run() throws {
        let bed = TestBed(width: width, height: height)
        print("kernel,table,ns_per_pixel,times_twin,equal")
        var failed = false
        for (name, step) in bed.steps {
            let twin = bed.measure(kernelReference, rounds: 1, step)
            print("\(name),reference,\(text(twin.nanoseconds)),1,true")
            for table in Kernels.available {
                let result = bed.measure(table, rounds: rounds, step)
                let equal = result.output == twin.output
                failed = failed || !equal
                print(
                    "\(name),\(table.name),\(text(result.nanoseconds)),\(text(twin.nanoseconds / result.nanoseconds)),\(equal)"
                )
            }
        }
        if failed { throw ExitCode(1) }
    }

    /// Three decimals.
    private func text(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
}

/// Inputs for one grid, made once; each measurement begins from the same state.
private struct TestBed {
    typealias Step = (KernelTable, inout State) -> Void

    struct State {
        var bytes: [UInt8]
        var sums: [UInt16]
        var words: [UInt64]
        var scratch: [UInt16]
    }

    let width: Int
    let height: Int
    private let source: [UInt8]
    private let plane: [UInt8]
    private let samples: [UInt8]
    private let hold: [UInt8]
    private let mask: [UInt64]
    private static let factor = 2
    private static let sampleCount = 10

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        var generator = SeededGenerator(seed: 1)
        let count = width * height
        func random(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 40) }
        }
        source = random(count * Self.factor * Self.factor)
        plane = random(count)
        samples = random(count * Self.sampleCount)
        hold = random(count).map { $0 < 32 ? 255 : 0 }
        mask = (0..<count / 64).map { _ in generator.next() & generator.next() }
    }

    private var rule: AdaptRule {
        AdaptRule(noiseShift: 4, noiseGain: 32, rise: 24, fall: 1, restlessGain: 38, least: 10, most: 60)
    }

    var steps: [(String, Step)] {
        let count = width * height
        let (w, h, factor) = (width, height, Self.factor)
        let twentieth = [UInt8](repeating: 20, count: count)
        return [
            ("boxDownsample", { $0.boxDownsample(source, w * factor, factor, &$1.bytes, w, w, h, &$1.scratch) }),
            ("smooth", { $0.smooth(plane, w, &$1.bytes, w, w, h, &$1.scratch) }),
            ("adjust", { $0.adjust(&$1.bytes, count, 280, -3) }),
            (
                "classify",
                { $0.classify(plane, samples, Self.sampleCount, twentieth, 2, count, &$1.words, &$1.bytes) }
            ),
            ("learn", { $0.learn(plane, source, 20, hold, &$1.bytes, count) }),
            ("blend", { $0.blend(plane, hold, 5, &$1.sums, count) }),
            (
                "adapt",
                { table, state in
                    var restless = samples
                    table.adapt(plane, hold, plane, hold, rule, &state.sums, &restless, &state.bytes, count)
                }
            ),
            ("expand", { $0.expand(mask, &$1.bytes, count) }),
            ("median", { $0.median(mask, &$1.words, w / 64, h) }),
            ("dilate", { $0.dilate(mask, &$1.words, w / 64, h) })
        ]
    }

    func measure(_ table: KernelTable, rounds: Int, _ step: Step) -> (nanoseconds: Double, output: State.Output) {
        let start = State(
            bytes: plane, sums: [UInt16](repeating: 100 << 8, count: width * height),
            words: [UInt64](repeating: 0, count: width * height / 64),
            scratch: [UInt16](repeating: 0, count: width * Self.factor + 2))
        var times: [Double] = []
        var output = start.output
        for _ in 0..<rounds {
            var state = start
            // Touched before the clock starts: the copy is not the kernel's.
            state.bytes[0] = state.bytes[0]
            state.sums[0] = state.sums[0]
            state.words[0] = state.words[0]
            state.scratch[0] = 0
            let begin = threadNanoseconds()
            step(table, &state)
            times.append(Double(threadNanoseconds() - begin) / Double(width * height))
            output = state.output
        }
        times.sort()
        return (times[times.count / 2], output)
    }
}

extension TestBed.State {
    struct Output: Equatable {
        var bytes: [UInt8]
        var sums: [UInt16]
        var words: [UInt64]
    }

    fileprivate var output: Output { Output(bytes: bytes, sums: sums, words: words) }
}

private func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
