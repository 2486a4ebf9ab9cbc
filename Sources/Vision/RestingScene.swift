internal import KernelAPI

/// One picture as resting regions are compared with it.
struct RestingScene {
    let image: Plane<UInt8>
    let foreground: Plane<UInt64>
    let background: BackgroundModel
    let layout: GridLayout

    /// Grid pixels between a region's box and the ground that tells the light.
    private static let ringGap = 4
    private static let ringLeast = 8
    private static let lights: ClosedRange<Int32> = 128...512
    /// Less of a change is none.
    private static let lightLeast: Int32 = 10

    func isForeground(_ x: Int, _ y: Int) -> Bool {
        foreground.base[y * layout.rowWords + x / 64] >> UInt64(x % 64) & 1 == 1
    }

    /// Under a confirmed track, mostly.
    func isHeld(_ place: RestingPlace) -> Bool {
        var held = 0
        for index in 0..<place.sampleCount where background.hold.base[Int(place.samples[index].place)] != 0 {
            held += 1
        }
        return held * 2 >= place.sampleCount
    }

    func vote(on place: RestingPlace, followsLight: Bool) -> RestingVote {
        let light = followsLight ? light(around: place) : 256
        var vote = RestingVote()
        for index in 0..<place.sampleCount {
            let sample = place.samples[index]
            vote.add(image.base[Int(sample.place)], sample, light: light)
        }
        return vote
    }

    /// How the ground around is lit, in 1/256 of what it was.
    private func light(around place: RestingPlace) -> Int32 {
        var (count, now, usual) = (0, Int32(0), Int32(0))
        for index in 0..<place.ringCount {
            let sample = place.ring[index]
            let spot = Int(sample.place)
            if isForeground(spot % layout.stride, spot / layout.stride) { continue }
            count += 1
            now += Int32(image.base[spot])
            usual += Int32(sample.now)
        }
        guard count >= Self.ringLeast, usual > 0 else { return 256 }
        let light = min(max(256 * now / usual, Self.lights.lowerBound), Self.lights.upperBound)
        return abs(light - 256) <= Self.lightLeast ? 256 : light
    }

    /// Notes ground around the region that nothing stands on now.
    func sampleRing(_ place: inout RestingPlace, claim: Plane<UInt8>) {
        let (left, right) = (place.left - Self.ringGap, place.right - 1 + Self.ringGap)
        let (top, bottom) = (place.top - Self.ringGap, place.bottom - 1 + Self.ringGap)
        let round = 2 * (right - left + bottom - top)
        let step = max(1, (round + RestingPlace.ringLimit - 1) / RestingPlace.ringLimit)
        for way in stride(from: 0, to: round, by: step) where place.ringCount < RestingPlace.ringLimit {
            let half = way % (right - left + bottom - top)
            let isFirst = half == way
            let (across, down) = (min(half, right - left), max(0, half - (right - left)))
            let (x, y) = isFirst ? (left + across, top + down) : (right - across, bottom - down)
            guard (0..<layout.width).contains(x), (0..<layout.height).contains(y), !isForeground(x, y) else { continue }
            let spot = y * layout.stride + x
            guard claim.base[spot] == 0 else { continue }
            place.ring[place.ringCount] = RestingPlace.Sample(place: Int32(spot), now: image.base[spot])
            place.ringCount += 1
        }
    }
}

/// What the pixels of a region say of its nature.
struct RestingOutline {
    private let still: StillPixels
    private let layout: GridLayout

    /// Grid pixels to what is clearly outside of a region, or inside.
    private static let outside = 2
    private static let texturedVariance = 6.0
    private static let lightLikeness = 0.85
    private static let innerLeast = 24
    /// Grey levels within which the background of some time ago is what is missed now.
    private static let known = 14

    init(_ still: StillPixels) {
        self.still = still
        layout = still.layout
    }

    /// The border where the ground outside can be seen.
    func border(of place: RestingPlace, _ slot: Int, _ scene: RestingScene) -> RestingBorder {
        var border = RestingBorder()
        let label = UInt8(slot + 1)
        for y in place.top..<place.bottom {
            for x in place.left..<place.right where still.claim.base[y * layout.stride + x] == label {
                measure(x, y, -1, 0, label, scene, &border)
                measure(x, y, 1, 0, label, scene, &border)
                measure(x, y, 0, -1, label, scene, &border)
                measure(x, y, 0, 1, label, scene, &border)
            }
        }
        return border
    }

    private func measure(
        _ x: Int, _ y: Int, _ dx: Int, _ dy: Int, _ label: UInt8, _ scene: RestingScene, _ border: inout RestingBorder
    ) {
        let (farX, farY) = (x + Self.outside * dx, y + Self.outside * dy)
        guard (0..<layout.width).contains(farX), (0..<layout.height).contains(farY) else { return }
        let spot = y * layout.stride + x
        let direction = dy * layout.stride + dx
        guard still.claim.base[spot + direction] != label else { return }
        let far = spot + Self.outside * direction
        guard still.claim.base[far] != label else { return }
        if scene.isForeground(farX, farY) {
            border.skip()
            return
        }
        // One pixel inside, where there is one: the outermost is blurred.
        let back = spot - direction
        let isInside =
            x > 0 && y > 0 && x + 1 < layout.width && y + 1 < layout.height && still.claim.base[back] == label
        let near = isInside ? back : spot
        border.add(
            inside: (scene.image.base[near], still.origin.base[near]),
            outside: (scene.image.base[far], UInt8(truncatingIfNeeded: scene.background.mean.base[far] >> 8)))
    }

    /// The texture of what was there before shows through: a lamp, the sun, a shadow.
    func isOnlyLight(_ place: RestingPlace?, _ slot: Int) -> Bool {
        guard let place else { return false }
        let label = UInt8(slot + 1)
        let (claim, stride) = (still.claim.base, layout.stride)
        var (n, a, b, aa, bb, ab) = (0, 0, 0, 0, 0, 0)
        let inner = Self.outside
        for y in max(inner, place.top)..<max(inner, min(layout.height - inner, place.bottom)) {
            for x in max(inner, place.left)..<max(inner, min(layout.width - inner, place.right)) {
                let spot = y * stride + x
                // The outermost pixels are blurred with what is around.
                guard claim[spot] == label, claim[spot - inner] == label, claim[spot + inner] == label,
                    claim[spot - inner * stride] == label, claim[spot + inner * stride] == label
                else { continue }
                let (now, before) = (Int(still.level.base[spot]), Int(still.origin.base[spot]))
                n += 1
                a += now
                b += before
                aa += now * now
                bb += before * before
                ab += now * before
            }
        }
        guard n >= Self.innerLeast else { return false }
        let variance = Double(n * aa - a * a) / Double(n * n)
        let usual = Double(n * bb - b * b) / Double(n * n)
        let shared = Double(n * ab - a * b) / Double(n * n)
        guard usual >= Self.texturedVariance, variance >= 1 else { return false }
        return shared >= Self.lightLikeness * (variance * usual).squareRoot()
    }

    /// What is missed was there for a good while.
    func belongsToScene(_ place: RestingPlace?) -> Bool {
        guard let place, place.sampleCount > 0 else { return false }
        var known = 0
        for index in 0..<place.sampleCount {
            let sample = place.samples[index]
            let before = Int(still.older.base[Int(sample.place)])
            if abs(before - Int(sample.before)) <= Self.known { known += 1 }
        }
        return known * 5 >= place.sampleCount * 3
    }
}

extension StillPixels {
    /// Grey levels by which a pixel tells the thing from what was there before.
    private static let telling = 10

    /// Notes pixels, spread over the region, that tell the thing from what was there before.
    func sample(_ place: inout RestingPlace, _ label: UInt8) {
        func isTelling(_ spot: Int) -> Bool {
            claim.base[spot] == label && abs(Int(level.base[spot]) - Int(origin.base[spot])) >= Self.telling
        }
        var telling = 0
        for y in place.top..<place.bottom {
            for spot in y * layout.stride + place.left..<y * layout.stride + place.right where isTelling(spot) {
                telling += 1
            }
        }
        let step = max(1, (telling + RestingPlace.sampleLimit - 1) / RestingPlace.sampleLimit)
        var number = 0
        for y in place.top..<place.bottom {
            for spot in y * layout.stride + place.left..<y * layout.stride + place.right where isTelling(spot) {
                defer { number += 1 }
                guard number % step == 0 else { continue }
                place.samples[place.sampleCount] = RestingPlace.Sample(
                    place: Int32(spot), now: level.base[spot], before: origin.base[spot])
                place.sampleCount += 1
            }
        }
    }

    /// The region's pixels belong to none any more.
    /// - Parameter keeping: what is still there may become a region again at once.
    func release(_ place: RestingPlace, _ label: UInt8, keeping: Bool) {
        for y in place.top..<place.bottom {
            for spot in y * layout.stride + place.left..<y * layout.stride + place.right where claim.base[spot] == label
            {
                claim.base[spot] = 0
                if !keeping { age.base[spot] = 0 }
            }
        }
    }

    /// Pixels of the region that look as before begin anew.
    func forgetGone(_ place: RestingPlace, _ label: UInt8, _ image: Plane<UInt8>) {
        for y in place.top..<place.bottom {
            for spot in y * layout.stride + place.left..<y * layout.stride + place.right where claim.base[spot] == label
            {
                let now = Int(image.base[spot])
                if abs(now - Int(origin.base[spot])) < abs(now - Int(level.base[spot])) { age.base[spot] = 0 }
            }
        }
    }
}
