package import KernelAPI

/// The obvious scalar twin of every kernel: what the fast ones must equal byte for byte. For tests and benchmarks.
package let kernelReference = KernelTable(
    name: "reference",
    boxDownsample: { source, sourceStride, factor, destination, destinationStride, width, height, _ in
        let area = factor * factor
        for y in 0..<height {
            for x in 0..<width {
                var sum = 0
                for row in 0..<factor {
                    for column in 0..<factor {
                        sum += Int(source[(y * factor + row) * sourceStride + x * factor + column])
                    }
                }
                destination[y * destinationStride + x] = UInt8((sum + area / 2) / area)
            }
        }
    },
    smooth: { source, sourceStride, destination, destinationStride, width, height, _ in
        for y in 0..<height {
            let above = source + max(y - 1, 0) * sourceStride
            let here = source + y * sourceStride
            let below = source + min(y + 1, height - 1) * sourceStride
            for x in 0..<width {
                let (left, right) = (max(x - 1, 0), min(x + 1, width - 1))
                let corners = Int(above[left]) + Int(above[right]) + Int(below[left]) + Int(below[right])
                let sides = Int(above[x]) + Int(below[x]) + Int(here[left]) + Int(here[right])
                destination[y * destinationStride + x] = UInt8((corners + 2 * sides + 4 * Int(here[x]) + 8) / 16)
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
            var (smallest, matches) = (255, 0)
            for sample in 0..<sampleCount {
                let distance = abs(Int(current[i]) - Int(samples[sample * count + i]))
                smallest = min(smallest, distance)
                if distance <= Int(radius[i]) { matches += 1 }
            }
            nearest[i] = UInt8(smallest)
            setBit(words, i, matches < Int(need))
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
    },
    erode: { source, destination, rowWords, rows in
        countNeighbours(source, destination, rowWords, rows, atLeast: 9)
    },
    runs: { row, rowWords, edges in
        var count = 0
        for x in 0..<rowWords * 64 where bit(row, x) != (x > 0 && bit(row, x - 1)) {
            edges[count] = UInt16(x)
            count += 1
        }
        if rowWords > 0, bit(row, rowWords * 64 - 1) {
            edges[count] = UInt16(rowWords * 64)
            count += 1
        }
        return count / 2
    },
    sumLight: { values, means, hold, rule, sums, count in
        for i in 0..<count {
            let mean = (Int(means[i]) + 128) >> 8
            guard hold[i] == 0, mean >= rule.least, mean <= rule.most, values[i] <= rule.ceiling else { continue }
            sums[i / 64].values += UInt32(values[i])
            sums[i / 64].means += UInt32(mean)
            sums[i / 64].count += 1
        }
    },
    project: { source, stride, width, height, columns, rows in
        for x in 0..<width { columns[x] = 0 }
        for y in 0..<height {
            rows[y] = 0
            for x in 0..<width {
                columns[x] += UInt32(source[y * stride + x])
                rows[y] += UInt32(source[y * stride + x])
            }
        }
    },
    measureBlocks: { source, stride, columns, rows, blocks in
        for row in 0..<rows {
            for column in 0..<columns {
                let first = source + row * PlaneLayout.blockSide * stride + column * PlaneLayout.blockSide
                blocks[row * columns + column] = measureBlock(first, stride)
            }
        }
    },
    shift: { source, sourceStride, destination, destinationStride, width, height, x, y, _ in
        func pixel(_ column: Int, _ row: Int) -> Int {
            Int(source[min(max(row, 0), height - 1) * sourceStride + min(max(column, 0), width - 1)])
        }
        for v in 0..<height {
            for u in 0..<width {
                let (left, top) = (u + x >> 4, v + y >> 4)
                let above = pixel(left, top) * (16 - x & 15) + pixel(left + 1, top) * (x & 15)
                let below = pixel(left, top + 1) * (16 - x & 15) + pixel(left + 1, top + 1) * (x & 15)
                destination[v * destinationStride + u] = UInt8((above * (16 - y & 15) + below * (y & 15) + 128) / 256)
            }
        }
    })

private func measureBlock(_ first: UnsafePointer<UInt8>, _ stride: Int) -> BlockStatistics {
    var statistics = BlockStatistics()
    let side = PlaneLayout.blockSide
    for y in 0..<side {
        for x in 0..<side {
            let value = Int(first[y * stride + x])
            let across = x + 1 < side ? Int(first[y * stride + x + 1]) - value : 0
            let down = y + 1 < side ? Int(first[(y + 1) * stride + x]) - value : 0
            statistics.sum += UInt32(value)
            statistics.squares += UInt32(value * value)
            statistics.gradients += UInt32(across * across + down * down)
        }
    }
    return statistics
}

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
