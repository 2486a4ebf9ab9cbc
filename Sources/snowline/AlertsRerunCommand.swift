import ArgumentParser
import Journal
import Logging
import Pipeline
import Review
import Scene

struct AlertsRerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Run an alert's own clip through a configuration: would it be raised again?",
        discussion: """
            Needs a clip (evidence.clips), which begins a few seconds before the event; the first of them teach the \
            background. Ends with 0 where the alert is raised again, at the same time or another, with 1 where it is not \
            (and says why, as far as that can be told), with 3 if the clip is gone, changed or unreadable.
            """)

    @Argument(help: "The alert's id.") var id: String
    @Option(help: "The configuration that the clip is run through.") var site: String
    @Option(help: "The data folder with the journal; else that of --site.") var data: String?
    @Option(help: "Which of its cameras; else the one with the id of the alert's.") var camera: String?
    @Option(help: "Another detector model: its name, or a folder with model.json (./FOLDER).") var model: String?
    @Flag(help: "Print one JSON object instead of lines.") var json = false

    func run() async throws {
        let library = ModelLibrary.standard()
        let configuration = try readSite(site, library)
        let reader = try JournalReader(folder: data ?? configuration.dataFolder)
        guard let record = try AlertRecord(id, in: reader) else {
            say("snowline: no alert \(id) in \(reader.folder); see snowline alerts list")
            throw ProgramExit.findings.code
        }
        let side = ComparedSide(configuration, file: site, library: library, model: model)
        let rerun = try rerun(record, reader.folder, side)
        print(json ? try rerun.json() : rerun.lines.joined(separator: "\n"))
        if rerun.outcome == .notRaised { throw ProgramExit.findings.code }
    }

    private func rerun(_ record: AlertRecord, _ dataFolder: String, _ side: ComparedSide) throws -> AlertRerun {
        var logger = Logger(label: "snowline", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let assembly = try side.assembly(side.camera(for: "", named: chosenCamera(record)))
        do {
            return try AlertRerun(
                record, dataFolder: dataFolder, assembly: assembly, side: side.name, logger: logger)
        } catch let error as AlertRerunError {
            say("snowline: \(error)")
            throw error.exit.code
        } catch  where isUnreadable(error) {
            say("snowline: \(sentence(error))")
            throw ProgramExit.footage.code
        }
    }

    private func chosenCamera(_ record: AlertRecord) throws -> CameraID {
        guard let camera else { return record.newest.decision.camera }
        guard let id = CameraID(camera) else {
            throw ValidationError("--camera \(camera): names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        return id
    }
}
