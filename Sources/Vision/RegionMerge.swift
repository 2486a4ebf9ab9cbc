/// A piece of foreground on its way to an object; `owner` is the track inside whose predicted box it lies.
struct Fragment {
    var region: Region
    var owner: Int?
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
                    fragments[first] = Fragment(
                        region: fragments[first].region.joined(fragments[second].region),
                        owner: fragments[first].owner ?? fragments[second].owner)
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
        if let first = one.owner, let second = other.owner { return first == second && isPart(one, other) }
        if across > -joinGap, down > -joinGap { return true }
        guard across > 0.5 * min(a.width, b.width), down > -stackGap else { return false }
        let both = a.union(b)
        return both.height <= slimmest * both.width
    }

    /// Within one track: a small piece belongs to the large one; two large ones only when they nearly touch,
    /// else the track was several objects and they part now.
    private func isPart(_ one: Fragment, _ other: Fragment) -> Bool {
        let (a, b) = (one.region.box, other.region.box)
        let gap = -min(a.across(b), a.down(b))
        let near = max(joinGap, Self.gapShare * a.union(b).height)
        let (small, large) =
            one.region.area < other.region.area ? (one.region, other.region) : (other.region, one.region)
        let isSmall = Double(small.area) < Self.smallShare * Double(large.area)
        return gap < (isSmall ? near + Self.smallGap * small.box.height : near)
    }

    private static let smallGap = 0.5
    private static let smallShare = 0.35
    private static let gapShare = 0.06
}
