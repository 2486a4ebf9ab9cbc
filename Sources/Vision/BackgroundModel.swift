internal import KernelAPI
internal import Scene

/// What each pixel of the grid looks like when nothing is there: a few remembered samples a pixel.
///
/// Sample consensus with random replacement and diffusion into neighbours after ViBe (Barnich, Van Droogenbroeck,
/// "ViBe: A universal background subtraction algorithm for video sequences", IEEE TIP 2011); a radius for each pixel
/// that follows its noise after PBAS (Hofmann et al., CVPRW 2012) and its blinking after SuBSENSE (St-Charles et al.,
/// IEEE TIP 2015). Unlike these it fills the samples from the first second of footage, keeps all its rates in media
/// time, and does not learn under a confirmed track. The random numbers are a fixed table: same footage, same masks.
final class BackgroundModel {
    let layout: GridLayout
    /// Long-term mean, 8.8 fixed point.
    let mean: Plane<UInt16>
    /// Foreground of the last frame, before and after cleaning; one bit a pixel.
    let mask: Plane<UInt64>
    let nearest: Plane<UInt8>
    let radius: Plane<UInt8>
    /// 255 where a confirmed track stands: nothing is learnt there.
    let hold: Plane<UInt8>

    private let model: DetectorModel
    private let kernels: KernelTable
    private let samples: Plane<UInt8>
    private let noise: Plane<UInt16>
    private let restless: Plane<UInt8>
    private let foreground: Plane<UInt8>
    private let before: Plane<UInt8>
    private let closed: Plane<UInt8>
    private let table: Plane<UInt8>
    private let sorted: Plane<UInt8>
    private let rule: AdaptRule

    /// What is remembered besides the planes.
    struct State {
        fileprivate var random: UInt64 = 0x9E37_79B9_7F4A_7C15
        fileprivate var lastTick: MediaTime?
        /// Pictures that were taken for samples since the last restart.
        fileprivate(set) var filled = 0

        /// Knuth's MMIX generator; its upper bits.
        fileprivate mutating func nextRandom() -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return random
        }
    }

    /// How the state begins: the table of random numbers has been drawn.
    let initialState: State

    private static let tick = MediaSpan.milliseconds(115)
    /// Of media time that one picture teaches at most: the distance of keyframes while nothing but these is decoded.
    private static let longestTick = 2.0
    /// Ticks further apart than this let unrest fade by as much as the ones between them would have.
    private static let sparseTick = 0.5
    private static let tableSize = 8192

    init(layout: GridLayout, model: DetectorModel, kernels: KernelTable) {
        self.layout = layout
        self.model = model
        self.kernels = kernels
        let margin = layout.stride + 64
        mean = Plane(count: layout.count, margin: margin, repeating: 0)
        mask = Plane(count: layout.wordCount, repeating: 0)
        nearest = Plane(count: layout.count, repeating: 0)
        radius = Plane(count: layout.count, repeating: UInt8(model.radiusLeast))
        hold = Plane(count: layout.count, repeating: 0)
        samples = Plane(count: layout.count * model.samples, repeating: 0)
        noise = Plane(count: layout.count, repeating: 0)
        restless = Plane(count: layout.count, repeating: 0)
        foreground = Plane(count: layout.count, margin: margin, repeating: 0)
        before = Plane(count: layout.count, repeating: 0)
        closed = Plane(count: layout.count, repeating: 0)
        sorted = Plane(count: model.samples, repeating: 0)
        table = Plane(count: Self.tableSize + layout.stride, repeating: 0)
        rule = AdaptRule(
            noiseShift: 4, noiseGain: Int32(model.noiseGain * 16), rise: Int32(model.restlessRise),
            fall: Int32(model.restlessFall), restlessGain: Int32(model.restlessGain * 256),
            least: Int32(model.radiusLeast), most: Int32(model.radiusMost))
        var state = State()
        for index in 0..<table.count { table.base[index] = UInt8(truncatingIfNeeded: state.nextRandom() >> 33) }
        initialState = state
    }

    /// The planes that a later picture's result depends on; the others are written anew before they are read.
    var carriedPlanes: [any CarriedPlane] { [samples, mean, noise, restless, radius, before, hold] }

    /// Forgets what was learnt; the next frames fill the samples anew.
    func restart(_ state: inout State) {
        state.filled = 0
        state.lastTick = nil
        noise.fill(0)
        restless.fill(0)
        radius.fill(UInt8(model.radiusLeast))
        before.fill(0)
        mask.fill(0)
    }

    /// One of the first frames: becomes a sample of its own, at most one a tick. Until they settle the first is the mean.
    func seed(_ grid: Plane<UInt8>, at time: MediaTime, _ state: inout State) {
        if let last = state.lastTick, time - last < Self.tick { return }
        state.lastTick = time
        if state.filled == 0 {
            for index in 0..<layout.count { mean.base[index] = UInt16(grid.base[index]) << 8 }
        }
        let slot = state.filled % model.samples
        (samples.base + slot * layout.count).update(from: grid.base, count: layout.count)
        state.filled += 1
    }

    /// Ends the filling: empty samples repeat filled ones, the mean becomes the samples' median.
    func settle(filled: Int) {
        let have = min(filled, model.samples)
        guard have > 0 else { return }
        for slot in have..<max(have, model.samples) {
            (samples.base + slot * layout.count).update(
                from: samples.base + slot % have * layout.count, count: layout.count)
        }
        for index in 0..<layout.count { mean.base[index] = UInt16(medianOfSamples(index, have)) << 8 }
    }

    /// Of the first `have` samples; the upper one of an even number.
    private func medianOfSamples(_ index: Int, _ have: Int) -> UInt8 {
        let values = sorted.base
        for slot in 0..<have {
            let value = samples.base[slot * layout.count + index]
            var place = slot
            while place > 0, values[place - 1] > value {
                values[place] = values[place - 1]
                place -= 1
            }
            values[place] = value
        }
        return values[have / 2]
    }

    func classify(_ grid: Plane<UInt8>) {
        kernels.classify(
            grid.base, samples.base, model.samples, radius.base, UInt8(model.matchesNeeded), layout.count,
            mask.base, nearest.base)
    }

    /// Learns from this frame if a tick has passed. `clean` is the cleaned foreground.
    func learn(_ grid: Plane<UInt8>, clean: Plane<UInt64>, at time: MediaTime, _ state: inout State) {
        guard let last = state.lastTick else {
            state.lastTick = time
            return
        }
        guard time - last >= Self.tick else { return }
        let elapsed = min((time - last).seconds, Self.longestTick)
        state.lastTick = time
        kernels.expand(clean.base, foreground.base, layout.count)
        kernels.adapt(
            nearest.base, foreground.base, before.base, hold.base, rule(after: elapsed), noise.base, restless.base,
            radius.base,
            layout.count)
        before.base.update(from: foreground.base, count: layout.count)
        replaceSamples(grid, elapsed, &state)
        close(over: foreground.base, flip: 0)
        kernels.blend(grid.base, closed.base, meanShift(elapsed), mean.base, layout.count)
    }

    private func rule(after elapsed: Double) -> AdaptRule {
        guard elapsed >= Self.sparseTick else { return rule }
        var sparse = rule
        sparse.fall = min(255, rule.fall * Int32(elapsed / Self.tick.seconds))
        return sparse
    }

    /// Takes this frame as the background of some places of the grid (a ghost).
    func adopt(_ grid: Plane<UInt8>, _ places: Range<Int>) {
        for index in places {
            for slot in 0..<model.samples { samples.base[slot * layout.count + index] = grid.base[index] }
            mean.base[index] = UInt16(grid.base[index]) << 8
        }
    }

    /// The pixel's ground is lit differently: its samples keep their differences.
    func shiftSamples(at index: Int, by delta: Int) {
        for slot in 0..<model.samples {
            let place = slot * layout.count + index
            samples.base[place] = UInt8(min(max(Int(samples.base[place]) + delta, 0), 255))
        }
    }

    private func replaceSamples(_ grid: Plane<UInt8>, _ elapsed: Double, _ state: inout State) {
        let background = chance(elapsed, model.backgroundSpan)
        let covered = chance(elapsed, model.foregroundSpan)
        let spread = chance(elapsed, model.diffusionSpan)
        close(over: foreground.base, flip: 0)
        for row in 0..<layout.height { replace(grid, row, 0, background, &state) }
        if spread > 0 {
            // A neighbour's value flows into a pixel: foreground that looks like its surroundings shrinks from its rim.
            let shift = shift(Int(state.nextRandom() >> 40) & 3)
            let first = shift < -1 ? 1 : 0
            let last = shift > 1 ? layout.height - 1 : layout.height
            close(over: foreground.base + shift, flip: 0)
            for row in first..<last { replace(grid, row, shift, spread, &state) }
        }
        close(over: foreground.base, flip: 255)
        for row in 0..<layout.height { replace(grid, row, 0, covered, &state) }
    }

    /// To one of the four neighbours.
    private func shift(_ number: Int) -> Int {
        switch number {
        case 0: -1
        case 1: 1
        case 2: -layout.stride
        default: layout.stride
        }
    }

    private func replace(
        _ grid: Plane<UInt8>, _ row: Int, _ shift: Int, _ chance: UInt8, _ state: inout State
    ) {
        let number = state.nextRandom() >> 20
        let slot = Int(number & 0xFFFF) % model.samples
        let start = row * layout.stride
        kernels.learn(
            grid.base + start + shift, table.base + Int((number >> 16) % UInt64(Self.tableSize)), chance,
            closed.base + start,
            samples.base + slot * layout.count + start, layout.stride)
    }

    /// Where nothing may be learnt now: under tracks, and over the foreground (`flip` 0) or over everything else (255).
    private func close(over foreground: UnsafePointer<UInt8>, flip: UInt8) {
        let (closed, hold) = (closed.base, hold.base)
        // No check in the loop: it becomes vectors.
        for index in 0..<layout.count { closed[index] = hold[index] | (foreground[index] ^ flip) }
    }

    private func chance(_ elapsed: Double, _ span: Double) -> UInt8 {
        span <= 0 ? 0 : UInt8(min(255, max(1, (256 * elapsed / span).rounded())))
    }

    private func meanShift(_ elapsed: Double) -> Int32 {
        var shift: Int32 = 1
        while shift < 8, Double(1 << shift) * elapsed < model.meanSpan { shift += 1 }
        return shift
    }
}
