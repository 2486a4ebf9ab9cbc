import Foundation
package import Pipeline
package import Rules
import Scene

/// One thing that `tune` searches: a condition of every fence, or a key of the detector model, within a range.
///
/// Written `NAME=LOW..HIGH`: `size.min`, `size.max` (shares of the picture), `persistence`, `cool_down`, `rearm`
/// (seconds), `sensitivity` (1…100), or `model.KEY` with a number's key of model.json (`model.contrast_least`,
/// `model.health.light_share`). Where HIGH is at least 20 times a LOW above zero, the range is searched by ratios.
package struct TuneParameter: Hashable, Sendable {
    package static let limit = 6

    package enum Target: Hashable, Sendable {
        case condition(Condition)
        /// Key path within model.json.
        case model([String])
    }

    package enum Condition: String, Hashable, Sendable, CaseIterable {
        case sizeLeast = "size.min"
        case sizeMost = "size.max"
        case persistence
        case sensitivity
        case coolDown = "cool_down"
        case rearm

        /// What the configuration allows.
        var allowed: ClosedRange<Double> {
            switch self {
            case .sizeLeast, .sizeMost: 0.00001...1
            case .persistence: 0...RuleConditions.persistenceLimit.seconds
            case .sensitivity: 1...100
            case .coolDown, .rearm: 0...86_400
            }
        }
    }

    package let name: String
    package let target: Target
    package let range: ClosedRange<Double>
    /// Only whole numbers make sense.
    package let isWhole: Bool

    /// - Throws: ``CorpusError`` that says what is wrong with the text and what would be right.
    package init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let ends = parts.count == 2 ? parts[1].components(separatedBy: "..") : []
        guard ends.count == 2, let low = Double(ends[0]), let high = Double(ends[1]), low.isFinite, high.isFinite else {
            throw Self.wrong(text, "give NAME=LOW..HIGH, like persistence=0..1.5")
        }
        guard low < high else { throw Self.wrong(text, "\(parts[1]) is no range; the lower end comes first") }
        name = parts[0]
        range = low...high
        if let condition = Condition(rawValue: name) {
            let allowed = condition.allowed
            guard allowed.contains(low), allowed.contains(high) else {
                throw Self.wrong(
                    text, "\(parts[1]) is outside \(shortNumber(allowed.lowerBound))…\(shortNumber(allowed.upperBound))"
                )
            }
            (target, isWhole) = (.condition(condition), condition == .sensitivity)
            return
        }
        guard name.hasPrefix("model."), name.count > 6 else {
            let known = Condition.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.wrong(text, "\(name) is not known; give \(known), or model.KEY")
        }
        target = .model(name.dropFirst(6).split(separator: ".", omittingEmptySubsequences: false).map(String.init))
        isWhole = false
    }

    private static func wrong(_ text: String, _ detail: String) -> CorpusError {
        CorpusError(place: "--parameter \(text)", detail: detail)
    }

    /// The value at a share of the way through the range, rounded to three digits so that a person can write it down.
    package func value(at share: Double) -> Double {
        let (low, high) = (range.lowerBound, range.upperBound)
        let byRatio = low > 0 && high / low >= 20
        let exact = byRatio ? low * pow(high / low, share) : low + share * (high - low)
        if isWhole { return exact.rounded() }
        return min(max(Double(String(format: "%.3g", exact)) ?? exact, low), high)
    }
}

/// One point of the search: a value for each parameter; none leaves everything as it is.
package struct TuneTrial: Hashable, Sendable {
    package let values: [TuneParameter: Double]

    package init(_ values: [TuneParameter: Double] = [:]) { self.values = values }

    package var conditions: RuleConditions {
        var conditions = RuleConditions()
        for (parameter, value) in values {
            guard case .condition(let condition) = parameter.target else { continue }
            switch condition {
            case .sizeLeast: conditions.area = RuleConditions.Limits(least: value, most: conditions.area.most)
            case .sizeMost: conditions.area = RuleConditions.Limits(least: conditions.area.least, most: value)
            case .persistence: conditions.persistence = .seconds(value)
            case .sensitivity: conditions.sensitivity = Int(value)
            case .coolDown: conditions.coolDown = .seconds(value)
            case .rearm: conditions.rearm = .seconds(value)
            }
        }
        return conditions
    }

    /// What it changes of the detector model, in a fixed order; trials with the same share one run of the analysis.
    package var modelChanges: [ModelChange] {
        values.compactMap { parameter, value in
            guard case .model(let key) = parameter.target else { return nil }
            return ModelChange(key: key, value: value)
        }.sorted { $0.key.joined(separator: ".") < $1.key.joined(separator: ".") }
    }

    /// As the tables call it.
    package var text: String {
        guard !values.isEmpty else { return "as it is" }
        return values.sorted { $0.key.name < $1.key.name }.map { "\($0.key.name) \(shortNumber($0.value))" }
            .joined(separator: ", ")
    }
}

/// The trials of a search, fixed before anything is measured: nothing that was found steers what is tried next, so no
/// clip that is held out can have had a say.
package enum TuneDesign {
    package static let trialLimit = 2000

    /// The first trial changes nothing; the others are a Halton sequence (Numer. Math. 2, 1960) with a seeded shift
    /// (Cranley and Patterson, SIAM J. Numer. Anal. 13, 1976): they fill the space evenly from the first on.
    package static func trials(_ parameters: [TuneParameter], count: Int, seed: UInt64) -> [TuneTrial] {
        var random = SeedGenerator(seed: seed)
        let bases = [2, 3, 5, 7, 11, 13]
        let shifts = parameters.map { _ in random.share() }
        var trials = [TuneTrial()]
        for index in 1..<max(1, count) {
            var values: [TuneParameter: Double] = [:]
            for (place, parameter) in parameters.enumerated() {
                let share = radicalInverse(index, base: bases[place % bases.count]) + shifts[place]
                values[parameter] = parameter.value(at: share - share.rounded(.down))
            }
            trials.append(TuneTrial(values))
        }
        return trials
    }

    private static func radicalInverse(_ index: Int, base: Int) -> Double {
        var (rest, scale, sum) = (index, 1 / Double(base), 0.0)
        while rest > 0 {
            sum += Double(rest % base) * scale
            rest /= base
            scale /= Double(base)
        }
        return sum
    }
}
