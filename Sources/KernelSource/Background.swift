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
    if chance == 0 { return }
    let limit = vec32_fill(chance &- 1)
    var i = 0
    while i < count {
        learn32(values + i, noise + i, limit, hold + i, sample + i)
        let next = i &+ 32
        learn32(values + next, noise + next, limit, hold + next, sample + next)
        i &+= 64
    }
}

/// A held pixel's noise counts as 255, which is above every limit.
@inline(__always)
private func learn32(
    _ values: UnsafePointer<UInt8>, _ noise: UnsafePointer<UInt8>, _ limit: SIMD32<UInt8>,
    _ hold: UnsafePointer<UInt8>, _ sample: UnsafeMutablePointer<UInt8>
) {
    let take = vec32_at_most(vec32_or(vec32_load(noise), vec32_load(hold)), limit)
    vec32_store(sample, vec32_select(take, vec32_load(values), vec32_load(sample)))
}

func blend(
    _ values: UnsafePointer<UInt8>, _ hold: UnsafePointer<UInt8>, _ shift: Int32,
    _ mean: UnsafeMutablePointer<UInt16>, _ count: Int
) {
    let bits = UInt16(truncatingIfNeeded: shift)
    let roundUp = vec32w_fill((1 &<< bits) &- 1)
    let zero = vec32_fill(0)
    var i = 0
    while i < count {
        let open = vec32w_widen_mask(vec32_equal(vec32_load(hold + i), zero))
        let old = vec32w_load(mean + i)
        vec32w_store(mean + i, vec32w_select(open, approach(old, vec32_load(values + i), bits, roundUp), old))
        i &+= 32
    }
}

/// `old + (value << 8 - old) >> bits` in 16 bits; `old` is at most 255.0, so nothing overflows.
///
/// The shift of a negative difference rounds down, which is up for its magnitude.
@inline(__always)
private func approach(
    _ old: SIMD32<UInt16>, _ value: SIMD32<UInt8>, _ bits: UInt16, _ roundUp: SIMD32<UInt16>
) -> SIMD32<UInt16> {
    let goal = vec32w_left(vec32w_widen(value), 8)
    let rise = vec32w_right(vec32w_subtract_held(goal, old), bits)
    let fall = vec32w_right(vec32w_subtract_held(old, goal) &+ roundUp, bits)
    return old &+ rise &- fall
}

func adapt(
    _ nearest: UnsafePointer<UInt8>, _ foreground: UnsafePointer<UInt8>, _ before: UnsafePointer<UInt8>,
    _ hold: UnsafePointer<UInt8>, _ rule: AdaptRule, _ noise: UnsafeMutablePointer<UInt16>,
    _ restless: UnsafeMutablePointer<UInt8>, _ radius: UnsafeMutablePointer<UInt8>, _ count: Int
) {
    let bits = UInt16(truncatingIfNeeded: rule.noiseShift)
    let roundUp = vec32w_fill((1 &<< bits) &- 1)
    let noiseGain = vec32w_fill(UInt16(truncatingIfNeeded: rule.noiseGain &<< 4))
    let restlessGain = vec32w_fill(UInt16(truncatingIfNeeded: rule.restlessGain))
    let least = vec32w_fill(UInt16(truncatingIfNeeded: rule.least))
    let most = vec32w_fill(UInt16(truncatingIfNeeded: rule.most))
    let rise = vec32_fill(UInt8(truncatingIfNeeded: rule.rise))
    let fall = vec32_fill(UInt8(truncatingIfNeeded: rule.fall))
    let zero = vec32_fill(0)
    var i = 0
    while i < count {
        let now = vec32_load(foreground + i)
        let open = vec32_equal(vec32_load(hold + i), zero)

        let oldNoise = vec32w_load(noise + i)
        let quiet = vec32w_widen_mask(vec32_and(open, vec32_equal(now, zero)))
        let moved = approach(oldNoise, vec32_load(nearest + i), bits, roundUp)
        let newNoise = vec32w_select(quiet, moved, oldNoise)
        vec32w_store(noise + i, newNoise)

        let oldRestless = vec32_load(restless + i)
        let same = vec32_equal(now, vec32_load(before + i))
        let stepped = vec32_select(
            same, vec32_subtract_held(oldRestless, fall), vec32_add_held(oldRestless, rise))
        let newRestless = vec32_select(open, stepped, oldRestless)
        vec32_store(restless + i, newRestless)

        let fromNoise = vec32w_multiply_high(newNoise, noiseGain)
        let fromUnrest = vec32w_multiply_high(vec32w_left(vec32w_widen(newRestless), 8), restlessGain)
        let wide = vec32w_add_held(vec32w_add_held(least, fromNoise), fromUnrest)
        vec32_store(radius + i, vec32w_narrow(vec32w_min(wide, most)))
        i &+= 32
    }
}
