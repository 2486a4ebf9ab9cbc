import ArgumentParser
import Foundation
import Ingest
import Logging
import Media
import Pipeline
import Review
import Scene

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run recorded footage through a camera's pipeline, exactly as the daemon would.",
        discussion: "Ends with 1 if --expect differs, with 3 if the footage is unreadable or cut off.")

    @Argument(help: "The footage.") var footage: String
    @Option(help: "The configuration, site.yaml.") var site: String
    @Option(help: "Which of its cameras.") var camera: String
    @Option(help: "When the footage begins, like 2026-11-22T09:31:02Z; else 1970-01-01T00:00:00Z.") var start: String?
    @Option(help: "What is decoded: strict or dense; else as the camera's configuration says.") var mode: DecodeMode?
    @Option(help: "Write every alert version here, one JSON object a line.") var alerts: String?
    @Option(help: "Write what was wrong with the whole picture here, one JSON object a line.") var conditions: String?
    @Option(help: "Write what a filter kept from being raised here, one JSON object a line.") var suppressed: String?
    @Option(help: "Compare with these alerts, line by line.") var expect: String?
    @Option(help: "Write stills, clips and alerts.jsonl, which names them, below this folder.") var evidence: String?
    @Option(help: "Write an annotated film here (MP4, H.264).") var annotate: String?

    func run() async throws {
        let replay = try replayed()
        let lines = try replay.lines()
        if let alerts { try lines.write(toFile: alerts, atomically: true, encoding: .utf8) }
        if let conditions {
            try replay.conditionLines().write(toFile: conditions, atomically: true, encoding: .utf8)
        }
        if let suppressed {
            try replay.suppressedLines().write(toFile: suppressed, atomically: true, encoding: .utf8)
        }
        if let evidence {
            try FileManager.default.createDirectory(atPath: evidence, withIntermediateDirectories: true)
            try replay.evidenceLines().write(toFile: "\(evidence)/alerts.jsonl", atomically: true, encoding: .utf8)
        }
        for decision in replay.decisions where decision.state != .updated {
            print("\(decision.last) \(decision.state.rawValue) \(decision.rule) \(decision.id) \(decision.summary.en)")
        }
        say("\(replay.pictureCount) pictures, \(replay.analyzedCount) analysed, \(replay.damagedCount) damaged")
        try compare(lines)
        if replay.isTruncated {
            say("snowline: \(footage): cut off or damaged at its end; what was readable was used")
            throw ProgramExit.footage.code
        }
    }

    private func replayed() throws -> FootageReplay {
        let configuration = try readSite(site, ModelLibrary.standard())
        let (assembly, start) = (try chosenCamera(configuration), try beginning())
        let length = footageLength(footage)?.seconds ?? 0
        let progress = ProgressBar("replay")
        defer { progress.finish() }
        var logger = Logger(label: "snowline", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        do {
            return try FootageReplay(
                footage, assembly: assembly, mode: mode, start: start, film: annotate,
                evidence: evidence.map { FootageReplay.EvidencePlace(folder: $0, clips: configuration.clips) },
                logger: logger
            ) { done in
                progress.update(length > 0 ? done / length : 0, note: "\(Int(done)) s")
            }
        } catch  where isUnreadable(error) {
            progress.finish()
            say("snowline: \(error)")
            throw ProgramExit.footage.code
        } catch let error as MediaError {
            throw UsageTrouble(description: "--annotate \(annotate ?? ""): \(error)")
        }
    }

    private func chosenCamera(_ configuration: SiteConfiguration) throws -> CameraAssembly {
        guard let id = CameraID(camera), let chosen = configuration.camera(id) else {
            let known = configuration.cameras.map(\.id.text).joined(separator: ", ")
            throw ValidationError("--camera \(camera): \(site) has no such camera; it has \(known)")
        }
        return try CameraAssembly(chosen, library: .standard(), localTime: configuration.localTime)
    }

    private func beginning() throws -> MediaTime {
        guard let start else { return .epoch }
        guard let time = MediaTime(start) else {
            throw ValidationError("--start \(start): give a UTC time like 2026-11-22T09:31:02Z")
        }
        return time
    }

    private func compare(_ lines: String) throws {
        guard let expect else { return }
        let differences = try ExpectedDecisions(file: expect).differences(from: lines)
        for difference in differences { print("\(expect): \(difference)") }
        if !differences.isEmpty { throw ProgramExit.findings.code }
    }
}
