internal import CCPU
package import KernelAPI
internal import KernelsBaseline

#if arch(x86_64)
    internal import KernelsAVX2
    internal import KernelsAVX512
#endif

/// The kernel tables that this processor can run.
package enum Kernels {
    /// Slowest first; never empty.
    package static let available: [KernelTable] = {
        #if arch(x86_64)
            let level = Int(ccpu_level())
            return Array([kernelsBaseline, kernelsAVX2, kernelsAVX512].prefix(level + 1))
        #else
            return [kernelsBaseline]
        #endif
    }()

    package static let best: KernelTable = available[available.count - 1]

    /// Every name a table can have, whether this processor can run it or not.
    package static let names = ["baseline", "avx2", "avx512"]

    /// - Returns: nil for an unknown name and for an instruction set that this processor does not have.
    package static func named(_ name: String) -> KernelTable? {
        available.first { $0.name == name }
    }
}
