/// Takes rows off an object's upper and lower end that hold little of its contrast: reflections on a polished floor,
/// remains of a cast shadow. What is left is what stands there.
struct RegionTrim {
    /// Rows with less than this share of the mean row's contrast go.
    let share: Double
    /// Never more than this share of the height from either end.
    private static let mostOfHeight = 0.35

    func trim(_ region: Region, pixels: Plane<UInt64>, nearest: Plane<UInt8>, layout: GridLayout) -> Region {
        let (top, bottom) = (Int(region.box.top), Int(region.box.bottom))
        guard share > 0, bottom - top >= 6 else { return region }
        let least = Int(share * Double(region.contrastSum) / Double(bottom - top))
        let limit = Int(Self.mostOfHeight * Double(bottom - top))
        var first = top
        while first < top + limit, contrast(of: first, region.box, pixels, nearest, layout) < least { first += 1 }
        var last = bottom
        while last > bottom - limit, contrast(of: last - 1, region.box, pixels, nearest, layout) < least { last -= 1 }
        var trimmed = region
        trimmed.box.top = Double(first)
        trimmed.box.bottom = Double(last)
        return trimmed
    }

    private func contrast(
        of row: Int, _ box: GridBox, _ pixels: Plane<UInt64>, _ nearest: Plane<UInt8>, _ layout: GridLayout
    ) -> Int {
        var sum = 0
        for x in Int(box.left)..<Int(box.right) {
            let isForeground = pixels.base[row * layout.rowWords + x / 64] >> UInt64(x % 64) & 1 == 1
            if isForeground { sum += Int(nearest.base[row * layout.stride + x]) }
        }
        return sum
    }
}
