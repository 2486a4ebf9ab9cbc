import Scene
import TestSupport

/// Drawn scenes of what is left behind and what is carried off.
extension GoldenScene {
    static let resting = [leftObject, attendedObject, removedObject, lightOnTheGround]

    /// Comes in from the left with a bag, stands for two seconds, puts it down and goes out to the right.
    static let leftObject = GoldenScene(
        name: "left-object", seconds: 30, findings: ["floor object_left"]
    ) { time, brush in
        brush.fill(rows: stones)
        let left = time < 7 ? min(0.3, -0.15 + (time - 3) * 0.2) : 0.3 + (time - 7) * 0.2
        brush.person(left: left)
        if time >= 6.5, time < 26 { brush.bag(left: 0.32, luma: 35) }
    }

    /// Stands by the bag all the time, and takes it along.
    static let attendedObject = GoldenScene(name: "attended-object", seconds: 24, findings: []) { time, brush in
        brush.fill(rows: stones)
        let left = time < 20 ? min(0.3, -0.15 + (time - 3) * 0.2) : 0.3 - (time - 20) * 0.2
        brush.person(left: left)
        if (6.5..<20).contains(time) { brush.bag(left: 0.41, luma: 35) }
    }

    /// Comes in, stands before a thing that was there from the start and goes out with it.
    static let removedObject = GoldenScene(
        name: "removed-object", seconds: 30, findings: ["shelf object_removed"]
    ) { time, brush in
        brush.fill(rows: stones)
        if time < 16 { brush.bag(left: 0.5, luma: 230) }
        brush.person(left: time < 16 ? min(0.45, -0.15 + (time - 11) * 0.2) : 0.45 - (time - 16) * 0.2, luma: 40)
    }

    /// A lamp lights a part of a ground with stones for a while.
    static let lightOnTheGround = GoldenScene(name: "light-on-the-ground", seconds: 20, findings: []) { time, brush in
        brush.fill { x, y in
            let stone = stones[y * size.width + x]
            let isLit = (6..<14).contains(time) && (60..<96).contains(x) && (70..<96).contains(y)
            return isLit ? stone + stone / 2 : stone
        }
    }

    /// No two places look alike: a camera that shakes is told from one that does not.
    private static let stones: [UInt8] = {
        var random = SeededRandom(seed: 11)
        let levels = (0..<32 * 30).map { _ in UInt8(80 + random.next() % 60) }
        return (0..<size.width * size.height).map { levels[$0 / size.width / 4 * 32 + $0 % size.width / 5] }
    }()
}

extension DrawnFootage.Brush {
    fileprivate func person(left: Double, luma: UInt8 = 210) {
        let right = min(left + 0.1, 1)
        fill(Box(x: max(0, left), y: 0.35, width: max(0, right - max(0, left)), height: 0.4), luma: luma)
    }

    fileprivate func bag(left: Double, luma: UInt8) {
        fill(Box(x: left, y: 0.68, width: 0.08, height: 0.08), luma: luma)
    }
}
