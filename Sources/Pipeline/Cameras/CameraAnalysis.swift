package import KernelAPI
package import Kernels
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
    private let kernels: KernelTable
    private let privacyMasks: [Polygon]
    private let analysisRate: Double
    private var cadence: AnalysisCadence
    private var engine: RuleEngine
    private var analyzer: FrameAnalyzer?
    private var privacyMask: PrivacyMask?
    package private(set) var analyzedCount: Int64 = 0

    package init(
        rules: [FenceRule], model: DetectorModel, analysisRate: Double, privacyMasks: [Polygon] = [],
        kernels: KernelTable = Kernels.best
    ) {
        self.model = model
        self.kernels = kernels
        self.privacyMasks = privacyMasks
        self.analysisRate = analysisRate
        cadence = AnalysisCadence(analysisRate: analysisRate)
        engine = RuleEngine(rules: rules)
    }

    /// Begins a session: the background is learnt anew or held until it has settled, and nothing is raised meanwhile.
    package func begin(size: PictureSize) {
        cadence = AnalysisCadence(analysisRate: analysisRate)
        if analyzer?.source == size {
            analyzer?.reseed()
        } else {
            analyzer = FrameAnalyzer(model: model, source: size, kernels: kernels)
            privacyMask = privacyMasks.isEmpty ? nil : PrivacyMask(privacyMasks, size: size)
        }
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
        if let privacyMask { try picture.blacken(privacyMask) }
    }

    /// Ends the session's open conditions.
    package func end(at time: MediaTime) -> [RuleEvent] {
        engine.finish(at: time)
    }

    /// The newest foreground mask at the picture's size, one byte a pixel, 0 or 255.
    package func drawMask(into pixels: UnsafeMutablePointer<UInt8>, size: PictureSize) {
        analyzer?.drawMask(into: pixels, width: size.width, height: size.height, stride: size.width)
    }
}
