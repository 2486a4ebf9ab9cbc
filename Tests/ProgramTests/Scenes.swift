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
    private static let encoded = Result { try ["mp4", "mkv"].map { try encode("walk.\($0)") } }

    private static func encode(_ name: String, size: PictureSize = size) throws -> String {
        try DrawnFootage(
            size: size, frameRate: frameRate, pictureCount: Int(length * frameRate),
            form: .camera(.h264, keyframeDistance: 15), paint: paint
        ).write(to: folder.get().file(name))
    }

    /// Path of the footage, as mp4 or mkv.
    static func walk(form: String = "mp4") throws -> String {
        try encoded.get().first { $0.hasSuffix(form) } ?? ""
    }

    /// A simulator that serves the scene as `sub`, and twice as large as `main`.
    static func cameraWithTwoStreams(options: [String] = []) throws -> SimulatedCamera {
        try SimulatedCamera.serving(["sub=\(walk())", "main=\(large.get())"], options: options)
    }

    static let largeSize = PictureSize(width: 2 * size.width, height: 2 * size.height)
    private static let large = Result { try encode("large.mp4", size: largeSize) }

    /// A simulator that serves the scene under each name.
    static func camera(_ names: String..., options: [String] = []) throws -> SimulatedCamera {
        let file = try walk()
        return try SimulatedCamera.serving(names.map { "\($0)=\(file)" }, options: options)
    }
}

/// Reads what a JPEG says of itself.
enum JPEG {
    /// Size by the frame header of a whole baseline or progressive picture; nil for anything else.
    static func size(of bytes: [UInt8]) -> PictureSize? {
        guard bytes.starts(with: [0xFF, 0xD8]), bytes.suffix(2) == [0xFF, 0xD9] else { return nil }
        var place = 2
        while place + 9 < bytes.count, bytes[place] == 0xFF {
            if (0xC0...0xC2).contains(bytes[place + 1]) {
                let number = { (offset: Int) in Int(bytes[place + offset]) << 8 | Int(bytes[place + offset + 1]) }
                return PictureSize(width: number(7), height: number(5))
            }
            place += 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
        }
        return nil
    }
}
