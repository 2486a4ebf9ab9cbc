import CDispatch
import Glibc
import KernelAPI

/// Time spent in the kernels of each stage, measured from outside: a table whose every kernel reads the clock before
/// and after. It costs two readings a call (a row's runs are a call), so it has rounds of its own and its sum is a little
/// above the figure that counts.
final class StageClock: @unchecked Sendable {
    // Used by one thread at a time; the table's closures must be Sendable.
    enum Stage: Int, CaseIterable {
        /// Luma to the analysis grid.
        case downsample
        /// Light balance, comparison with the background, learning.
        case background
        /// Median, dilation, erosion, runs of the mask.
        case morphology
        /// Shadows, components, tracks, and the kernels of the whole picture's health and shake.
        case rest
    }

    private var current = [Int](repeating: 0, count: Stage.allCases.count)
    private var began = 0
    /// Nanoseconds of every picture, by stage.
    private var pictures = [[Int]](repeating: [], count: Stage.allCases.count)

    func beginPicture() {
        for index in current.indices { current[index] = 0 }
        began = Self.now()
    }

    func endPicture() {
        let kernels = current.reduce(0, +)
        current[Stage.rest.rawValue] = Self.now() - began - kernels
        for index in current.indices { pictures[index].append(current[index]) }
    }

    /// Milliseconds a picture of each stage. The clock on the wall is read, because the thread's own is a system call:
    /// of all pictures the median counts, which a thread that had to wait now and then does not move.
    var milliseconds: [Double] {
        pictures.map { stage in stage.isEmpty ? 0 : Double(stage.sorted()[stage.count / 2]) / 1_000_000 }
    }

    private func time<Result>(_ stage: Stage, _ body: () -> Result) -> Result {
        let begin = Self.now()
        let result = body()
        current[stage.rawValue] += Self.now() - begin
        return result
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    func table(around table: KernelTable) -> KernelTable {
        var timed = table
        timed.boxDownsample = { a, b, c, d, e, f, g, h in
            self.time(.downsample) { table.boxDownsample(a, b, c, d, e, f, g, h) }
        }
        timed.smooth = { a, b, c, d, e, f, g in self.time(.downsample) { table.smooth(a, b, c, d, e, f, g) } }
        timed.adjust = { a, b, c, d in self.time(.background) { table.adjust(a, b, c, d) } }
        timed.sumLight = { a, b, c, d, e, f in self.time(.background) { table.sumLight(a, b, c, d, e, f) } }
        timed.classify = { a, b, c, d, e, f, g, h in
            self.time(.background) { table.classify(a, b, c, d, e, f, g, h) }
        }
        timed.learn = { a, b, c, d, e, f in self.time(.background) { table.learn(a, b, c, d, e, f) } }
        timed.blend = { a, b, c, d, e in self.time(.background) { table.blend(a, b, c, d, e) } }
        timed.adapt = { a, b, c, d, e, f, g, h, i in
            self.time(.background) { table.adapt(a, b, c, d, e, f, g, h, i) }
        }
        timed.expand = { a, b, c in self.time(.morphology) { table.expand(a, b, c) } }
        timed.median = { a, b, c, d in self.time(.morphology) { table.median(a, b, c, d) } }
        timed.dilate = { a, b, c, d in self.time(.morphology) { table.dilate(a, b, c, d) } }
        timed.erode = { a, b, c, d in self.time(.morphology) { table.erode(a, b, c, d) } }
        timed.runs = { a, b, c in self.time(.morphology) { table.runs(a, b, c) } }
        return timed
    }
}
