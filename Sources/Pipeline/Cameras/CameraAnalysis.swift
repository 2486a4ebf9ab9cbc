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
    private let kernels: KernelTable
    private let freshCadence: AnalysisCadence
    private var cadence: AnalysisCadence
    private var engine: RuleEngine
    private var analyzer: FrameAnalyzer?
    private let privacyMask: PrivacyMask
    package private(set) var analyzedCount: Int64 = 0

    package init(
        rules: [FenceRule], model: DetectorModel, cadence: AnalysisCadence, privacyMasks: [Polygon] = [],
        kernels: KernelTable
    ) {
        self.model = model
        self.kernels = kernels
        privacyMask = PrivacyMask(privacyMasks)
        freshCadence = cadence
        self.cadence = cadence
        engine = RuleEngine(rules: rules)
    }

    /// Begins a session: the background is learnt anew or held until it has settled, and nothing is raised meanwhile.
    package func begin(size: PictureSize) {
        cadence = freshCadence
        if analyzer?.source == size {
            analyzer?.reseed()
        } else {
            analyzer = FrameAnalyzer(model: model, source: size, kernels: kernels)
        }
    }

    /// Forgets everything that was learnt of the view: a camera that can turn shows another one now. Unlike a new
    /// session, which keeps the background where it can.
    package func forgetView() {
        cadence = freshCadence
        guard let size = analyzer?.source else { return }
        analyzer = FrameAnalyzer(model: model, source: size, kernels: kernels)
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

    /// The newest foreground mask at the picture's size, one byte a pixel, 0 or 255.
    package func drawMask(into pixels: UnsafeMutablePointer<UInt8>, stride: Int) {
        guard let analyzer else { return }
        analyzer.drawMask(into: pixels, width: analyzer.source.width, height: analyzer.source.height, stride: stride)
    }
}
