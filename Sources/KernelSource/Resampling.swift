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
    let area = UInt32(truncatingIfNeeded: factor &* factor)
    let reciprocal = ((1 << 20) &+ area &- 1) / area
    var y = 0
    while y < height {
        sumRows(source + y &* factor &* sourceStride, sourceStride, factor, scratch, width &* factor)
        let out = destination + y &* destinationStride
        switch factor {
        case 2: sumColumns(scratch, 2, out, width, reciprocal, area)
        case 3: sumColumns(scratch, 3, out, width, reciprocal, area)
        case 4: sumColumns(scratch, 4, out, width, reciprocal, area)
        case 5: sumColumns(scratch, 5, out, width, reciprocal, area)
        case 6: sumColumns(scratch, 6, out, width, reciprocal, area)
        default: sumColumns(scratch, factor, out, width, reciprocal, area)
        }
        y &+= 1
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
    _ reciprocal: UInt32, _ area: UInt32
) {
    let half = area &>> 1
    // At most 255.5 * area * (2^20 / area): below 2^28 whatever the factor.
    var x = 0
    while x < width {
        var sum = half
        let first = sums + x &* factor
        var k = 0
        while k < factor {
            sum = sum &+ UInt32(truncatingIfNeeded: first[k])
            k &+= 1
        }
        out[x] = UInt8(truncatingIfNeeded: (sum &* reciprocal) &>> 20)
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

func adjust(_ row: UnsafeMutablePointer<UInt8>, _ width: Int, _ gain: Int32, _ offset: Int32) {
    var x = 0
    while x < width {
        let value = (Int32(truncatingIfNeeded: row[x]) &* gain &+ 128) &>> 8 &+ offset
        let low = value < 0 ? 0 : value
        row[x] = UInt8(truncatingIfNeeded: low > 255 ? 255 : low)
        x &+= 1
    }
}
