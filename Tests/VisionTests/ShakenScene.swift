import Kernels
import Scene

@testable import Vision

/// A world without end that a camera looks at from a place that moves by fractions of a pixel: patches of light and dark
/// that nowhere repeat, noise of the sensor, boxes that stand in the world.
struct ShakenScene {
    /// How the ground looks.
    enum Ground {
        case patches(seed: UInt64)
        /// Upright stripes, one every so many pixels.
        case stripes(period: Double)
        case flat
    }

    let size = PictureSize(width: 160, height: 120)
    var ground = Ground.patches(seed: 1)
    /// The world lies so many pixels further right and down than at first.
    var offset = (x: 0.0, y: 0.0)
    /// Left, top, width, height in the world, grey level.
    var boxes: [(x: Double, y: Double, width: Double, height: Double, level: Int)] = []
    private var noise: UInt64 = 1

    private static let cell = 5.0

    init(_ ground: Ground = .patches(seed: 1)) { self.ground = ground }

    mutating func picture() -> [UInt8] {
        let row = rowOfLevels()
        return (0..<size.height).flatMap { y in (0..<size.width).map { x in row(x, y) } }.map { level in
            noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(min(max(level + Double(noise >> 62), 0), 255))
        }
    }

    private func rowOfLevels() -> (Int, Int) -> Double {
        let (ground, offset, boxes) = (ground, offset, boxes)
        return { x, y in
            let (u, v) = (Double(x) - offset.x, Double(y) - offset.y)
            for box in boxes where u >= box.x && u < box.x + box.width && v >= box.y && v < box.y + box.height {
                return Double(box.level)
            }
            switch ground {
            case .flat: return 110
            case .stripes(let period):
                let phase = u / period - (u / period).rounded(.down)
                return 80 + 80 * abs(2 * phase - 1)
            case .patches(let seed): return Self.patch(u / Self.cell, v / Self.cell, seed)
            }
        }
    }

    /// Grey levels on a lattice, and straight between its points.
    private static func patch(_ u: Double, _ v: Double, _ seed: UInt64) -> Double {
        let (left, top) = (u.rounded(.down), v.rounded(.down))
        func point(_ x: Double, _ y: Double) -> Double {
            var z = seed &+ UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15
            z = (z ^ (z >> 29)) &+ UInt64(bitPattern: Int64(y)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 31)) &* 0x94D0_49BB_1331_11EB
            return 60 + Double(z >> 57)
        }
        let above = point(left, top) * (1 - u + left) + point(left + 1, top) * (u - left)
        let below = point(left, top + 1) * (1 - u + left) + point(left + 1, top + 1) * (u - left)
        return above * (1 - v + top) + below * (v - top)
    }
}

/// Wind on a pole: waves of several frequencies, as sums of parabolic arcs.
func sway(_ time: Double, most: Double) -> (x: Double, y: Double) {
    func wave(_ hertz: Double, _ phase: Double) -> Double {
        let turn = time * hertz + phase
        let part = turn - turn.rounded(.down)
        return part < 0.5 ? 16 * part * (0.5 - part) : -16 * (part - 0.5) * (1 - part)
    }
    return (
        most * (0.6 * wave(0.4, 0) + 0.3 * wave(1.7, 0.2) + 0.1 * wave(4.3, 0.4)),
        most * (0.4 * wave(0.7, 0.1) + 0.2 * wave(2.3, 0.3))
    )
}

/// Runs pictures at `rate` a second from `start`; `update` moves the scene before each.
func run(
    _ analyzer: FrameAnalyzer, _ scene: inout ShakenScene, from start: Double, for seconds: Double, rate: Double = 10,
    _ update: (inout ShakenScene, Double) -> Void = { _, _ in }
) -> [Observation] {
    (0..<Int(seconds * rate)).map { index in
        let time = start + Double(index) / rate
        update(&scene, time)
        return analyzer.analyze(scene.picture(), seconds: time)
    }
}

extension FrameAnalyzer {
    /// In pixels of a picture of 160 x 120.
    var shiftInPixels: (x: Double, y: Double) { (cameraShift.x * 160, cameraShift.y * 120) }

    func mask() -> [UInt8] {
        var mask = [UInt8](repeating: 7, count: source.width * source.height)
        drawMask(into: &mask, width: source.width, height: source.height, stride: source.width)
        return mask
    }
}
