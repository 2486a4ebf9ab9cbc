import ArgumentParser
import Foundation

/// The speed of `snowline replay` beside bare decoding; verified before it is believed.
struct ReplayBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "The speed of snowline replay beside ffmpeg that only decodes, on one core, and on all of them.",
        discussion: """
            Round by round, in turn: `ffmpeg -threads 1 -i FOOTAGE -f null -`, then `snowline replay` of the same file \
            with four fences; CPU time of the whole process. ratio is ffmpeg's time by replay's, the median of the \
            rounds. Without FOOTAGE it makes two clips of SNOWLINE_CORPUS, 704x576 H.264, 1 Mbit/s, GOP 50: one like a \
            camera's, with sensor noise and people in a fifth of it (ratio), and one where somebody always moves, so \
            that every picture is analysed (busy_ratio). Ends with 1 where the pictures differ in number or the ratio is \
            below --least, with 2 when something is missing, named.
            """)

    @Argument(help: "Recorded files.") var footage: [String] = []
    @Flag(help: "Print JSON instead of lines.") var json = false
    @Option(help: "Rounds.") var rounds = 5
    @Option(help: "End with 1 where replay is slower, by ratio.") var least = 0.85

    func validate() throws {
        guard rounds > 0, least >= 0 else { throw ValidationError("--rounds must be above 0, --least at least 0") }
    }

    func run() throws {
        let yard = try ReplayYard(footage)
        defer { yard.remove() }
        var turns: [ReplayTurn] = []
        var busy: [ReplayTurn] = []
        for _ in 0..<rounds {
            for file in yard.files { turns.append(try ReplayTurn(file, in: yard)) }
            if let file = yard.busy { busy.append(try ReplayTurn(file, in: yard)) }
        }
        let report = try ReplayReport(turns, busy: busy, spread: ReplaySpread(in: yard), least: least)
        print(json ? report.json : report.text)
        for problem in report.problems { complain(problem) }
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

/// Writes a line to standard error.
private func complain(_ text: String) { FileHandle.standardError.write(Data("replay: \(text)\n".utf8)) }

/// What is missing ends the command with 2.
private func missing(_ text: String) -> ExitCode {
    complain(text)
    return ExitCode(2)
}

/// Footage, configuration and programs.
struct ReplayYard {
    let files: [String]
    /// Where somebody always moves; nil where footage is given.
    let busy: String?
    let site: String
    let snowline: String
    private let folder: URL

    /// Cameras for as many files at once as the machine has cores.
    static let cameras = (0..<ProcessInfo.processInfo.activeProcessorCount).map { "camera-\($0)" }

    init(_ given: [String]) throws {
        snowline =
            Bundle.main.executableURL!.resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("snowline").path
        guard FileManager.default.isExecutableFile(atPath: snowline) else {
            throw missing("\(snowline) is missing; swift build -c release --product snowline")
        }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("snowline-replay-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        site = folder.appendingPathComponent("site.yaml").path
        try Self.siteText.write(toFile: site, atomically: true, encoding: .utf8)
        files = try given.isEmpty ? [Self.clip(in: folder, Self.camera)] : given
        busy = try given.isEmpty ? Self.clip(in: folder, Self.crowd) : nil
        for file in files where !FileManager.default.isReadableFile(atPath: file) {
            throw missing("\(file) cannot be read; give footage")
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// A clip's name, how much of the source it takes, and what is done to that.
    private typealias Recipe = (name: String, input: [String], filter: String)

    private static let crowd: Recipe = ("busy", ["-stream_loop", "1"], "scale=704:576,fps=25")

    /// A minute of the first picture and a quarter of the people after it, all under the noise of a sensor.
    private static let camera: Recipe = (
        "camera", [],
        "scale=704:576,fps=25,tpad=start_mode=clone:start_duration=60,trim=duration=75,noise=alls=5:allf=t"
    )

    private static func clip(in folder: URL, _ recipe: Recipe) throws -> String {
        let corpus = ProcessInfo.processInfo.environment["SNOWLINE_CORPUS"] ?? "../shared/corpus"
        let source = corpus + "/pets2009_S2L1/input.mp4"
        guard FileManager.default.isReadableFile(atPath: source) else {
            throw missing("\(source) is missing; set SNOWLINE_CORPUS, or give footage")
        }
        let clip = folder.appendingPathComponent("\(recipe.name).mp4").path
        let made = MeasuredProgram(
            ["ffmpeg", "-v", "error"] + recipe.input + [
                "-i", source, "-vf", recipe.filter, "-c:v", "libx264", "-preset", "veryfast", "-b:v", "1M", "-maxrate",
                "1M", "-bufsize", "1M", "-g", "50", "-bf", "0", "-pix_fmt", "yuv420p", clip
            ])
        guard let made, made.status == 0 else {
            throw missing("ffmpeg is missing or cannot encode H.264; apt-get install ffmpeg \(made?.errors ?? "")")
        }
        return clip
    }

    private static var siteText: String {
        let fences = """
            { id: lawn, kind: zone, points: [[0,0.6],[0.3,0.66],[0.6,0.84],[0.66,1],[0,1]] },
            { id: path, kind: line, points: [[0.5,0.95],[0.5,0.2]] },
            { id: wait, kind: dwell, points: [[0.3,0.3],[0.7,0.3],[0.7,0.7],[0.3,0.7]], seconds: 10 },
            { id: edge, kind: line, points: [[0.05,0.5],[0.95,0.5]] }
            """
        let cameras = cameras.map {
            "  - { id: \($0), url: \"rtsp://127.0.0.1/none\", fences: [ \(fences.replacing("\n", with: " ")) ] }"
        }
        return """
            site: { id: "1", name: bench }
            cameras:
            \(cameras.joined(separator: "\n"))
            sinks:
              - { id: none, kind: file, path: none.jsonl }

            """
    }
}

/// Bare decoding and replay of one file, one after the other.
struct ReplayTurn {
    let decoding: MeasuredProgram
    let replay: MeasuredProgram
    let decodedPictures: Int
    let replayedPictures: Int

    init(_ file: String, in yard: ReplayYard) throws {
        guard
            let decoding = MeasuredProgram([
                "ffmpeg", "-nostdin", "-hide_banner", "-threads", "1", "-i", file, "-f", "null", "-"
            ]), decoding.status == 0
        else { throw missing("ffmpeg is missing, or cannot decode \(file); apt-get install ffmpeg") }
        let replay = MeasuredProgram([
            yard.snowline, "replay", file, "--site", yard.site, "--camera", ReplayYard.cameras[0]
        ])
        guard let replay, replay.status == 0 else {
            throw missing("snowline cannot replay \(file): \(replay?.errors ?? "")")
        }
        self.decoding = decoding
        self.replay = replay
        decodedPictures = Self.number(in: decoding.errors, after: "frame=") ?? 0
        replayedPictures = Self.number(in: replay.errors, before: " pictures") ?? -1
    }

    /// Replay's speed by that of bare decoding.
    var ratio: Double { decoding.cpuSeconds / replay.cpuSeconds }

    private static func number(in text: String, after mark: String) -> Int? {
        guard let place = text.range(of: mark, options: .backwards) else { return nil }
        return Int(text[place.upperBound...].drop { $0 == " " }.prefix { $0.isNumber })
    }

    private static func number(in text: String, before mark: String) -> Int? {
        guard let place = text.range(of: mark, options: .backwards) else { return nil }
        let digits = text[..<place.lowerBound].reversed().prefix { $0.isNumber }.reversed()
        return Int(String(digits))
    }
}

/// As many files at once as the machine has cores, beside one.
struct ReplaySpread {
    let cores: Int
    /// How many times the footage of one in the same time.
    let speedUp: Double

    init(in yard: ReplayYard) throws {
        cores = ReplayYard.cameras.count
        let file = yard.files[0]
        func wall(_ cameras: [String]) throws -> Double {
            let options = cameras.flatMap { ["--camera", $0] }
            let files = cameras.map { _ in file }
            guard let run = MeasuredProgram([yard.snowline, "replay"] + files + ["--site", yard.site] + options),
                run.status == 0
            else { throw missing("snowline cannot replay \(cameras.count) files at once") }
            return run.wallSeconds
        }
        let one = try min(wall([ReplayYard.cameras[0]]), wall([ReplayYard.cameras[0]]))
        let all = try min(wall(ReplayYard.cameras), wall(ReplayYard.cameras))
        speedUp = Double(cores) * one / all
    }
}

/// What all rounds say.
struct ReplayReport {
    private let turns: [ReplayTurn]
    private let busy: [ReplayTurn]
    private let spread: ReplaySpread
    let problems: [String]

    init(_ turns: [ReplayTurn], busy: [ReplayTurn], spread: ReplaySpread, least: Double) {
        self.turns = turns
        self.busy = busy
        self.spread = spread
        var problems: [String] = []
        for turn in turns + busy where turn.decodedPictures != turn.replayedPictures {
            problems.append("ffmpeg decoded \(turn.decodedPictures) pictures, replay \(turn.replayedPictures)")
        }
        let ratio = Self.median(turns.map(\.ratio))
        if ratio < least { problems.append("ratio \(Self.text(ratio, 3)) is below \(least)") }
        self.problems = problems
    }

    private var ratios: [Double] { turns.map(\.ratio) }
    private var busyRatio: Double? { busy.isEmpty ? nil : Self.median(busy.map(\.ratio)) }
    private var pictures: Int { turns[0].decodedPictures }

    var text: String {
        let replay = Self.median(turns.map(\.replay.cpuSeconds)),
            decoding = Self.median(turns.map(\.decoding.cpuSeconds))
        return """
            replay \(Self.text(replay, 3)) s, ffmpeg -threads 1 \(Self.text(decoding, 3)) s of CPU for \(pictures) \
            pictures: \(Self.text(Self.median(ratios), 3)) times its speed (rounds \(Self.text(ratios.min()!, 3)) to \
            \(Self.text(ratios.max()!, 3)))\
            \(busyRatio.map { "; where somebody always moves \(Self.text($0, 3)) times" } ?? "")
            \(spread.cores) files at once on \(spread.cores) cores: \(Self.text(spread.speedUp, 2)) times the footage of \
            one in the same time
            """
    }

    var json: String {
        """
        {"ratio":\(Self.text(Self.median(ratios), 4)),\
        "ratio_rounds":[\(ratios.map { Self.text($0, 4) }.joined(separator: ","))],"busy_ratio":\(busyRatio.map { Self.text($0, 4) } ?? "null"),"pictures":\(pictures),\
        "replay_cpu_s":\(Self.text(Self.median(turns.map(\.replay.cpuSeconds)), 4)),\
        "ffmpeg_cpu_s":\(Self.text(Self.median(turns.map(\.decoding.cpuSeconds)), 4)),\
        "cores":\(spread.cores),"speed_up":\(Self.text(spread.speedUp, 3)),"verified":\(problems.isEmpty)}
        """
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func text(_ value: Double, _ places: Int) -> String {
        String(format: "%.\(places)f", value)
    }
}
