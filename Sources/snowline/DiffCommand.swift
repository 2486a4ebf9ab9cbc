import ArgumentParser
import Foundation
import Logging
import Pipeline
import Review
import Scene

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare what two configurations or models raise on the same footage: gained, lost, moved in time.",
        discussion: """
            diff FOOTAGE… --site a.yaml --against b.yaml compares two configurations; --model and --against-model \
            (names in Models, or folders with model.json) two detector models; diff --alerts a.jsonl --against b.jsonl \
            two outputs of replay --alerts. Ends with 1 if anything differs, with 3 if some footage could not be read; \
            the rest is compared all the same.
            """)

    @Argument(help: "The footage, one or several files.") var footage: [String] = []
    @Option(help: "The configuration that is compared.") var site: String?
    @Option(help: "The configuration, or the output of replay --alerts, that it is compared with.") var against: String?
    @Option(help: "An output of replay --alerts, instead of footage and --site.") var alerts: String?
    @Option(help: "Which camera; else the one whose url is the footage, else the only one.") var camera: String?
    @Option(help: "Another detector model for --site: its name, or a folder with model.json (./FOLDER).") var model:
        String?
    @Option(help: "Another detector model for --against.") var againstModel: String?
    @Option(help: "Write a self-contained page (HTML) here, with stills side by side.") var report: String?
    @Flag(help: "Print one JSON object instead of lines.") var json = false

    func validate() throws {
        if alerts != nil {
            guard footage.isEmpty, site == nil, model == nil, againstModel == nil, camera == nil, against != nil else {
                throw ValidationError("--alerts: give only --alerts a.jsonl --against b.jsonl; no footage is read")
            }
            return
        }
        guard !footage.isEmpty, site != nil else {
            throw ValidationError("give FOOTAGE… --site a.yaml --against b.yaml, or --alerts a.jsonl --against b.jsonl")
        }
        guard Set(footage).count == footage.count else {
            throw ValidationError("a footage is named twice; name it once")
        }
        guard against != nil || model != nil || againstModel != nil else {
            throw ValidationError("nothing to compare with: give --against b.yaml or --against-model MODEL")
        }
    }

    func run() async throws {
        if let alerts { return try compareFiles(alerts, against ?? "") }
        let (before, after) = try sides()
        var logger = Logger(label: "snowline", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let progress = ProgressBar("diff")
        let result = FootageDiff(try pairs(before, after), logger: logger, progress: progress)
        progress.finish()
        try finish(result.diff, before.name, after.name, result, logger)
    }

    private func sides() throws -> (ComparedSide, ComparedSide) {
        let library = ModelLibrary.standard()
        let (file, other) = (site ?? "", against ?? site ?? "")
        return (
            ComparedSide(try readSite(file, library), file: file, library: library, model: model),
            ComparedSide(try readSite(other, library), file: other, library: library, model: againstModel)
        )
    }

    private func pairs(_ before: ComparedSide, _ after: ComparedSide) throws -> [FootageDiff.Pair] {
        let id = try camera.map { text in
            guard let id = CameraID(text) else {
                throw ValidationError("--camera \(text): names are 1…64 of A–Z a–z 0–9 . _ -")
            }
            return id
        }
        return try footage.map { path in
            FootageDiff.Pair(
                footage: path, before: try before.assembly(before.camera(for: path, named: id)),
                after: try after.assembly(after.camera(for: path, named: id)))
        }
    }

    private func compareFiles(_ before: String, _ after: String) throws {
        var diff = AlertDiff()
        diff.add(
            footage: before, before: try DecisionFile.read(before), after: try DecisionFile.read(after))
        try finish(diff, before, after, nil, Logger(label: "snowline"))
    }

    private func finish(
        _ diff: AlertDiff, _ before: String, _ after: String, _ footages: FootageDiff?, _ logger: Logger
    ) throws {
        let problems = footages?.problems ?? []
        if let report {
            let progress = ProgressBar("report")
            defer { progress.finish() }
            try DiffReport.page(diff, before: before, after: after, footages: footages, logger: logger) {
                progress.update($0)
            }.write(to: report)
        }
        print(
            json
                ? try diff.json(before: before, after: after, problems: problems)
                : diff.lines().joined(separator: "\n"))
        for problem in problems { say("snowline: \(problem)") }
        if !problems.isEmpty { throw ProgramExit.footage.code }
        if !diff.isEmpty { throw ProgramExit.findings.code }
    }
}
