import Scene

/// A busy scene drawn by code: textured ground with sensor noise, people who cross it in both directions at several
/// speeds, vehicles, a tree in the wind, patches of flicker. The same pictures for the same numbers.
struct BusyScene {
    let size: PictureSize
    private let ground: [UInt8]
    private var noise: UInt64
    private(set) var pixels: [UInt8]

    init(size: PictureSize, seed: UInt64) {
        self.size = size
        noise = seed
        var ground = [UInt8](repeating: 0, count: size.width * size.height)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let blocks = (x / 48 &* 37 &+ y / 40 &* 53) % 60
                ground[y * size.width + x] = UInt8(70 + blocks + (x * 7 + y * 3) % 17)
            }
        }
        self.ground = ground
        pixels = ground
    }

    private mutating func random() -> UInt64 {
        noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return noise >> 33
    }

    /// The picture at `seconds`, into ``pixels``.
    mutating func draw(at seconds: Double) {
        for start in stride(from: 0, to: pixels.count, by: 16) {
            var bits = random()
            for index in start..<min(start + 16, pixels.count) {
                pixels[index] = ground[index] &+ UInt8(bits & 3)
                bits >>= 2
            }
        }
        for walker in 0..<14 { drawWalker(walker, seconds) }
        for vehicle in 0..<3 { drawVehicle(vehicle, seconds) }
        drawTree(seconds)
        let flicker = Int(seconds * 12) % 3
        fill(x: size.width - 60, y: 30, width: 30, height: 22, level: UInt8(90 + 60 * flicker))
    }

    private mutating func drawWalker(_ number: Int, _ seconds: Double) {
        let height = size.height / 9 + number % 4 * 8
        let speed = Double(size.width) * (0.06 + 0.02 * Double(number % 5))
        let span = Double(size.width + 120)
        let way = (speed * seconds + Double(number) * 97).truncatingRemainder(dividingBy: span)
        let x = Int(number % 2 == 0 ? way - 60 : span - way - 60)
        let y = size.height / 6 + number * (size.height * 3 / 5) / 14
        let level = UInt8(number % 3 == 0 ? 20 : 190 + number * 4)
        fill(x: x, y: y, width: height / 3, height: height, level: level)
        fill(x: x + height / 12, y: y - height / 5, width: height / 6, height: height / 6, level: level)
    }

    private mutating func drawVehicle(_ number: Int, _ seconds: Double) {
        let span = Double(size.width + 400)
        let way = (Double(size.width) * 0.35 * seconds + Double(number) * 300).truncatingRemainder(dividingBy: span)
        fill(
            x: Int(way) - 200, y: size.height * 7 / 8 - number * 30, width: 110, height: 44,
            level: UInt8(30 + number * 90))
    }

    private mutating func drawTree(_ seconds: Double) {
        for branch in 0..<24 {
            let phase = Int(seconds * 9) + branch * 5
            let sway = abs(phase % 12 - 6)
            fill(
                x: 20 + branch % 6 * 12 + sway, y: 20 + branch / 6 * 18, width: 5, height: 9,
                level: UInt8(40 + branch * 3))
        }
    }

    private mutating func fill(x: Int, y: Int, width: Int, height: Int, level: UInt8) {
        let columns = max(0, x)..<max(0, x, min(size.width, x + width))
        for row in max(0, y)..<max(0, y, min(size.height, y + height)) {
            for column in columns { pixels[row * size.width + column] = level &+ ground[row * size.width + column] % 9 }
        }
    }
}
