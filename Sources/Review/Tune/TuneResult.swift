package import Foundation
import Journal
package import Pipeline
import Rules
import Scene

/// What `tune` hands over: the page's and card's facts, the configuration patch, and model folders where a model was
/// changed.
package struct TuneResult: Sendable {
    package let search: TuneSearch
    package let choice: TuneChoice
    package let parameters: [TuneParameter]
    package let seed: UInt64
    package let corpus: String

    package init(
        _ search: TuneSearch, _ choice: TuneChoice, parameters: [TuneParameter], seed: UInt64, corpus: String
    ) {
        self.search = search
        self.choice = choice
        self.parameters = parameters
        self.seed = seed
        self.corpus = corpus
    }

    package var chosen: TuneTrial { search.trials[choice.chosen] }
    package var trialsPerMinute: Double { Double(search.trials.count) / max(search.seconds, 1e-3) * 60 }

    /// Names of the changed models, by the model they come from.
    package var modelNames: [String: String] {
        guard !chosen.modelChanges.isEmpty else { return [:] }
        let names = Set(search.folders.map(\.modelName))
        return Dictionary(uniqueKeysWithValues: names.map { ($0, "\($0)-tuned") })
    }

    /// Keys to merge into the fences (and the camera) of a site.yaml.
    package func patch() -> String {
        let head = """
            # Written by snowline tune: seed \(seed), \(search.trials.count) trials, \(search.folders.count) clips. The card beside it says
            # how the choice fared on clips that had no say in it. Merge these keys into the fences of site.yaml.

            """
        let models = modelNames.sorted { $0.key < $1.key }.map {
            "# cameras with the model \($0.key):\nmodel: \($0.value)\n"
        }
        let keys = conditionLines
        let ids = Set(search.folders.flatMap(\.fences).map(\.id)).sorted()
        let fences =
            keys.isEmpty
            ? "# fences: nothing to change\n"
            : "fences:\n" + ids.map { id in "  - id: \(id)\n" + keys.map { "    \($0)\n" }.joined() }.joined()
        return head + models.joined() + fences
    }

    /// As docs/configuration.md spells them.
    private var conditionLines: [String] {
        let conditions = chosen.conditions
        let given = Set(
            chosen.values.keys.compactMap { parameter -> TuneParameter.Condition? in
                if case .condition(let condition) = parameter.target { condition } else { nil }
            })
        var lines: [String] = []
        let size = [("min", conditions.area.least), ("max", conditions.area.most)].compactMap { name, value in
            value.map { "\(name): \(shortNumber($0))" }
        }
        if !size.isEmpty { lines.append("size: { \(size.joined(separator: ", ")) }") }
        for (condition, value) in [
            (TuneParameter.Condition.persistence, conditions.persistence.seconds),
            (.sensitivity, Double(conditions.sensitivity)), (.coolDown, conditions.coolDown.seconds),
            (.rearm, conditions.rearm.seconds)
        ] where given.contains(condition) {
            lines.append("\(condition.rawValue): \(shortNumber(value))")
        }
        return lines
    }

    /// Writes `patch.yaml`, `card.md`, `tune.json`, `report.html`, and `models/NAME/` where a model was changed.
    /// - Throws: an error of Foundation that names the file, `ModelError`.
    package func write(to folder: URL, library: ModelLibrary, page: ReportPage) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var hashes: [String: String] = [:]
        for (base, name) in modelNames.sorted(by: { $0.key < $1.key }) {
            let (entry, file) = try library.load(base, as: name, chosen.modelChanges)
            hashes[name] = entry.hash
            let place = folder.appendingPathComponent("models/\(name)", isDirectory: true)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try file.write(to: place.appendingPathComponent("model.json"), options: .atomic)
            try Data(card(hashes: [name: entry.hash]).utf8).write(
                to: place.appendingPathComponent("README.md"), options: .atomic)
        }
        for (name, text) in [
            ("patch.yaml", patch()), ("card.md", card(hashes: hashes)), ("tune.json", try json() + "\n")
        ] {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
        }
        try page.write(to: folder.appendingPathComponent("report.html").path)
    }

    /// What was chosen, how, and how far it can be trusted.
    package func card(hashes: [String: String]) -> String {
        let figures = ScoreFigures(choice.heldOut, seed: seed)
        let before = ScoreFigures(choice.baseline, seed: seed)
        let ranges = parameters.map {
            "- `\($0.name)`: \(shortNumber($0.range.lowerBound)) … \(shortNumber($0.range.upperBound)), chosen "
                + (chosen.values[$0].map(shortNumber) ?? "as it is")
        }
        let models = hashes.sorted { $0.key < $1.key }.map { "- `\($0.key)`: SHA-256 of model.json `\($0.value)`" }
        let missed = choice.missed.map { "- missed: \($0)" }
        let folds = choice.folds.enumerated().map { number, fold in
            "- \(number + 1): \(fold.clips.map { search.folders[$0].name }.joined(separator: ", ")) ← "
                + search.trials[fold.trial].text
        }
        return """
            # Tuned by snowline tune

            - corpus: \(corpus), \(search.folders.count) clips, \(shortNumber(decimal(figures.falseRate.judgedHours, places: 3))) h judged
            - budget: \(shortNumber(choice.budget.falsePerDay)) false alerts a camera-day, \(choice.budget.mustFind.count) events that must be found
            - search: \(search.trials.count) trials, seed \(seed)
            - held-out rows keep the budget: \(choice.keepsBudget ? "yes" : "no")

            ## Parameters
            \(ranges.joined(separator: "\n"))

            ## On clips that had no say
            \(figures.lines.map { "- \($0)" }.joined(separator: "\n"))
            - found \(figures.found) of \(figures.events), \(figures.falseAlerts) false, \(figures.extra) extra
            \((missed.isEmpty ? ["- every event that must be found was found"] : missed).joined(separator: "\n"))

            ## As it was, on the same clips
            \(before.lines.map { "- \($0)" }.joined(separator: "\n"))
            - found \(before.found) of \(before.events), \(before.falseAlerts) false, \(before.extra) extra

            ## Folds
            Each line: the clips held out ← the trial chosen on all others.

            \(folds.joined(separator: "\n"))
            \(models.isEmpty ? "" : "\n## Models\n" + models.joined(separator: "\n") + "\n")
            ## What it cannot say
            The values that are written down were chosen on all clips; the figures above are those of the same choice made without
            the clip that is judged. Fences of one clip, and clips of one camera, are not independent. \(Self.resolution(figures).en)

            """
    }

    /// How small a rate the footage can show at all.
    static func resolution(_ figures: ScoreFigures) -> Bilingual {
        let hours = String(format: "%.2f", figures.falseRate.judgedHours)
        let least = Confidence.poisson(0).upperBound / max(figures.falseRate.judgedHours / 24, 1e-9)
        let rate = String(format: "%.0f", least.rounded(.up))
        return Bilingual(
            zh: "即使没有一次误报，\(hours) 个判定小时也只能说明每路每天少于 \(rate) 次。",
            en: "Without one false alert, \(hours) judged hours only show fewer than \(rate) a camera-day.")
    }

    /// One JSON object; the same for the same corpus, parameters, budget and seed: no times, no speeds.
    package func json() throws -> String {
        let folds = choice.folds.map { fold in
            Document.Fold(clips: fold.clips.map { search.folders[$0].name }, trial: fold.trial)
        }
        return try DecisionCoder.text(
            Document(
                seed: seed, budget: choice.budget.falsePerDay,
                mustFind: choice.budget.mustFind.map(\.description).sorted(), keepsBudget: choice.keepsBudget,
                missed: choice.missed.map(\.description), chosen: choice.chosen,
                chosenValues: Self.named(chosen), heldOut: ScoreFigures(choice.heldOut, seed: seed),
                asItWas: ScoreFigures(choice.baseline, seed: seed), folds: folds,
                tradeOff: choice.tradeOffs.map {
                    Document.Point(
                        allowed: decimal($0.allowed, places: 4), found: $0.heldOut.foundCount,
                        falseCount: $0.heldOut.falseCount, recall: decimal($0.heldOut.recall, places: 4),
                        precision: decimal($0.heldOut.precision, places: 4))
                }, trials: search.trials.map(Self.named), problems: search.problems))
    }

    private static func named(_ trial: TuneTrial) -> [String: Double] {
        Dictionary(uniqueKeysWithValues: trial.values.map { ($0.key.name, $0.value) })
    }

    private struct Document: Encodable {
        struct Fold: Encodable {
            let clips: [String]
            let trial: Int
        }

        struct Point: Encodable {
            let allowed: Double
            let found, falseCount: Int
            let recall, precision: Double

            enum CodingKeys: String, CodingKey {
                case found, recall, precision
                case allowed = "allowed_per_judged_hour"
                case falseCount = "false"
            }
        }

        let seed: UInt64
        let budget: Double
        let mustFind: [String]
        let keepsBudget: Bool
        let missed: [String]
        let chosen: Int
        let chosenValues: [String: Double]
        let heldOut, asItWas: ScoreFigures
        let folds: [Fold]
        let tradeOff: [Point]
        let trials: [[String: Double]]
        let problems: [String]

        enum CodingKeys: String, CodingKey {
            case seed, missed, chosen, folds, trials, problems
            case budget = "false_per_day"
            case mustFind = "must_find"
            case keepsBudget = "keeps_budget"
            case chosenValues = "values"
            case heldOut = "held_out"
            case asItWas = "as_it_was"
            case tradeOff = "trade_off"
        }
    }
}
