/// Joins the fragments of one object: head, trunk and legs that stand over one another, pieces that nearly touch.
struct RegionMerge {
    /// Largest gap in grid pixels between pieces one over the other, and in any direction.
    let stackGap: Double
    let joinGap: Double

    func merge(_ regions: [Region]) -> [Region] {
        var out = regions
        var first = 0
        while first < out.count {
            var second = first + 1
            var joined = false
            while second < out.count {
                if belong(out[first].box, out[second].box) {
                    out[first] = out[first].joined(out[second])
                    out.remove(at: second)
                    joined = true
                    break
                }
                second += 1
            }
            first = joined ? 0 : first + 1
        }
        return out
    }

    private func belong(_ a: GridBox, _ b: GridBox) -> Bool {
        let (across, down) = (a.across(b), a.down(b))
        let stacked = across > 0.5 * min(a.width, b.width) && down > -stackGap
        return stacked || (across > -joinGap && down > -joinGap)
    }
}
