package import KernelAPI
package import Scene

/// Luma in, tracks out: one camera's whole vision. Thread-confined; memory is fixed when it is made.
///
/// grid → shake → balance → background → mask → shadows → median → regions → tracks → what may be learnt.
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
    }

    private enum Phase: Equatable {
        /// The first frames fill the background model.
        case learning(since: MediaTime?)
        case watching
        /// The whole picture changed at once: light switched, camera moved or covered.
        case flooded(since: MediaTime)
    }

    package let source: PictureSize
    package private(set) var counters = Counters()

    private let model: DetectorModel
    private let kernels: KernelTable
    private let sampler: GridSampler
    private let background: BackgroundModel
    private let shadows: ShadowTest
    private let shake: CameraShake
    private let finder = RegionFinder()
    private let filling: MaskFill
    private var balance: SceneBalance
    private var tracker: Tracker
    private var ghosts = GhostTest()
    private var phase = Phase.learning(since: nil)
    private var lastTime: MediaTime?
    private var image: Plane<UInt8>
    private let cleaned: Plane<UInt64>
    private let spread: Plane<UInt64>
    private let final: Plane<UInt64>

    private static let longestStep = 1.0

    package init(model: DetectorModel, source: PictureSize, kernels: KernelTable) {
        self.model = model
        self.source = source
        self.kernels = kernels
        sampler = GridSampler(source: source, width: model.gridWidth, pixels: model.gridPixels, kernels: kernels)
        let layout = sampler.layout
        background = BackgroundModel(layout: layout, model: model, kernels: kernels)
        shadows = ShadowTest(model)
        shake = CameraShake(layout: layout, model: model, kernels: kernels)
        filling = MaskFill(layout: layout, kernels: kernels)
        balance = SceneBalance(mode: model.balance)
        let scale = Double(sampler.factor)
        tracker = Tracker(
            model: model, layout: layout, toPicture: (scale / Double(source.width), scale / Double(source.height)))
        image = Plane(count: layout.count, margin: layout.stride + 64, repeating: 0)
        cleaned = Plane(count: layout.wordCount, repeating: 0)
        spread = Plane(count: layout.wordCount, repeating: 0)
        final = Plane(count: layout.wordCount, repeating: 0)
    }

    /// The size of the analysis grid.
    package var grid: PictureSize { PictureSize(width: sampler.layout.width, height: sampler.layout.height) }

    /// How the camera's view lies against the background. Observations are in the background's coordinates.
    package var cameraShift: CameraShift { shake.report() }

    /// The session was broken or re-anchored: learns the background again and raises nothing until it has.
    /// Tracks end; their numbers go on counting.
    package func reseed() {
        phase = .learning(since: nil)
        lastTime = nil
        tracker.forget()
        ghosts.forget()
        shake.forget()
        background.hold.fill(0)
        background.restart()
        final.fill(0)
    }

    /// - Precondition: `luma` has the size the analyser was made for. `time` does not go back between two calls
    ///   without a ``reseed()``.
    package func analyze(_ luma: LumaPlane, at time: MediaTime) -> Observation {
        counters.frames += 1
        let elapsed = min(max((time - (lastTime ?? time)).seconds, 0), Self.longestStep)
        lastTime = time
        sampler.sample(luma, into: image)
        shake.align(&image, on: background, at: time)
        if case .learning(let since) = phase { return learnScene(since: since ?? time, at: time) }
        balance.correct(image, against: background.mean, layout: sampler.layout, kernels: kernels)
        return watch(at: time, elapsed: elapsed)
    }

    private func learnScene(since: MediaTime, at time: MediaTime) -> Observation {
        phase = .learning(since: since)
        background.seed(image, at: time)
        if (time - since).seconds >= model.learnSpan, background.filled >= 3 {
            background.settle()
            phase = .watching
        }
        return Observation(time: time, tracks: [], isSettled: false, isStirring: false)
    }

    private func watch(at time: MediaTime, elapsed: Double) -> Observation {
        let layout = sampler.layout
        background.classify(image)
        shake.clearBorder(of: background.mask)
        kernels.median(background.mask.base, cleaned.base, layout.rowWords, layout.height)
        let covered = share(of: cleaned)
        shadows.clear(cleaned, image, background.mean, layout)
        kernels.dilate(cleaned.base, spread.base, layout.rowWords, layout.height)
        let pieceLeast = max(4, Int(model.areaLeast * Double(layout.width * layout.height) / 6))
        let regions =
            covered > model.floodShare
            ? nil
            : finder.find(
                joined: spread, pixels: cleaned, nearest: background.nearest, layout: layout, areaLeast: pieceLeast)
        guard let regions else { return flood(at: time, elapsed: elapsed) }
        phase = .watching
        finder.keepLarge(of: cleaned, into: final, layout: layout)
        filling.fill(final)
        takeGhosts(at: time)
        let trim = RegionTrim(share: model.trimShare)
        tracker.update(regions, at: time, elapsed: elapsed) { [cleaned, background] region in
            trim.trim(region, pixels: cleaned, nearest: background.nearest, layout: layout)
        }
        holdTracks(at: time)
        shake.holdBorder(of: background.hold)
        background.learn(image, clean: cleaned, at: time)
        return observation(at: time, isSettled: true)
    }

    /// What stood where nothing is any more goes out of the background.
    private func takeGhosts(at time: MediaTime) {
        finder.forEachLarge(in: image, over: background.mean, layout: sampler.layout) { box, outline in
            guard GhostTest.looksLikeGhost(outline), ghosts.confirms(box, at: time) else { return false }
            counters.ghostsTaken += 1
            return true
        } take: { places in
            background.adopt(image, places)
        }
    }

    /// Nothing is raised and nothing learnt; a change that lasts is the new scene.
    private func flood(at time: MediaTime, elapsed: Double) -> Observation {
        counters.floods += 1
        final.fill(0)
        tracker.coast(to: time, elapsed: elapsed)
        let since: MediaTime = if case .flooded(let since) = phase { since } else { time }
        phase = .flooded(since: since)
        if (time - since).seconds >= model.floodSpan {
            counters.relearnt += 1
            reseed()
        }
        return observation(at: time, isSettled: false)
    }

    private func observation(at time: MediaTime, isSettled: Bool) -> Observation {
        let stirring = !tracker.tracks.isEmpty
        let tracks = tracker.report()
        counters.tracksConfirmed = tracker.confirmedCount
        counters.candidatesDropped = tracker.droppedCandidates
        return Observation(time: time, tracks: tracks, isSettled: isSettled, isStirring: stirring)
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
        for track in tracker.tracks where track.isConfirmed {
            if (time - track.restSince).seconds > model.restHoldSpan { continue }
            let box = track.box.grown(2 + 0.1 * track.width, 2 + 0.1 * track.height)
            let columns = clamped(box.left, box.right, layout.width)
            for y in clamped(box.top, box.bottom, layout.height) {
                for x in columns { background.hold.base[y * layout.stride + x] = 255 }
            }
        }
    }

    private func clamped(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
        let first = min(max(Int(low), 0), limit)
        return first..<max(first, min(Int(high + 1), limit))
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
