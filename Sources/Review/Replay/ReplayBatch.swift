import Foundation
package import Ingest
package import Logging
package import Pipeline
package import Scene
import Synchronization

/// Recordings of several cameras, each through its own pipeline, as many at once as the machine has cores. What comes of
/// it does not depend on how many that are.
package struct ReplayBatch: Sendable {
    package struct Job: Sendable {
        package let recording: Recording
        package let assembly: CameraAssembly

        package init(_ recording: Recording, _ assembly: CameraAssembly) {
            self.recording = recording
            self.assembly = assembly
        }
    }

    /// How all of them are replayed.
    package struct Manner: Sendable {
        package var mode: DecodeMode?
        /// Media time of the first picture, where the recording does not say.
        package var start = MediaTime.epoch
        package var part = ReplayPart()
        /// Where the annotated video of a single job goes.
        package var film: String?
        /// Where stills and clips go.
        package var evidence: FootageReplay.EvidencePlace?

        package init() {}
    }

    /// By job, in their order.
    package let results: [Result<FootageReplay, any Error>]

    /// - Parameters:
    ///   - workers: threads; at least one.
    ///   - progress: how much of the footage is done, from 0 to 1, and how many seconds of it.
    package init(
        _ jobs: [Job], _ manner: Manner, workers: Int, logger: Logger,
        progress: @escaping @Sendable (Double, Double) -> Void = { _, _ in }
    ) {
        let lengths = jobs.map { $0.recording.length(of: manner.part)?.seconds ?? 0 }
        let whole = lengths.reduce(0, +)
        let board = Mutex(Board(count: jobs.count))
        DispatchQueue.concurrentPerform(iterations: min(max(workers, 1), max(jobs.count, 1))) { _ in
            while let index = board.withLock({ $0.takeNext() }) {
                let job = jobs[index]
                let result = Result {
                    try FootageReplay(
                        job.recording, assembly: job.assembly, mode: manner.mode, start: manner.start,
                        part: manner.part, film: manner.film, evidence: manner.evidence, logger: logger
                    ) { done in
                        let sum = board.withLock { $0.note(done, of: index) }
                        progress(whole > 0 ? sum / whole : 0, sum)
                    }
                }
                board.withLock { $0.results[index] = result }
            }
        }
        results = board.withLock { $0.results }.map { $0 ?? .failure(CancellationError()) }
    }

    private struct Board: Sendable {
        var results: [Result<FootageReplay, any Error>?]
        private var done: [Double]
        private var next = 0

        init(count: Int) {
            results = Array(repeating: nil, count: count)
            done = Array(repeating: 0, count: count)
        }

        mutating func takeNext() -> Int? {
            guard next < results.count else { return nil }
            defer { next += 1 }
            return next
        }

        /// - Returns: seconds of footage that are done of all.
        mutating func note(_ seconds: Double, of index: Int) -> Double {
            done[index] = seconds
            return done.reduce(0, +)
        }
    }
}
