package import KernelAPI

/// The kernels of `Sources/KernelSource` as this module's compiler flags built them.
package let kernelsAVX2 = KernelTable(
    name: "avx2", boxDownsample: boxDownsample, smooth: smooth, adjust: adjust, classify: classify, learn: learn,
    blend: blend, adapt: adapt, expand: expand, median: median, dilate: dilate)
