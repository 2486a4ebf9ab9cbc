package import Foundation
import Ingest
import Pipeline
import Scene
import Synchronization

/// A whole corpus evaluated, several footages side by side; the result does not depend on how many.
package struct CorpusEvaluation: Sendable {
    package let footages: [FootageEvaluation]
    /// What could not be read or was cut off, a sentence each; the rest is done all the same.
    package let problems: [String]

    /// - Parameters:
    ///   - maskFolder: made if missing; masks only for folders with ground-truth masks.
    ///   - workers: footages analysed at one time.
    package init(
        corpus: URL, models: EvaluationModels, maskFolder: URL?,
        workers: Int = ProcessInfo.processInfo.activeProcessorCount, progress: ProgressBar? = nil
    ) throws {
        let folders = try CorpusFolder.folders(in: corpus).filter {
            !$0.fences.isEmpty || (maskFolder != nil && $0.hasGroundTruthMasks)
        }
        guard !folders.isEmpty else {
            throw CorpusError(place: corpus.path, detail: "no folder with meta.json and fences.json in it")
        }
        if let maskFolder { try FileManager.default.createDirectory(at: maskFolder, withIntermediateDirectories: true) }
        let board = Mutex(Board(count: folders.count))
        DispatchQueue.concurrentPerform(iterations: max(1, min(workers, folders.count))) { _ in
            while let index = board.withLock({ $0.takeNext() }) {
                let folder = folders[index]
                let result = Result { try Self.evaluate(folder, models, maskFolder) }
                let done = board.withLock { $0.finish(index, result) }
                progress?.update(Double(done) / Double(folders.count), note: folder.name)
            }
        }
        let results = board.withLock { $0.results }
        footages = results.compactMap { try? $0?.get() }
        problems = zip(folders, results).compactMap { folder, result in
            switch result {
            case .success(let evaluation)?: evaluation.isTruncated ? "\(folder.name): the footage is cut off" : nil
            case .failure(let error)?: "\(folder.name): \(error)"
            case nil: "\(folder.name): not evaluated"
            }
        }
    }

    package var score: CorpusScore {
        CorpusScore(
            rows: footages.flatMap { footage in
                footage.folder.fences.map { fence in
                    FenceScore(
                        footage: footage.folder.name, fence: fence,
                        alerts: footage.alerts.filter { $0.rule == fence.id })
                }
            })
    }

    /// One line of JSON an alert, sorted by footage, start and rule, as the public scorer reads it.
    package func alertLines() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try footages.filter { !$0.folder.fences.isEmpty }.flatMap(\.alerts).map { alert in
            String(decoding: try encoder.encode(AlertLine(alert)), as: UTF8.self) + "\n"
        }.joined()
    }

    private static func evaluate(
        _ folder: CorpusFolder, _ models: EvaluationModels, _ maskFolder: URL?
    ) throws -> FootageEvaluation {
        let maskFile = folder.hasGroundTruthMasks ? maskFolder?.appendingPathComponent("\(folder.name).mkv").path : nil
        return try FootageEvaluation(folder, models: models, maskFile: maskFile)
    }

    private struct Board: Sendable {
        var results: [Result<FootageEvaluation, any Error>?]
        private var next = 0
        private var finished = 0

        init(count: Int) { results = Array(repeating: nil, count: count) }

        mutating func takeNext() -> Int? {
            guard next < results.count else { return nil }
            defer { next += 1 }
            return next
        }

        mutating func finish(_ index: Int, _ result: Result<FootageEvaluation, any Error>) -> Int {
            results[index] = result
            finished += 1
            return finished
        }
    }
}

/// The contract of `evaluate --alerts`: null where there is none.
private struct AlertLine: Encodable {
    let alert: ScoredAlert

    init(_ alert: ScoredAlert) { self.alert = alert }

    enum CodingKeys: String, CodingKey {
        case footage, rule, direction
        case start = "start_s"
        case end = "end_s"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(alert.footage, forKey: .footage)
        try container.encode(alert.rule, forKey: .rule)
        try container.encode(alert.start, forKey: .start)
        try container.encode(alert.end, forKey: .end)
        try container.encode(alert.direction?.rawValue, forKey: .direction)
    }
}
