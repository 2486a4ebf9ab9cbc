internal import CVec

// Linked into KernelsBaseline, KernelsAVX2 and KernelsAVX512; see Resampling.swift for what may stand here.

func expand(_ words: UnsafePointer<UInt64>, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) {
    var i = 0
    while i < count {
        let word = words[i &>> 6]
        vec32_store(bytes + i, vec32_expand(UInt32(truncatingIfNeeded: word)))
        vec32_store(bytes + (i &+ 32), vec32_expand(UInt32(truncatingIfNeeded: word &>> 32)))
        i &+= 64
    }
}

/// One word of a row with its neighbours to the left and right, as a two-bit count of each column's three bits.
private struct Triple {
    let ones: UInt64
    let twos: UInt64
    let any: UInt64
    let all: UInt64

    @inline(__always)
    init(_ row: UnsafePointer<UInt64>?, _ word: Int, _ rowWords: Int) {
        guard let row else {
            ones = 0
            twos = 0
            any = 0
            all = 0
            return
        }
        let centre = row[word]
        let left = (centre &<< 1) | (word == 0 ? 0 : row[word &- 1] &>> 63)
        let right = (centre &>> 1) | (word == rowWords &- 1 ? 0 : row[word &+ 1] &<< 63)
        ones = left ^ centre ^ right
        twos = (left & centre) | (right & (left | centre))
        any = left | centre | right
        all = left & centre & right
    }
}

func median(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var y = 0
    while y < rows {
        let here = source + y &* rowWords
        var word = 0
        while word < rowWords {
            let a = Triple(y == 0 ? nil : here - rowWords, word, rowWords)
            let b = Triple(here, word, rowWords)
            let c = Triple(y == rows &- 1 ? nil : here + rowWords, word, rowWords)
            // Count = one + 2 * (a.twos + b.twos + c.twos + carry); at least 5 of 9.
            let one = a.ones ^ b.ones ^ c.ones
            let carry = (a.ones & b.ones) | (c.ones & (a.ones | b.ones))
            let low = a.twos ^ b.twos ^ c.twos
            let high = (a.twos & b.twos) | (c.twos & (a.twos | b.twos))
            let atLeastThree = high & (low | carry)
            let exactlyTwo = (high & ~low & ~carry) | (~high & low & carry)
            destination[y &* rowWords &+ word] = atLeastThree | (exactlyTwo & one)
            word &+= 1
        }
        y &+= 1
    }
}

func dilate(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var y = 0
    while y < rows {
        let here = source + y &* rowWords
        var word = 0
        while word < rowWords {
            let a = Triple(y == 0 ? nil : here - rowWords, word, rowWords)
            let b = Triple(here, word, rowWords)
            let c = Triple(y == rows &- 1 ? nil : here + rowWords, word, rowWords)
            destination[y &* rowWords &+ word] = a.any | b.any | c.any
            word &+= 1
        }
        y &+= 1
    }
}

func erode(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var y = 0
    while y < rows {
        let here = source + y &* rowWords
        var word = 0
        while word < rowWords {
            let a = Triple(y == 0 ? nil : here - rowWords, word, rowWords)
            let b = Triple(here, word, rowWords)
            let c = Triple(y == rows &- 1 ? nil : here + rowWords, word, rowWords)
            destination[y &* rowWords &+ word] = a.all & b.all & c.all
            word &+= 1
        }
        y &+= 1
    }
}

func runs(_ row: UnsafePointer<UInt64>, _ rowWords: Int, _ edges: UnsafeMutablePointer<UInt16>) -> Int {
    var count = 0
    var carry: UInt64 = 0
    var word = 0
    while word < rowWords {
        // A bit that differs from the one before it begins a run or ends one.
        let bits = row[word]
        var changes = bits ^ ((bits &<< 1) | carry)
        carry = bits &>> 63
        while changes != 0 {
            edges[count] = UInt16(truncatingIfNeeded: word &* 64 &+ changes.trailingZeroBitCount)
            count &+= 1
            changes &= changes &- 1
        }
        word &+= 1
    }
    if carry == 1 {
        edges[count] = UInt16(truncatingIfNeeded: rowWords &* 64)
        count &+= 1
    }
    return count &>> 1
}
