internal import KernelAPI
package import Scene

/// How the camera's view lies against what it learnt, as the last analysed frame showed it.
package struct CameraShift: Hashable, Sendable {
    /// Where the scene is now, in shares of the picture's width: positive when it lies further right than learnt.
    package var x: Double
    /// In shares of the picture's height: positive when it lies further down.
    package var y: Double
    /// False where too little of the picture says the same: night, fog, a covered camera, another view. The shift is
    /// then the last one believed.
    package var isTrusted: Bool
    /// Since when the view has not once come back to where it was learnt; nil while it does.
    package var awaySince: MediaTime?
    /// Since when a background that has enough texture has not been found again anywhere within reach.
    package var lostSince: MediaTime?
}

/// Lays the grid of a shaking camera on its background before anything is compared.
///
/// Projections of tiles (``ShakeTiles``) say whether it keeps still: tiles on which something moves are unlike the
/// background, or disagree, and do not vote. If it does not, steep points (``ShakePoints``) say how far it moved, and the
/// kernel `shift` takes that back. Below a threshold nothing is touched: interpolation would blur the sensor's noise, and a camera that does not
/// shake gets the very bytes that it would get without this stage.
final class CameraShake {
    /// All that the next frame needs besides the background itself.
    struct State: Hashable, Sendable {
        fileprivate(set) var across: ShakeReference
        fileprivate(set) var down: ShakeReference
        fileprivate(set) var points: ShakePoints
        fileprivate(set) var anchored: MediaTime?
        /// In grid pixels: the scene lies so far right of and below where it was learnt.
        fileprivate(set) var x = 0.0
        fileprivate(set) var y = 0.0
        /// What was taken back on the last frame, in sixteenths of a pixel.
        fileprivate(set) var movedX = 0
        fileprivate(set) var movedY = 0
        fileprivate(set) var isShaking = false
        fileprivate(set) var isTrusted = false
        fileprivate(set) var trustedAt: MediaTime?
        fileprivate(set) var quietSince: MediaTime?
        fileprivate(set) var awaySince: MediaTime?
        fileprivate(set) var lostSince: MediaTime?
        fileprivate(set) var misses = 0
    }

    var state: State

    private let layout: GridLayout
    private let kernels: KernelTable
    private let tiles: ShakeTiles
    private let reach: Int
    private let least: Double
    private let texture: Double
    private var aligned: Plane<UInt8>
    private let picture: Plane<UInt8>
    private let scratch: Plane<UInt16>
    private let sums: Plane<UInt32>
    private let slopes: Plane<Int16>
    private let votes: Plane<Double>

    /// How often the background's projections are taken anew, and how long a shaking camera has to keep still, in seconds.
    private static let anchorSpan = 1.0
    private static let quietSpan = 2.0
    /// A shift that cannot be measured stays what it was for so long.
    private static let memorySpan = 0.3
    /// A shaking camera is one that keeps still below this part of the threshold.
    private static let quietShare = 0.6
    /// Tiles agree within so many pixels.
    private static let agreement = 0.5
    private static let fewestVotes = 3
    /// After so many fruitless searches in a row only each so manieth frame is searched over the whole reach.
    private static let patience = 8

    init(layout: GridLayout, model: DetectorModel, kernels: KernelTable) {
        self.layout = layout
        self.kernels = kernels
        least = model.shakeLeast
        texture = model.shakeTexture
        reach = Int((model.shakeReach * Double(layout.width)).rounded())
        tiles = ShakeTiles(layout: layout)
        let size = reach == 0 || tiles.count == 0 ? 0 : layout.count
        aligned = Plane(count: size, margin: layout.stride + 64, repeating: 0)
        picture = Plane(count: size, repeating: 0)
        scratch = Plane(count: layout.width + 1, repeating: 0)
        sums = Plane(count: 2 * max(tiles.width, tiles.height) + 4 * ShakeTiles.margin, repeating: 0)
        slopes = Plane(count: (tiles.width + tiles.height) * tiles.count, repeating: 0)
        votes = Plane(count: tiles.count, repeating: 0)
        state = Self.start(tiles, layout, reach)
    }

    private static func start(_ tiles: ShakeTiles, _ layout: GridLayout, _ reach: Int) -> State {
        State(
            across: ShakeReference(tiles: tiles, axis: .x), down: ShakeReference(tiles: tiles, axis: .y),
            points: ShakePoints(layout: layout, reach: reach))
    }

    /// The next background is another one.
    func forget() {
        state = Self.start(tiles, layout, reach)
    }

    /// How the last frame lay, for the scene's health.
    func report() -> CameraShift {
        CameraShift(
            x: state.x / Double(layout.width), y: state.y / Double(layout.height), isTrusted: state.isTrusted,
            awaySince: state.awaySince, lostSince: state.lostSince)
    }

    /// Measures the shift of `image` and, where the camera shakes, lays it on the background. Its uncovered border shows
    /// the background.
    func align(
        _ image: inout Plane<UInt8>, on mean: Plane<UInt16>, hasBackground: Bool, at time: MediaTime
    ) {
        (state.movedX, state.movedY) = (0, 0)
        guard reach > 0, tiles.count > 0, hasBackground else { return }
        if state.anchored.map({ (time - $0).seconds >= Self.anchorSpan }) ?? true { anchor(mean, at: time) }
        judge(measure(image), at: time)
        guard state.isShaking else { return }
        let steps = Double(PlaneLayout.shiftSteps)
        (state.movedX, state.movedY) = (Int((state.x * steps).rounded()), Int((state.y * steps).rounded()))
        if state.movedX == 0, state.movedY == 0 { return }
        kernels.shift(
            image.base, layout.stride, aligned.base, layout.stride, layout.width, layout.height, state.movedX,
            state.movedY, scratch.base)
        swap(&image, &aligned)
        fillBorder(of: image, with: mean)
    }

    // MARK: The state

    private func judge(_ found: (x: Double, y: Double)?, at time: MediaTime) {
        state.isTrusted = found != nil
        guard let found else {
            state.lostSince = state.points.isEnough ? state.lostSince ?? time : nil
            state.misses += 1
            let silence = state.trustedAt.map { (time - $0).seconds } ?? .infinity
            if silence > Self.memorySpan { (state.x, state.y) = (0, 0) }
            if silence > Self.quietSpan { state.isShaking = false }
            return
        }
        (state.x, state.y) = found
        (state.trustedAt, state.lostSince, state.misses) = (time, nil, 0)
        let size = max(abs(found.x), abs(found.y))
        state.awaySince = size < least ? nil : state.awaySince ?? time
        if size >= least { state.isShaking = true }
        guard state.isShaking, size < Self.quietShare * least else {
            state.quietSince = nil
            return
        }
        let since = state.quietSince ?? time
        state.quietSince = since
        if (time - since).seconds >= Self.quietSpan { (state.isShaking, state.quietSince) = (false, nil) }
    }

    // MARK: The search

    private func anchor(_ mean: Plane<UInt16>, at time: MediaTime) {
        state.anchored = time
        for index in 0..<layout.count {
            picture.base[index] = UInt8(truncatingIfNeeded: (mean.base[index] &+ 128) &>> 8)
        }
        let (width, height, margin) = (tiles.width, tiles.height, ShakeTiles.margin)
        let across = sums.base
        let down = across + max(width, height) + 2 * margin
        state.points.learn(from: picture.base)
        for tile in 0..<tiles.count {
            let (x, y) = tiles.origin(tile)
            let first = picture.base + y * layout.stride + x
            kernels.project(first - margin, layout.stride, width + 2 * margin, height, across, down)
            state.across.learn(tile, from: across, pixels: height, texture: texture)
            let above = first - margin * layout.stride
            kernels.project(above, layout.stride, width, height + 2 * margin, across, down)
            state.down.learn(tile, from: down, pixels: width, texture: texture)
        }
    }

    /// - Returns: how far the scene lies from where it was learnt, in pixels; nil where the picture does not say.
    private func measure(_ image: Plane<UInt8>) -> (x: Double, y: Double)? {
        var start = (x: Int(state.x.rounded()), y: Int(state.y.rounded()))
        if !state.isShaking {
            project(image)
            if let still = vote() {
                if max(abs(still.x), abs(still.y)) < Self.quietShare * least { return still }
                start = (Int(still.x.rounded()), Int(still.y.rounded()))
            }
        }
        if let near = state.points.shift(of: image.base, from: start) { return near }
        // Over the whole reach; not on every frame of a view that is lost for good.
        if state.misses >= Self.patience, state.misses % Self.patience != 0 { return nil }
        return state.points.search(image.base)
    }

    /// The slopes of all tiles, where they lie in the background.
    private func project(_ image: Plane<UInt8>) {
        let (width, height) = (tiles.width, tiles.height)
        let across = sums.base
        let down = across + max(width, height)
        for tile in 0..<tiles.count where state.across.isUsable(tile) || state.down.isUsable(tile) {
            let (x, y) = tiles.origin(tile)
            let first = image.base + y * layout.stride + x
            kernels.project(first, layout.stride, width, height, across, down)
            let out = slopes.base + tile * (width + height)
            ShakeReference.slopes(of: across, count: width - 2, pixels: height, into: out)
            ShakeReference.slopes(of: down, count: height - 2, pixels: width, into: out + width)
        }
    }

    private func vote() -> (x: Double, y: Double)? {
        guard max(state.across.textured, state.down.textured) >= Self.fewestVotes else { return nil }
        let x = vote(state.across, slopesAt: 0)
        let y = vote(state.down, slopesAt: tiles.width)
        guard let x, let y else { return nil }
        return (x, y)
    }

    /// Along one axis: the middle of the largest group of tiles that agree, if it is most of those that vote and a good
    /// part of those that could. 0 where there is no texture along this axis: then nothing is seen of the shift either.
    private func vote(_ reference: ShakeReference, slopesAt offset: Int) -> Double? {
        if reference.textured < Self.fewestVotes { return 0 }
        var count = 0
        for tile in 0..<tiles.count where reference.isUsable(tile) {
            let own = slopes.base + tile * (tiles.width + tiles.height) + offset
            guard let lag = reference.lag(of: tile, own) else { continue }
            votes.base[count] = -lag
            count += 1
        }
        var (most, middle) = (0, 0.0)
        for index in 0..<count {
            var (members, sum) = (0, 0.0)
            for other in 0..<count where abs(votes.base[other] - votes.base[index]) <= Self.agreement {
                members += 1
                sum += votes.base[other]
            }
            if members > most { (most, middle) = (members, sum / Double(members)) }
        }
        let isAgreed = most >= Self.fewestVotes && most * 2 > count && most * 4 >= reference.textured
        return isAgreed ? middle : nil
    }
}

// MARK: The uncovered border

extension CameraShake {
    /// Columns and rows of the grid that show what the moved picture has.
    private func covered(less: Int) -> (columns: Range<Int>, rows: Range<Int>) {
        func inner(_ moved: Int, _ size: Int) -> Range<Int> {
            let steps = PlaneLayout.shiftSteps
            let first = moved < 0 ? (-moved + steps - 1) / steps + less : 0
            let last = moved > 0 ? size - (moved + steps - 1) / steps - less : size
            return min(first, size)..<max(min(first, size), last)
        }
        return (inner(state.movedX, layout.width), inner(state.movedY, layout.height))
    }

    private var isMoved: Bool { state.movedX != 0 || state.movedY != 0 }

    private func fillBorder(of image: Plane<UInt8>, with mean: Plane<UInt16>) {
        let (columns, rows) = covered(less: 0)
        func fill(_ x: Range<Int>, _ y: Int) {
            for index in y * layout.stride + x.lowerBound..<y * layout.stride + x.upperBound {
                image.base[index] = UInt8(truncatingIfNeeded: (mean.base[index] &+ 128) &>> 8)
            }
        }
        for y in 0..<layout.height {
            if rows.contains(y) {
                fill(0..<columns.lowerBound, y)
                fill(columns.upperBound..<layout.width, y)
            } else {
                fill(0..<layout.width, y)
            }
        }
    }

    /// Nothing in the uncovered border is foreground.
    func clearBorder(of mask: Plane<UInt64>) {
        guard isMoved else { return }
        let (columns, rows) = covered(less: 0)
        for word in 0..<layout.rowWords {
            let low = min(max(columns.lowerBound - word * 64, 0), 64)
            let high = min(max(columns.upperBound - word * 64, 0), 64)
            let kept = high > low ? (~UInt64(0) >> UInt64(64 - (high - low))) << UInt64(low) : 0
            for y in 0..<layout.height { mask.base[y * layout.rowWords + word] &= rows.contains(y) ? kept : 0 }
        }
    }

    /// Nothing is learnt in the uncovered border, nor in the pixel beside it, into which the border's would flow.
    func holdBorder(of hold: Plane<UInt8>) {
        guard isMoved else { return }
        let (columns, rows) = covered(less: 1)
        for y in 0..<layout.height {
            let row = hold.base + y * layout.stride
            if rows.contains(y) {
                row.update(repeating: 255, count: columns.lowerBound)
                (row + columns.upperBound).update(repeating: 255, count: layout.width - columns.upperBound)
            } else {
                row.update(repeating: 255, count: layout.width)
            }
        }
    }

    /// The place on the background of a pixel of the grid as the camera sent it, nil where it lies outside.
    func place(x: Int, y: Int) -> (x: Int, y: Int)? {
        let half = PlaneLayout.shiftSteps / 2
        let (moved, sunk) = ((state.movedX + half) >> 4, (state.movedY + half) >> 4)
        let (column, row) = (x - moved, y - sunk)
        guard (0..<layout.width).contains(column), (0..<layout.height).contains(row) else { return nil }
        return (column, row)
    }
}
