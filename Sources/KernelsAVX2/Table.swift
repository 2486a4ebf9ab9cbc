package import KernelAPI

/// The kernels of `Sources/KernelSource` as this module's compiler flags built them. A function, not a global: a global
/// has a lazy initialiser (a weak symbol) that would run this instruction set's code wherever the value is mentioned.
package func makeKernelsAVX2() -> KernelTable {
    KernelTable(
        name: "avx2", boxDownsample: boxDownsample, smooth: smooth, adjust: adjust, classify: classify,
        learn: learn, blend: blend, adapt: adapt, expand: expand, median: median, dilate: dilate, erode: erode,
        runs: runs, sumLight: sumLight, project: project, measureBlocks: measureBlocks, shift: shift)
}
