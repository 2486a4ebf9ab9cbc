internal import KernelAPI

/// Takes the camera's own changes of brightness out before pixels are compared: the median ratio (or difference)
/// of a sparse lattice of pixels to the background, so that objects on less than half of the picture do not count.
struct SceneBalance {
    private static let step = 4
    /// A little less than the whole correction, so that the background creeps after a lasting change.
    private static let share = 0.97
    private static let gains = 128...512
    private static let offsets = -64...64

    private let mode: DetectorModel.Balance
    private var histogram = [Int32](repeating: 0, count: 1024)

    init(mode: DetectorModel.Balance) { self.mode = mode }

    mutating func correct(
        _ grid: Plane<UInt8>, against mean: Plane<UInt16>, layout: GridLayout, kernels: KernelTable
    ) {
        guard let middle = median(grid, mean, layout) else { return }
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

    private mutating func median(_ grid: Plane<UInt8>, _ mean: Plane<UInt16>, _ layout: GridLayout) -> Int? {
        for bin in histogram.indices { histogram[bin] = 0 }
        var total = 0
        for y in stride(from: Self.step / 2, to: layout.height, by: Self.step) {
            for x in stride(from: Self.step / 2, to: layout.width, by: Self.step) {
                let index = y * layout.stride + x
                let value = Int(grid.base[index])
                let usual = Int(mean.base[index])
                switch mode {
                case .gain:
                    // Black and saturated pixels say nothing of a factor.
                    if usual < 24 << 8 || usual > 240 << 8 || value > 250 { continue }
                    histogram[min(1023, (value << 16) / usual)] += 1
                case .offset:
                    histogram[min(1023, max(0, value - (usual + 128) >> 8 + 512))] += 1
                }
                total += 1
            }
        }
        guard total >= 64 else { return nil }
        var seen = 0
        for (bin, count) in histogram.enumerated() {
            seen += Int(count)
            if seen * 2 >= total { return bin }
        }
        return nil
    }
}
