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

    /// A fixed pattern of tiles of two sizes, each with a grey level of its own.
    private func tile(_ x: Int, _ y: Int, _ seed: Int) -> Int {
        var value = UInt64(bitPattern: Int64(x &* 73_856_093 ^ y &* 19_349_663 ^ seed &* 83_492_791))
        value = (value ^ value >> 15) &* 0x9E37_79B9_7F4A_7C15
        return Int(value >> 58)
    }

    private func ground(_ x: Int, _ y: Int) -> Double {
        let (px, py) = view == .usual ? (x, y) : (y + 900, x * 2 + 700)
        let coarse = tile(px / 12, py / 10, 1)
        let level = 70 + coarse + tile(px / 3, py / 4, 2) / 2
        return isInfrared ? Double(70 + (63 - coarse) + tile(px / 3, py / 4, 5) / 2) : Double(level)
    }

    private func gain(_ x: Int, _ y: Int) -> Double {
        var gain = x < size.width / 2 ? light.left : light.right
        if let patch {
            let (dx, dy) = (Double(x) - patch.x, Double(y) - patch.y)
            if dx * dx + dy * dy < patch.radius * patch.radius { gain *= patch.gain }
        }
        return gain
    }

    mutating func picture() -> [UInt8] {
        let (width, height) = (size.width, size.height)
        var levels = [Double](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                levels[y * width + x] = ground(x + shift.x, y + shift.y) * gain(x, y) * (1 - fog) + 180 * fog
            }
        }
        for box in boxes {
            for y in Int(box.y)..<Int(box.y) + box.height where (0..<height).contains(y) {
                for x in Int(box.x)..<Int(box.x) + box.width where (0..<width).contains(x) {
                    levels[y * width + x] = Double(box.level) * gain(x, y)
                }
            }
        }
        if softness > 0 { soften(&levels) }
        if let cover {
            for index in 0..<(Int(Double(height) * cover.share) * width) { levels[index] = Double(cover.level) }
        }
        let noise = noiseLevel
        return levels.map { level in
            let added = noise > 0 ? next() % (2 * noise + 1) - noise : 0
            return UInt8(min(max(Int(level) + added, 0), 255))
        }
    }

    /// Mean of `2 * softness + 1` neighbours, across and then down.
    private func soften(_ levels: inout [Double]) {
        let (width, height, reach) = (size.width, size.height, softness)
        for step in [1, width] {
            var out = levels
            for y in 0..<height {
                for x in 0..<width {
                    let (place, limit) = step == 1 ? (x, width) : (y, height)
                    let (low, high) = (max(place - reach, 0), min(place + reach, limit - 1))
                    let index = y * width + x
                    var sum = 0.0
                    for other in low...high { sum += levels[index + (other - place) * step] }
                    out[index] = sum / Double(high - low + 1)
                }
            }
            levels = out
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
