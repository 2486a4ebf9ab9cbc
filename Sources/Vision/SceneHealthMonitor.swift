internal import KernelAPI
internal import Scene

/// Looks at the analysis grid as a whole, before anything is corrected in it, and says which conditions hold.
///
/// Blocks of the grid are compared with the slowly learnt normal of each: mean, contrast (variance), sharpness (squared
/// neighbour differences over variance, which neither exposure nor fog changes). ``SceneEdges`` tells whether it is
/// still the same view. Copyable: a copy goes on exactly as the original does. Allocates only when it is made.
struct SceneHealthMonitor {
    private struct BlockNormal {
        var mean = 0.0
        var variance = 0.0
        var gradient = 0.0
        /// The gradient without what only stood there for a while.
        var texture = 0.0
    }

    private let model: HealthModel
    private let columns: Int
    private let rows: Int
    private let origin: Int
    private let stride: Int
    private var blocks: [BlockStatistics]
    private var normals: [BlockNormal]
    private var recent: [Double]
    private var changes: [Double]
    private var edges: SceneEdges
    private var repetition = PictureRepetition()
    private var course: SceneCourse
    private var learntSeconds = 0.0
    private var lastLook: MediaTime?
    private var isFirst = true

    /// Between two looks; a change of much of the picture is looked at on its own frame.
    private static let interval = MediaSpan.milliseconds(95)
    private static let longestStep = 2.0
    /// A gap in the footage after which the scene may well look different.
    private static let longestGap = 600.0
    private static let recentSpan = 0.8
    private static let pixels = Double(PlaneLayout.blockSide * PlaneLayout.blockSide)
    /// Neighbours compared in a block, each way.
    private static let pairs = 2 * Double(PlaneLayout.blockSide * (PlaneLayout.blockSide - 1))
    private static let flatGradient = 0.2
    private static let flatVariance = 0.3
    private static let textureKept = 0.33
    private static let muchTexture = 4.0
    private static let strangeShare = 1.0 / 30
    /// Part of the way to white that counts as sudden.
    private static let headroom = 0.3
    /// Variance of the levels of blocks from which their coming together says something.
    private static let unlikeLevels = 64.0

    init(model: HealthModel, layout: GridLayout) {
        self.model = model
        columns = layout.width / PlaneLayout.blockSide
        rows = layout.height / PlaneLayout.blockSide
        stride = layout.stride
        // The lattice of whole blocks lies in the middle.
        origin =
            (layout.height - rows * PlaneLayout.blockSide) / 2 * layout.stride
            + (layout.width - columns * PlaneLayout.blockSide) / 2
        let count = columns * rows
        blocks = Array(repeating: BlockStatistics(), count: count)
        normals = Array(repeating: BlockNormal(), count: count)
        recent = Array(repeating: 0, count: count)
        changes = Array(repeating: 0, count: count)
        edges = SceneEdges(layout: layout)
        course = SceneCourse(model)
    }

    var health: SceneHealth { course.health }

    /// What is before the lens now is not the scene: its background is worth keeping.
    var isHidden: Bool { course.isHidden }

    /// Another light, or another kind of picture, may have come.
    var isLightSuspected: Bool { course.isLightSuspected }

    /// What is seen is, or may be, not the usual scene.
    var isViewLost: Bool { course.isViewLost }

    /// What is suspected or holds ends; what the scene looks like is remembered.
    mutating func beginSession() {
        course.forget()
        repetition.forget()
        isFirst = true
    }

    /// - Parameters:
    ///   - isUpset: much more of the picture changed on the last frame than before: look now, not only at the next interval.
    mutating func look(
        at grid: Plane<UInt8>, of luma: LumaPlane, isUpset: Bool, kernels: KernelTable, time: MediaTime
    ) -> SceneHealth {
        guard columns > 0, rows > 0 else { return course.health }
        var elapsed = 0.0
        if let lastLook {
            if time >= lastLook, time - lastLook < Self.interval, !isUpset { return course.health }
            elapsed = (time - lastLook).seconds
            if elapsed > Self.longestGap || elapsed < 0 { forgetNormal() }
        }
        lastLook = time
        elapsed = min(max(elapsed, 0), Self.longestStep)
        let repeats = measure(grid, kernels)
        let repeatedSince = repetition.follow(isAlike: repeats, luma: luma, at: time)
        edges.look(at: grid, kernels: kernels)
        var reading = compare()
        reading.repeatedSince = repeatedSince
        course.follow(reading, at: time)
        learn(elapsed, at: time)
        return course.health
    }

    /// - Returns: whether all blocks are exactly what they were.
    private mutating func measure(_ grid: Plane<UInt8>, _ kernels: KernelTable) -> Bool {
        let before = checksum()
        blocks.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            kernels.measureBlocks(grid.base + origin, stride, columns, rows, base)
        }
        return before == checksum() && !isFirst
    }

    private func checksum() -> UInt64 {
        var sum: UInt64 = 0
        for block in blocks {
            sum = (sum ^ UInt64(block.sum) << 32 ^ UInt64(block.squares)) &* 0x9E37_79B9_7F4A_7C15
            sum = (sum ^ sum >> 29 ^ UInt64(block.gradients)) &* 0xBF58_476D_1CE4_E5B9
        }
        return sum
    }

    private func current(_ block: BlockStatistics) -> BlockNormal {
        let mean = Double(block.sum) / Self.pixels
        return BlockNormal(
            mean: mean, variance: max(0, Double(block.squares) / Self.pixels - mean * mean),
            gradient: Double(block.gradients) / Self.pairs)
    }

    // MARK: Comparing

    private struct Tally {
        var dark = 0.0
        var bright = 0.0
        var textured = 0.0
        var flat = 0.0
        var soft = 0.0
        var kept = 0.0
        var lighter = 0.0
        var darker = 0.0
        /// Of those, with texture to compare; and with the texture that another light would leave.
        var comparable = 0.0
        var explained = 0.0
        /// Blocks that show nothing, at another level than usual.
        var plain = Spread()
        var plainUsually = Spread()
    }

    /// How far apart some levels are.
    private struct Spread {
        private(set) var count = 0.0
        private var sum = 0.0
        private var squares = 0.0

        mutating func add(_ level: Double) {
            count += 1
            sum += level
            squares += level * level
        }

        var variance: Double { count > 0 ? max(0, squares / count - sum / count * (sum / count)) : 0 }
    }

    private mutating func compare() -> SceneReading {
        var tally = Tally()
        let blank = model.blankContrast * model.blankContrast
        for index in blocks.indices {
            let now = current(blocks[index])
            if isFirst { recent[index] = now.mean }
            if now.variance <= blank {
                if now.mean <= model.darkLevel { tally.dark += 1 }
                if now.mean >= model.brightLevel { tally.bright += 1 }
            }
            let step = now.mean - recent[index]
            // What only comes back to normal, as when somebody steps out of the picture, is no other light.
            let isUnusual = isOther(now.mean, than: normals[index].mean)
            if isUnusual, isOther(now.mean, than: recent[index]) {
                if step > 0 { tally.lighter += 1 } else { tally.darker += 1 }
                explain(now, normals[index], &tally)
            }
            compare(now, normals[index], &tally)
            if now.variance <= blank, abs(now.mean - normals[index].mean) > max(6, 0.15 * normals[index].mean) {
                tally.plain.add(now.mean)
                tally.plainUsually.add(normals[index].mean)
            }
        }
        isFirst = false
        let count = Double(blocks.count)
        var reading = SceneReading()
        reading.hasNormal = learntSeconds >= model.learnSpan
        reading.darkShare = tally.dark / count
        reading.brightShare = tally.bright / count
        // Light goes one way; what moves brightens some places and darkens others.
        reading.explainedShare = tally.comparable > 0 ? tally.explained / tally.comparable : 1
        reading.lightShare = abs(tally.lighter - tally.darker) / count
        reading.changedShare = (tally.lighter + tally.darker) / count
        // Light leaves the levels of plain places as far apart as they were, about; what is before the lens has one.
        let usually = tally.plainUsually.variance
        if usually >= Self.unlikeLevels, tally.plain.variance * 9 <= usually {
            reading.plainShare = tally.plain.count / count
        }
        if tally.textured >= max(3, 0.15 * count) {
            reading.flatShare = tally.flat / tally.textured
            reading.softShare = tally.soft / tally.textured
            reading.layoutLikeness = max(layoutLikeness(), tally.kept / tally.textured)
        }
        // Asked for at other shifts only where the view does not fit where it is.
        if reading.hasNormal, let likeness = edges.likeness(enough: 0.5) {
            reading.edgeLikeness = likeness.edges
            reading.contourLikeness = likeness.contours
            reading.explainedEdges = likeness.explained
            reading.keptEdges = likeness.kept
        }
        return reading
    }

    private func compare(_ now: BlockNormal, _ normal: BlockNormal, _ tally: inout Tally) {
        guard normal.gradient >= model.textureLeast, normal.texture >= model.textureLeast else { return }
        tally.textured += 1
        if abs(now.mean - normal.mean) <= max(6, 0.15 * normal.mean) { tally.kept += 1 }
        // Another exposure scales differences by its gain.
        let gain = min(max(now.mean / max(1, normal.mean), 0.5), 2)
        let isFlat =
            now.gradient < Self.flatGradient * normal.gradient * gain * gain
            && now.variance < Self.flatVariance * normal.variance * gain * gain
        let isSoft = now.gradient * normal.variance < model.blurRatio * normal.gradient * max(now.variance, 1)
        if isFlat { tally.flat += 1 }
        if isFlat || isSoft { tally.soft += 1 }
    }

    /// Another light scales a block's differences by its own gain, about.
    private func explain(_ now: BlockNormal, _ normal: BlockNormal, _ tally: inout Tally) {
        guard normal.gradient >= model.textureLeast else { return }
        tally.comparable += 1
        let gain = now.mean / max(1, normal.mean)
        let usual = gain * gain * Self.textureKept
        let isLike = { (value: Double, normal: Double) in
            value >= usual * normal && value * Self.textureKept * Self.textureKept <= usual * normal
        }
        if isLike(now.gradient, normal.gradient), isLike(now.variance, normal.variance) { tally.explained += 1 }
    }

    /// Whether a block's level is another one. What is nearly white cannot become much lighter.
    private func isOther(_ level: Double, than usual: Double) -> Bool {
        let step = level - usual
        if step < 0 { return -step > max(5, model.jumpChange * usual) }
        return step > max(5, min(model.jumpChange * usual, Self.headroom * (255 - usual)))
    }

    private func layoutLikeness() -> Double {
        let count = Double(blocks.count)
        var (a, b, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for index in blocks.indices {
            let (now, usual) = (Double(blocks[index].sum) / Self.pixels, normals[index].mean)
            a += now
            b += usual
            aa += now * now
            bb += usual * usual
            ab += now * usual
        }
        let (spread, usualSpread) = (aa / count - a * a / count / count, bb / count - b * b / count / count)
        guard spread > 4, usualSpread > 4 else { return 0 }
        return (ab / count - a * b / count / count) / (spread * usualSpread).squareRoot()
    }

    // MARK: Learning

    private mutating func learn(_ elapsed: Double, at time: MediaTime) {
        let recentWeight = course.isViewLost ? 1 : min(1, elapsed / Self.recentSpan)
        for index in blocks.indices {
            recent[index] += recentWeight * (Double(blocks[index].sum) / Self.pixels - recent[index])
        }
        if course.wantsNewNormal(at: time) {
            forgetNormal()
            course.forget()
        }
        guard course.mayLearn else { return }
        learntSeconds += elapsed
        // The mean of all that was seen, until that is longer than the time constant.
        let weight = learntSeconds <= 0 ? 1 : min(1, elapsed / min(model.normalSpan, max(learntSeconds, elapsed)))
        for index in blocks.indices {
            let now = current(blocks[index])
            normals[index].mean += weight * (now.mean - normals[index].mean)
            normals[index].variance += weight * (now.variance - normals[index].variance)
            normals[index].gradient += weight * (now.gradient - normals[index].gradient)
            let ownWeight = weightOfTexture(now.gradient, normals[index].texture, weight)
            normals[index].texture += ownWeight * (now.gradient - normals[index].texture)
        }
        edges.learn(weight: weight)
    }

    /// Who stands in a plain place gives it edges that are not the scene's: they are learnt slowly, and given up at once
    /// where they were there from the start.
    private func weightOfTexture(_ now: Double, _ usual: Double, _ weight: Double) -> Double {
        guard weight > 0, weight < 1 else { return weight }
        if now > Self.muchTexture * usual + model.textureLeast { return Self.strangeShare * weight }
        let isLearning = learntSeconds < model.learnSpan
        return isLearning && usual > Self.muchTexture * now + model.textureLeast ? 1 : weight
    }

    private mutating func forgetNormal() { learntSeconds = 0 }
}

/// Whether exactly the same picture comes again and again from a camera whose pictures are otherwise never alike.
///
/// Sensor noise makes two pictures differ; only a picture that stands still in the camera or its encoder repeats to the
/// last pixel. An encoder that skips what did not change does so too at night, so a camera counts as frozen only if its
/// pictures have mostly differed before; one that never did (a test picture) is never frozen.
struct PictureRepetition: Hashable, Sendable {
    private var since: MediaTime?
    private var checksum: UInt64 = 0
    private var run = 0
    private var differed = 0
    /// Share of the looks that repeated the one before, without the run that is going on.
    private var usualShare = 0.0

    private static let differedLeast = 20
    private static let usualMost = 0.5
    private static let memory = 0.01
    private static let rowsRead = 144

    mutating func forget() { self = PictureRepetition() }

    /// - Parameter isAlike: the grid is the one of the look before; only then the source's rows are read.
    mutating func follow(isAlike: Bool, luma: LumaPlane, at time: MediaTime) -> MediaTime? {
        guard isAlike else {
            end()
            return nil
        }
        let now = Self.checksum(luma)
        if since != nil, now != checksum { end() }
        if since == nil { since = time }
        checksum = now
        run += 1
        return differed >= Self.differedLeast && usualShare < Self.usualMost ? since : nil
    }

    private mutating func end() {
        // A long run is one event, not a habit of the camera.
        for _ in 0..<min(run, 20) { usualShare += Self.memory * (1 - usualShare) }
        usualShare -= Self.memory * usualShare
        differed = min(differed + 1, Self.differedLeast)
        run = 0
        since = nil
    }

    private static func checksum(_ luma: LumaPlane) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
        for y in Swift.stride(from: 0, to: luma.height, by: max(1, luma.height / rowsRead)) {
            let row = UnsafeRawPointer(luma.base + y * luma.stride)
            var x = 0
            while x + 8 <= luma.width {
                sum = (sum ^ row.loadUnaligned(fromByteOffset: x, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
                sum ^= sum >> 32
                x += 8
            }
        }
        return sum
    }
}
