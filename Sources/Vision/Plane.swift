internal import KernelAPI

/// Where the pixels of the analysis grid lie: rows of `stride` bytes, `count` bytes a plane.
struct GridLayout {
    let width: Int
    let height: Int
    let stride: Int
    var count: Int { stride * height }
    var rowWords: Int { stride / 64 }
    var wordCount: Int { rowWords * height }

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        stride = PlaneLayout.stride(for: width)
    }
}

/// Owner of one plane's memory, zeroed, with `margin` elements before and after it so that a neighbour's
/// address is always ours. Confined to the analyser that made it.
final class Plane<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private let memory: UnsafeMutablePointer<Element>

    init(count: Int, margin: Int = 0, repeating value: Element) {
        let total = count + 2 * margin
        memory = .allocate(capacity: total)
        memory.initialize(repeating: value, count: total)
        base = memory + margin
        self.count = count
    }

    deinit { memory.deallocate() }

    func fill(_ value: Element) { base.update(repeating: value, count: count) }
}
