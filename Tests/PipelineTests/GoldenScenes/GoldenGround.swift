import Scene
import TestSupport

/// What is behind everything in a drawn scene: one byte a pixel, by seconds after the first picture.
struct GoldenGround: Sendable {
    /// Darker than every ground.
    static let postLuma: UInt8 = 40

    let rows: @Sendable (_ time: Double) -> [UInt8]

    private static let (width, height) = (GoldenScene.size.width, GoldenScene.size.height)

    var mirrored: GoldenGround {
        let rows = rows
        return GoldenGround { time in
            let straight = rows(time)
            return [UInt8](unsafeUninitializedCapacity: straight.count) { pixels, count in
                var index = 0
                for y in 0..<Self.height {
                    for x in 0..<Self.width {
                        pixels[index] = straight[y &* Self.width &+ Self.width &- 1 &- x]
                        index &+= 1
                    }
                }
                count = index
            }
        }
    }

    /// A still texture: an even wall with fine structure.
    static let wall = GoldenGround { _ in even }

    /// Sensor noise of −8…+7 grey levels on every pixel of the wall.
    static let noisy = GoldenGround { time in
        var random = SeededRandom(seed: UInt64((time * 1000).rounded()))
        return even.map { UInt8(Int($0) + Int(random.next() >> 60) - 8) }
    }

    /// The wall with a lamp that is switched on and off again.
    static func lamp(_ lit: Range<Double>) -> GoldenGround {
        GoldenGround { lit.contains($0) ? brighter : even }
    }

    /// A ground with stones, and a lamp over its right half: what tells another light from a thing is that they show
    /// through.
    static func halfLamp(_ lit: Range<Double>) -> GoldenGround {
        GoldenGround { lit.contains($0) ? halfLit : stones }
    }

    /// The wall with a patch of leaves, too restless to be followed: they stir inside `box`.
    static func leaves(_ box: Box, during: Range<Double>) -> GoldenGround {
        GoldenGround { time in
            guard during.contains(time) else { return even }
            var rows = even
            let step = Int((time * GoldenScene.frameRate).rounded())
            let (left, top) = (Int(box.x * Double(width)), Int(box.y * Double(height)))
            let (right, bottom) = (left + Int(box.width * Double(width)), top + Int(box.height * Double(height)))
            for y in top..<bottom {
                for x in left..<right where (x / 3 &+ y / 3 &+ step) % 3 == 0 { rows[y * width + x] = 190 }
            }
            return rows
        }
    }

    private static let even: [UInt8] = (0..<width * height).map { index in
        let (x, y) = (index % width, index / width)
        return UInt8(100 + (x * 7 + y * 3) % 13)
    }

    private static let brighter = even.map { $0 + 70 }

    private static let stones: [UInt8] = (0..<width * height).map { index in
        let (column, row) = (index % width / 5, index / width / 4)
        return UInt8(80 + (column * 37 + row * 53 + column * row * 11) % 7 * 9)
    }

    private static let halfLit = stones.indices.map { index in
        index % width < width / 2 ? stones[index] : UInt8(Int(stones[index]) * 3 / 2)
    }
}

// MARK: A view that a lens or somebody can spoil

extension GoldenGround {
    /// What is done to the view.
    enum Trouble: Sendable {
        case none
        /// Something plain and close before the lens.
        case covered
        /// The light, as a factor in 1/256.
        case light(Int)
        case blurred
        /// The camera looks elsewhere.
        case moved
        /// The same picture again and again.
        case frozen
        /// Light and dark materials change places, their borders stay.
        case infrared
    }

    /// A view with structure at two scales and a noisy sensor, in trouble for a while.
    static func view(_ trouble: Trouble, during: Range<Double>) -> GoldenGround {
        let spoilt = spoil(trouble)
        return GoldenGround { time in
            let isSpoilt = during.contains(time)
            let seed: Double = if isSpoilt, case .frozen = trouble { during.lowerBound } else { time }
            return withNoise(isSpoilt ? spoilt : usual, seed: UInt64((seed * 1000).rounded()))
        }
    }

    private static let usual = tiles { ($0, $1) }

    private static func spoil(_ trouble: Trouble) -> [Int] {
        switch trouble {
        case .none, .frozen: usual
        case .covered: usual.map { _ in 60 }
        case .light(let factor): usual.map { $0 * factor / 256 }
        case .blurred: blurred(usual)
        case .moved: tiles { ($1 + 900, $0 * 2 + 700) }
        case .infrared: usual.map { 40 + (164 - $0) * 9 / 10 }
        }
    }

    /// Tiles of two sizes, each with a grey level of its own between 70 and 164.
    private static func tiles(_ place: (Int, Int) -> (x: Int, y: Int)) -> [Int] {
        (0..<width * height).map { index in
            let (x, y) = place(index % width, index / width)
            return 70 + level(x / 12, y / 10, 1) + level(x / 3, y / 4, 2) / 2
        }
    }

    private static func level(_ x: Int, _ y: Int, _ seed: Int) -> Int {
        var value = UInt64(bitPattern: Int64(x &* 73_856_093 ^ y &* 19_349_663 ^ seed &* 83_492_791))
        value = (value ^ value >> 15) &* 0x9E37_79B9_7F4A_7C15
        return Int(value >> 58)
    }

    private static func blurred(_ levels: [Int], reach: Int = 4) -> [Int] {
        levels.indices.map { index in
            let (x, y) = (index % width, index / width)
            var (sum, number) = (0, 0)
            for row in max(0, y - reach)...min(height - 1, y + reach) {
                for column in max(0, x - reach)...min(width - 1, x + reach) {
                    sum += levels[row * width + column]
                    number += 1
                }
            }
            return sum / number
        }
    }

    /// Numbers −2…2 without order, drawn once: a picture's noise begins anywhere in them.
    private static let noise: [Int] = {
        var random = SeededRandom(seed: 7)
        return (0..<65_536).map { _ in Int(random.next() >> 33) % 5 - 2 }
    }()

    private static func withNoise(_ levels: [Int], seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        let first = Int(random.next() >> 40)
        return [UInt8](unsafeUninitializedCapacity: levels.count) { pixels, count in
            levels.withUnsafeBufferPointer { levels in
                noise.withUnsafeBufferPointer { noise in
                    for index in 0..<levels.count {
                        let value = levels[index] &+ noise[(first &+ index) & 0xFFFF]
                        pixels[index] = value < 0 ? 0 : value > 255 ? 255 : UInt8(truncatingIfNeeded: value)
                    }
                }
            }
            count = levels.count
        }
    }
}
