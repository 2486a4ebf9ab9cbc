package import Ingest
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

    /// What was configured: a checkpoint goes on only under the same.
    fileprivate struct Setup: Hashable {
        let rules: [FenceRule]
        let model: DetectorModel
        let cadence: AnalysisCadence
        let privacyMasks: [Polygon]
        let ignoreMasks: [Polygon]
        let perspective: Perspective?
    }

    /// Every value that a later result depends on, besides the analyser: a copy is part of every checkpoint.
    fileprivate struct State {
        var cadence: AnalysisCadence
        var engine: RuleEngine
        var analyzedCount: Int64 = 0
        var wakes = WakeMemory()
        var isStirring = true
    }

    /// All that later results depend on, as copies: it may be kept and used as often as wanted.
    package struct Checkpoint: Sendable {
        fileprivate let setup: Setup
        fileprivate let state: State
        fileprivate let analyzer: FrameAnalyzer.Checkpoint?
    }

    private let setup: Setup
    private let kernels: KernelTable
    private let privacyMask: PrivacyMask
    private let watchesMotion: Bool
    private var state: State
    private var analyzer: FrameAnalyzer?
    /// No more than this while the machine has too much to do; beside the state, since no footage decides it.
    private var lightened: AnalysisCadence?

    package init(
        rules: [FenceRule], model: DetectorModel, cadence: AnalysisCadence, privacyMasks: [Polygon] = [],
        ignoreMasks: [Polygon] = [], perspective: Perspective? = nil, raised: [RuleID: RaisedPast] = [:],
        kernels: KernelTable
    ) {
        setup = Setup(
            rules: rules, model: model, cadence: cadence, privacyMasks: privacyMasks,
            ignoreMasks: ignoreMasks, perspective: perspective)
        self.kernels = kernels
        privacyMask = PrivacyMask(privacyMasks)
        watchesMotion = rules.contains { if case .motion = $0.watch { true } else { false } }
        state = State(cadence: cadence, engine: RuleEngine(rules: rules, ignoreMasks: ignoreMasks))
        state.engine.restore(raised)
    }

    /// As many pictures a second as analysis needs at least, whatever stirs; or all that are wanted again.
    package func lighten(_ isLightened: Bool) {
        let least = AnalysisCadence(analysisRate: CameraConfiguration.analysisRates.lowerBound, isSteady: true)
        lightened = isLightened ? lightened ?? least : nil
    }

    /// Whether the background has been learnt at any time: before that nothing can be raised.
    package private(set) var hasSettled = false

    package var analyzedCount: Int64 { state.analyzedCount }
    /// Wakes that no track came of, and stirs that woke nobody.
    package var wakeTally: (inVain: Int64, suppressed: Int64) { (state.wakes.falseWakes, state.wakes.suppressed) }

    /// Begins a session: the background is learnt anew or held until it has settled, and nothing is raised meanwhile.
    package func begin(size: PictureSize) {
        state.cadence = setup.cadence
        if analyzer?.source == size {
            analyzer?.reseed()
        } else {
            analyzer = FrameAnalyzer(
                model: setup.model, source: size, perspective: setup.perspective, kernels: kernels)
            // Metres and angles depend on the picture's shape; the engine has nothing open between two sessions.
            state.engine.fit(
                PictureShape(
                    aspect: Double(size.width) / Double(size.height),
                    ground: setup.perspective.map { GroundMeasure($0, in: size) }))
        }
    }

    /// Forgets everything that was learnt of the view: a camera that can turn shows another one now. Unlike a new
    /// session, which keeps the background where it can.
    package func forgetView() {
        state.cadence = setup.cadence
        guard let size = analyzer?.source else { return }
        analyzer = FrameAnalyzer(
            model: setup.model, source: size, perspective: setup.perspective, kernels: kernels)
    }

    /// What the rules would have raised but for a filter, oldest first.
    package var suppressed: [SuppressedCandidate] { state.engine.suppressed }

    /// How many that were, also those that ``suppressed`` has let go.
    package var suppressedCount: Int { state.engine.suppressedCount }

    /// Raises a rule of kind `manual`, unless its cool-down keeps it from being raised.
    package func trigger(_ trigger: ManualTrigger, at time: MediaTime) -> [RuleEvent] {
        state.engine.trigger(trigger.rule, trigger.request, at: time)
    }

    /// - Returns: nil where the cadence leaves this picture out.
    /// - Precondition: ``begin(size:)`` was called with the picture's size.
    package func analyze(_ picture: inout Picture, at time: MediaTime) throws(MediaError) -> Result? {
        guard state.cadence.wants(time), lightened?.wants(time) ?? true else { return nil }
        try mask(&picture)
        guard let observation = picture.withLuma({ analyzer?.analyze($0, at: time) }) else { return nil }
        note(observation)
        return Result(observation: observation, events: state.engine.events(for: observation))
    }

    /// The same for luma that was kept of a picture, without privacy masks and without rules: whoever tries many rules
    /// on one observation has their engines himself.
    package func observe(_ luma: LumaPlane, at time: MediaTime) -> Observation? {
        guard state.cadence.wants(time), let observation = analyzer?.analyze(luma, at: time) else { return nil }
        note(observation)
        return observation
    }

    private func note(_ observation: Observation) {
        state.cadence.analyzed(observation)
        lightened?.analyzed(observation)
        state.analyzedCount += 1
        if observation.isSettled { hasSettled = true }
        state.isStirring = observation.isStirring || analyzer?.isLearning ?? true
        if !observation.tracks.isEmpty { state.wakes.followed() }
    }

    /// What the newest analysed picture calls for.
    package var attention: PictureAttention { state.isStirring ? .stirring : .quiet }

    /// Whether something stirs in a keyframe that nothing else was decoded with. Nothing is followed or learnt by it but
    /// which places stir in vain.
    package func stirs(in picture: inout Picture, at time: MediaTime) throws(MediaError) -> Bool {
        guard let analyzer else { return true }
        try mask(&picture)
        let stirs = stirs(in: picture, analyzer, at: time)
        // It is decoded once more then, with its loop filter.
        if stirs { analyzer.forgetGlance() }
        return stirs
    }

    private func stirs(in picture: borrowing Picture, _ analyzer: FrameAnalyzer, at time: MediaTime) -> Bool {
        let glance = picture.withLuma { analyzer.glance($0, at: time) }
        switch glance.state {
        case .watching:
            // A rule on motion itself asks for all that stirs, wherever it does.
            if watchesMotion, glance.motion != MotionGrid() { return true }
            return state.wakes.judge(glance.regions, at: time)
        case .learning: return true
        // Once is enough: full decoding shows no more of a picture that is hidden.
        case .flooded:
            state.wakes.wokeOtherwise(at: time)
            return !analyzer.isFlooded
        case .relit: return false
        }
    }

    /// Blackens the privacy masks; also for pictures that are shown but not analysed.
    package func mask(_ picture: inout Picture) throws(MediaError) {
        if !privacyMask.isEmpty { try picture.blacken(privacyMask) }
    }

    /// Ends the session's open conditions.
    package func end(at time: MediaTime) -> [RuleEvent] {
        state.engine.finish(at: time)
    }

    /// The newest frame on its way to tracks, for a film.
    var view: AnalysisView? { analyzer?.view }

    /// What turns places of the picture into metres; nil where the camera has no perspective or no picture yet.
    var ground: (perspective: Perspective, size: PictureSize)? {
        guard let perspective = setup.perspective, let analyzer else { return nil }
        return (perspective, analyzer.source)
    }

    /// The newest foreground mask at the picture's size, one byte a pixel, 0 or 255.
    package func drawMask(into pixels: UnsafeMutablePointer<UInt8>, stride: Int) {
        guard let analyzer else { return }
        analyzer.drawMask(into: pixels, width: analyzer.source.width, height: analyzer.source.height, stride: stride)
    }

    package func checkpoint() -> Checkpoint {
        Checkpoint(setup: setup, state: state, analyzer: analyzer?.checkpoint())
    }

    /// Goes on where the checkpoint was made: the same pictures then give the same observations, events and masks.
    /// - Throws: for a checkpoint under other rules, another model, cadence, masks or perspective; nothing has changed then.
    package func restore(_ checkpoint: Checkpoint) throws(CheckpointMismatch) {
        guard checkpoint.setup == setup else {
            throw CheckpointMismatch(
                "a checkpoint under other rules, another model, cadence, masks or perspective")
        }
        state = checkpoint.state
        analyzer = checkpoint.analyzer.map { FrameAnalyzer(restoring: $0, kernels: kernels) }
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
