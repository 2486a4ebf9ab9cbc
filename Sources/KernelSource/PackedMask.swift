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

/// Where a column of words finds its left and right neighbours; outside the plane all is 0.
private struct WordColumn {
    let left: Int
    let right: Int
    let leftMask: UInt64
    let rightMask: UInt64

    @inline(__always)
    init(_ word: Int, _ rowWords: Int) {
        left = word == 0 ? 0 : -1
        right = word == rowWords &- 1 ? 0 : 1
        leftMask = word == 0 ? 0 : 1
        rightMask = word == rowWords &- 1 ? 0 : 1 &<< 63
    }
}

/// One word of a row with its neighbours to the left and right.
private struct Triple {
    var left: UInt64 = 0
    var centre: UInt64 = 0
    var right: UInt64 = 0

    @inline(__always)
    init() {}

    @inline(__always)
    init(_ word: UnsafePointer<UInt64>, _ column: WordColumn) {
        centre = word[0]
        left = (centre &<< 1) | ((word[column.left] &>> 63) & column.leftMask)
        right = (centre &>> 1) | ((word[column.right] &<< 63) & column.rightMask)
    }

    @inline(__always)
    var any: UInt64 { left | centre | right }
    @inline(__always)
    var all: UInt64 { left & centre & right }
    /// How many of the three are 1, as a number of two bits.
    @inline(__always)
    var ones: UInt64 { left ^ centre ^ right }
    @inline(__always)
    var twos: UInt64 { (left & centre) | (right & (left | centre)) }
}

// The three below go down one column of words at a time, so that each row's part is worked out once, not three times.

func median(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var word = 0
    while word < rowWords {
        let column = WordColumn(word, rowWords)
        var (above1, above2) = (UInt64(0), UInt64(0))
        var (here1, here2) = (UInt64(0), UInt64(0))
        var index = word
        var y = 0
        while y <= rows {
            let below = y < rows ? Triple(source + index, column) : Triple()
            let (below1, below2) = (below.ones, below.twos)
            if y > 0 {
                // Count = one + 2 * (the twos + carry); at least 5 of 9.
                let one = above1 ^ here1 ^ below1
                let carry = (above1 & here1) | (below1 & (above1 | here1))
                let low = above2 ^ here2 ^ below2
                let high = (above2 & here2) | (below2 & (above2 | here2))
                let exactlyTwo = (high ^ (low & carry)) & ~(high & (low | carry))
                destination[index &- rowWords] = (high & (low | carry)) | (exactlyTwo & one)
            }
            (above1, above2, here1, here2) = (here1, here2, below1, below2)
            index &+= rowWords
            y &+= 1
        }
        word &+= 1
    }
}

func dilate(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var word = 0
    while word < rowWords {
        let column = WordColumn(word, rowWords)
        var (above, here) = (UInt64(0), UInt64(0))
        var index = word
        var y = 0
        while y <= rows {
            let below = y < rows ? Triple(source + index, column).any : 0
            if y > 0 { destination[index &- rowWords] = above | here | below }
            (above, here) = (here, below)
            index &+= rowWords
            y &+= 1
        }
        word &+= 1
    }
}

func erode(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int
) {
    var word = 0
    while word < rowWords {
        let column = WordColumn(word, rowWords)
        var (above, here) = (UInt64(0), UInt64(0))
        var index = word
        var y = 0
        while y <= rows {
            let below = y < rows ? Triple(source + index, column).all : 0
            if y > 0 { destination[index &- rowWords] = above & here & below }
            (above, here) = (here, below)
            index &+= rowWords
            y &+= 1
        }
        word &+= 1
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
