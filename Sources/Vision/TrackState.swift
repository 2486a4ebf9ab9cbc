internal import Scene

/// One axis of a constant-velocity Kalman filter (Kalman 1960; process noise: white acceleration).
struct AxisFilter {
    var position: Double
    var velocity = 0.0
    private var pp: Double
    private var pv = 0.0
    private var vv: Double

    init(position: Double, variance: Double, velocityVariance: Double) {
        self.position = position
        pp = variance
        vv = velocityVariance
    }

    mutating func predict(_ seconds: Double, acceleration: Double) {
        let q = acceleration * acceleration
        position += velocity * seconds
        pp += seconds * (2 * pv + seconds * vv) + q * seconds * seconds * seconds * seconds / 4
        pv += seconds * vv + q * seconds * seconds * seconds / 2
        vv += q * seconds * seconds
    }

    mutating func correct(_ measured: Double, variance: Double) {
        let innovation = measured - position
        let gain = pp / (pp + variance)
        let velocityGain = pv / (pp + variance)
        position += gain * innovation
        velocity += velocityGain * innovation
        vv -= velocityGain * pv
        pv *= 1 - gain
        pp *= 1 - gain
    }

    /// Nothing was seen: what was moving is thought to come to rest.
    mutating func damp(_ factor: Double) { velocity *= factor }

    mutating func shift(by amount: Double) { position += amount }
}

/// A region that is followed, candidate or confirmed. Lengths in grid pixels.
struct TrackState {
    /// Points kept while a candidate waits for confirmation: the newest all, older ones at even distances from its first.
    /// What is set aside for them is used up sooner or later, by every camera: few are enough.
    static let pathLimit = 128
    private static let newestWhole = 64

    var id: TrackID?
    var x: AxisFilter
    var y: AxisFilter
    var width: Double
    var height: Double
    let born: MediaTime
    var seen: MediaTime
    /// Pictures on which it was measured, of those since it was first seen.
    var hits = 1
    private(set) var looks = 1
    let startX: Double
    let startY: Double
    let startArea: Double
    private let startBox: GridBox
    private(set) var way = 0.0
    /// The longest step from one measured box to another that shares nothing with it.
    private(set) var leap = 0.0
    private var lastBox: GridBox
    private var lastX: Double
    private var lastY: Double
    /// Where and since when the track has been about the same place.
    private(set) var restX: Double
    private(set) var restY: Double
    private(set) var restSince: MediaTime
    /// How it looked when nothing hid it, as far as that can be told: its width then, where it was, and how fast.
    private var whole: (width: Double, x: Double, speed: Double, at: MediaTime)
    var wasSeen = true
    /// Points not reported yet, oldest first.
    var path: [TrackPoint]
    /// Points since the path was empty, and how many of them come to one that is kept of the older part.
    private var pathAge = 0
    private var pathStride = 1

    var isConfirmed: Bool { id != nil }

    var box: GridBox {
        GridBox(
            left: x.position - width / 2, top: y.position - height / 2, right: x.position + width / 2,
            bottom: y.position + height / 2)
    }

    var size: Double { (width * height).squareRoot() }

    /// Straight way from the start.
    var travel: Double { distance(x.position - startX, y.position - startY) }

    /// How far opposite edges went the same way: a region that only grows or shrinks at one end has not moved.
    var shift: Double {
        let now = box
        return distance(
            common(now.left - startBox.left, now.right - startBox.right),
            common(now.top - startBox.top, now.bottom - startBox.bottom))
    }

    /// - Parameter path: an empty one; its memory is used.
    init(_ region: Region, at time: MediaTime, path: [TrackPoint]) {
        self.path = path
        let box = region.box
        width = box.width
        height = box.height
        let size = box.area.squareRoot()
        let speed = 2 * size + 20
        x = AxisFilter(position: box.x, variance: 4, velocityVariance: speed * speed)
        y = AxisFilter(position: box.y, variance: 4, velocityVariance: speed * speed)
        (startX, startY) = (box.x, box.y)
        (lastX, lastY) = (box.x, box.y)
        (restX, restY) = (box.x, box.y)
        (born, seen, restSince) = (time, time, time)
        whole = (box.width, box.x, 0, time)
        startArea = box.area
        (startBox, lastBox) = (box, box)
        clearPath()
    }

    mutating func predict(_ seconds: Double, acceleration: Double) {
        looks += 1
        x.predict(seconds, acceleration: acceleration * size)
        y.predict(seconds, acceleration: acceleration * size)
    }

    mutating func correct(_ measured: GridBox, at time: MediaTime, elapsed: Double) {
        let deviation = 1 + 0.04 * size
        x.correct(measured.x, variance: deviation * deviation)
        y.correct(measured.y, variance: deviation * deviation)
        // The size follows with a time constant of about 0.15 s: legs and arms open and close.
        let weight = hits < 3 ? 0.6 : min(0.7, max(0.2, elapsed / 0.15))
        width += weight * (measured.width - width)
        height += weight * (measured.height - height)
        hits += 1
        note(measured, at: time)
        noteWhole(at: time)
    }

    /// Longer than it takes to pass behind a tree or a post.
    private static let hiddenMost = 1.5

    /// What is much narrower all of a sudden may be half hidden: its middle and its speed are those of what is left.
    private mutating func noteWhole(at time: MediaTime) {
        guard width >= 0.9 * whole.width || (time - whole.at).seconds > Self.hiddenMost else { return }
        let isStale = (time - whole.at).seconds > Self.hiddenMost
        let adapted = isStale ? width : whole.width + (width > whole.width ? 0.5 : 0.2) * (width - whole.width)
        whole = (adapted, x.position, x.velocity, time)
    }

    /// Where it would be if it went on as it did before something hid part of it; nil where nothing does.
    func behind(at time: MediaTime) -> GridBox? {
        let gone = (time - whole.at).seconds
        guard isConfirmed, gone > 0, gone <= Self.hiddenMost, !wasSeen || width < 0.9 * whole.width else {
            return nil
        }
        let middle = whole.x + whole.speed * gone
        let own = box
        return GridBox(
            left: middle - whole.width / 2, top: own.top, right: middle + whole.width / 2, bottom: own.bottom)
    }

    /// Seen inside a region that it shares with others: the place follows, the size stays.
    mutating func correctInside(_ region: GridBox, at time: MediaTime) {
        let own = box
        let right = max(0, region.left - own.left) - max(0, own.right - region.right)
        let down = max(0, region.top - own.top) - max(0, own.bottom - region.bottom)
        x.shift(by: own.width > region.width ? region.x - own.x : right)
        y.shift(by: own.height > region.height ? region.y - own.y : down)
        note(region, at: time)
    }

    private mutating func note(_ measured: GridBox, at time: MediaTime) {
        seen = time
        wasSeen = true
        let step = distance(x.position - lastX, y.position - lastY)
        way += step
        if measured.shared(lastBox) <= 0 { leap = max(leap, step) }
        lastBox = measured
        (lastX, lastY) = (x.position, y.position)
        if distance(x.position - restX, y.position - restY) > max(3, 0.25 * size) {
            (restX, restY, restSince) = (x.position, y.position, time)
        }
    }

    mutating func coast(_ elapsed: Double) {
        wasSeen = false
        let factor = max(0, 1 - elapsed / 0.6)
        x.damp(factor)
        y.damp(factor)
    }

    mutating func report(_ point: TrackPoint) {
        path.append(point)
        pathAge += 1
        let older = path.count - Self.newestWhole
        guard older > 0 else { return }
        // The last of them has been one of the newest up to now.
        guard (pathAge - Self.newestWhole - 1).isMultiple(of: pathStride) else {
            path.remove(at: older - 1)
            return
        }
        if older > Self.pathLimit - Self.newestWhole { thin(older) }
    }

    /// Leaves every other one of the older points out, not the first.
    private mutating func thin(_ older: Int) {
        pathStride *= 2
        var kept = 0
        for index in path.indices where index >= older || index.isMultiple(of: 2) {
            path[kept] = path[index]
            kept += 1
        }
        path.removeLast(path.count - kept)
    }

    static func emptyPath() -> [TrackPoint] {
        var path: [TrackPoint] = []
        path.reserveCapacity(pathLimit + 1)
        return path
    }

    /// Empties the path; where somebody still holds what was in it, it gets memory of its own.
    mutating func clearPath() {
        path.removeAll(keepingCapacity: true)
        path.reserveCapacity(Self.pathLimit + 1)
        (pathAge, pathStride) = (0, 1)
    }
}

func distance(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }

/// The smaller of two moves in one direction, 0 for moves in opposite ones.
private func common(_ one: Double, _ other: Double) -> Double {
    one * other <= 0 ? 0 : abs(one) < abs(other) ? one : other
}
