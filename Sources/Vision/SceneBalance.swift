internal import KernelAPI

/// Takes the camera's own changes of brightness out before pixels are compared: the median ratio (or difference)
/// of a sparse lattice of pixels to the background, so that objects on less than half of the picture do not count.
final class SceneBalance {
    private static let step = 4
    /// A little less than the whole correction, so that the background creeps after a lasting change.
    private static let share = 0.97
    /// Pixels that a median needs.
    private static let least: UInt32 = 64
    private static let gains = 128...512
    private static let offsets = -64...64

    private static let bins = 1024

    private let mode: DetectorModel.Balance
    private let layout: GridLayout
    private let kernels: KernelTable
    private let histogram = Plane<UInt32>(count: SceneBalance.bins, repeating: 0)

    init(mode: DetectorModel.Balance, layout: GridLayout, kernels: KernelTable) {
        self.mode = mode
        self.layout = layout
        self.kernels = kernels
    }

    /// - Parameter held: not 0 where a track hides the ground; nil to count everything.
    func correct(_ grid: Plane<UInt8>, against mean: Plane<UInt16>, held: Plane<UInt8>?) {
        histogram.fill(0)
        let total =
            switch mode {
            case .gain: countRatios(grid.base, mean.base, held?.base)
            case .offset: countDifferences(grid.base, mean.base, held?.base)
            }
        guard total >= Self.least, let middle = median(of: total) else { return }
        var gain = Int32(256)
        var offset = Int32(0)
        switch mode {
        case .gain:
            let wanted = min(max(middle, Self.gains.lowerBound), Self.gains.upperBound)
            gain = Int32((256 + (65_536 / Double(wanted) - 256) * Self.share).rounded())
            if abs(gain - 256) <= 2 { return }
        case .offset:
            let wanted = min(max(middle - 512, Self.offsets.lowerBound), Self.offsets.upperBound)
            offset = Int32((-Double(wanted) * Self.share).rounded())
            if offset == 0 { return }
        }
        for y in 0..<layout.height { kernels.adjust(grid.base + y * layout.stride, layout.width, gain, offset) }
    }

    /// Value over mean in 1/256 of the lattice's pixels. Black and saturated ones say nothing of a factor.
    private func countRatios(
        _ grid: UnsafePointer<UInt8>, _ mean: UnsafePointer<UInt16>, _ held: UnsafePointer<UInt8>?
    ) -> UInt32 {
        var total: UInt32 = 0
        for y in stride(from: Self.step / 2, to: layout.height, by: Self.step) {
            var index = y * layout.stride + Self.step / 2
            let end = y * layout.stride + layout.width
            while index < end {
                let value = UInt32(grid[index])
                let usual = UInt32(mean[index])
                let isHeld = held.map { $0[index] != 0 } ?? false
                index += Self.step
                if isHeld || usual < 24 << 8 || usual > 240 << 8 || value > 250 { continue }
                histogram.base[Int(min(UInt32(Self.bins - 1), (value << 16) / usual))] += 1
                total += 1
            }
        }
        return total
    }

    /// Value less mean, 512 for none.
    private func countDifferences(
        _ grid: UnsafePointer<UInt8>, _ mean: UnsafePointer<UInt16>, _ held: UnsafePointer<UInt8>?
    ) -> UInt32 {
        var total: UInt32 = 0
        for y in stride(from: Self.step / 2, to: layout.height, by: Self.step) {
            for x in stride(from: Self.step / 2, to: layout.width, by: Self.step) {
                let index = y * layout.stride + x
                if let held, held[index] != 0 { continue }
                let difference = Int(grid[index]) - (Int(mean[index]) + 128) >> 8 + 512
                histogram.base[min(Self.bins - 1, max(0, difference))] += 1
                total += 1
            }
        }
        return total
    }

    private func median(of total: UInt32) -> Int? {
        var seen: UInt32 = 0
        for bin in 0..<Self.bins {
            seen += histogram.base[bin]
            if seen * 2 >= total { return bin }
        }
        return nil
    }
}
