/// Memory with a pattern before and after it, and a chosen misalignment, to catch kernels that write outside.
final class GuardedBuffer<Element: FixedWidthInteger & BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private let memory: UnsafeMutableRawPointer
    private let bytes: Int
    private static var guardBytes: Int { 128 }
    private static var pattern: UInt8 { 0xA5 }

    /// - Parameter misalignment: elements (not bytes) by which the start is off a 64-byte boundary.
    init(count: Int, misalignment: Int, _ value: (Int) -> Element) {
        self.count = count
        let size = MemoryLayout<Element>.stride
        bytes = Self.guardBytes * 2 + (count + misalignment) * size
        memory = .allocate(byteCount: bytes, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: Self.pattern, count: bytes)
        base = (memory + Self.guardBytes + misalignment * size).assumingMemoryBound(to: Element.self)
        for index in 0..<count { base[index] = value(index) }
    }

    /// The same content at the same misalignment.
    init(copying other: GuardedBuffer) {
        count = other.count
        bytes = other.bytes
        memory = .allocate(byteCount: bytes, alignment: 64)
        memory.copyMemory(from: other.memory, byteCount: bytes)
        base = (memory + (UnsafeMutableRawPointer(other.base) - other.memory)).assumingMemoryBound(to: Element.self)
    }

    deinit { memory.deallocate() }

    /// Byte for byte, guards included.
    func equals(_ other: GuardedBuffer) -> Bool {
        let (mine, theirs) = (
            memory.assumingMemoryBound(to: UInt8.self), other.memory.assumingMemoryBound(to: UInt8.self)
        )
        for index in 0..<bytes where mine[index] != theirs[index] { return false }
        return true
    }
}
