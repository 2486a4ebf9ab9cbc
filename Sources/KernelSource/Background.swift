internal import CVec
internal import KernelAPI

// Linked into KernelsBaseline, KernelsAVX2 and KernelsAVX512; see Resampling.swift for what may stand here.

func classify(
    _ current: UnsafePointer<UInt8>, _ samples: UnsafePointer<UInt8>, _ sampleCount: Int,
    _ radius: UnsafePointer<UInt8>, _ need: UInt8, _ count: Int,
    _ words: UnsafeMutablePointer<UInt64>, _ nearest: UnsafeMutablePointer<UInt8>
) {
    let needed = vec32_fill(need)
    var i = 0
    while i < count {
        let low = classify32(current + i, samples + i, sampleCount, radius + i, needed, count, nearest + i)
        let next = i &+ 32
        let high = classify32(current + next, samples + next, sampleCount, radius + next, needed, count, nearest + next)
        words[i &>> 6] = UInt64(truncatingIfNeeded: low) | (UInt64(truncatingIfNeeded: high) &<< 32)
        i &+= 64
    }
}

@inline(__always)
private func classify32(
    _ current: UnsafePointer<UInt8>, _ samples: UnsafePointer<UInt8>, _ sampleCount: Int,
    _ radius: UnsafePointer<UInt8>, _ needed: SIMD32<UInt8>, _ planeSize: Int,
    _ nearest: UnsafeMutablePointer<UInt8>
) -> UInt32 {
    let value = vec32_load(current)
    let reach = vec32_load(radius)
    var matches = vec32_fill(0)
    var least = vec32_fill(255)
    var s = 0
    while s < sampleCount {
        let distance = vec32_distance(value, vec32_load(samples + s &* planeSize))
        least = vec32_min(least, distance)
        matches = matches &- vec32_at_most(distance, reach)
        s &+= 1
    }
    vec32_store(nearest, least)
    return vec32_bits_below(matches, needed)
}

func learn(
    _ values: UnsafePointer<UInt8>, _ noise: UnsafePointer<UInt8>, _ chance: UInt8,
    _ hold: UnsafePointer<UInt8>, _ sample: UnsafeMutablePointer<UInt8>, _ count: Int
) {
    let limit = vec32_fill(chance)
    var i = 0
    while i < count {
        let take = vec32_without(vec32_below(vec32_load(noise + i), limit), vec32_load(hold + i))
        vec32_store(sample + i, vec32_select(take, vec32_load(values + i), vec32_load(sample + i)))
        i &+= 32
    }
}

func blend(
    _ values: UnsafePointer<UInt8>, _ hold: UnsafePointer<UInt8>, _ shift: Int32,
    _ mean: UnsafeMutablePointer<UInt16>, _ count: Int
) {
    var i = 0
    while i < count {
        let old = Int32(truncatingIfNeeded: mean[i])
        let new = old &+ ((Int32(truncatingIfNeeded: values[i]) &<< 8 &- old) &>> shift)
        mean[i] = UInt16(truncatingIfNeeded: hold[i] == 0 ? new : old)
        i &+= 1
    }
}

func adapt(
    _ nearest: UnsafePointer<UInt8>, _ foreground: UnsafePointer<UInt8>, _ before: UnsafePointer<UInt8>,
    _ hold: UnsafePointer<UInt8>, _ rule: AdaptRule, _ noise: UnsafeMutablePointer<UInt16>,
    _ restless: UnsafeMutablePointer<UInt8>, _ radius: UnsafeMutablePointer<UInt8>, _ count: Int
) {
    let (noiseShift, noiseGain) = (rule.noiseShift, rule.noiseGain)
    let (rise, fall, restlessGain) = (rule.rise, rule.fall, rule.restlessGain)
    let (smallest, largest) = (rule.least, rule.most)
    var i = 0
    while i < count {
        let oldNoise = Int32(truncatingIfNeeded: noise[i])
        let moved = oldNoise &+ ((Int32(truncatingIfNeeded: nearest[i]) &<< 8 &- oldNoise) &>> noiseShift)
        let newNoise = (hold[i] | foreground[i]) == 0 ? moved : oldNoise
        noise[i] = UInt16(truncatingIfNeeded: newNoise)

        let oldRestless = Int32(truncatingIfNeeded: restless[i])
        let step = foreground[i] == before[i] ? 0 &- fall : rise
        let stepped = oldRestless &+ step
        let low = stepped < 0 ? 0 : stepped
        let high = low > 255 ? 255 : low
        let newRestless = hold[i] == 0 ? high : oldRestless
        restless[i] = UInt8(truncatingIfNeeded: newRestless)

        let wide = smallest &+ ((newNoise &* noiseGain) &>> 12) &+ ((newRestless &* restlessGain) &>> 8)
        radius[i] = UInt8(truncatingIfNeeded: wide > largest ? largest : wide)
        i &+= 1
    }
}
