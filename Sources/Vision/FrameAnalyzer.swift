package import KernelAPI
package import Scene

/// Luma in, tracks out: one camera's whole vision. Thread-confined; memory is fixed when it is made.
///
/// grid → shake → balance → background → mask → shadows → median → regions → tracks → what rests → what may be learnt.
/// The same frames at the same times give the same observations on every instruction set. All rates are in media
/// time, so frames may come at 8 a second while nothing stirs and at full rate while something does.
package final class FrameAnalyzer {
    /// What happened so far, for metrics.
    package struct Counters: Hashable, Sendable {
        package var frames = 0
        package var floods = 0
        package var relearnt = 0
        package var ghostsTaken = 0
        package var tracksConfirmed = 0
        package var candidatesDropped = 0
        /// Frames on which the background took over another light somewhere.
        package var relit = 0
    }

    enum Phase: Hashable {
        /// The first frames fill the background model.
        case learning(since: MediaTime?)
        case watching
        /// The whole picture changed at once: light switched, camera moved or covered.
        case flooded(since: MediaTime)
    }

    /// How much of the picture was foreground lately, as shares.
    struct Change: Hashable {
        /// On the last frame, before light was told from things.
        var before = 0.0
        /// After that, on the last frame that was no flood.
        var after = 0.0
        /// Much more of the picture was foreground on the last frame than on the one before.
        var isSudden = false
    }

    /// Every value that a later result depends on. With ``carriedPlanes`` and what ``CameraShake`` keeps this is the
    /// whole memory of the analyser:
    /// what is added to a stage's state belongs here (or among those planes), then every checkpoint has it.
    struct State {
        var counters = Counters()
        var phase = Phase.learning(since: nil)
        var lastTime: MediaTime?
        var background: BackgroundModel.State
        var ghosts: GhostTest
        var tracker: Tracker
        var health: SceneHealthMonitor
        var change = Change()
        var resting = RestingFinder.State()
    }

    package let source: PictureSize
    let model: DetectorModel
    let perspective: Perspective?
    var state: State

    private let kernels: KernelTable
    private let sampler: GridSampler
    private let background: BackgroundModel
    private let balance: SceneBalance
    private let shadows: ShadowTest
    let shake: CameraShake
    private let trim: RegionTrim
    private let finder: RegionFinder
    private let filling: MaskFill
    private let cells: MotionCells
    private let resting: RestingFinder
    private var light: LightChange
    private var image: Plane<UInt8>
    /// A picture as it came, where ``image`` holds what became of it.
    private var plain: Plane<UInt8>
    private let cleaned: Plane<UInt64>
    private let spread: Plane<UInt64>
    private let final: Plane<UInt64>
    private let pieceLeast: Int
    private var glanced: Glanced?

    /// What a glance found, for the case that the same picture is analysed next.
    private struct Glanced {
        let luma: UnsafePointer<UInt8>
        let time: MediaTime
        let covered: Double
        let change: Change
        let shake: CameraShake.State
        let isViewLost: Bool
    }

    /// Of what is followed. Pictures further apart come while nothing is.
    private static let longestStep = 1.0
    private static let viewLost = 0.4
    /// Foreground grows by less from one picture to the next where somebody comes close.
    private static let closeUpStep = 0.2
    /// Foreground from which somebody close may be more than half of what is seen.
    private static let closeShare = 0.3
    /// Of the foreground, in the box of the one who comes close.
    private static let closeUpShare = 0.6

    /// - Parameter perspective: makes the limits of size and way follow the row; nil for the model's own everywhere.
    package init(
        model: DetectorModel, source: PictureSize, perspective: Perspective? = nil, kernels: KernelTable
    ) {
        self.model = model
        self.perspective = perspective
        self.source = source
        self.kernels = kernels
        sampler = GridSampler(source: source, width: model.gridWidth, pixels: model.gridPixels, kernels: kernels)
        let layout = sampler.layout
        background = BackgroundModel(layout: layout, model: model, kernels: kernels)
        balance = SceneBalance(mode: model.balance, layout: layout, kernels: kernels)
        shadows = ShadowTest(model)
        trim = RegionTrim(share: model.trimShare)
        finder = RegionFinder(layout: layout, kernels: kernels)
        shake = CameraShake(layout: layout, model: model, kernels: kernels)
        filling = MaskFill(layout: layout, holeMost: model.holeMost, kernels: kernels)
        cells = MotionCells(layout: layout)
        let scale = Double(sampler.factor)
        let toPicture = (x: scale / Double(source.width), y: scale / Double(source.height))
        resting = RestingFinder(layout: layout, model: model, toPicture: toPicture, kernels: kernels)
        state = State(
            background: background.initialState,
            ghosts: GhostTest(model),
            tracker: Tracker(model: model, layout: layout, toPicture: toPicture, perspective: perspective),
            health: SceneHealthMonitor(model: model.health, layout: layout))
        light = LightChange(model: model.health, layout: layout)
        image = Plane(count: layout.count, margin: layout.stride + 64, repeating: 0)
        plain = Plane(count: layout.count, margin: layout.stride + 64, repeating: 0)
        cleaned = Plane(count: layout.wordCount, repeating: 0)
        spread = Plane(count: layout.wordCount, repeating: 0)
        final = Plane(count: layout.wordCount, repeating: 0)
        pieceLeast = state.tracker.limits.pieceArea()
    }

    package var counters: Counters { state.counters }

    /// The planes that a later result depends on, in an order that does not change: see ``State``.
    var carriedPlanes: [any CarriedPlane] { background.carriedPlanes + [final] + resting.carriedPlanes }

    /// The size of the analysis grid.
    package var grid: PictureSize { PictureSize(width: sampler.layout.width, height: sampler.layout.height) }

    /// How the camera's view lies against the background. Observations are in the background's coordinates.
    package var cameraShift: CameraShift { shake.report() }

    /// The session was broken or re-anchored: learns the background again and raises nothing until it has.
    /// Tracks end; their numbers go on counting.
    package func reseed() {
        state.health.beginSession()
        relearn()
    }

    private func relearn() {
        glanced = nil
        state.phase = .learning(since: nil)
        state.lastTime = nil
        state.change = Change()
        state.tracker.forget()
        state.ghosts.forget()
        resting.forget(&state.resting)
        shake.forget()
        background.hold.fill(0)
        background.restart(&state.background)
        final.fill(0)
    }

    /// - Precondition: `luma` has the size the analyser was made for. `time` does not go back between two calls
    ///   without a ``reseed()``.
    package func analyze(_ luma: LumaPlane, at time: MediaTime) -> Observation {
        state.counters.frames += 1
        let elapsed = min(max((time - (state.lastTime ?? time)).seconds, 0), Self.longestStep)
        state.lastTime = time
        if let glanced = glanced.take(), glanced.luma == luma.base, glanced.time == time {
            return analyze(luma, as: glanced, at: time, elapsed: elapsed)
        }
        sampler.sample(luma, into: image)
        _ = state.health.look(at: image, of: luma, isUpset: state.change.isSudden, kernels: kernels, time: time)
        shake.align(&image, on: background.mean, hasBackground: state.background.filled > 0, at: time)
        if case .learning(let since) = state.phase { return learnScene(since: since ?? time, at: time) }
        correctBalance()
        return watch(at: time, elapsed: elapsed)
    }

    /// What the glance left in the planes is what would be found once more, but for the scene's health, which is looked
    /// into only now.
    private func analyze(_ luma: LumaPlane, as glanced: Glanced, at time: MediaTime, elapsed: Double) -> Observation {
        sampler.sample(luma, into: plain)
        _ = state.health.look(at: plain, of: luma, isUpset: state.change.isSudden, kernels: kernels, time: time)
        guard state.health.isViewLost == glanced.isViewLost else {
            swap(&image, &plain)
            shake.align(&image, on: background.mean, hasBackground: state.background.filled > 0, at: time)
            correctBalance()
            return watch(at: time, elapsed: elapsed)
        }
        (state.change, shake.state) = (glanced.change, glanced.shake)
        return watch(at: time, elapsed: elapsed, covered: glanced.covered)
    }

    private func learnScene(since: MediaTime, at time: MediaTime) -> Observation {
        state.phase = .learning(since: since)
        background.seed(image, at: time, &state.background)
        if (time - since).seconds >= model.learnSpan, state.background.filled >= 3 {
            background.settle(filled: state.background.filled)
            resting.settle(background, at: time, &state.resting)
            state.phase = .watching
        }
        return Observation(time: time, tracks: [], isSettled: false, isStirring: false, health: state.health.health)
    }

    private func watch(at time: MediaTime, elapsed: Double) -> Observation {
        guard let covered = findRegions() else { return flood(at: time, elapsed: elapsed) }
        return watch(at: time, elapsed: elapsed, covered: covered)
    }

    private func watch(at time: MediaTime, elapsed: Double, covered: Double) -> Observation {
        state.phase = .watching
        state.change.after = covered
        finder.keepLarge(of: cleaned, into: final)
        filling.fill(final)
        takeGhosts(at: time)
        state.tracker.isSwaying = shake.state.isShaking
        state.tracker.update(finder.regions, at: time, elapsed: elapsed) { region in
            trimmed(region)
        }
        holdTracks(at: time)
        shake.holdBorder(of: background.hold)
        resting.look(image, foreground: cleaned, background, at: time, &state.resting)
        background.learn(image, clean: cleaned, at: time, &state.background)
        return observation(at: time, isSettled: true, motion: cells.grid(of: cleaned))
    }

    /// Foreground and its pieces.
    /// - Parameter beforeRelighting: called before the background is touched, if it is.
    /// - Returns: the foreground's share of the picture; nil for a flood.
    private func findRegions(beforeRelighting: () -> Void = {}) -> Double? {
        let layout = sampler.layout
        let covered = classify(beforeRelighting: beforeRelighting)
        shadows.clear(cleaned, image, background.mean, layout)
        kernels.dilate(cleaned.base, spread.base, layout.rowWords, layout.height)
        // Where the usual edges are gone less is enough: two pictures agree in many places by chance.
        let floodShare = model.floodShare * (state.health.isViewLost ? Self.viewLost : 1)
        let isFlood =
            covered > floodShare && !isCloseUp(covered)
            || !finder.find(joined: spread, pixels: cleaned, nearest: background.nearest, areaLeast: pieceLeast)
        return isFlood ? nil : covered
    }

    private func trimmed(_ region: Region) -> Region {
        trim.trim(region, pixels: cleaned, nearest: background.nearest, layout: sampler.layout)
    }

    // MARK: Glances

    /// Looks at a picture as ``analyze(_:at:)`` would, and leaves everything as it was.
    package func glance(_ luma: LumaPlane, at time: MediaTime) -> Glance {
        guard !isLearning else { return Glance(.learning) }
        let (change, counters, shaken) = (state.change, state.counters, shake.state)
        glanced = nil
        // Only a change of much of the picture can touch the background: then it is put back.
        var kept: [[UInt8]]?
        let seen = look(luma, at: time) { kept = carriedPlanes.map { $0.copied() } }
        if let kept {
            for (plane, bytes) in zip(carriedPlanes, kept) { plane.copy(from: bytes) }
        } else if let covered = seen.covered {
            glanced = Glanced(
                luma: luma.base, time: time, covered: covered, change: state.change, shake: shake.state,
                isViewLost: state.health.isViewLost)
        }
        (state.change, state.counters, shake.state) = (change, counters, shaken)
        return seen.glance
    }

    /// The picture that was glanced at will not be analysed as it is.
    package func forgetGlance() { glanced = nil }

    /// The background is not known yet.
    package var isLearning: Bool { if case .learning = state.phase { true } else { false } }
    /// Most of the newest picture had changed at once.
    package var isFlooded: Bool { if case .flooded = state.phase { true } else { false } }

    private func look(
        _ luma: LumaPlane, at time: MediaTime, beforeRelighting: () -> Void
    ) -> (glance: Glance, covered: Double?) {
        sampler.sample(luma, into: image)
        shake.align(&image, on: background.mean, hasBackground: state.background.filled > 0, at: time)
        correctBalance()
        guard let covered = findRegions(beforeRelighting: beforeRelighting) else {
            return (Glance(isLight(luma, at: time) ? .relit : .flooded), nil)
        }
        var boxes: [Box] = []
        let tracker = state.tracker
        state.tracker.forEachObject(in: finder.regions, at: time, trim: trimmed) { boxes.append(tracker.share($0)) }
        return (Glance(.watching, regions: boxes, motion: cells.grid(of: cleaned)), covered)
    }

    /// Whether the scene's health would take the change for one of light.
    private func isLight(_ luma: LumaPlane, at time: MediaTime) -> Bool {
        var health = state.health
        sampler.sample(luma, into: image)
        let seen = health.look(at: image, of: luma, isUpset: true, kernels: kernels, time: time)
        return seen.holds(.lightingJump) || health.isLightSuspected
    }

    private func correctBalance() {
        // What hides much of the ground would else be taken for the light.
        balance.correct(
            image, against: background.mean, held: state.change.after >= Self.closeShare ? background.hold : nil)
    }

    /// Most of the foreground is one who is followed already and has come closer step by step: no flood.
    private func isCloseUp(_ covered: Double) -> Bool {
        guard state.phase == .watching, covered - state.change.after < Self.closeUpStep else { return false }
        var largest = 0.0
        for track in state.tracker.tracks where track.isConfirmed { largest = max(largest, track.box.area) }
        return largest >= Self.closeUpShare * covered * Double(sampler.layout.width * sampler.layout.height)
    }

    /// Foreground of this frame, without what is only another light.
    /// - Returns: its share of the picture.
    private func classify(beforeRelighting: () -> Void) -> Double {
        let layout = sampler.layout
        background.classify(image)
        shake.clearBorder(of: background.mask)
        kernels.median(background.mask.base, cleaned.base, layout.rowWords, layout.height)
        let changed = share(of: cleaned)
        // Traffic that only stays dense is no reason to look at the scene's health on every frame.
        state.change.isSudden = changed - state.change.before >= model.health.lightShare
        state.change.before = changed
        guard changed >= model.health.lightShare else { return changed }
        beforeRelighting()
        guard light.settle(cleaned, image, background) > 0 else { return changed }
        state.counters.relit += 1
        background.classify(image)
        shake.clearBorder(of: background.mask)
        kernels.median(background.mask.base, cleaned.base, layout.rowWords, layout.height)
        return share(of: cleaned)
    }

    /// What stood where nothing is any more goes out of the background, and with it whatever followed it.
    private func takeGhosts(at time: MediaTime) {
        finder.forEachLarge(in: image, over: background.mean) { box, outline, walk in
            guard state.ghosts.looksLikeGhost(outline), state.ghosts.confirms(box, at: time) else { return }
            state.counters.ghostsTaken += 1
            finder.drop(box)
            state.tracker.end(on: box)
            resting.noteGhost(
                box, image, foreground: cleaned, background, at: time, &state.resting, walk: walk)
            walk { places in background.adopt(image, places) }
        }
    }

    /// Nothing is raised and nothing learnt; a change that lasts is the new scene.
    private func flood(at time: MediaTime, elapsed: Double) -> Observation {
        state.counters.floods += 1
        final.fill(0)
        state.tracker.coast(to: time, elapsed: elapsed)
        let since: MediaTime = if case .flooded(let since) = state.phase { since } else { time }
        state.phase = .flooded(since: since)
        // What is before the lens is not learnt: the scene comes back.
        if (time - since).seconds >= model.floodSpan, !state.health.isHidden {
            state.counters.relearnt += 1
            relearn()
        }
        return observation(at: time, isSettled: false)
    }

    private func observation(at time: MediaTime, isSettled: Bool, motion: MotionGrid? = nil) -> Observation {
        let stirring = !state.tracker.tracks.isEmpty
        let tracks = state.tracker.report()
        state.counters.tracksConfirmed = state.tracker.confirmedCount
        state.counters.candidatesDropped = state.tracker.droppedCandidates
        return Observation(
            time: time, tracks: tracks, isSettled: isSettled, isStirring: stirring, health: state.health.health,
            motion: motion, resting: isSettled ? state.resting.regions : [])
    }

    private func share(of mask: Plane<UInt64>) -> Double {
        var count = 0
        for index in 0..<mask.count { count += mask.base[index].nonzeroBitCount }
        return Double(count) / Double(sampler.layout.width * sampler.layout.height)
    }

    /// Under a confirmed track the background is kept, for as long as it moves and a good while after.
    private func holdTracks(at time: MediaTime) {
        let layout = sampler.layout
        background.hold.fill(0)
        for track in state.tracker.tracks where track.isConfirmed {
            if (time - track.restSince).seconds > model.restHoldSpan { continue }
            let box = track.box.grown(2 + 0.1 * track.width, 2 + 0.1 * track.height)
            let columns = clamped(box.left, box.right, layout.width)
            for y in clamped(box.top, box.bottom, layout.height) {
                (background.hold.base + y * layout.stride + columns.lowerBound).update(
                    repeating: 255, count: columns.count)
            }
        }
    }

    private func clamped(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
        let first = min(max(Int(low), 0), limit)
        return first..<max(first, min(Int(high + 1), limit))
    }

    /// The newest frame as a person may look at it; costs nothing where nobody asks.
    package var view: AnalysisView {
        let layout = sampler.layout
        let tracker = state.tracker
        let phase: AnalysisView.State =
            switch state.phase {
            case .learning: .learning
            case .watching: .watching
            case .flooded(let since): .flooded(since: since)
            }
        return AnalysisView(
            state: phase,
            foreground: ForegroundMask(
                columns: layout.width, rows: layout.height, cellWidth: tracker.toPicture.x,
                cellHeight: tracker.toPicture.y, rowWords: layout.rowWords,
                words: Array(UnsafeBufferPointer(start: final.base, count: layout.wordCount))),
            regions: phase == .watching ? finder.regions.map { tracker.share($0.box) } : [],
            candidates: tracker.tracks.filter { !$0.isConfirmed }.map { tracker.share($0.box) })
    }

    /// Draws the last analysed frame's foreground where the camera saw it, scaled up to `width` × `height`, as 0 and 255.
    package func drawMask(into out: UnsafeMutablePointer<UInt8>, width: Int, height: Int, stride: Int) {
        let layout = sampler.layout
        precondition(width > 0 && height > 0 && stride >= width, "mask geometry")
        for y in 0..<height {
            let gridRow = min(y / sampler.factor, layout.height - 1)
            for x in 0..<width {
                let seen = shake.place(x: min(x / sampler.factor, layout.width - 1), y: gridRow)
                let bit = seen.map { final.base[$0.y * layout.rowWords + $0.x / 64] >> UInt64($0.x % 64) & 1 }
                out[y * stride + x] = bit == 1 ? 255 : 0
            }
        }
    }
}
