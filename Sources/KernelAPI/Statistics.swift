/// Which pixels ``KernelTable/SumLight`` counts, in grey levels.
package struct LightRule: Sendable, Hashable {
    /// Of the background's mean.
    package var least: UInt8
    package var most: UInt8
    /// Of the pixel itself.
    package var ceiling: UInt8

    package init(least: UInt8, most: UInt8, ceiling: UInt8) {
        self.least = least
        self.most = most
        self.ceiling = ceiling
    }
}

/// Sums over the counted pixels of one lane, in grey levels: `values / means` is the camera's gain there.
package struct LightSums: Sendable, Hashable, BitwiseCopyable {
    package var values: UInt32
    /// Of the background's means, each rounded to a whole grey level.
    package var means: UInt32
    package var count: UInt32

    package init(values: UInt32 = 0, means: UInt32 = 0, count: UInt32 = 0) {
        self.values = values
        self.means = means
        self.count = count
    }
}

/// Sums over one block of ``PlaneLayout/blockSide`` pixels each way.
package struct BlockStatistics: Sendable, Hashable, BitwiseCopyable {
    /// Of the grey levels.
    package var sum: UInt32
    /// Of their squares.
    package var squares: UInt32
    /// Of the squared differences between each pixel and its right and lower neighbour within the block: sharpness.
    package var gradients: UInt32

    package init(sum: UInt32 = 0, squares: UInt32 = 0, gradients: UInt32 = 0) {
        self.sum = sum
        self.squares = squares
        self.gradients = gradients
    }
}
