import Kernels
import Scene

@testable import Vision

/// A drawn view with structure at every scale, lights, weather and a lens that can fail: what scene health judges.
struct HealthScene {
    enum View { case usual, other }

    let size = PictureSize(width: 160, height: 128)
    var view = View.usual
    var noiseLevel = 2
    /// Gain of the light, left and right half.
    var light = (left: 1.0, right: 1.0)
    var softness = 0
    var shift = (x: 0, y: 0)
    /// Dark and light materials change places, their borders stay.
    var isInfrared = false
    /// Share of the height, from the top, that something plain hides, and its level.
    var cover: (share: Double, level: Int)?
    /// Left, top, width, height, level of boxes.
    var boxes: [(x: Double, y: Double, width: Int, height: Int, level: Int)] = []
    /// A round bright patch, like a headlight's on a wall: centre, radius, gain.
    var patch: (x: Double, y: Double, radius: Double, gain: Double)?
    var fog = 0.0
    private var random: UInt64 = 1

    private mutating func next() -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(random >> 40)
    }

    // MARK: Ground

    /// Room on every side of the drawn ground, so that the camera can be shifted.
    private static let margin = 4
    private static let usualGround = drawGround { ($0, $1) }
    private static let otherGround = drawGround { ($1 + 900, $0 * 2 + 700) }
    /// Every material has changed its brightness, what was the darker of two neighbours is the lighter one now.
    private static let infraredGround = usualGround.map { 40 + (164 - $0) * 9 / 10 }

    /// A fixed pattern of tiles of two sizes, each with a grey level of its own.
    private static func tile(_ x: Int, _ y: Int, _ seed: Int) -> Int {
        var value = UInt64(bitPattern: Int64(x &* 73_856_093 ^ y &* 19_349_663 ^ seed &* 83_492_791))
        value = (value ^ value >> 15) &* 0x9E37_79B9_7F4A_7C15
        return Int(value >> 58)
    }

    private static func drawGround(_ place: (Int, Int) -> (x: Int, y: Int)) -> [Int] {
        let size = HealthScene().size
        var levels: [Int] = []
        for y in -margin..<size.height + margin {
            for x in -margin..<size.width + margin {
                let (px, py) = place(x, y)
                levels.append(70 + tile(px / 12, py / 10, 1) + tile(px / 3, py / 4, 2) / 2)
            }
        }
        return levels
    }

    /// Numbers 0…65535 without order, drawn once: a picture's noise begins anywhere in them.
    private static let noise: [Int] = {
        var scene = HealthScene()
        return (0..<65_536).map { _ in scene.next() & 0xFFFF }
    }()

    private var ground: [Int] {
        switch view {
        case .usual: isInfrared ? Self.infraredGround : Self.usualGround
        case .other: Self.otherGround
        }
    }

    // MARK: Picture

    private func gain(_ x: Int, _ y: Int) -> Double {
        var gain = x < size.width / 2 ? light.left : light.right
        if let patch {
            let (dx, dy) = (Double(x) - patch.x, Double(y) - patch.y)
            if dx * dx + dy * dy < patch.radius * patch.radius { gain *= patch.gain }
        }
        return gain
    }

    /// Plain loops over whole numbers: tests draw thousands of pictures without optimisation.
    mutating func picture() -> [UInt8] {
        var levels = litGround()
        let (width, height) = (size.width, size.height)
        for box in boxes {
            for y in Int(box.y)..<Int(box.y) + box.height where (0..<height).contains(y) {
                for x in Int(box.x)..<Int(box.x) + box.width where (0..<width).contains(x) {
                    levels[y * width + x] = Int(Double(box.level) * gain(x, y))
                }
            }
        }
        if softness > 0 { soften(&levels) }
        if let cover {
            for index in 0..<(Int(Double(height) * cover.share) * width) { levels[index] = cover.level }
        }
        let (spread, start) = (2 * noiseLevel + 1, next())
        let level = noiseLevel
        return [UInt8](unsafeUninitializedCapacity: levels.count) { pixels, count in
            levels.withUnsafeBufferPointer { levels in
                Self.noise.withUnsafeBufferPointer { noise in
                    var index = 0
                    while index < levels.count {
                        let added = noise[(start &+ index) & 0xFFFF] % spread - level
                        let value = levels[index] &+ added
                        pixels[index] = value < 0 ? 0 : value > 255 ? 255 : UInt8(truncatingIfNeeded: value)
                        index &+= 1
                    }
                }
            }
            count = levels.count
        }
    }

    private func litGround() -> [Int] {
        let (width, height, margin) = (size.width, size.height, Self.margin)
        // In 1/256, fog mixed in.
        let gains = [light.left, light.right].map { Int($0 * (1 - fog) * 256) }
        let added = Int(180 * fog * 256)
        var levels = [Int](repeating: 0, count: width * height)
        ground.withUnsafeBufferPointer { ground in
            levels.withUnsafeMutableBufferPointer { levels in
                var index = 0
                for y in 0..<height {
                    var place = (y + margin + shift.y) * (width + 2 * margin) + margin + shift.x
                    for half in gains {
                        let end = index &+ width / 2
                        while index < end {
                            levels[index] = (ground[place] &* half &+ added) >> 8
                            index &+= 1
                            place &+= 1
                        }
                    }
                }
            }
        }
        guard let patch else { return levels }
        for y in max(0, Int(patch.y - patch.radius))..<min(height, Int(patch.y + patch.radius) + 1) {
            let (low, high) = (max(0, Int(patch.x - patch.radius)), min(width, Int(patch.x + patch.radius) + 1))
            for x in low..<max(low, high) {
                let lit = gain(x, y) / (x < width / 2 ? light.left : light.right)
                levels[y * width + x] = Int(Double(levels[y * width + x]) * lit)
            }
        }
        return levels
    }

    /// Mean of `2 * softness + 1` neighbours, across and then down.
    private func soften(_ levels: inout [Int]) {
        let (width, height, reach) = (size.width, size.height, softness)
        for step in [1, width] {
            let across = step == 1
            let source = levels
            for line in 0..<(across ? height : width) {
                let first = across ? line * width : line
                let length = across ? width : height
                var (sum, number) = (0, 0)
                for place in 0..<length + reach {
                    if place < length {
                        sum += source[first + place * step]
                        number += 1
                    }
                    if place > 2 * reach {
                        sum -= source[first + (place - 2 * reach - 1) * step]
                        number -= 1
                    }
                    if place >= reach { levels[first + (place - reach) * step] = sum / number }
                }
            }
        }
    }
}

func makeHealthAnalyzer() -> FrameAnalyzer {
    FrameAnalyzer(model: .test, source: HealthScene().size, kernels: Kernels.best)
}

/// As `run` for a drawn scene.
func run(
    _ analyzer: FrameAnalyzer, _ scene: inout HealthScene, from start: Double, for seconds: Double, rate: Double,
    _ update: (inout HealthScene, Double) -> Void = { _, _ in }
) -> [Observation] {
    (0..<Int(seconds * rate)).map { index in
        let time = start + Double(index) / rate
        update(&scene, time)
        return analyzer.analyze(scene.picture(), seconds: time)
    }
}
