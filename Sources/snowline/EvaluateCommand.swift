import ArgumentParser
import Foundation
import Ingest
import Pipeline
import Review

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Run annotated footage through the daemon's analysis and score the alerts.",
        discussion: """
            CORPUS is a folder of folders with meta.json, fences.json and the footage. Ends with 3 if some footage \
            could not be read; the rest is scored all the same. Ends with 1 if --against shows a regression.
            """)

    @Argument(help: "The corpus; SNOWLINE_CORPUS if not given.") var corpus: String?
    @Option(help: "What is decoded: strict (everything) or dense (keyframes while nothing stirs).") var mode =
        DecodeMode.strict
    @Option(help: "Write the alerts here, one JSON object a line.") var alerts: String?
    @Option(help: "Write the foreground masks into this folder, one FFV1 .mkv for each footage that has ground truth.")
    var masks: String?
    @Option(help: "Pictures a second analysed while nothing stirs, 1 to 60; the configuration's default is 8.")
    var analysisFps = 8.0
    @Flag(help: "Analyse no more pictures than that while something stirs either, to see what a low rate costs.")
    var steady = false
    @Flag(help: "Print one JSON object {\"total\": …, \"rows\": …} instead of the table.") var json = false

    @Option(help: "Compare with what --json printed before; ends with 1 where something got worse.") var against:
        String?
    @Option(help: "Write a self-contained page (HTML) here.") var report: String?
    @Option(help: "Seed of the intervals that are drawn by chance.") var seed: UInt64 = 1

    func validate() throws {
        guard (1...60).contains(analysisFps) else {
            throw ValidationError("--analysis-fps \(analysisFps): give 1 to 60")
        }
        guard mode == .strict || masks == nil else {
            throw ValidationError("--masks: dense does not decode every picture; leave out --mode dense")
        }
    }

    func run() async throws {
        guard let place = corpus ?? ProcessInfo.processInfo.environment["SNOWLINE_CORPUS"] else {
            throw ValidationError("no corpus: give its folder, or set SNOWLINE_CORPUS")
        }
        let progress = ProgressBar("evaluate")
        let evaluation = try CorpusEvaluation(
            corpus: URL(fileURLWithPath: place, isDirectory: true),
            models: EvaluationModels(
                library: .standard(), cadence: AnalysisCadence(analysisRate: analysisFps, isSteady: steady),
                policy: DecodePolicy(mode, analysisRate: analysisFps)),
            maskFolder: masks.map { URL(fileURLWithPath: $0, isDirectory: true) }, progress: progress)
        progress.finish()
        if let alerts { try evaluation.alertLines().write(toFile: alerts, atomically: true, encoding: .utf8) }
        let comparison = try against.map { try ScoreComparison(evaluation.score, against: $0) }
        let judged = maskScore(evaluation)
        let extras = EvaluationExtras(evaluation, seed: seed, comparison: comparison, masks: judged)
        try writeReport(evaluation, extras, place)
        print(json ? try evaluation.score.json(besides: extras) : lines(evaluation, extras).joined(separator: "\n"))
        let problems = evaluation.problems + (judged?.problems ?? [])
        guard problems.isEmpty else {
            for problem in problems { say("snowline: \(problem)") }
            throw ProgramExit.footage.code
        }
        if let comparison, !comparison.regressions.isEmpty { throw ProgramExit.findings.code }
    }

    private func maskScore(_ evaluation: CorpusEvaluation) -> MaskScore? {
        guard let masks else { return nil }
        let progress = ProgressBar("masks")
        defer { progress.finish() }
        return MaskScore(
            evaluation.footages.map(\.folder), masks: URL(fileURLWithPath: masks, isDirectory: true), progress: progress
        )
    }

    private func lines(_ evaluation: CorpusEvaluation, _ extras: EvaluationExtras) -> [String] {
        [evaluation.score.table()] + extras.figures.lines
            + (extras.masks.map { ["masks: mean F \($0.meanF) over \($0.rows.count) sequences"] } ?? [])
            + (extras.comparison.map { ["against \($0.file):"] + $0.lines } ?? [])
    }

    private func writeReport(_ evaluation: CorpusEvaluation, _ extras: EvaluationExtras, _ corpus: String) throws {
        guard let report else { return }
        let progress = ProgressBar("report")
        defer { progress.finish() }
        let page = EvaluationReport.page(evaluation, extras: extras, corpus: corpus) { progress.update($0) }
        try page.write(to: report)
    }
}

extension DecodeMode: ExpressibleByArgument {}
