package import Ingest
import Journal
package import Logging
import Media
package import Pipeline
package import Scene

/// Recorded footage through exactly the daemon's pipeline of one camera, as fast as the machine allows.
package struct FootageReplay: Sendable {
    /// Every version of every alert, in the order in which the daemon would journal them.
    package let decisions: [AlertDecision]
    /// What was wrong with the whole picture, as it was noticed.
    package let conditions: [ConditionChange]
    /// What the rules would have raised but for a filter, oldest first.
    package let suppressed: [SuppressedReport.Entry]
    package let pictureCount: Int64
    package let analyzedCount: Int64
    package let damagedCount: Int64
    package let isTruncated: Bool
    /// Segments of which nothing could be read; the others were.
    package let unreadable: [SessionFailure]
    /// Where stamps jumped within a file; the first few.
    package let jumps: [SessionFailure]
    /// Whether stamps were set back: what time it was after that nobody knows.
    package let isSetBack: Bool
    /// Whether the background was learnt: nothing can be raised of shorter footage.
    package let hasSettled: Bool
    /// From the first picture that was analysed to the last.
    package let span: MediaSpan
    /// How much was analysed before the part that is told of.
    package let warmUp: MediaSpan
    /// The newest version of each alert with what was kept of it; empty where nothing was to be kept.
    package let kept: [Alert]
    /// Every version of the alerts as the daemon would journal it, marked as a replay: with stills and clips where they
    /// were to be kept, and then also the versions that only name a clip.
    package let versions: [Alert]

    /// Where stills and clips go.
    package struct EvidencePlace: Sendable {
        package var folder: String
        package var clips: ClipSettings

        package init(folder: String, clips: ClipSettings) {
            self.folder = folder
            self.clips = clips
        }
    }

    /// One file, all of it.
    /// - Throws: as ``init(_:assembly:mode:start:part:film:evidence:logger:progress:)-(Recording,_,_,_,_,_,_,_,_)``.
    package init(
        _ footage: String, assembly: CameraAssembly, mode: DecodeMode? = nil, start: MediaTime = .epoch,
        film: String? = nil, evidence: EvidencePlace? = nil, logger: Logger,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        try self.init(
            Recording(file: footage), assembly: assembly, mode: mode, start: start, film: film, evidence: evidence,
            logger: logger, progress: progress)
    }

    /// - Parameters:
    ///   - mode: what is decoded; nil for what the camera's configuration says.
    ///   - start: media time of the first picture, where the recording does not say.
    ///   - part: what of the recording is told of. The analysis sees ``ReplayPart/warmUp`` more before.
    ///   - film: where the annotated video goes, or nil.
    ///   - evidence: where stills and clips go, or nil.
    ///   - progress: called with the seconds of footage that are done.
    /// - Throws: `SessionFailure` for footage that cannot be read, `MediaError` for a film that cannot be written.
    package init(
        _ recording: Recording, assembly: CameraAssembly, mode: DecodeMode? = nil, start: MediaTime = .epoch,
        part: ReplayPart = ReplayPart(), film: String? = nil, evidence: EvidencePlace? = nil, logger: Logger,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        let keeping = evidence.map {
            EvidenceOutlet(folder: $0.folder, camera: assembly.camera, settings: $0.clips, logger: logger)
        }
        let outlet = keeping?.collected ?? CollectingOutlet()
        let analysis = assembly.makeAnalysis()
        var policy = assembly.decodePolicy
        if let mode { policy.mode = mode }
        let pipeline = CameraPipeline(
            camera: assembly.camera.id, rules: assembly.camera.rules, analysis: analysis, book: assembly.makeBook(),
            outlet: keeping ?? outlet, raisesSignalAlarms: false, isFilmed: film != nil,
            duty: CameraDuty(assembly.arming()),
            clock: { start }, logger: logger)
        let receiver = ReplayReceiver(pipeline: pipeline, film: film, keeping: keeping, progress: progress)
        let outcome = try Footage(recording.segments, start: start, policy: policy, window: part.window)
            .read(into: receiver, tap: keeping?.tap)
        pipeline.finishFootage(at: outcome.last ?? start)
        keeping?.pump()
        kept = keeping?.alerts ?? []
        try receiver.finish()
        decisions = part.told(outlet.decisions)
        let told = Set(decisions.map(\.id))
        versions = (keeping?.versions ?? outlet.replayed).filter { told.contains($0.decision.id) }
        conditions = outlet.conditions.filter { part.tells(of: $0.noticed) }
        suppressed = outlet.suppressed.filter { part.tells(of: $0.decidedAt) }.map {
            SuppressedReport.Entry($0, localTime: assembly.localTime)
        }
        pictureCount = outcome.counters.pictures
        analyzedCount = analysis.analyzedCount
        damagedCount = outcome.counters.damaged
        isTruncated = outcome.ending == .truncated
        unreadable = outcome.unreadable
        jumps = outcome.jumps
        isSetBack = outcome.isSetBack
        hasSettled = analysis.hasSettled
        let (first, last) = (receiver.start ?? start, outcome.last ?? start)
        span = last - first
        warmUp = max(.zero, (part.from ?? first) - first)
    }

    /// One line of JSON a version, `{"decision": …}`: byte-identical for the same footage, configuration and model.
    package func lines() throws -> String {
        try decisions.map { try DecisionCoder.text(DecisionLine(decision: $0)) + "\n" }.joined()
    }

    /// One line of JSON an alert, `{"decision": …, "reception": …}`: its newest version with stills and clip.
    package func evidenceLines() throws -> String {
        try kept.map { try DecisionCoder.text($0) + "\n" }.joined()
    }

    /// One line of JSON a condition that began or ended, in media time.
    package func conditionLines() throws -> String {
        try conditions.map {
            try DecisionCoder.text(
                ConditionLine(condition: $0.condition, since: $0.since, noticed: $0.noticed, end: $0.end)) + "\n"
        }.joined()
    }

    /// One line of JSON a candidate, with the filter that killed it as one sentence.
    package func suppressedLines() throws -> String {
        try suppressed.map { try DecisionCoder.text($0) + "\n" }.joined()
    }

    private struct ConditionLine: Encodable {
        let condition: SceneCondition
        let since: MediaTime
        let noticed: MediaTime
        let end: MediaTime?
    }

    private struct DecisionLine: Encodable {
        let decision: AlertDecision
    }
}

extension CollectingOutlet {
    /// The versions as they would be journaled now, without evidence.
    fileprivate var replayed: [Alert] {
        let now = MediaTime.now
        return zip(decisions, moments).map { decision, moment in
            Alert(
                decision: decision,
                reception: AlertReception(
                    serverTime: now, latencyMilliseconds: (now - moment).microseconds / 1000, sequence: 0, evidence: [],
                    isReplay: true))
        }
    }
}

/// Passes pictures on to the pipeline, and films them with what it knows of them drawn.
private final class ReplayReceiver: PictureReceiver {
    private let pipeline: CameraPipeline
    private let progress: (Double) -> Void
    private let keeping: EvidenceOutlet?
    /// Media time of the first picture.
    private(set) var start: MediaTime?
    private var film: FilmRecording?
    private var failure: (any Error)?

    init(pipeline: CameraPipeline, film: String?, keeping: EvidenceOutlet?, progress: @escaping (Double) -> Void) {
        self.pipeline = pipeline
        self.keeping = keeping
        self.progress = progress
        self.film = film.map(FilmRecording.init)
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        pipeline.sessionBegan(stream, anchor: anchor)
        attempt { try film?.begin(stream) }
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        pipeline.receive(&picture, at: time)
        keeping?.pump()
        let start = start ?? time
        self.start = start
        attempt { try film?.append(&picture, at: time - start, pipeline: pipeline, time: time) }
        progress((time - start).seconds)
    }

    var attention: PictureAttention { pipeline.attention }

    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool { pipeline.stirs(in: &picture, at: time) }

    func decoding(_ standing: DecodeStanding, at time: MediaTime) { pipeline.decoding(standing, at: time) }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        pipeline.sessionEnded(failure, at: time)
    }

    func finish() throws {
        if let failure { throw failure }
        try film?.finish()
    }

    private func attempt(_ body: () throws -> Void) {
        guard failure == nil else { return }
        do { try body() } catch { failure = error }
    }
}
