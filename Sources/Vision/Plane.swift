internal import KernelAPI

/// Where the pixels of the analysis grid lie: rows of `stride` bytes, `count` bytes a plane.
struct GridLayout: Hashable {
    let width: Int
    let height: Int
    let stride: Int
    let count: Int
    let rowWords: Int
    let wordCount: Int

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        stride = PlaneLayout.stride(for: width)
        count = stride * height
        rowWords = stride / 64
        wordCount = rowWords * height
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

/// A plane that a later picture's result depends on: part of every checkpoint.
protocol CarriedPlane {
    func copied() -> [UInt8]
    /// - Precondition: `bytes` is what a plane of the same kind and size gave.
    func copy(from bytes: [UInt8])
}

extension Plane: CarriedPlane {
    func copied() -> [UInt8] { Array(UnsafeRawBufferPointer(UnsafeBufferPointer(start: base, count: count))) }

    func copy(from bytes: [UInt8]) {
        let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: base, count: count))
        precondition(bytes.count == target.count, "a checkpoint of another size")
        target.copyBytes(from: bytes)
    }
}

/// A list of fixed capacity in memory of its own: it never grows, and allocates only when it is made. Pages that were
/// never reached cost nothing.
struct FixedList<Element: BitwiseCopyable>: ~Copyable {
    let base: UnsafeMutablePointer<Element>
    let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

    mutating func append(_ element: Element) {
        precondition(count < capacity, "beyond the capacity")
        (base + count).initialize(to: element)
        count += 1
    }

    mutating func removeAll() { count = 0 }

    mutating func fill(_ value: Element, count: Int) {
        precondition(count <= capacity, "beyond the capacity")
        base.initialize(repeating: value, count: count)
        self.count = count
    }
}
