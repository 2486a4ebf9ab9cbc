internal import KernelAPI
internal import Scene

/// Luma → analysis grid: box downsample by a whole factor, then a 3×3 binomial filter against sensor noise.
final class GridSampler {
    let factor: Int
    let layout: GridLayout
    let source: PictureSize
    private let kernels: KernelTable
    private let raw: Plane<UInt8>
    private let scratch: Plane<UInt16>

    /// The smallest factor whose grid is at most `width` wide and `pixels` large.
    init(source: PictureSize, width: Int, pixels: Int, kernels: KernelTable) {
        var factor = 1
        while factor < PlaneLayout.factorLimit,
            source.width / factor > width || (source.width / factor) * (source.height / factor) > pixels
        {
            factor += 1
        }
        self.factor = factor
        self.source = source
        self.kernels = kernels
        layout = GridLayout(width: max(1, source.width / factor), height: max(1, source.height / factor))
        raw = Plane(count: layout.count, repeating: 0)
        scratch = Plane(count: layout.width * factor + 2, repeating: 0)
    }

    /// - Precondition: `luma` has the size this sampler was made for.
    func sample(_ luma: LumaPlane, into grid: Plane<UInt8>) {
        precondition(
            luma.width == source.width && luma.height == source.height, "picture size changed without a new analyser")
        if factor > source.width || factor > source.height {
            grid.fill(luma.base[0])
            return
        }
        kernels.boxDownsample(
            luma.base, luma.stride, factor, raw.base, layout.stride, layout.width, layout.height, scratch.base)
        kernels.smooth(raw.base, layout.stride, grid.base, layout.stride, layout.width, layout.height, scratch.base)
    }
}
