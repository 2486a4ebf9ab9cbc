/// A view of one picture's luma (Y) as the decoder left it, valid only during the call that receives it.
///
/// Row `y` begins at `base + y * stride`; `stride >= width` (pictures stored upside down are refused before).
package struct LumaPlane {
    package let base: UnsafePointer<UInt8>
    package let width: Int
    package let height: Int
    package let stride: Int

    /// - Precondition: `width` and `height` are positive and `stride >= width`.
    package init(base: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int) {
        precondition(width > 0 && height > 0 && stride >= width, "luma plane geometry")
        self.base = base
        self.width = width
        self.height = height
        self.stride = stride
    }
}

/// Width and height in pixels.
package struct PictureSize: Hashable, Sendable, Codable, CustomStringConvertible {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    package var description: String { "\(width)x\(height)" }
}
