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
        discussion: """
            FOOTAGE is a file, or a folder of files as a recorder leaves them; when each begins is read from its name, \
            on the site's clocks. Give --camera once for each FOOTAGE, or none and a folder that has a folder for each \
            camera. Ends with 1 if --expect differs or --republish could not deliver all, with 3 if some footage is \
            unreadable, cut off or set back in time (all else is done). Where --expect differs nothing is sent.
            """)

    /// The background of whatever can be seen is learnt long before.
    private static let learntBy = MediaSpan.seconds(10)

    @Argument(help: "The footage: files or folders.") var footage: [String]
    @Option(help: "The configuration, site.yaml.") var site: String
    @Option(help: "Which of its cameras; once for each footage.") var camera: [String] = []
    @Option(help: "When the footage begins where its name does not say, like 2026-11-22T09:31:02Z; else 1970.")
    var start: String?
    @Option(help: "Tell only of alerts that last to this moment or longer (UTC, or seconds from the start).")
    var from: String?
    @Option(help: "Read no further than this moment.") var to: String?
    @Option(help: "Seconds that are analysed before --from, so that the background is known.")
    var warmUp = ReplayPart.usualWarmUp.seconds
    @Option(help: "What is decoded: strict or dense; else as the camera's configuration says.") var mode: DecodeMode?
    @Option(help: "Cameras at once; else as many as there are cores.") var jobs: Int?
    @Option(help: "Write every alert version here, one JSON object a line.") var alerts: String?
    @Option(help: "Write what was wrong with the whole picture here, one JSON object a line.") var conditions: String?
    @Option(help: "Write what a filter kept from being raised here, one JSON object a line.") var suppressed: String?
    @Option(help: "Compare with these alerts, line by line.") var expect: String?
    @Option(help: "Write stills, clips and alerts.jsonl, which names them, below this folder.") var evidence: String?
    @Option(help: "Write an annotated film here (MP4, H.264); of one camera.") var annotate: String?
    @OptionGroup var sending: ReplaySending

    func validate() throws {
        guard !footage.isEmpty else { throw ValidationError("no footage: give a file or a folder") }
        guard jobs.map({ $0 >= 1 }) ?? true else { throw ValidationError("--jobs: give 1 or more") }
        guard (0...3600).contains(warmUp) else { throw ValidationError("--warm-up \(warmUp): give 0 to 3600 seconds") }
    }

    func run() async throws {
        let library = ModelLibrary.standard()
        let configuration =
            try sending.republish == nil ? readSite(site, library) : readDeliveringSite(site, library)
        if let evidence, let problem = Republication.problem(with: evidence, beside: configuration.dataFolder) {
            throw UsageTrouble(description: "--evidence: \(problem)")
        }
        let jobs = try chosenJobs(configuration)
        let republication = try sending.prepared(configuration)
        let results = try replayed(jobs, configuration)
        try refuse(results)
        let replays = results.compactMap { try? $0.get() }
        guard !replays.isEmpty else {
            _ = tell(jobs, results)
            throw ProgramExit.footage.code
        }
        let lines = try replays.map { try $0.lines() }.joined()
        try write(replays, lines)
        for decision in replays.flatMap(\.decisions) where decision.state != .updated {
            print("\(decision.last) \(decision.state.rawValue) \(decision.rule) \(decision.id) \(decision.summary.en)")
        }
        let isWhole = tell(jobs, results)
        try compare(lines)
        let isSent = try await republication?.send(replays.flatMap(\.versions)).told(sending) ?? true
        if !isSent { throw ProgramExit.findings.code }
        if !isWhole { throw ProgramExit.footage.code }
    }

    private func replayed(
        _ jobs: [ReplayBatch.Job], _ configuration: SiteConfiguration
    ) throws -> [Result<FootageReplay, any Error>] {
        var manner = ReplayBatch.Manner()
        manner.mode = mode
        manner.start = try start.map { try moment($0, of: "--start") } ?? .epoch
        manner.film = annotate
        manner.evidence = evidence.map { .init(folder: $0, clips: configuration.clips) }
        // Seconds count from the first picture of all.
        let first = jobs.compactMap { $0.recording.segments.first?.start }.min() ?? manner.start
        manner.part = ReplayPart(
            from: try from.map { try moment($0, of: "--from", after: first) },
            to: try to.map { try moment($0, of: "--to", after: first) }, warmUp: .seconds(warmUp))
        if let from = manner.part.from, let to = manner.part.to, from >= to {
            throw ValidationError("--from \(from) is not before --to \(to)")
        }
        let progress = ProgressBar("replay")
        defer { progress.finish() }
        var logger = Logger(label: "snowline", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let workers = self.jobs ?? ProcessInfo.processInfo.activeProcessorCount
        return ReplayBatch(jobs, manner, workers: workers, logger: logger) { share, seconds in
            progress.update(share, note: "\(Int(seconds)) s")
        }.results
    }

    private func write(_ replays: [FootageReplay], _ lines: String) throws {
        if let alerts { try lines.write(toFile: alerts, atomically: true, encoding: .utf8) }
        if let conditions {
            let text = try replays.map { try $0.conditionLines() }.joined()
            try text.write(toFile: conditions, atomically: true, encoding: .utf8)
        }
        if let suppressed {
            let text = try replays.map { try $0.suppressedLines() }.joined()
            try text.write(toFile: suppressed, atomically: true, encoding: .utf8)
        }
        if let evidence {
            try FileManager.default.createDirectory(atPath: evidence, withIntermediateDirectories: true)
            let text = try replays.map { try $0.evidenceLines() }.joined()
            try text.write(toFile: "\(evidence)/alerts.jsonl", atomically: true, encoding: .utf8)
        }
    }

    /// What is wrong with the command rather than with the footage.
    private func refuse(_ results: [Result<FootageReplay, any Error>]) throws {
        for case .failure(let error) in results where !isUnreadable(error) {
            throw error is MediaError ? UsageTrouble(description: "--annotate \(annotate ?? ""): \(error)") : error
        }
    }

    /// Says of each camera what was read.
    /// - Returns: whether all of it could be.
    private func tell(_ jobs: [ReplayBatch.Job], _ results: [Result<FootageReplay, any Error>]) -> Bool {
        var isWhole = true
        for (job, result) in zip(jobs, results) {
            let camera = job.assembly.camera.id
            switch result {
            case .failure(let error):
                isWhole = false
                say("snowline: \(sentence(error))")
            case .success(let replay):
                let files = job.recording.segments.count > 1 ? " in \(job.recording.segments.count) files" : ""
                say(
                    (jobs.count > 1 ? "\(camera): " : "")
                        + "\(replay.pictureCount) pictures\(files), \(replay.analyzedCount) analysed, "
                        + "\(replay.damagedCount) damaged")
                for failure in replay.unreadable + replay.jumps { say("snowline: \(failure)") }
                for remark in remarks(replay) { say("snowline: \(job.recording.name): \(remark)") }
                isWhole =
                    isWhole && !replay.isTruncated && replay.unreadable.isEmpty && !replay.isSetBack
                    && replay.pictureCount > 0
            }
        }
        return isWhole
    }

    /// What is wrong with footage that could be read, or makes it say little.
    private func remarks(_ replay: FootageReplay) -> [String] {
        guard replay.pictureCount > 0 else {
            return ["no picture between --from and --to; see when the footage begins and ends, and give --start"]
        }
        var remarks: [String] = []
        if replay.isTruncated { remarks.append("cut off or damaged at its end; what was readable was used") }
        if replay.isSetBack {
            remarks.append("its time stamps were set back; times after that are counted on, copy or record it again")
        }
        if !replay.hasSettled {
            let seconds = String(format: "%.1f", replay.span.seconds)
            remarks.append(
                replay.span < Self.learntBy
                    ? "too short: nothing can be raised before the background is learnt, and \(seconds) s were "
                        + "analysed; give more footage before what happens"
                    : "the background was not learnt in \(seconds) s, so nothing could be raised; see --conditions")
        } else if from != nil, replay.warmUp.seconds + 1 < warmUp {
            let seconds = String(format: "%.1f", replay.warmUp.seconds)
            remarks.append(
                "only \(seconds) s of footage before --from, \(warmUp) s were asked for by --warm-up; "
                    + "what stood there from the beginning is taken for background")
        }
        return remarks
    }

    private func moment(_ text: String, of option: String, after first: MediaTime? = nil) throws -> MediaTime {
        if let time = MediaTime(text) { return time }
        if let first, let seconds = Double(text), (0...31_536_000).contains(seconds) {
            return first + .seconds(seconds)
        }
        let seconds = first == nil ? "" : ", or seconds from the first picture"
        throw ValidationError("\(option) \(text): give a UTC time like 2026-11-22T09:31:02Z\(seconds)")
    }

    private func compare(_ lines: String) throws {
        guard let expect else { return }
        let differences = try ExpectedDecisions(file: expect).differences(from: lines)
        for difference in differences { print("\(expect): \(difference)") }
        if !differences.isEmpty { throw ProgramExit.findings.code }
    }
}

// MARK: Which camera with which footage

extension ReplayCommand {
    private func chosenJobs(_ configuration: SiteConfiguration) throws -> [ReplayBatch.Job] {
        let library = ModelLibrary.standard()
        let pairs = try pairs(configuration)
        guard annotate == nil || pairs.count == 1 else {
            throw ValidationError("--annotate films one camera; give one --camera")
        }
        return try pairs.map { place, camera in
            ReplayBatch.Job(
                try Recording(path: place, calendar: configuration.calendar),
                try CameraAssembly(camera, library: library, localTime: configuration.localTime))
        }
    }

    private func pairs(_ site: SiteConfiguration) throws -> [(String, CameraConfiguration)] {
        guard camera.isEmpty else {
            guard camera.count == footage.count else {
                throw ValidationError(
                    "\(footage.count) footage and \(camera.count) --camera; give --camera once for each footage")
            }
            return try zip(footage, camera).map { ($0, try chosen($1, of: site)) }
        }
        let folders = footage.flatMap { root in
            Recording.cameras(in: root, of: site).map { (root + "/" + $0.id.text, $0) }
        }
        guard !folders.isEmpty else {
            throw ValidationError("no --camera, and no folder named like a camera; \(self.site) has \(known(site))")
        }
        return folders
    }

    private func chosen(_ text: String, of site: SiteConfiguration) throws -> CameraConfiguration {
        guard let id = CameraID(text), let chosen = site.camera(id) else {
            throw ValidationError("--camera \(text): \(self.site) has no such camera; it has \(known(site))")
        }
        return chosen
    }

    private func known(_ site: SiteConfiguration) -> String { site.cameras.map(\.id.text).joined(separator: ", ") }
}
