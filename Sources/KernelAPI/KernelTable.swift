/// One instruction set's pixel kernels. All arithmetic is integer and every table gives the same bytes.
///
/// The kernels trust their geometry: `FrameAnalyzer` checks it once, when it lays out its planes.
/// *Plane* kernels run over `count` bytes, a multiple of ``PlaneLayout/lane``; *picture* kernels take any width.
package struct KernelTable: Sendable {
    /// `baseline`, `avx2` or `avx512`.
    package var name: String

    /// Picture: mean of `factor` × `factor` boxes, rounded to the nearest (halves up).
    ///
    /// `width` × `height` is the destination; the source holds at least `factor` times as much each way.
    /// `scratch` holds `width * factor` sums. `factor` is 1…``PlaneLayout/factorLimit``.
    package typealias BoxDownsample =
        @Sendable (
            _ source: UnsafePointer<UInt8>, _ sourceStride: Int, _ factor: Int,
            _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
            _ scratch: UnsafeMutablePointer<UInt16>
        ) -> Void

    /// Picture: 3×3 binomial filter (1 2 1 each way, sum 16, rounded); borders repeat the outermost pixel.
    /// Source and destination must not overlap; `scratch` holds `width + 2` sums.
    package typealias Smooth =
        @Sendable (
            _ source: UnsafePointer<UInt8>, _ sourceStride: Int,
            _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
            _ scratch: UnsafeMutablePointer<UInt16>
        ) -> Void

    /// Picture row, in place: `(v * gain + 128) >> 8 + offset`, held to 0…255. `gain` is 8.8 fixed point, 0…4095;
    /// `offset` is -4096…4096.
    package typealias Adjust =
        @Sendable (_ row: UnsafeMutablePointer<UInt8>, _ width: Int, _ gain: Int32, _ offset: Int32) -> Void

    /// Plane: foreground where fewer than `need` of the pixel's `sampleCount` samples lie within its `radius`.
    ///
    /// Sample `s` of pixel `i` is `samples[s * count + i]`. `nearest` receives the smallest distance, `words` one bit
    /// a pixel (64 a word, lowest first).
    package typealias Classify =
        @Sendable (
            _ current: UnsafePointer<UInt8>, _ samples: UnsafePointer<UInt8>, _ sampleCount: Int,
            _ radius: UnsafePointer<UInt8>, _ need: UInt8, _ count: Int,
            _ words: UnsafeMutablePointer<UInt64>, _ nearest: UnsafeMutablePointer<UInt8>
        ) -> Void

    /// Plane: `sample = value` where `noise < chance` and `hold` is 0; it is 0 or 255.
    package typealias Learn =
        @Sendable (
            _ values: UnsafePointer<UInt8>, _ noise: UnsafePointer<UInt8>, _ chance: UInt8,
            _ hold: UnsafePointer<UInt8>, _ sample: UnsafeMutablePointer<UInt8>, _ count: Int
        ) -> Void

    /// Plane: 8.8 running mean, `mean += (value << 8 - mean) >> shift` where `hold` is 0. `shift` is 1…8; no mean is above 255.0.
    package typealias Blend =
        @Sendable (
            _ values: UnsafePointer<UInt8>, _ hold: UnsafePointer<UInt8>, _ shift: Int32,
            _ mean: UnsafeMutablePointer<UInt16>, _ count: Int
        ) -> Void

    /// Plane: moves each pixel's noise, restlessness and radius on by one tick; see ``AdaptRule``.
    package typealias Adapt =
        @Sendable (
            _ nearest: UnsafePointer<UInt8>, _ foreground: UnsafePointer<UInt8>, _ before: UnsafePointer<UInt8>,
            _ hold: UnsafePointer<UInt8>, _ rule: AdaptRule, _ noise: UnsafeMutablePointer<UInt16>,
            _ restless: UnsafeMutablePointer<UInt8>, _ radius: UnsafeMutablePointer<UInt8>, _ count: Int
        ) -> Void

    /// Plane: bit → byte, 255 for 1.
    package typealias Expand =
        @Sendable (_ words: UnsafePointer<UInt64>, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Void

    /// Bit plane of `rows` rows of `rowWords` words: a 3×3 neighbourhood; everything outside counts as 0.
    /// Source and destination must not overlap.
    package typealias Neighbourhood =
        @Sendable (
            _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
        ) -> Void

    /// One row of a bit plane: where runs of 1 start and end (exclusive), in turn.
    ///
    /// `edges` has room for 64 numbers a word; `rowWords` is at most ``PlaneLayout/rowWordLimit``. Returns how many runs.
    package typealias Runs =
        @Sendable (_ row: UnsafePointer<UInt64>, _ rowWords: Int, _ edges: UnsafeMutablePointer<UInt16>) -> Int

    /// Plane: adds each lane of ``PlaneLayout/lane`` pixels to its own ``LightSums`` (`count / lane` of them), for a
    /// camera's gain. Pixels count where `hold` is 0, the rounded mean is within `rule.least...rule.most` and the value
    /// at most `rule.ceiling`: black and saturated pixels say nothing of a factor.
    package typealias SumLight =
        @Sendable (
            _ values: UnsafePointer<UInt8>, _ means: UnsafePointer<UInt16>, _ hold: UnsafePointer<UInt8>,
            _ rule: LightRule, _ sums: UnsafeMutablePointer<LightSums>, _ count: Int
        ) -> Void

    /// Picture: the sum of every column and of every row, for the camera's shake.
    package typealias Project =
        @Sendable (
            _ source: UnsafePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int,
            _ columns: UnsafeMutablePointer<UInt32>, _ rows: UnsafeMutablePointer<UInt32>
        ) -> Void

    /// Picture of `columns` × `rows` whole blocks of ``PlaneLayout/blockSide`` pixels each way: one ``BlockStatistics``
    /// a block, row by row, for the scene's health.
    package typealias MeasureBlocks =
        @Sendable (
            _ source: UnsafePointer<UInt8>, _ stride: Int, _ columns: Int, _ rows: Int,
            _ blocks: UnsafeMutablePointer<BlockStatistics>
        ) -> Void

    /// Picture: moves it by (`x`, `y`) sixteenths of a pixel, for the camera's shake: pixel (u, v) of the destination is
    /// the source at (u + x / 16, v + y / 16), bilinear, rounded (halves up); borders repeat the outermost pixel.
    ///
    /// Source and destination must not overlap; `scratch` holds `width + 1` sums. `x` and `y` are -65,536…65,536.
    package typealias Shift =
        @Sendable (
            _ source: UnsafePointer<UInt8>, _ sourceStride: Int,
            _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
            _ x: Int, _ y: Int, _ scratch: UnsafeMutablePointer<UInt16>
        ) -> Void

    package var boxDownsample: BoxDownsample
    package var smooth: Smooth
    package var adjust: Adjust
    package var classify: Classify
    package var learn: Learn
    package var blend: Blend
    package var adapt: Adapt
    package var expand: Expand
    /// 1 where at least 5 of the 9 are 1: the median of the neighbourhood.
    package var median: Neighbourhood
    /// 1 where any of the 9 is 1.
    package var dilate: Neighbourhood
    /// 1 where all of the 9 are 1.
    package var erode: Neighbourhood
    package var runs: Runs
    package var sumLight: SumLight
    package let project: Project
    package let measureBlocks: MeasureBlocks
    package let shift: Shift

    package init(
        name: String, boxDownsample: @escaping BoxDownsample, smooth: @escaping Smooth, adjust: @escaping Adjust,
        classify: @escaping Classify, learn: @escaping Learn, blend: @escaping Blend, adapt: @escaping Adapt,
        expand: @escaping Expand, median: @escaping Neighbourhood, dilate: @escaping Neighbourhood,
        erode: @escaping Neighbourhood, runs: @escaping Runs, sumLight: @escaping SumLight, project: @escaping Project,
        measureBlocks: @escaping MeasureBlocks, shift: @escaping Shift
    ) {
        self.name = name
        self.boxDownsample = boxDownsample
        self.smooth = smooth
        self.adjust = adjust
        self.classify = classify
        self.learn = learn
        self.blend = blend
        self.adapt = adapt
        self.expand = expand
        self.median = median
        self.dilate = dilate
        self.erode = erode
        self.runs = runs
        self.sumLight = sumLight
        self.project = project
        self.measureBlocks = measureBlocks
        self.shift = shift
    }
}

/// What every plane of the grid keeps to.
package enum PlaneLayout {
    /// ``KernelTable/Shift`` moves by whole multiples of one pixel divided by this.
    package static let shiftSteps = 16
    /// Plane strides are multiples of this many pixels: one word of a packed mask, two vectors.
    package static let lane = 64
    /// The largest box side ``KernelTable/BoxDownsample`` takes: its sums of 16-bit stay below 65,536.
    package static let factorLimit = 16
    /// Words of a row of a bit plane: its columns, ends included, are numbers of 16 bits.
    package static let rowWordLimit = 1023
    /// Pixels each way of a block of ``KernelTable/MeasureBlocks``.
    package static let blockSide = 32

    package static func stride(for width: Int) -> Int { (width + lane - 1) / lane * lane }
}

/// Constants of ``KernelTable/Adapt``.
///
/// For a pixel that is not held:
/// - background: `noise += (nearest << 8 - noise) >> noiseShift` (8.8 fixed point);
/// - foreground now and not before, or the reverse: `restless += rise`, else `restless -= fall` (held to 0…255).
///
/// Then always `radius = min(most, least + (noise * noiseGain >> 12) + (restless * restlessGain >> 8))`.
package struct AdaptRule: Sendable, Hashable {
    /// 1…8.
    package var noiseShift: Int32
    /// 4.4 fixed point: 16 adds the mean distance once. 0…4095.
    package var noiseGain: Int32
    /// 0…255, like `fall`.
    package var rise: Int32
    package var fall: Int32
    /// 8-bit fraction: 256 adds the whole restlessness. 0…256.
    package var restlessGain: Int32
    /// 0…255, like `most`.
    package var least: Int32
    package var most: Int32

    package init(
        noiseShift: Int32, noiseGain: Int32, rise: Int32, fall: Int32, restlessGain: Int32, least: Int32, most: Int32
    ) {
        self.noiseShift = noiseShift
        self.noiseGain = noiseGain
        self.rise = rise
        self.fall = fall
        self.restlessGain = restlessGain
        self.least = least
        self.most = most
    }
}
