internal import CVec
internal import KernelAPI

// Linked into KernelsBaseline, KernelsAVX2 and KernelsAVX512; see Resampling.swift for what may stand here.

func sumLight(
    _ values: UnsafePointer<UInt8>, _ means: UnsafePointer<UInt16>, _ hold: UnsafePointer<UInt8>,
    _ rule: LightRule, _ sums: UnsafeMutablePointer<LightSums>, _ count: Int
) {
    let (least, most) = (vec32_fill(rule.least), vec32_fill(rule.most))
    let (ceiling, zero, one) = (vec32_fill(rule.ceiling), vec32_fill(0), vec32_fill(1))
    let half = vec32w_fill(128)
    var i = 0
    while i < count {
        var (value, mean, number) = (UInt32(0), UInt32(0), UInt32(0))
        var k = i
        while k < i &+ 64 {
            let pixel = vec32_load(values + k)
            let usual = vec32w_narrow(vec32w_right(vec32w_load(means + k) &+ half, 8))
            let inside = vec32_and(vec32_at_most(least, usual), vec32_at_most(usual, most))
            let open = vec32_and(vec32_at_most(pixel, ceiling), vec32_equal(vec32_load(hold + k), zero))
            let counted = vec32_and(inside, open)
            value = value &+ vec32_sum(vec32_and(pixel, counted))
            mean = mean &+ vec32_sum(vec32_and(usual, counted))
            number = number &+ vec32_sum(vec32_and(one, counted))
            k &+= 32
        }
        let lane = sums + (i &>> 6)
        lane.pointee.values = lane.pointee.values &+ value
        lane.pointee.means = lane.pointee.means &+ mean
        lane.pointee.count = lane.pointee.count &+ number
        i &+= 64
    }
}

func project(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int,
    _ columns: UnsafeMutablePointer<UInt32>, _ rows: UnsafeMutablePointer<UInt32>
) {
    var x = 0
    while x < width {
        columns[x] = 0
        x &+= 1
    }
    let whole = width & ~31
    var y = 0
    while y < height {
        // As many rows as 16 bits hold the sum of.
        let end = y &+ 256 < height ? y &+ 256 : height
        addColumns(source + y &* stride, stride, whole, end &- y, columns)
        while y < end {
            let row = source + y &* stride
            rows[y] = rowSum(row, whole, width)
            x = whole
            while x < width {
                columns[x] = columns[x] &+ UInt32(truncatingIfNeeded: row[x])
                x &+= 1
            }
            y &+= 1
        }
    }
}

/// Strip by strip of 32 columns, so that the sums stay in registers.
@inline(__always)
private func addColumns(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int, _ columns: UnsafeMutablePointer<UInt32>
) {
    var x = 0
    while x < width {
        var sums = vec32w_fill(0)
        var y = 0
        while y < height {
            sums = sums &+ vec32w_widen(vec32_load(source + (y &* stride &+ x)))
            y &+= 1
        }
        vec32w_add_to(columns + x, sums)
        x &+= 32
    }
}

@inline(__always)
private func rowSum(_ row: UnsafePointer<UInt8>, _ whole: Int, _ width: Int) -> UInt32 {
    var sums = vec4_zero()
    var x = 0
    while x < whole {
        sums = sums &+ vec32_partial_sums(vec32_load(row + x))
        x &+= 32
    }
    var sum = UInt32(truncatingIfNeeded: vec4_sum(sums))
    while x < width {
        sum = sum &+ UInt32(truncatingIfNeeded: row[x])
        x &+= 1
    }
    return sum
}

func measureBlocks(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ columns: Int, _ rows: Int,
    _ blocks: UnsafeMutablePointer<BlockStatistics>
) {
    var row = 0
    while row < rows {
        var column = 0
        while column < columns {
            let first = source + (row &* 32 &* stride &+ column &* 32)
            blocks[row &* columns &+ column] = measureBlock(first, stride)
            column &+= 1
        }
        row &+= 1
    }
}

@inline(__always)
private func measureBlock(_ first: UnsafePointer<UInt8>, _ stride: Int) -> BlockStatistics {
    var here = vec32_load(first)
    var (sums, squares, gradients) = (vec32_partial_sums(here), vec32_squares(here), vec8_zero())
    gradients = gradients &+ vec32_squares(vec32_distance(here, vec32_next(here)))
    var y = 1
    while y < 32 {
        let below = vec32_load(first + y &* stride)
        sums = sums &+ vec32_partial_sums(below)
        squares = squares &+ vec32_squares(below)
        gradients = gradients &+ vec32_squares(vec32_distance(below, vec32_next(below)))
        gradients = gradients &+ vec32_squares(vec32_distance(here, below))
        here = below
        y &+= 1
    }
    return BlockStatistics(
        sum: UInt32(truncatingIfNeeded: vec4_sum(sums)), squares: vec8_sum(squares), gradients: vec8_sum(gradients))
}
