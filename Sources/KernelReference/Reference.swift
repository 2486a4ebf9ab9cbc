package import KernelAPI

/// The obvious scalar twin of every kernel: what the fast ones must equal byte for byte. For tests and benchmarks.
package let kernelReference = KernelTable(
    name: "reference",
    boxDownsample: { source, sourceStride, factor, destination, destinationStride, width, height, _ in
        let area = factor * factor
        let reciprocal = ((1 << 20) + area - 1) / area
        for y in 0..<height {
            for x in 0..<width {
                var sum = 0
                for row in 0..<factor {
                    for column in 0..<factor {
                        sum += Int(source[(y * factor + row) * sourceStride + x * factor + column])
                    }
                }
                destination[y * destinationStride + x] = UInt8(((sum + area / 2) * reciprocal) >> 20)
            }
        }
    },
    smooth: { source, sourceStride, destination, destinationStride, width, height, _ in
        let weights = [1, 2, 1]
        for y in 0..<height {
            for x in 0..<width {
                var sum = 8
                for (row, down) in zip([y - 1, y, y + 1], weights) {
                    for (column, across) in zip([x - 1, x, x + 1], weights) {
                        let inside = (min(max(row, 0), height - 1), min(max(column, 0), width - 1))
                        sum += Int(source[inside.0 * sourceStride + inside.1]) * down * across
                    }
                }
                destination[y * destinationStride + x] = UInt8(sum / 16)
            }
        }
    },
    adjust: { row, width, gain, offset in
        for x in 0..<width {
            row[x] = UInt8(min(255, max(0, (Int(row[x]) * Int(gain) + 128) >> 8 + Int(offset))))
        }
    },
    classify: { current, samples, sampleCount, radius, need, count, words, nearest in
        for i in 0..<count {
            let distances = (0..<sampleCount).map { abs(Int(current[i]) - Int(samples[$0 * count + i])) }
            nearest[i] = UInt8(distances.min() ?? 255)
            let isForeground = distances.filter { $0 <= Int(radius[i]) }.count < Int(need)
            setBit(words, i, isForeground)
        }
    },
    learn: { values, noise, chance, hold, sample, count in
        for i in 0..<count where noise[i] < chance && hold[i] == 0 { sample[i] = values[i] }
    },
    blend: { values, hold, shift, mean, count in
        for i in 0..<count where hold[i] == 0 {
            mean[i] = UInt16(Int(mean[i]) + (Int(values[i]) * 256 - Int(mean[i])) >> Int(shift))
        }
    },
    adapt: { nearest, foreground, before, hold, rule, noise, restless, radius, count in
        for i in 0..<count {
            if hold[i] == 0 {
                if foreground[i] == 0 {
                    noise[i] = UInt16(Int(noise[i]) + (Int(nearest[i]) * 256 - Int(noise[i])) >> Int(rule.noiseShift))
                }
                let step = foreground[i] == before[i] ? -Int(rule.fall) : Int(rule.rise)
                restless[i] = UInt8(min(255, max(0, Int(restless[i]) + step)))
            }
            let fromNoise = (Int(noise[i]) * Int(rule.noiseGain)) >> 12
            let fromUnrest = (Int(restless[i]) * Int(rule.restlessGain)) >> 8
            radius[i] = UInt8(min(Int(rule.most), Int(rule.least) + fromNoise + fromUnrest))
        }
    },
    expand: { words, bytes, count in
        for i in 0..<count { bytes[i] = bit(words, i) ? 255 : 0 }
    },
    median: { source, destination, rowWords, rows in
        countNeighbours(source, destination, rowWords, rows, atLeast: 5)
    },
    dilate: { source, destination, rowWords, rows in
        countNeighbours(source, destination, rowWords, rows, atLeast: 1)
    })

private func bit(_ words: UnsafePointer<UInt64>, _ index: Int) -> Bool {
    words[index / 64] >> UInt64(index % 64) & 1 == 1
}

private func setBit(_ words: UnsafeMutablePointer<UInt64>, _ index: Int, _ value: Bool) {
    let one = UInt64(1) << UInt64(index % 64)
    if value { words[index / 64] |= one } else { words[index / 64] &= ~one }
}

private func countNeighbours(
    _ source: UnsafePointer<UInt64>, _ destination: UnsafeMutablePointer<UInt64>, _ rowWords: Int, _ rows: Int,
    atLeast need: Int
) {
    let width = rowWords * 64
    for y in 0..<rows {
        for x in 0..<width {
            var count = 0
            for row in y - 1...y + 1 where row >= 0 && row < rows {
                for column in x - 1...x + 1 where column >= 0 && column < width {
                    count += bit(source, row * width + column) ? 1 : 0
                }
            }
            setBit(destination, y * width + x, count >= need)
        }
    }
}
