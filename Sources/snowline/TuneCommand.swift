import ArgumentParser
import Foundation
import Pipeline
import Review

struct TuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract:
            "Search conditions of fences or keys of the model within a nuisance budget, judged on held-out clips.",
        discussion: """
            CORPUS is a folder of clips as evaluate reads it, two at least. NAME of a parameter: size.min, size.max, \
            persistence, sensitivity, cool_down, rearm, or model.KEY with a key of model.json. Writes patch.yaml, \
            card.md, tune.json, report.html, and models/ where a model was changed, into --out. Ends with 1 if the \
            budget is not kept on held-out clips, with 3 if some footage could not be read.
            """)

    @Argument(help: "The corpus; SNOWLINE_CORPUS if not given.") var corpus: String?
    @Option(name: .customLong("parameter"), help: "NAME=LOW..HIGH, one to six times.") var parameters: [String] = []
    @Option(help: "The budget: false alerts a camera-day.") var falsePerDay: Double
    @Option(help: "An event that must be found, FOOTAGE/FENCE@SECONDS, or all; again for more.") var mustFind:
        [String] =
            []
    @Option(help: "Points of the search, the present settings among them.") var trials = 60
    @Option(help: "Seed of the search, the folds and the intervals.") var seed: UInt64 = 1
    @Option(help: "Where the results go.") var out: String
    @Option(help: "Keep decoded luma here for the next time; else it goes at the end.") var cache: String?
    @Option(help: "At most so much decoded luma on disk; what does not fit is decoded each time.") var cacheGigabytes =
        2.0
    @Flag(help: "Print tune.json instead of lines.") var json = false

    func validate() throws {
        guard (1...TuneParameter.limit).contains(parameters.count) else {
            throw ValidationError("--parameter: \(parameters.count) given; give 1 to \(TuneParameter.limit)")
        }
        guard (2...TuneDesign.trialLimit).contains(trials) else {
            throw ValidationError("--trials \(trials): give 2 to \(TuneDesign.trialLimit)")
        }
        guard falsePerDay >= 0, falsePerDay.isFinite else {
            throw ValidationError("--false-per-day \(falsePerDay): give 0 or more")
        }
        guard (0...1000).contains(cacheGigabytes) else {
            throw ValidationError("--cache-gigabytes \(cacheGigabytes): give 0 to 1000")
        }
    }

    func run() async throws {
        guard let place = corpus ?? ProcessInfo.processInfo.environment["SNOWLINE_CORPUS"] else {
            throw ValidationError("no corpus: give its folder, or set SNOWLINE_CORPUS")
        }
        let result = try tuned(place)
        let library = ModelLibrary.standard()
        try result.write(
            to: URL(fileURLWithPath: out, isDirectory: true), library: library, page: TuneReport.page(result))
        print(json ? try result.json() : lines(result).joined(separator: "\n"))
        say(
            String(
                format: "%d trials in %.1f s, %.0f a minute", result.search.trials.count, result.search.seconds,
                result.trialsPerMinute))
        guard result.search.problems.isEmpty else {
            for problem in result.search.problems { say("snowline: \(problem)") }
            throw ProgramExit.footage.code
        }
        if !result.choice.keepsBudget { throw ProgramExit.findings.code }
    }

    private func tuned(_ place: String) throws -> TuneResult {
        let named = try parameters.map { try TuneParameter($0) }
        guard Set(named.map(\.name)).count == named.count else {
            throw ValidationError("--parameter: one name is given twice; give each once")
        }
        let cache = try LumaCache(
            folder: cache.map { URL(fileURLWithPath: $0, isDirectory: true) }, limitBytes: Int(cacheGigabytes * 1e9))
        let folder = URL(fileURLWithPath: place, isDirectory: true)
        let annotated = try NuisanceBudget(
            falsePerDay: falsePerDay, mustFind: mustFind, rows: TuneSearch.silence(of: folder))
        let progress = ProgressBar("tune")
        defer { progress.finish() }
        let search = try TuneSearch(
            corpus: folder, trials: TuneDesign.trials(named, count: trials, seed: seed), library: .standard(),
            cache: cache, progress: progress)
        return TuneResult(
            search, TuneChoice(search, budget: annotated, seed: seed), parameters: named, seed: seed, corpus: place)
    }

    private func lines(_ result: TuneResult) -> [String] {
        let choice = result.choice
        let (after, before) = (ScoreFigures(choice.heldOut, seed: seed), ScoreFigures(choice.baseline, seed: seed))
        let counts = { (figures: ScoreFigures) in
            "found \(figures.found) of \(figures.events), \(figures.falseAlerts) false, \(figures.extra) extra"
        }
        return ["chosen: \(result.chosen.text)", "held-out clips: \(counts(after))"] + after.lines.map { "  \($0)" }
            + ["as it was, on the same clips: \(counts(before))"] + before.lines.map { "  \($0)" }
            + choice.missed.map { "missed: \($0)" }
            + [
                "budget of \(shortened(choice.budget.falsePerDay)) false alerts a camera-day: "
                    + (choice.keepsBudget ? "kept" : "not kept") + " on held-out clips",
                "written: \(out)/patch.yaml, card.md, tune.json, report.html"
            ]
    }

    private func shortened(_ value: Double) -> String { String(format: "%.6g", value) }
}
