/// A piece of foreground on its way to an object, or several that were joined.
struct Fragment {
    /// The track inside whose predicted box it lies.
    struct Owner {
        let index: Int
        let box: GridBox
    }

    var region: Region
    var owner: Owner?
    /// Foreground pixels of its largest piece.
    var largest: Int

    init(region: Region, owner: Owner?) {
        self.region = region
        self.owner = owner
        largest = region.area
    }

    func joined(_ other: Fragment) -> Fragment {
        var both = Fragment(region: region.joined(other.region), owner: owner ?? other.owner)
        both.largest = max(largest, other.largest)
        return both
    }
}

/// Joins the fragments of one object: head, trunk and legs that stand over one another, pieces that nearly touch.
/// Pieces that belong to different tracks stay apart.
struct RegionMerge {
    /// Largest gap in grid pixels between pieces one over the other, and in any direction.
    let stackGap: Double
    let joinGap: Double
    /// Pieces are not stacked into something slimmer than this (height over width).
    let slimmest: Double

    /// Joins in place.
    func merge(_ fragments: inout [Fragment]) {
        var first = 0
        while first < fragments.count {
            var second = first + 1
            var joined = false
            while second < fragments.count {
                if belong(fragments[first], fragments[second]) {
                    fragments[first] = fragments[first].joined(fragments[second])
                    fragments.remove(at: second)
                    joined = true
                    break
                }
                second += 1
            }
            first = joined ? 0 : first + 1
        }
    }

    private func belong(_ one: Fragment, _ other: Fragment) -> Bool {
        let (a, b) = (one.region.box, other.region.box)
        let (across, down) = (a.across(b), a.down(b))
        if let first = one.owner, let second = other.owner {
            return first.index == second.index && isPart(one, other, of: first.box)
        }
        if across > -joinGap, down > -joinGap { return true }
        guard across > 0.5 * min(a.width, b.width), down > -stackGap else { return false }
        let both = a.union(b)
        return both.height <= slimmest * both.width
    }

    /// Within one track: a small piece belongs to the large one; two large ones only when they nearly touch,
    /// else the track was several objects and they part now. What is small is told by the largest single piece: beside
    /// the sum of what was joined already, the third and the fourth object always would be.
    private func isPart(_ one: Fragment, _ other: Fragment, of own: GridBox) -> Bool {
        let (a, b) = (one.region.box, other.region.box)
        let both = a.union(b)
        let gap = -min(a.across(b), a.down(b))
        if gap > 0, both.width > Self.grownMost(own.width) || both.height > Self.grownMost(own.height) { return false }
        let near = max(joinGap, Self.gapShare * both.height)
        let small = one.region.area < other.region.area ? one.region : other.region
        let isSmall = Double(small.area) < Self.smallShare * Double(max(one.largest, other.largest))
        return gap < (isSmall ? near + Self.smallGap * small.box.height : near)
    }

    /// A track that has taken its neighbour for a part of itself would own everything that comes near: pieces with a
    /// gap between them do not make it longer than this. A step and a swing of the arms stay within it.
    private static func grownMost(_ own: Double) -> Double { 1.4 * own + 6 }

    private static let smallGap = 0.5
    private static let smallShare = 0.35
    private static let gapShare = 0.06
}
