import Foundation
import Scene

/// What is chosen of the trials, and how it fared on clips that had no say in the choice. A pure function of a search,
/// a budget and a seed.
///
/// Clips are dealt into folds. For each fold the best trial on all other clips is chosen and judged on the fold's own;
/// these held-out rows together are what is reported. The trial that is written down is the best on all clips; its
/// score on them is not reported, because it was chosen by it.
package struct TuneChoice: Sendable {
    package static let foldLimit = 5

    package struct Fold: Sendable {
        package let clips: [Int]
        package let trial: Int
    }

    /// A point of the trade-off: the same choice under another allowance.
    package struct TradeOff: Sendable {
        /// False alerts a judged hour that were allowed when choosing.
        package let allowed: Double
        package let heldOut: CorpusScore
    }

    package let budget: NuisanceBudget
    package let folds: [Fold]
    /// The trial to write down, of the search's trials.
    package let chosen: Int
    package let heldOut: CorpusScore
    /// Everything as it is, on the same clips: nothing was chosen there.
    package let baseline: CorpusScore
    package let missed: [NuisanceBudget.Event]
    package let tradeOffs: [TradeOff]

    package init(_ search: TuneSearch, budget: NuisanceBudget, seed: UInt64) {
        self.budget = budget
        let all = Array(search.folders.indices)
        let dealt = Self.deal(all, seed: seed)
        let judge = Judge(search: search, budget: budget)
        folds = dealt.map { clips in
            let others = all.filter { !clips.contains($0) }
            return Fold(clips: clips, trial: judge.best(on: others, allowed: nil))
        }
        chosen = judge.best(on: all, allowed: nil)
        heldOut = judge.score(folds)
        baseline = CorpusScore(rows: search.rows[0].flatMap { $0 })
        missed = budget.missed(heldOut.rows)
        let judged = max(baseline.judgedSeconds / 3600, 1e-9)
        let counts = search.rows.map { clips in
            clips.reduce(0) { $0 + $1.reduce(0) { $0 + $1.falseStarts.count } }
        }
        tradeOffs = Set(counts).sorted().prefix(24).map { count in
            let allowed = Double(count) / judged
            return TradeOff(
                allowed: allowed,
                heldOut: judge.score(
                    dealt.map { clips in
                        Fold(clips: clips, trial: judge.best(on: all.filter { !clips.contains($0) }, allowed: allowed))
                    }))
        }
    }

    /// Whether the held-out rows keep the budget.
    package var keepsBudget: Bool {
        missed.isEmpty && Double(heldOut.falseCount) <= budget.allowed(judgedSeconds: heldOut.judgedSeconds)
    }

    /// A seeded shuffle, dealt in turn.
    private static func deal(_ clips: [Int], seed: UInt64) -> [[Int]] {
        var random = SeedGenerator(seed: seed)
        var order = clips
        for place in order.indices.dropLast() {
            order.swapAt(place, place + Int(random.below(UInt64(order.count - place))))
        }
        let count = min(foldLimit, clips.count)
        return (0..<count).map { fold in
            order.enumerated().filter { $0.offset % count == fold }.map(\.element).sorted()
        }
    }

    private struct Judge {
        let search: TuneSearch
        let budget: NuisanceBudget

        /// The best trial on these clips: fewest events missed that must be found, then within the allowance, then most
        /// found, fewest extra, best mean F1, fewest false; of equals the first, which changes least or was tried first.
        ///
        /// - Parameter allowed: false alerts a judged hour; nil for the budget's.
        func best(on clips: [Int], allowed: Double?) -> Int {
            var best: (trial: Int, merit: Merit)?
            for trial in search.trials.indices {
                let merit = merit(trial, clips, allowed)
                if let known = best, !(merit < known.merit) { continue }
                best = (trial, merit)
            }
            return best?.trial ?? 0
        }

        func score(_ folds: [Fold]) -> CorpusScore {
            let trialOfClip = Dictionary(
                uniqueKeysWithValues: folds.flatMap { fold in fold.clips.map { ($0, fold.trial) } })
            return CorpusScore(
                rows: search.folders.indices.flatMap { clip in
                    trialOfClip[clip].map { search.rows[$0][clip] } ?? []
                })
        }

        private func merit(_ trial: Int, _ clips: [Int], _ allowed: Double?) -> Merit {
            let score = CorpusScore(rows: clips.flatMap { search.rows[trial][$0] })
            let limit =
                allowed.map { $0 * score.judgedSeconds / 3600 } ?? budget.allowed(judgedSeconds: score.judgedSeconds)
            return Merit(
                missed: budget.missed(score.rows).count, over: max(0, Double(score.falseCount) - limit - 1e-9),
                found: score.foundCount, extra: score.extraCount, macroF1: score.macroF1, falseCount: score.falseCount)
        }
    }

    /// Less is better.
    private struct Merit: Comparable {
        let missed: Int
        let over: Double
        let found: Int
        let extra: Int
        let macroF1: Double
        let falseCount: Int

        static func < (one: Self, other: Self) -> Bool {
            (one.missed, one.over, -one.found, one.extra, -one.macroF1, one.falseCount)
                < (other.missed, other.over, -other.found, other.extra, -other.macroF1, other.falseCount)
        }
    }
}
