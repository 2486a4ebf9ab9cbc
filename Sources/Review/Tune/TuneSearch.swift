package import Foundation
import Ingest
package import Pipeline
import Scene
import Synchronization

/// Every trial over every clip: measured once, whatever is chosen of it later. The result does not depend on how many
/// work side by side.
package struct TuneSearch: Sendable {
    /// Trials judged in one run of the analysis; more would only hold more memory.
    private static let trialsTogether = 128

    package let folders: [CorpusFolder]
    package let trials: [TuneTrial]
    /// By trial, then by clip: the rows of its fences.
    package let rows: [[[FenceScore]]]
    package let problems: [String]
    package let seconds: Double

    private struct Job {
        let clip: Int
        let trials: [Int]
        let model: ModelLibrary.Entry
    }

    /// - Parameters:
    ///   - cache: decoded luma for every run after the first.
    ///   - workers: clips analysed at one time.
    /// - Throws: ``CorpusError`` and `ModelError` for what cannot be tried at all.
    package init(
        corpus: URL, trials: [TuneTrial], library: ModelLibrary, cache: LumaCache,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount, progress: ProgressBar? = nil
    ) throws {
        let began = ContinuousClock.now
        let folders = try CorpusFolder.folders(in: corpus).filter { !$0.fences.isEmpty }
        guard folders.count >= 2 else {
            throw CorpusError(
                place: corpus.path,
                detail: "has \(folders.count) clip(s) with fences.json; what is chosen on one clip must be judged on "
                    + "another, give at least 2 (cut a long recording into several)")
        }
        cache.makeRoom(for: folders.map(\.footage))
        let jobs = try Self.jobs(folders, trials, library)
        let board = Mutex(Board(jobs: jobs.count, trials: trials.count, clips: folders.count))
        DispatchQueue.concurrentPerform(iterations: max(1, min(workers, folders.count))) { _ in
            while let index = board.withLock({ $0.take() }) {
                let job = jobs[index]
                let run = TrialRun(
                    folder: folders[job.clip], trials: job.trials.map { trials[$0] }, model: job.model,
                    cadence: EvaluationModels.usualCadence)
                let result = Result { try run.scores(cache) }
                let done = board.withLock { $0.finish(index, job, result) }
                progress?.update(Double(done) / Double(jobs.count), note: folders[job.clip].name)
            }
        }
        let failures = board.withLock { $0.failures }
        let kept = folders.indices.filter { failures[$0] == nil }
        guard kept.count >= 2 else {
            let reasons = failures.sorted { $0.key < $1.key }.map { "\(folders[$0.key].name): \($0.value)" }
            throw CorpusError(
                place: corpus.path, detail: "fewer than two clips could be read: \(reasons.joined(separator: "; "))")
        }
        self.folders = kept.map { folders[$0] }
        self.trials = trials
        rows = board.withLock { board in board.rows.map { clips in kept.map { clips[$0] } } }
        problems = failures.sorted { $0.key < $1.key }.map { "\(folders[$0.key].name): \($0.value)" }
        seconds = (ContinuousClock.now - began) / .seconds(1)
    }

    /// Clip after clip for each model, so that the first run of a clip fills the cache early; whoever shares a model
    /// shares a run.
    private static func jobs(
        _ folders: [CorpusFolder], _ trials: [TuneTrial], _ library: ModelLibrary
    ) throws -> [Job] {
        var order: [[ModelChange]] = []
        var groups: [[ModelChange]: [Int]] = [:]
        for (index, trial) in trials.enumerated() {
            let changes = trial.modelChanges
            if groups[changes] == nil { order.append(changes) }
            groups[changes, default: []].append(index)
        }
        return try order.flatMap { changes -> [Job] in
            var models: [String: ModelLibrary.Entry] = [:]
            for name in Set(folders.map(\.modelName)).sorted() {
                models[name] = try library.load(name, as: name, changes).0
            }
            let members = groups[changes] ?? []
            let parts = stride(from: 0, to: members.count, by: trialsTogether).map {
                Array(members[$0..<min($0 + trialsTogether, members.count)])
            }
            return parts.flatMap { part in
                folders.indices.compactMap { clip in
                    models[folders[clip].modelName].map { Job(clip: clip, trials: part, model: $0) }
                }
            }
        }
    }

    private struct Board: Sendable {
        var rows: [[[FenceScore]]]
        var failures: [Int: String] = [:]
        private var next = 0
        private var done = 0
        private let count: Int

        init(jobs: Int, trials: Int, clips: Int) {
            count = jobs
            rows = Array(repeating: Array(repeating: [], count: clips), count: trials)
        }

        mutating func take() -> Int? {
            guard next < count else { return nil }
            defer { next += 1 }
            return next
        }

        mutating func finish(_ index: Int, _ job: Job, _ result: Result<[[FenceScore]], any Error>) -> Int {
            switch result {
            case .success(let scores):
                for (trial, score) in zip(job.trials, scores) { rows[trial][job.clip] = score }
            case .failure(let error): failures[job.clip] = failures[job.clip] ?? "\(error)"
            }
            done += 1
            return done
        }
    }
}

extension CorpusFolder {
    /// Of the two models that `evaluate` chooses from.
    package var modelName: String { isThermal ? "thermal" : "visible" }
}

extension TuneSearch {
    /// The rows of a corpus in which nothing was raised: what its annotation asks for, before any footage is read.
    package static func silence(of corpus: URL) throws -> [FenceScore] {
        try CorpusFolder.folders(in: corpus).flatMap { folder in
            folder.fences.map { FenceScore(footage: folder.name, fence: $0, alerts: []) }
        }
    }
}
