internal import KernelAPI

/// Takes cast shadows out of the foreground: darker than the background by about the same factor as the pixels
/// around, so that the ground's texture shows through (the ratio test of Cucchiara et al., "Detecting moving objects,
/// ghosts, and shadows in video streams", IEEE PAMI 2003, on luma, with the local constancy of Jacques et al. 2005).
struct ShadowTest {
    let darkest: Int
    let brightest: Int
    let texture: Int

    init(_ model: DetectorModel) {
        darkest = Int(model.shadowDarkest * 256)
        brightest = Int(model.shadowBrightest * 256)
        texture = Int(model.shadowTexture * 256)
    }

    var isOff: Bool { brightest <= darkest }

    func clear(_ mask: Plane<UInt64>, _ grid: Plane<UInt8>, _ mean: Plane<UInt16>, _ layout: GridLayout) {
        if isOff { return }
        for y in 2..<max(2, layout.height - 2) {
            for word in 0..<layout.rowWords {
                var bits = mask.base[y * layout.rowWords + word]
                var kept = bits
                while bits != 0 {
                    let lane = bits.trailingZeroBitCount
                    bits &= bits - 1
                    let x = word * 64 + lane
                    if x >= 2, x < layout.width - 2,
                        isShadow(grid.base, mean.base, y * layout.stride + x, layout.stride)
                    {
                        kept &= ~(1 << UInt64(lane))
                    }
                }
                mask.base[y * layout.rowWords + word] = kept
            }
        }
    }

    private func isShadow(
        _ grid: UnsafePointer<UInt8>, _ mean: UnsafePointer<UInt16>, _ index: Int, _ stride: Int
    ) -> Bool {
        let usual = Int(mean[index]) >> 8
        let value = Int(grid[index])
        guard usual >= 24, value << 8 >= darkest * usual, value << 8 <= brightest * usual else { return false }
        // |other / otherUsual - value / usual| <= texture, without dividing.
        func looksAlike(_ offset: Int) -> Bool {
            let otherUsual = Int(mean[index + offset]) >> 8
            let other = Int(grid[index + offset])
            return abs(other * usual - value * otherUsual) << 8 <= texture * usual * otherUsual
        }
        return looksAlike(-2) && looksAlike(2) && looksAlike(-2 * stride) && looksAlike(2 * stride)
    }
}
