internal import CVec

// Linked into KernelsBaseline, KernelsAVX2 and KernelsAVX512. Plain branch-free loops over pointers: LLVM vectorises
// them for the module's instruction set. Nothing here may emit a weak symbol (no generics, no arrays, no closures).

func boxDownsample(
    _ source: UnsafePointer<UInt8>, _ sourceStride: Int, _ factor: Int,
    _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
    _ scratch: UnsafeMutablePointer<UInt16>
) {
    if factor == 1 {
        var y = 0
        while y < height {
            copyRow(source + y &* sourceStride, destination + y &* destinationStride, width)
            y &+= 1
        }
        return
    }
    let division = BoxDivision(UInt32(truncatingIfNeeded: factor &* factor))
    var y = 0
    while y < height {
        var (columns, side) = (width &* factor, factor)
        sumRows(source + y &* factor &* sourceStride, sourceStride, factor, scratch, columns)
        while side & 1 == 0, side > 2 {
            columns &>>= 1
            side &>>= 1
            sumPairs(scratch, columns)
        }
        let out = destination + y &* destinationStride
        switch side {
        case 2: sumColumns(scratch, 2, out, width, division)
        case 3: sumColumns(scratch, 3, out, width, division)
        case 5: sumColumns(scratch, 5, out, width, division)
        case 7: sumColumns(scratch, 7, out, width, division)
        default: sumColumns(scratch, side, out, width, division)
        }
        y &+= 1
    }
}

/// The rounded division of a sum by a box's area in 16 bits: `(sum + bias) * factor >> 16 >> shift`.
///
/// Exact for every sum of up to 16 × 16 bytes (checked over all of them): the factor is the nearest to the reciprocal,
/// and one is added to the sum where it is too small.
private struct BoxDivision {
    let bias: UInt16
    let factor: UInt32
    let shift: UInt32

    @inline(__always)
    init(_ area: UInt32) {
        var bits: UInt32 = 16
        while (UInt32(2) &<< bits) / area < 65_535 { bits &+= 1 }
        let one = UInt32(1) &<< bits
        factor = (one &+ area &>> 1) / area
        let isSmall = factor &* area < one
        bias = UInt16(truncatingIfNeeded: area &>> 1 &+ (isSmall ? 1 : 0))
        shift = bits &- 16
    }
}

/// In place: each sum and the next become one.
private func sumPairs(_ sums: UnsafeMutablePointer<UInt16>, _ count: Int) {
    var x = 0
    while x < count &- 31 {
        vec32w_store(sums + x, vec32w_pair_sums(sums + x &* 2))
        x &+= 32
    }
    while x < count {
        sums[x] = sums[x &* 2] &+ sums[x &* 2 &+ 1]
        x &+= 1
    }
}

private func copyRow(_ source: UnsafePointer<UInt8>, _ destination: UnsafeMutablePointer<UInt8>, _ count: Int) {
    var x = 0
    while x < count {
        destination[x] = source[x]
        x &+= 1
    }
}

private func sumRows(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ rows: Int, _ sums: UnsafeMutablePointer<UInt16>, _ count: Int
) {
    var x = 0
    let second = source + stride
    while x < count {
        sums[x] = UInt16(truncatingIfNeeded: source[x]) &+ UInt16(truncatingIfNeeded: second[x])
        x &+= 1
    }
    var row = 2
    while row < rows {
        let line = source + row &* stride
        x = 0
        while x < count {
            sums[x] = sums[x] &+ UInt16(truncatingIfNeeded: line[x])
            x &+= 1
        }
        row &+= 1
    }
}

/// Inlined for each constant factor, so that the inner loop unrolls and the outer one vectorises.
@inline(__always)
private func sumColumns(
    _ sums: UnsafePointer<UInt16>, _ factor: Int, _ out: UnsafeMutablePointer<UInt8>, _ width: Int,
    _ division: BoxDivision
) {
    let (bias, reciprocal, shift) = (division.bias, division.factor, division.shift)
    var x = 0
    while x < width {
        var sum = bias
        let first = sums + x &* factor
        var k = 0
        while k < factor {
            sum = sum &+ first[k]
            k &+= 1
        }
        let quotient = UInt16(truncatingIfNeeded: (UInt32(truncatingIfNeeded: sum) &* reciprocal) &>> 16)
        out[x] = UInt8(truncatingIfNeeded: quotient &>> UInt16(truncatingIfNeeded: shift))
        x &+= 1
    }
}

func smooth(
    _ source: UnsafePointer<UInt8>, _ sourceStride: Int,
    _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
    _ scratch: UnsafeMutablePointer<UInt16>
) {
    guard width > 0 else { return }
    var y = 0
    while y < height {
        let above = source + (y == 0 ? 0 : y &- 1) &* sourceStride
        let here = source + y &* sourceStride
        let below = source + (y == height &- 1 ? y : y &+ 1) &* sourceStride
        let sums = scratch + 1
        var x = 0
        while x < width {
            sums[x] =
                UInt16(truncatingIfNeeded: above[x]) &+ UInt16(truncatingIfNeeded: here[x]) &* 2
                &+ UInt16(truncatingIfNeeded: below[x])
            x &+= 1
        }
        scratch[0] = scratch[1]
        sums[width] = sums[width &- 1]
        let out = destination + y &* destinationStride
        x = 0
        while x < width {
            out[x] = UInt8(truncatingIfNeeded: (scratch[x] &+ scratch[x &+ 1] &* 2 &+ scratch[x &+ 2] &+ 8) &>> 4)
            x &+= 1
        }
        y &+= 1
    }
}

func shift(
    _ source: UnsafePointer<UInt8>, _ sourceStride: Int,
    _ destination: UnsafeMutablePointer<UInt8>, _ destinationStride: Int, _ width: Int, _ height: Int,
    _ x: Int, _ y: Int, _ scratch: UnsafeMutablePointer<UInt16>
) {
    guard width > 0 else { return }
    let right = UInt16(truncatingIfNeeded: x & 15)
    let left = 16 &- right
    let low = UInt16(truncatingIfNeeded: y & 15)
    let high = 16 &- low
    // Columns from `first` up to `end` have their own pixel in the source; the others repeat the outermost.
    let columns = x &>> 4
    let first = columns < 0 ? (columns < -width ? width &+ 1 : -columns) : 0
    let wanted = width &- columns
    let end = wanted < first ? first : (wanted > width &+ 1 ? width &+ 1 : wanted)
    var v = 0
    while v < height {
        let above = source + heldRow(v &+ y &>> 4, height) &* sourceStride
        let below = source + heldRow(v &+ y &>> 4 &+ 1, height) &* sourceStride
        blendRows(above + columns, below + columns, high, low, scratch, first, end)
        fillRow(scratch, 0, first, sum(above[0], below[0], high, low))
        fillRow(scratch, end, width &+ 1, sum(above[width &- 1], below[width &- 1], high, low))
        blendColumns(scratch, left, right, destination + v &* destinationStride, width)
        v &+= 1
    }
}

@inline(__always)
private func heldRow(_ row: Int, _ height: Int) -> Int {
    row < 0 ? 0 : (row < height ? row : height &- 1)
}

@inline(__always)
private func sum(_ above: UInt8, _ below: UInt8, _ high: UInt16, _ low: UInt16) -> UInt16 {
    UInt16(truncatingIfNeeded: above) &* high &+ UInt16(truncatingIfNeeded: below) &* low
}

private func blendRows(
    _ above: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>, _ high: UInt16, _ low: UInt16,
    _ sums: UnsafeMutablePointer<UInt16>, _ first: Int, _ end: Int
) {
    var u = first
    while u < end {
        sums[u] = sum(above[u], below[u], high, low)
        u &+= 1
    }
}

private func fillRow(_ sums: UnsafeMutablePointer<UInt16>, _ first: Int, _ end: Int, _ value: UInt16) {
    var u = first
    while u < end {
        sums[u] = value
        u &+= 1
    }
}

private func blendColumns(
    _ sums: UnsafePointer<UInt16>, _ left: UInt16, _ right: UInt16, _ out: UnsafeMutablePointer<UInt8>, _ width: Int
) {
    var u = 0
    while u < width {
        // At most 255 * 256 + 128: 16 bits hold it.
        out[u] = UInt8(truncatingIfNeeded: (sums[u] &* left &+ sums[u &+ 1] &* right &+ 128) &>> 8)
        u &+= 1
    }
}

func adjust(_ row: UnsafeMutablePointer<UInt8>, _ width: Int, _ gain: Int32, _ offset: Int32) {
    let gains = vec32w_fill(UInt16(truncatingIfNeeded: gain))
    let offsets = vec32w_fill(UInt16(truncatingIfNeeded: offset))
    let one = vec32w_fill(1)
    var x = 0
    while x < width &- 31 {
        let value = vec32w_widen(vec32_load(row + x))
        // Bits 8 to 23 of the product, and bit 7 to round by.
        let whole = vec32w_multiply_high(vec32w_left(value, 8), gains)
        let half = vec32w_and(vec32w_right(value &* gains, 7), one)
        vec32_store(row + x, vec32w_narrow_held(vec32w_add_signed_held(whole &+ half, offsets)))
        x &+= 32
    }
    while x < width {
        let value = (Int32(truncatingIfNeeded: row[x]) &* gain &+ 128) &>> 8 &+ offset
        let low = value < 0 ? 0 : value
        row[x] = UInt8(truncatingIfNeeded: low > 255 ? 255 : low)
        x &+= 1
    }
}
