import CKernels
import KernelAPI
import Kernels

/// The C versions behind the same type, so that both run through the same bed.
enum CKernelTables {
    /// - Parameter set: a name of ``Kernels/names``.
    /// - Returns: nil when this processor does not have the set.
    static func named(_ set: String) -> KernelTable? {
        guard Kernels.named(set) != nil else { return nil }
        switch set {
        case "baseline": return table("c-baseline", c_kernels_baseline())
        #if arch(x86_64)
            case "avx2": return table("c-avx2", c_kernels_avx2())
            case "avx512": return table("c-avx512", c_kernels_avx512())
        #endif
        default: return nil
        }
    }

    private static func table(_ name: String, _ c: c_kernel_table) -> KernelTable {
        KernelTable(
            name: name, boxDownsample: { c.box_downsample($0, $1, $2, $3, $4, $5, $6, $7) },
            smooth: { c.smooth($0, $1, $2, $3, $4, $5, $6) }, adjust: { c.adjust($0, $1, $2, $3) },
            classify: { c.classify($0, $1, $2, $3, $4, $5, $6, $7) }, learn: { c.learn($0, $1, $2, $3, $4, $5) },
            blend: { c.blend($0, $1, $2, $3, $4) },
            adapt: { c.adapt($0, $1, $2, $3, plain($4), $5, $6, $7, $8) }, expand: { c.expand($0, $1, $2) },
            median: { c.median($0, $1, $2, $3) }, dilate: { c.dilate($0, $1, $2, $3) },
            erode: { c.erode($0, $1, $2, $3) }, runs: { c.runs($0, $1, $2) },
            sumLight: { values, means, hold, rule, sums, count in
                let lanes = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: c_light_sums.self)
                c.sum_light(values, means, hold, rule.least, rule.most, rule.ceiling, lanes, count)
            },
            project: { c.project($0, $1, $2, $3, $4, $5) },
            measureBlocks: { source, stride, columns, rows, blocks in
                let plain = UnsafeMutableRawPointer(blocks).assumingMemoryBound(to: c_block.self)
                c.measure_blocks(source, stride, columns, rows, plain)
            },
            shift: { c.shift($0, $1, $2, $3, $4, $5, $6, $7, $8) })
    }

    private static func plain(_ rule: AdaptRule) -> c_adapt_rule {
        c_adapt_rule(
            noise_shift: rule.noiseShift, noise_gain: rule.noiseGain, rise: rule.rise, fall: rule.fall,
            restless_gain: rule.restlessGain, least: rule.least, most: rule.most)
    }
}
