internal import KernelAPI

/// For each pixel of the grid: which level it has kept while it was foreground, for how long, and what was there before.
///
/// What rests is foreground whose level stays the same. It is remembered here apart from the background model, which
/// learns it within seconds (two memories of different speed, after Porikli, "Detection of temporarily static regions by
/// processing video at different frame rates", AVSS 2007). Short covers are forgiven: the span shrinks twice as fast as
/// it grew, and the level is given up only when nothing is left of it. Seven bytes a pixel; no allocation after it is made.
final class StillPixels {
    /// In tenths of a second.
    static let warm: UInt8 = 12
    static let ready: UInt8 = 20
    private static let most: UInt8 = 60
    /// Grey levels: noise, and what is left of a camera's own changes of brightness.
    private static let tolerance: UInt8 = 10

    /// Less than this from the mean is the background again.
    private static let leastDifference: UInt8 = 6

    let layout: GridLayout
    /// The level kept.
    let level: Plane<UInt8>
    /// What the background was when that level came.
    let origin: Plane<UInt8>
    /// For how long, in tenths of a second.
    let age: Plane<UInt8>
    /// The region that the pixel belongs to, from 1; 0 for none.
    let claim: Plane<UInt8>
    /// The background of some time ago, and of a shorter time ago.
    let older: Plane<UInt8>
    let newer: Plane<UInt8>
    /// Pixels of no region that have been still for ``warm``.
    let found: Plane<UInt64>

    private let kernels: KernelTable
    private let scratch: Plane<UInt8>

    init(layout: GridLayout, kernels: KernelTable) {
        self.layout = layout
        self.kernels = kernels
        func plane() -> Plane<UInt8> { Plane(count: layout.count, repeating: 0) }
        (level, origin, age) = (plane(), plane(), plane())
        (claim, older, newer) = (plane(), plane(), plane())
        scratch = plane()
        found = Plane(count: layout.wordCount, repeating: 0)
    }

    /// The planes that a later result depends on; the others are written anew before they are read.
    var carriedPlanes: [any CarriedPlane] { [level, origin, age, claim, older, newer] }

    func forget() {
        age.fill(0)
        claim.fill(0)
    }

    /// Both memories of the background become what it is now.
    func rememberBackground(_ mean: Plane<UInt16>) {
        snapshot(mean)
        older.base.update(from: newer.base, count: layout.count)
    }

    func ageBackground(_ mean: Plane<UInt16>) {
        older.base.update(from: newer.base, count: layout.count)
        snapshot(mean)
    }

    private func snapshot(_ mean: Plane<UInt16>) {
        let (from, to) = (mean.base, newer.base)
        for index in 0..<layout.count { to[index] = UInt8(truncatingIfNeeded: from[index] &>> 8) }
    }

    /// Takes the next picture.
    /// - Parameter tenths: of a second since the one before, 1…10.
    /// - Returns: how many pixels of no region are warm; they are the bits of ``found``.
    func follow(_ image: Plane<UInt8>, foreground: Plane<UInt64>, mean: Plane<UInt16>, tenths: Int) -> Int {
        kernels.expand(foreground.base, scratch.base, layout.count)
        let step = UInt8(min(max(tenths, 1), 10))
        var count = 0
        for y in 0..<layout.height {
            let words = found.base + y * layout.rowWords
            let isQuiet = isEmpty(foreground.base + y * layout.rowWords) && isForgotten(y)
            var warm = 0
            if !isQuiet { warm = follow(row: y, image, mean, step) }
            count += warm
            for word in 0..<layout.rowWords { words[word] = warm == 0 ? 0 : pack(y * layout.stride + word * 64) }
        }
        return count
    }

    private func isEmpty(_ words: UnsafePointer<UInt64>) -> Bool {
        var all: UInt64 = 0
        for word in 0..<layout.rowWords { all |= words[word] }
        return all == 0
    }

    private func isForgotten(_ y: Int) -> Bool {
        var all: UInt8 = 0
        let row = age.base + y * layout.stride
        for x in 0..<layout.width { all |= row[x] }
        return all == 0
    }

    /// One row, without a branch, so that it becomes vectors; `scratch` holds its foreground and then what is warm.
    private func follow(row y: Int, _ image: Plane<UInt8>, _ mean: Plane<UInt16>, _ step: UInt8) -> Int {
        let row = y * layout.stride
        let (now, usual, flags) = (image.base + row, mean.base + row, scratch.base + row)
        let (level, origin, age, claim) = (level.base + row, origin.base + row, age.base + row, claim.base + row)
        let (tolerance, telling, warm) = (Self.tolerance, Self.leastDifference, Self.warm)
        let (ceiling, fall) = (Self.most &- step, 2 &* step)
        var count: UInt32 = 0
        for x in 0..<layout.width {
            let (value, kept, span, isForeground) = (now[x], level[x], age[x], flags[x])
            let distance = max(value, kept) &- min(value, kept)
            let near: UInt8 = distance <= tolerance ? 255 : 0
            let claimed: UInt8 = claim[x] != 0 ? 255 : 0
            // The background soon takes it for its own: what differs from the mean still counts.
            let background = UInt8(truncatingIfNeeded: usual[x] &>> 8)
            let differs: UInt8 = max(value, background) &- min(value, background) >= telling ? 255 : 0
            let holds = near & (isForeground | claimed | differs)
            let fades = near & ~holds
            var next = holds & (min(span, ceiling) &+ step)
            next |= fades & (max(span, step) &- step)
            next |= ~near & (max(span, fall) &- fall)
            // In rows without foreground nothing was kept up to date: what begins, begins with this picture.
            let begins: UInt8 = (next == 0 ? 255 : 0) | (span == 0 ? 255 : 0)
            next &= ~begins
            level[x] = (begins & value) | (~begins & kept)
            origin[x] = (begins & background) | (~begins & origin[x])
            next |= begins & isForeground & 1
            age[x] = next
            let isWarm: UInt8 = next >= warm ? 1 & ~claimed : 0
            flags[x] = isWarm
            count &+= UInt32(isWarm)
        }
        return Int(count)
    }

    /// The lowest bits of 64 bytes as one word, the first byte's lowest.
    private func pack(_ first: Int) -> UInt64 {
        var word: UInt64 = 0
        let bytes = UnsafeRawPointer(scratch.base + first)
        for part in 0..<8 {
            let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: part * 8, as: UInt64.self))
            word |= (((eight & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56) &<< UInt64(part * 8)
        }
        return word
    }
}
