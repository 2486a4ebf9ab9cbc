import Foundation
import Ingest
package import Logging
package import Pipeline
import Scene
import Synchronization

/// Footage through two configurations, several files side by side; the result does not depend on how many.
package struct FootageDiff: Sendable {
    /// A footage with the cameras that watch it on both sides.
    package struct Pair: Sendable {
        package let footage: String
        package let before: CameraAssembly
        package let after: CameraAssembly

        package init(footage: String, before: CameraAssembly, after: CameraAssembly) {
            self.footage = footage
            self.before = before
            self.after = after
        }
    }

    package let pairs: [Pair]
    package let diff: AlertDiff
    /// A sentence for each footage that could not be read or was cut off; the rest is compared all the same.
    package let problems: [String]

    package init(
        _ pairs: [Pair], workers: Int = ProcessInfo.processInfo.activeProcessorCount, logger: Logger,
        progress: ProgressBar? = nil
    ) {
        let tasks = pairs.flatMap { pair in [(pair.footage, pair.before), (pair.footage, pair.after)] }
        let board = Mutex(
            (next: 0, done: 0, results: [Result<FootageReplay, any Error>?](repeating: nil, count: tasks.count)))
        DispatchQueue.concurrentPerform(iterations: max(1, min(workers, tasks.count))) { _ in
            while let index = board.withLock({ board -> Int? in
                guard board.next < tasks.count else { return nil }
                defer { board.next += 1 }
                return board.next
            }) {
                let (footage, assembly) = tasks[index]
                let result = Result { try FootageReplay(footage, assembly: assembly, logger: logger) }
                let done = board.withLock { board -> Int in
                    board.results[index] = result
                    board.done += 1
                    return board.done
                }
                progress?.update(Double(done) / Double(tasks.count), note: footage)
            }
        }
        let results = board.withLock { $0.results }
        var (diff, problems) = (AlertDiff(), [String]())
        for (index, pair) in pairs.enumerated() {
            do {
                guard let before = try results[2 * index]?.get(), let after = try results[2 * index + 1]?.get() else {
                    preconditionFailure("a footage was not replayed")
                }
                diff.add(footage: pair.footage, before: before.decisions, after: after.decisions)
                if before.isTruncated || after.isTruncated {
                    problems.append("\(pair.footage): the footage is cut off")
                }
            } catch {
                problems.append("\(error)")
            }
        }
        self.pairs = pairs
        self.diff = diff
        self.problems = problems
    }
}
