import Foundation
package import Media
package import Scene

/// Footage drawn by code, encoded by libavcodec: exact scenes for tests, without a file in the repository.
package struct DrawnFootage: Sendable {
    package var size: PictureSize
    package var frameRate: Double
    package var pictureCount: Int
    package var form: VideoWriter.Form
    /// Seconds at which picture `index` is taken; nil at an even rate.
    package var times: (@Sendable (_ index: Int) -> Double)?
    /// Paints picture `index` on an even ground.
    package var paint: @Sendable (_ index: Int, _ brush: borrowing Brush) -> Void

    package init(
        size: PictureSize = PictureSize(width: 160, height: 120), frameRate: Double = 25, pictureCount: Int = 50,
        form: VideoWriter.Form = .camera(.h264, keyframeDistance: 10),
        paint: @escaping @Sendable (_ index: Int, _ brush: borrowing Brush) -> Void = DrawnFootage.crossingBox
    ) {
        self.size = size
        self.frameRate = frameRate
        self.pictureCount = pictureCount
        self.form = form
        self.paint = paint
    }

    /// A bright box that goes from left to right through the middle, once in 50 pictures.
    package static let crossingBox: @Sendable (Int, borrowing Brush) -> Void = { index, brush in
        brush.fill(Box(x: Double(index % 50) / 50, y: 0.4, width: 0.1, height: 0.3), luma: 220)
    }

    /// Writes the file and returns its path.
    @discardableResult
    package func write(to path: String, ground: UInt8 = 90) throws -> String {
        var writer = try VideoWriter(path: path, form: form, size: size, frameRate: frameRate)
        for index in 0..<pictureCount {
            var canvas = try Canvas(size: size, luma: ground)
            canvas.withPlanes { planes in paint(index, Brush(planes)) }
            try writer.append(canvas, at: .seconds(times?(index) ?? Double(index) / frameRate))
        }
        try writer.finish()
        return path
    }

    /// Writes the same as lossless grey footage (FFV1): a replay sees exactly what was painted, on every machine.
    @discardableResult
    package func writeExact(to path: String, ground: UInt8 = 90) throws -> String {
        var writer = try VideoWriter(path: path, form: .masks, size: size, frameRate: frameRate)
        for index in 0..<pictureCount {
            try writer.appendMask(at: .seconds(Double(index) / frameRate)) { pixels, stride in
                for row in 0..<size.height { (pixels + row * stride).update(repeating: ground, count: size.width) }
                paint(index, Brush(luma: pixels, stride: stride, size: size))
            }
        }
        try writer.finish()
        return path
    }

    /// Writes an even grey mask file and returns its path.
    @discardableResult
    package func writeMasks(to path: String, ground: UInt8 = 90) throws -> String {
        var writer = try VideoWriter(path: path, form: .masks, size: size, frameRate: frameRate)
        for index in 0..<pictureCount {
            try writer.appendMask(at: .seconds(Double(index) / frameRate)) { pixels, stride in
                for row in 0..<size.height { (pixels + row * stride).update(repeating: ground, count: size.width) }
            }
        }
        try writer.finish()
        return path
    }

    /// Fills parts of one picture's luma.
    package struct Brush: ~Copyable {
        private let luma: UnsafeMutablePointer<UInt8>
        private let stride: Int
        package let size: PictureSize

        init(_ planes: borrowing CanvasPlanes) {
            luma = planes.luma
            stride = planes.lumaStride
            size = planes.size
        }

        init(luma: UnsafeMutablePointer<UInt8>, stride: Int, size: PictureSize) {
            self.luma = luma
            self.stride = stride
            self.size = size
        }

        package func fill(_ box: Box, luma value: UInt8) {
            let left = pixels(box.x, size.width), right = pixels(box.x + box.width, size.width)
            for row in pixels(
                box.y, size.height)..<max(pixels(box.y, size.height), pixels(box.y + box.height, size.height))
            where left < right {
                (luma + row * stride + left).update(repeating: value, count: right - left)
            }
        }

        /// The whole picture, row by row.
        package func fill(rows: [UInt8]) {
            precondition(rows.count == size.width * size.height, "one byte a pixel")
            rows.withUnsafeBufferPointer { rows in
                for y in 0..<size.height {
                    (luma + y * stride).update(from: rows.baseAddress! + y * size.width, count: size.width)
                }
            }
        }

        /// Every pixel by its column and row.
        package func fill(_ value: (_ x: Int, _ y: Int) -> UInt8) {
            for y in 0..<size.height {
                for x in 0..<size.width { luma[y * stride + x] = value(x, y) }
            }
        }

        private func pixels(_ share: Double, _ length: Int) -> Int {
            min(length, max(0, Int((share * Double(length)).rounded())))
        }
    }
}

/// A folder that goes when its last owner goes.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("snowline-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func file(_ name: String) -> String { "\(path)/\(name)" }
}
