import Foundation

/// How far a measured figure can be trusted: 95 % intervals of shares, counts and F1. Pure functions.
package enum Confidence {
    /// Two-sided 95 % of the normal distribution.
    static let quantile = 1.959963984540054
    package static let bootstrapDraws = 2000

    /// Wilson's score interval of a share (Wilson, JASA 22, 1927): right also for few trials and shares near 0 and 1.
    /// - Returns: 0…1 where nothing was tried.
    package static func wilson(_ successes: Int, of trials: Int) -> ClosedRange<Double> {
        guard trials > 0 else { return 0...1 }
        let count = Double(trials), share = Double(successes) / count, square = quantile * quantile
        let centre = share + square / (2 * count)
        let reach = quantile * (share * (1 - share) / count + square / (4 * count * count)).squareRoot()
        let scale = 1 + square / count
        // The ends are exactly 0 and 1 there; rounding must not move them.
        let low = successes == 0 ? 0 : max(0, (centre - reach) / scale)
        let high = successes == trials ? 1 : min(1, (centre + reach) / scale)
        return low...high
    }

    /// Exact interval of the expected number behind a count (Garwood, Biometrika 28, 1936), by bisection.
    package static func poisson(_ count: Int) -> ClosedRange<Double> {
        let high = bisect { upTo(count, $0) > 0.025 }
        let low = count == 0 ? 0 : bisect { 1 - upTo(count - 1, $0) < 0.025 }
        return low...high
    }

    /// Percentile bootstrap over clips (Efron, Ann. Statist. 7, 1979): whole clips are drawn with replacement, because
    /// the fences and events of one clip stand or fall together. The same seed gives the same interval.
    ///
    /// - Parameter figure: of the rows of the clips drawn.
    /// - Returns: nil for fewer than two clips, of which nothing can be drawn.
    package static func bootstrap(
        _ rows: [FenceScore], seed: UInt64, figure: (CorpusScore) -> Double
    ) -> ClosedRange<Double>? {
        let clips = Dictionary(grouping: rows, by: \.footage).sorted { $0.key < $1.key }.map(\.value)
        guard clips.count > 1 else { return nil }
        var random = SeedGenerator(seed: seed)
        let values = (0..<bootstrapDraws).map { _ in
            figure(CorpusScore(rows: clips.indices.flatMap { _ in clips[Int(random.below(UInt64(clips.count)))] }))
        }.sorted()
        let place = { (share: Double) in values[Int((share * Double(values.count - 1)).rounded())] }
        return place(0.025)...place(0.975)
    }

    /// Probability of at most `count` where `mean` are expected.
    private static func upTo(_ count: Int, _ mean: Double) -> Double {
        var (term, sum) = (-mean, 0.0)
        for number in 0...count {
            if number > 0 { term += log(mean / Double(number)) }
            sum += exp(term)
        }
        return min(1, sum)
    }

    /// The largest mean for which the condition, true at 0, still holds.
    private static func bisect(_ holds: (Double) -> Bool) -> Double {
        var (low, high) = (0.0, 1.0)
        while holds(high), high < 1e9 { high *= 2 }
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers from the same seed everywhere.
package struct SeedGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Evenly from 0 to below `limit` but for less than 2⁻³² of bias; spelled out, so that no library decides.
    mutating func below(_ limit: UInt64) -> UInt64 { ((next() >> 32) &* limit) >> 32 }

    /// 0 up to below 1.
    mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }
}
