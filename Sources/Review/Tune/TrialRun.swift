import Foundation
import Ingest
import Media
import Pipeline
import Rules
import Scene

/// One footage under one detector model, judged for many trials at once: the analysis runs once, and every trial has
/// rules of its own.
struct TrialRun {
    let folder: CorpusFolder
    let trials: [TuneTrial]
    let model: ModelLibrary.Entry
    let cadence: AnalysisCadence

    /// - Returns: for each trial the scores of the footage's fences, in the order of the annotation.
    /// - Throws: `SessionFailure`, ``CorpusError``.
    func scores(_ cache: LumaCache) throws -> [[FenceScore]] {
        let judge = TrialJudge(
            engines: try trials.map { trial in
                RuleEngine(rules: try folder.fences.map { try $0.rule(in: folder.name, conditions: trial.conditions) })
            },
            analysis: CameraAnalysis(
                rules: [], model: model.model, cadence: cadence, kernels: try InstructionSet.chosen()))
        if let recording = cache.recording(of: folder.footage) {
            judge.begin(size: recording.size)
            recording.forEach { luma, time in judge.take(luma, at: time) }
            judge.end()
        } else {
            let receiver = TrialReceiver(judge, cache.recorder(of: folder.footage))
            let outcome = try Footage(path: folder.footage.path).read(into: receiver)
            receiver.recorder?.finish(isTruncated: outcome.ending == .truncated)
            if let failure = receiver.failure { throw failure }
        }
        return judge.events.map { events in
            let alerts = FootageEvaluation.alerts(from: events, footage: folder.name)
            return folder.fences.map { fence in
                FenceScore(footage: folder.name, fence: fence, alerts: alerts.filter { $0.rule == fence.id })
            }
        }
    }
}

/// One analysis and the rules of every trial behind it.
private final class TrialJudge {
    private(set) var events: [[RuleEvent]]
    private var engines: [RuleEngine]
    private let analysis: CameraAnalysis
    private var last: MediaTime?

    init(engines: [RuleEngine], analysis: CameraAnalysis) {
        self.engines = engines
        self.analysis = analysis
        events = Array(repeating: [], count: engines.count)
    }

    func begin(size: PictureSize) {
        analysis.begin(size: size)
        let shape = PictureShape(aspect: Double(size.width) / Double(size.height))
        for index in engines.indices { engines[index].fit(shape) }
    }

    func take(_ luma: LumaPlane, at time: MediaTime) {
        last = time
        guard let observation = analysis.observe(luma, at: time) else { return }
        for index in engines.indices { events[index] += engines[index].events(for: observation) }
    }

    func end() {
        guard let last else { return }
        for index in engines.indices { events[index] += engines[index].finish(at: last) }
    }
}

/// Decodes once more where nothing is kept, and keeps it.
private final class TrialReceiver: PictureReceiver {
    let recorder: LumaRecorder?
    private(set) var failure: (any Error)?
    private let judge: TrialJudge
    private var sessions = 0

    init(_ judge: TrialJudge, _ recorder: LumaRecorder?) {
        self.judge = judge
        self.recorder = recorder
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        sessions += 1
        if sessions > 1 { recorder?.abandon() }
        judge.begin(size: stream.size)
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        picture.withLuma { luma in
            recorder?.append(luma, at: time)
            judge.take(luma, at: time)
        }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { judge.end() }
}
