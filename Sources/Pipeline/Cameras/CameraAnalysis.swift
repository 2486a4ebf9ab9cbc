package import KernelAPI
package import Media
package import Rules
package import Scene
package import Vision

/// Picture → rule events of one camera: cadence, privacy masks, Vision, Rules. The daemon, `replay` and `evaluate`
/// all run exactly this. Confined to the thread that feeds it.
package final class CameraAnalysis {
    package struct Result {
        package let observation: Observation
        package let events: [RuleEvent]
    }

    private let model: DetectorModel
    private let perspective: Perspective?
    private let kernels: KernelTable
    private let rules: [FenceRule]
    private let ignoreMasks: [Polygon]
    private let freshCadence: AnalysisCadence
    private var cadence: AnalysisCadence
    private var engine: RuleEngine
    private var analyzer: FrameAnalyzer?
    private let privacyMask: PrivacyMask
    package private(set) var analyzedCount: Int64 = 0

    package init(
        rules: [FenceRule], model: DetectorModel, cadence: AnalysisCadence, privacyMasks: [Polygon] = [],
        ignoreMasks: [Polygon] = [], perspective: Perspective? = nil, kernels: KernelTable
    ) {
        self.model = model
        self.perspective = perspective
        self.kernels = kernels
        privacyMask = PrivacyMask(privacyMasks)
        freshCadence = cadence
        self.cadence = cadence
        self.rules = rules
        self.ignoreMasks = ignoreMasks
        engine = RuleEngine(rules: rules, ignoreMasks: ignoreMasks)
    }

    /// Begins a session: the background is learnt anew or held until it has settled, and nothing is raised meanwhile.
    package func begin(size: PictureSize) {
        cadence = freshCadence
        if analyzer?.source == size {
            analyzer?.reseed()
        } else {
            analyzer = FrameAnalyzer(model: model, source: size, perspective: perspective, kernels: kernels)
            // Metres depend on the picture's shape; the engine has nothing open between two sessions.
            if let perspective {
                engine = RuleEngine(
                    rules: rules, ignoreMasks: ignoreMasks, ground: GroundMeasure(perspective, in: size))
            }
        }
    }

    /// What the rules would have raised but for a filter, oldest first.
    package var suppressed: [SuppressedCandidate] { engine.suppressed }

    /// Raises a rule of kind `manual`.
    package func trigger(_ rule: RuleID, at time: MediaTime) -> [RuleEvent] {
        engine.trigger(rule, at: time)
    }

    /// - Returns: nil where the cadence leaves this picture out.
    /// - Precondition: ``begin(size:)`` was called with the picture's size.
    package func analyze(_ picture: inout Picture, at time: MediaTime) throws(MediaError) -> Result? {
        guard cadence.wants(time) else { return nil }
        try mask(&picture)
        guard let observation = picture.withLuma({ analyzer?.analyze($0, at: time) }) else { return nil }
        cadence.analyzed(observation)
        analyzedCount += 1
        return Result(observation: observation, events: engine.events(for: observation))
    }

    /// Blackens the privacy masks; also for pictures that are shown but not analysed.
    package func mask(_ picture: inout Picture) throws(MediaError) {
        if !privacyMask.isEmpty { try picture.blacken(privacyMask) }
    }

    /// Ends the session's open conditions.
    package func end(at time: MediaTime) -> [RuleEvent] {
        engine.finish(at: time)
    }

    /// The newest frame on its way to tracks, for a film.
    var view: AnalysisView? { analyzer?.view }

    /// What turns places of the picture into metres; nil where the camera has no perspective or no picture yet.
    var ground: (perspective: Perspective, size: PictureSize)? {
        guard let perspective, let analyzer else { return nil }
        return (perspective, analyzer.source)
    }

    /// The newest foreground mask at the picture's size, one byte a pixel, 0 or 255.
    package func drawMask(into pixels: UnsafeMutablePointer<UInt8>, stride: Int) {
        guard let analyzer else { return }
        analyzer.drawMask(into: pixels, width: analyzer.source.width, height: analyzer.source.height, stride: stride)
    }
}

extension GroundMeasure {
    /// What a perspective tells of pictures of one size.
    init(_ perspective: Perspective, in size: PictureSize) {
        self.init(
            speed: { perspective.speed(from: $0, to: $1, in: size) },
            height: { perspective.metres(of: $0.height, atRow: $0.foot.y) })
    }
}
