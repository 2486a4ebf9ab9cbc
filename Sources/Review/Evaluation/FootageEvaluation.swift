import Foundation
package import Ingest
import Media
package import Pipeline
import Rules
import Scene

/// One footage of a corpus through exactly the daemon's analysis: its crossings and occupied intervals as
/// scored alerts, and its masks.
package struct FootageEvaluation: Sendable {
    package let folder: CorpusFolder
    package let alerts: [ScoredAlert]
    package let pictureCount: Int64
    package let isTruncated: Bool

    /// - Parameters:
    ///   - maskFile: where the foreground masks go, one for each picture, or nil.
    ///   - progress: called with the seconds of footage that are done.
    /// - Throws: `SessionFailure` for footage that cannot be read, ``CorpusError`` for a fence that cannot be drawn,
    ///   `MediaError` for a mask file that cannot be written.
    package init(
        _ folder: CorpusFolder, models: EvaluationModels, maskFile: String?,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        let model = folder.isThermal ? models.thermal : models.visible
        let analysis = CameraAnalysis(
            rules: try folder.fences.map { try $0.rule(in: folder.name) }, model: model.model,
            cadence: models.cadence, kernels: try InstructionSet.chosen())
        let receiver = EvaluationReceiver(analysis: analysis, maskFile: maskFile, progress: progress)
        let outcome = try Footage(path: folder.footage.path, policy: models.policy).read(into: receiver)
        try receiver.finish()
        self.folder = folder
        alerts = Self.alerts(from: receiver.events, footage: folder.name)
        pictureCount = outcome.counters.pictures
        isTruncated = outcome.ending == .truncated
    }

    /// One alert a crossing, one an occupied interval; sorted by start, then rule.
    static func alerts(from events: [RuleEvent], footage: String) -> [ScoredAlert] {
        var open: [RuleID: RuleEvent] = [:]
        var alerts: [ScoredAlert] = []
        for event in events {
            switch event.phase {
            case .instant:
                alerts.append(
                    ScoredAlert(
                        footage: footage, rule: event.rule.text, start: seconds(event.time), end: nil,
                        direction: event.direction, box: event.box))
            case .began: open[event.rule] = event
            case .ended:
                guard let began = open.removeValue(forKey: event.rule) else { continue }
                alerts.append(
                    ScoredAlert(
                        footage: footage, rule: event.rule.text, start: seconds(began.time), end: seconds(event.time),
                        direction: nil, box: began.box))
            }
        }
        return alerts.sorted { ($0.start, $0.rule) < ($1.start, $1.rule) }
    }

    private static func seconds(_ time: MediaTime) -> Double { (time - .epoch).seconds }
}

/// The two detector models that `evaluate` chooses from, and the pictures it analyses: unless told otherwise the
/// configuration's defaults, no preset of its own.
package struct EvaluationModels: Sendable {
    package static let usualCadence = AnalysisCadence(analysisRate: 8)

    package let visible: ModelLibrary.Entry
    package let thermal: ModelLibrary.Entry
    package let cadence: AnalysisCadence
    package let policy: DecodePolicy

    /// - Throws: `ModelError`.
    package init(
        library: ModelLibrary, cadence: AnalysisCadence = Self.usualCadence, policy: DecodePolicy = DecodePolicy()
    ) throws {
        self.cadence = cadence
        self.policy = policy
        visible = try library.load("visible")
        thermal = try library.load("thermal")
    }
}

extension AnnotatedFence {
    /// - Parameter conditions: on the rule; none as it is annotated.
    func rule(in footage: String, conditions: RuleConditions = RuleConditions()) throws -> FenceRule {
        guard let id = RuleID(id) else {
            throw CorpusError(place: "\(footage)/fences.json", detail: "\"\(id)\" cannot be a rule id")
        }
        switch kind {
        case .line:
            guard let line = Polyline(points) else {
                throw CorpusError(place: "\(footage)/fences.json: \(id)", detail: "the points make no line")
            }
            let directions = direction.flatMap(LineRule.Directions.init(rawValue:)) ?? .any
            return FenceRule(
                id: id, anchor: anchor, watch: .line(LineRule(line: line, directions: directions)),
                conditions: conditions)
        case .zone:
            guard let area = Polygon(points) else {
                throw CorpusError(place: "\(footage)/fences.json: \(id)", detail: "the points make no polygon")
            }
            return FenceRule(id: id, anchor: anchor, watch: .zone(ZoneRule(area: area)), conditions: conditions)
        }
    }
}

/// Collects the events of one footage, and writes a mask for each picture: where a picture is not analysed, the last
/// mask again.
private final class EvaluationReceiver: PictureReceiver {
    private let analysis: CameraAnalysis
    private let maskFile: String?
    private let progress: (Double) -> Void
    private var masks: MaskRecording?
    private var failure: (any Error)?
    private(set) var events: [RuleEvent] = []

    init(analysis: CameraAnalysis, maskFile: String?, progress: @escaping (Double) -> Void) {
        self.analysis = analysis
        self.maskFile = maskFile
        self.progress = progress
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        analysis.begin(size: stream.size)
        attempt {
            guard let maskFile, masks == nil else { return }
            masks = try MaskRecording(path: maskFile, size: stream.size, frameRate: stream.nominalFrameRate ?? 25)
        }
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        attempt {
            if let result = try analysis.analyze(&picture, at: time) { events += result.events }
            try masks?.append(at: time - .epoch, analysis)
        }
        progress((time - .epoch).seconds)
    }

    var attention: PictureAttention { analysis.attention }

    func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        do { return try analysis.stirs(in: &picture, at: time) } catch {
            failure = failure ?? error
            return true
        }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        if let time { events += analysis.end(at: time) }
    }

    func finish() throws {
        if let failure { throw failure }
        try masks?.finish()
    }

    private func attempt(_ body: () throws -> Void) {
        guard failure == nil else { return }
        do { try body() } catch { failure = error }
    }
}
