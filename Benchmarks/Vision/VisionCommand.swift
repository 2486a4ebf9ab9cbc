import ArgumentParser
import Glibc
import KernelAPI
import Kernels
import Pipeline
import Scene

/// CPU a picture of the whole analysis, luma in and tracks out, on one thread; verified before it is believed.
struct VisionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vision",
        abstract: "Time the analysis of whole pictures, luma to tracks, on one thread.",
        discussion: """
            The pictures are decoded, or drawn, before: nothing but the analysis is timed, in CPU of the thread. Every \
            round and every instruction set of this processor must observe the same, or the command ends with 1. \
            Without FOOTAGE it draws two scenes, a busy one and an empty one.
            """)

    @Argument(help: "Recorded files, each a scene.")
    var footage: [String] = []

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    @Option(help: "Rounds, each with a new analyser.")
    var rounds = 5

    @Option(help: "Of the drawn scenes; FOOTAGE must have it where it is given.")
    var size: PictureSize?

    @Option(help: "baseline, avx2 or avx512; the best of this processor without it.")
    var set: String?

    @Option(help: "Detector model.")
    var model = "visible"

    @Option(help: "Pictures of each scene; fewer where they would take more than 512 MiB.")
    var pictures = 500

    @Option(help: "First pictures of each round that do not count.")
    var warmUp = 50

    @Option(help: "End with 1 where fewer tracks are seen in FOOTAGE.")
    var leastTracks = 0

    @Option(help: "End with 1 where more tracks are seen in FOOTAGE.")
    var mostTracks = Int.max

    @Option(help: ArgumentHelp("Break the analyser: \(VisionFault.allValueStrings).", visibility: .hidden))
    var fault: VisionFault?

    private static let usualSize = PictureSize(width: 704, height: 576)
    /// Every figure of the drawn busy scene is followed; it may come again, and be lost on its way a few times.
    private static let drawnTracks = PictureSequence.walkers...20 * PictureSequence.walkers

    func validate() throws {
        guard rounds > 0, warmUp >= 0, pictures > warmUp else {
            throw ValidationError("--rounds must be above 0, --warm-up at least 0 and below --pictures")
        }
        guard leastTracks >= 0, mostTracks >= leastTracks else {
            throw ValidationError("--least-tracks must be at least 0 and at most --most-tracks")
        }
    }

    func run() throws {
        guard let kernels = set.map(Kernels.named) ?? Kernels.best else {
            let names = Kernels.available.map(\.name).joined(separator: ", ")
            throw ValidationError("--set: \"\(set ?? "")\" cannot be used; this processor runs \(names)")
        }
        let entry = try ModelLibrary.standard().load(model)
        var plan = VisionMeasurement.Plan(
            model: entry.model, kernels: kernels, rounds: rounds, warmUp: warmUp, tracks: leastTracks...mostTracks,
            fault: fault)
        var measurements: [VisionMeasurement] = []
        for (name, make) in scenes {
            say("\(name): \(rounds) rounds on \(kernels.name)")
            let sequence = try make()
            try check(sequence)
            if footage.isEmpty { plan.tracks = sequence.name == "drawn-busy" ? Self.drawnTracks : 0...0 }
            measurements.append(VisionMeasurement(sequence, plan))
        }
        let report = VisionReport(model: "\(entry.name) \(entry.hash.prefix(12))", measurements: measurements)
        print(json ? report.json : report.table)
        let problems = measurements.flatMap(\.problems)
        for problem in problems { say("error: \(problem)") }
        if !problems.isEmpty { throw ExitCode(1) }
    }

    /// One after the other, so that only one scene is in memory.
    private var scenes: [(name: String, make: () throws -> PictureSequence)] {
        let pictures = pictures
        let size = size ?? Self.usualSize
        guard footage.isEmpty else {
            return footage.map { path in (path, { try .footage(path, limit: pictures) }) }
        }
        return [true, false].map { isBusy in
            (isBusy ? "a busy scene" : "an empty scene", { .drawn(isBusy: isBusy, size: size, limit: pictures) })
        }
    }

    private func check(_ sequence: PictureSequence) throws {
        if let size, sequence.size != size {
            throw ValidationError("\(sequence.name): the picture is \(sequence.size), --size says \(size)")
        }
        guard sequence.count > warmUp else {
            throw ValidationError("\(sequence.name): \(sequence.count) pictures, all of them warm-up; lower --warm-up")
        }
    }

    private func say(_ text: String) {
        let line = Array("\(text)\n".utf8)
        write(STDERR_FILENO, line, line.count)
    }
}

extension VisionFault: ExpressibleByArgument {}

extension PictureSize: ExpressibleByArgument {
    /// `704x576`; sides of 16…8192.
    public init?(argument: String) {
        let sides = argument.split(separator: "x").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy((16...8192).contains) else { return nil }
        self.init(width: sides[0], height: sides[1])
    }
}
