import Media
import Scene
import TestSupport

/// The drawn scene of these tests: a box comes in from the left, crosses the line `path`, paces about in the zone
/// `yard` and leaves to the right; then nothing for longer than an episode needs to close. The simulator begins it
/// anew for each connection.
enum Scenes {
    static let frameRate = 15.0
    /// Seconds of the walk, and of the whole loop.
    static let length = 22.0
    static let size = PictureSize(width: 160, height: 120)
    static let fences = [
        "{ id: path, kind: line, points: [[0.3,0.05],[0.3,0.95]], direction: any }",
        "{ id: yard, kind: zone, points: [[0.45,0.1],[1,0.1],[1,1],[0.45,1]], anchor: foot }"
    ]

    /// Left edge of the box at a second of the loop; nil while there is none.
    private static func left(at second: Double) -> Double? {
        switch second {
        case 2..<5: -0.15 + (second - 2) * 0.25
        case 5..<9: 0.6 + 0.15 * abs((second - 5).truncatingRemainder(dividingBy: 2) - 1) - 0.15
        case 9..<11: 0.6 + (second - 9) * 0.25
        default: nil
        }
    }

    private static let paint: @Sendable (Int, borrowing DrawnFootage.Brush) -> Void = { index, brush in
        guard let left = left(at: Double(index) / frameRate) else { return }
        let right = min(1, left + 0.12)
        brush.fill(Box(x: max(0, left), y: 0.35, width: max(0, right - max(0, left)), height: 0.4), luma: 220)
    }

    /// Encoded once for all tests.
    private static let folder = Result { try ScratchFolder() }
    private static let encoded = Result {
        try DrawnFootage(
            size: size, frameRate: frameRate, pictureCount: Int(length * frameRate),
            form: .camera(.h264, keyframeDistance: 15), paint: paint
        ).write(to: folder.get().file("walk.mp4"))
    }

    /// Path of the footage.
    static func walk() throws -> String { try encoded.get() }

    /// A simulator that serves the scene under each name.
    static func camera(_ names: String..., options: [String] = []) throws -> SimulatedCamera {
        let file = try walk()
        return try SimulatedCamera.serving(names.map { "\($0)=\(file)" }, options: options)
    }
}
