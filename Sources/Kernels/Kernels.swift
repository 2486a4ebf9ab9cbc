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
        var tables = [makeKernelsBaseline()]
        #if arch(x86_64)
            // Not even mentioned below its level: the module's every function may use the instruction set.
            let level = Int(ccpu_level())
            if level >= 1 { tables.append(makeKernelsAVX2()) }
            if level >= 2 { tables.append(makeKernelsAVX512()) }
        #endif
        return tables
    }()

    package static let best: KernelTable = available[available.count - 1]

    /// Every name a table can have, whether this processor can run it or not.
    package static let names = ["baseline", "avx2", "avx512"]

    /// - Returns: nil for an unknown name and for an instruction set that this processor does not have.
    package static func named(_ name: String) -> KernelTable? {
        available.first { $0.name == name }
    }
}
