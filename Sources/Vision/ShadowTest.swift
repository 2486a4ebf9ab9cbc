internal import KernelAPI

/// Takes cast shadows out of the foreground: darker than the background by about the same factor as the pixels
/// around, so that the ground's texture shows through (the ratio test of Cucchiara et al., "Detecting moving objects,
/// ghosts, and shadows in video streams", IEEE PAMI 2003, on luma, with the local constancy of Jacques et al. 2005).
struct ShadowTest {
    // 8-bit fractions; everything below stays within 32 bits.
    private let darkest: Int32
    private let brightest: Int32
    private let texture: Int32
    private static let reach = 2

    init(_ model: DetectorModel) {
        darkest = Int32(model.shadowDarkest * 256)
        brightest = Int32(model.shadowBrightest * 256)
        texture = Int32(model.shadowTexture * 256)
    }

    var isOff: Bool { brightest <= darkest }

    func clear(_ mask: Plane<UInt64>, _ grid: Plane<UInt8>, _ mean: Plane<UInt16>, _ layout: GridLayout) {
        if isOff { return }
        for y in Self.reach..<max(Self.reach, layout.height - Self.reach) {
            let row = mask.base + y * layout.rowWords
            for word in 0..<layout.rowWords where row[word] != 0 {
                let place = y * layout.stride + word * 64
                row[word] &= ~shadows(
                    among: row[word] & inner(word, layout), grid.base + place, mean.base + place, layout.stride)
            }
        }
    }

    /// The columns of a word whose neighbours all lie in the picture.
    private func inner(_ word: Int, _ layout: GridLayout) -> UInt64 {
        let low = max(0, Self.reach - word * 64)
        let high = layout.width - Self.reach - word * 64
        if high <= low { return 0 }
        return (high >= 64 ? ~0 : (UInt64(1) << UInt64(high)) - 1) & (~0 << UInt64(low))
    }

    private func shadows(
        among candidates: UInt64, _ grid: UnsafePointer<UInt8>, _ mean: UnsafePointer<UInt16>, _ stride: Int
    ) -> UInt64 {
        var (found, rest) = (UInt64(0), candidates)
        while rest != 0 {
            let lane = rest.trailingZeroBitCount
            let bit = rest & (0 &- rest)
            rest ^= bit
            if isShadow(grid + lane, mean + lane, stride) { found |= bit }
        }
        return found
    }

    @inline(__always)
    private func isShadow(_ grid: UnsafePointer<UInt8>, _ mean: UnsafePointer<UInt16>, _ stride: Int) -> Bool {
        let usual = Int32(mean[0] &>> 8)
        let value = Int32(grid[0])
        guard usual >= 24, value &<< 8 >= darkest &* usual, value &<< 8 <= brightest &* usual else { return false }
        let limit = texture &* usual
        // |other / otherUsual - value / usual| <= texture, without dividing.
        @inline(__always)
        func looksAlike(_ offset: Int) -> Bool {
            let otherUsual = Int32(mean[offset] &>> 8)
            let difference = Int32(grid[offset]) &* usual &- value &* otherUsual
            return abs(difference) &<< 8 <= limit &* otherUsual
        }
        let reach = Self.reach
        return looksAlike(-reach) && looksAlike(reach) && looksAlike(-reach * stride) && looksAlike(reach * stride)
    }
}
