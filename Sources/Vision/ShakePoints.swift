internal import KernelAPI

/// The steepest pixels of the background, one from each cell of the grid: by them a shift is measured in both directions
/// at once.
///
/// Projections alone see a slanted edge move across when the camera moves down. These points solve for both by
/// least squares (Lucas, Kanade, "An iterative image registration technique", 1981), with the points left out that
/// something covers.
struct ShakePoints: Hashable, Sendable {
    private struct Point: Hashable, Sendable {
        let index: Int32
        let level: Int16
        /// Grey levels over two pixels.
        let across: Int16
        let down: Int16
        /// A point further off than this, in grey levels, does not lie where it should.
        let tolerance: Int16
    }

    private var points: [Point] = []
    private let stride: Int
    private let reach: Int
    private let margin: Int
    private let width: Int
    private let height: Int
    private let capacity: Int

    private static let cell = 8
    private static let fewest = 40
    /// The whole reach is searched by about so many.
    private static let few = 64
    /// The cost of a true shift is at most this part of that of a false one.
    private static let distinct = 0.75
    /// Whole shifts and light are judged by one of so many points.
    private static let sparse = 3
    private static let flattest = 8
    private static let rounds = 3
    /// Of all points so many have to lie where they should.
    private static let least = 0.3
    /// Below this part of the squared trace the determinant says that all edges run one way.
    private static let oneWay = 0.01

    /// - Parameter reach: pixels of the longest shift, each way.
    init(layout: GridLayout, reach: Int) {
        stride = layout.stride
        (width, height) = (layout.width, layout.height)
        self.reach = reach
        margin = reach + 2
        let across = max(0, width - 2 * margin) / Self.cell
        capacity = across * (max(0, height - 2 * margin) / Self.cell)
        points.reserveCapacity(capacity)
    }

    var isEnough: Bool { points.count >= Self.fewest }

    /// Chooses the points anew. Cells in turn prefer edges that fall to the left and to the right, so that a long edge
    /// is not all there is.
    mutating func learn(from picture: UnsafePointer<UInt8>) {
        points.removeAll(keepingCapacity: true)
        var isRising = false
        for top in Swift.stride(from: margin, through: height - margin - Self.cell, by: Self.cell) {
            for left in Swift.stride(from: margin, through: width - margin - Self.cell, by: Self.cell) {
                isRising.toggle()
                if let point = steepest(picture, left, top, isRising) { points.append(point) }
            }
        }
    }

    private func steepest(_ picture: UnsafePointer<UInt8>, _ left: Int, _ top: Int, _ isRising: Bool) -> Point? {
        var (best, most) = (0, 0)
        for y in Swift.stride(from: top, to: top + Self.cell, by: 2) {
            for index in Swift.stride(from: y * stride + left, to: y * stride + left + Self.cell, by: 2) {
                let (across, down) = slope(picture, index)
                let size = abs(across) + abs(down)
                let value = (across * down > 0) == isRising ? 2 * size : size
                if size >= Self.flattest, value > most { (best, most) = (index, value) }
            }
        }
        if most == 0 { return nil }
        let (across, down) = slope(picture, best)
        return Point(
            index: Int32(best), level: Int16(picture[best]), across: Int16(across), down: Int16(down),
            tolerance: Int16(max(4, (abs(across) + abs(down)) / 3)))
    }

    private func slope(_ picture: UnsafePointer<UInt8>, _ index: Int) -> (across: Int, down: Int) {
        (
            Int(picture[index + 1]) - Int(picture[index - 1]),
            Int(picture[index + stride]) - Int(picture[index - stride])
        )
    }

    /// How far apart picture and background are at a whole shift, on one of `step` points; a covered point counts no more
    /// than a moderate one.
    private func cost(_ picture: UnsafePointer<UInt8>, _ gain: Int, _ place: (x: Int, y: Int), _ step: Int) -> Int {
        let offset = place.y * stride + place.x
        var sum = 0
        for number in Swift.stride(from: 0, to: points.count, by: step) {
            let point = points[number]
            let difference = abs(Int(picture[Int(point.index) + offset]) - (Int(point.level) * gain) >> 8)
            sum += min(difference, 3 * Int(point.tolerance))
        }
        return sum
    }

    /// The shift over the whole reach.
    func search(_ picture: UnsafePointer<UInt8>) -> (x: Double, y: Double)? {
        guard isEnough else { return nil }
        let gain = light(picture, (0, 0))
        let step = max(1, points.count / Self.few)
        var (best, lowest) = ((x: 0, y: 0), Int.max)
        for y in Swift.stride(from: -reach, through: reach, by: 2) {
            for x in Swift.stride(from: -reach, through: reach, by: 2) {
                let value = cost(picture, gain, (x, y), step)
                if value < lowest { (best, lowest) = ((x, y), value) }
            }
        }
        return shift(of: picture, from: best)
    }

    /// The shift by steps from the better of a whole shift within the reach and none.
    ///
    /// - Returns: the shift in pixels; nil where too few points lie where they should, where they would do so elsewhere
    ///   as well, and where all edges run one way.
    func shift(of picture: UnsafePointer<UInt8>, from start: (x: Int, y: Int)) -> (x: Double, y: Double)? {
        guard isEnough else { return nil }
        let gain = light(picture, start)
        var (place, lowest) = (start, cost(picture, gain, start, Self.sparse))
        func consider(_ next: (x: Int, y: Int)) {
            guard abs(next.x) <= reach, abs(next.y) <= reach else { return }
            let value = cost(picture, gain, next, Self.sparse)
            if value < lowest { (place, lowest) = (next, value) }
        }
        if start != (0, 0) { consider((0, 0)) }
        var isMoving = true
        while isMoving {
            let centre = place
            for y in -1...1 {
                for x in -1...1 where x != 0 || y != 0 { consider((centre.x + x, centre.y + y)) }
            }
            isMoving = place != centre
        }
        // A few pixels further in, where the points know nothing of, they must lie clearly worse.
        let aside = min(5, reach + 1)
        let x = place.x > 0 ? place.x - aside : place.x + aside
        let y = place.y > 0 ? place.y - aside : place.y + aside
        let elsewhere =
            cost(picture, gain, (x, place.y), Self.sparse) + cost(picture, gain, (place.x, y), Self.sparse)
            + cost(picture, gain, (x, y), Self.sparse)
        guard Double(3 * lowest) <= Self.distinct * Double(elsewhere) else { return nil }
        return refined(picture, gain, (Double(place.x), Double(place.y)))
    }

    /// The median factor of the points' light, 8.8 fixed point; from a whole shift that is near enough. By halving: which
    /// of the points are brighter needs no memory.
    private func light(_ picture: UnsafePointer<UInt8>, _ place: (x: Int, y: Int)) -> Int {
        let offset = place.y * stride + place.x
        var (low, high) = (64, 1024)
        while high - low > 4 {
            let middle = (low + high) / 2
            var (brighter, count) = (0, 0)
            for number in Swift.stride(from: 0, to: points.count, by: Self.sparse) {
                let point = points[number]
                count += 1
                if Int(picture[Int(point.index) + offset]) << 8 > Int(point.level) * middle { brighter += 1 }
            }
            if brighter * 2 > count { low = middle } else { high = middle }
        }
        let gain = (low + high) / 2
        return abs(gain - 256) < 8 ? 256 : gain
    }

    private func refined(
        _ picture: UnsafePointer<UInt8>, _ gain: Int, _ start: (x: Double, y: Double)
    ) -> (x: Double, y: Double)? {
        var shift = start
        for round in 0..<Self.rounds {
            let (x, y) = (Int((shift.x * 16).rounded()), Int((shift.y * 16).rounded()))
            guard abs(x) <= reach * 16 + 8, abs(y) <= reach * 16 + 8 else { return nil }
            let sums = equations(picture, gain, x, y)
            let trace = sums.xx + sums.yy
            let determinant = sums.xx * sums.yy - sums.xy * sums.xy
            guard Double(sums.count) >= Self.least * Double(points.count), determinant > Self.oneWay * trace * trace
            else { return nil }
            // Slopes are over two pixels, hence twice.
            shift.x = Double(x) / 16 - 2 * (sums.yy * sums.xd - sums.xy * sums.yd) / determinant
            shift.y = Double(y) / 16 - 2 * (sums.xx * sums.yd - sums.xy * sums.xd) / determinant
            let isThere = abs(shift.x * 16 - Double(x)) < 0.5 && abs(shift.y * 16 - Double(y)) < 0.5
            if isThere || round == Self.rounds - 1 { break }
        }
        let most = Double(reach)
        return abs(shift.x - start.x) <= 2 && abs(shift.y - start.y) <= 2 && abs(shift.x) <= most
            && abs(shift.y) <= most ? shift : nil
    }

    private struct Equations {
        var xx = 0.0
        var xy = 0.0
        var yy = 0.0
        var xd = 0.0
        var yd = 0.0
        var count = 0
    }

    /// The normal equations over the points that lie where they should, at a shift in sixteenths of a pixel.
    private func equations(_ picture: UnsafePointer<UInt8>, _ gain: Int, _ x: Int, _ y: Int) -> Equations {
        let offset = (y >> 4) * stride + x >> 4
        let (right, low) = (x & 15, y & 15)
        var (xx, xy, yy, xd, yd, count) = (0, 0, 0, 0, 0, 0)
        for point in points {
            let place = picture + (Int(point.index) + offset)
            let above = Int(place[0]) * (16 - right) + Int(place[1]) * right
            let below = Int(place[stride]) * (16 - right) + Int(place[stride + 1]) * right
            // In 1/256 grey levels.
            let difference = above * (16 - low) + below * low - Int(point.level) * gain
            if abs(difference) > Int(point.tolerance) << 8 { continue }
            let (across, down) = (Int(point.across), Int(point.down))
            xx += across * across
            xy += across * down
            yy += down * down
            xd += across * difference
            yd += down * difference
            count += 1
        }
        let scale = 1.0 / 256
        return Equations(
            xx: Double(xx), xy: Double(xy), yy: Double(yy), xd: Double(xd) * scale, yd: Double(yd) * scale, count: count
        )
    }
}
