import Alerts
import ArgumentParser
import CAllocationCount
import Ingest
import Kernels
import Media
import Pipeline
import Rules
import Scene
import Vision

/// Counts what the analysis of a picture allocates: luma → observation → rule events → alerts, where no event was raised.
struct AllocationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocations",
        abstract: "Count what the analysis of a picture allocates once it has warmed up; ends with 1 unless nothing.",
        discussion: """
            Drawn busy scenes of three sizes and whatever footage is named go through the parts of a camera's analysis. \
            Counted are calls of malloc and its kin on the analysing thread, for every picture after the warm-up on \
            which no event was raised.
            """)

    @Option(help: "Seconds of each drawn scene.")
    var seconds = 24.0

    @Option(help: "Seconds of warm-up that are not counted.")
    var warmUp = 3.0

    @Argument(help: "Files of footage.")
    var footage: [String] = []

    func validate() throws {
        guard warmUp >= 2, seconds > warmUp else {
            throw ValidationError("--warm-up must be at least 2, --seconds above it")
        }
    }

    private func countsWhatSwiftAllocates() -> Bool {
        let before = allocation_count()
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
        defer { memory.deallocate() }
        return allocation_count() > before
    }

    func run() throws {
        guard allocation_count_works() == 1, countsWhatSwiftAllocates() else {
            print("allocations are not counted in this build (a sanitizer, or a C library that is not glibc)")
            throw ExitCode(1)
        }
        let library = ModelLibrary.standard()
        var tallies: [AllocationTally] = []
        for (name, size) in [
            ("visible", PictureSize(width: 704, height: 576)), ("visible", PictureSize(width: 320, height: 240)),
            ("thermal", PictureSize(width: 640, height: 480))
        ] {
            let chain = DrawnChain(model: try library.load(name).model, size: size)
            tallies.append(chain.run(name: "drawn scene \(size), \(name)", seconds: seconds, warmUp: warmUp))
        }
        let visible = try library.load("visible").model
        for path in footage {
            let receiver = FootageChain(name: path, model: visible, warmUp: warmUp)
            _ = try Footage(path: path).read(into: receiver)
            if let failure = receiver.failure { throw failure }
            tallies.append(receiver.tally)
        }
        for tally in tallies { print(tally.text) }
        guard tallies.allSatisfy({ $0.pictures > 0 && $0.allocations == 0 }) else { throw ExitCode(1) }
    }
}

/// What was counted of one scene.
struct AllocationTally {
    let name: String
    var pictures = 0
    var allocations: UInt64 = 0
    var most: UInt64 = 0
    var tracks = 0
    var eventful = 0
    var allocationsOfEvents: UInt64 = 0

    mutating func add(_ count: UInt64, tracks: Int, isEventful: Bool) {
        if isEventful {
            eventful += 1
            allocationsOfEvents += count
            return
        }
        pictures += 1
        allocations += count
        most = max(most, count)
        self.tracks += tracks
    }

    var text: String {
        let each = Double(allocations) / Double(max(1, pictures))
        let followed = (10 * Double(tracks) / Double(max(1, pictures))).rounded() / 10
        return
            "\(name): \((each * 1000).rounded() / 1000) allocations a picture (at most \(most)), \(pictures) pictures, "
            + "\(followed) tracks each, \(eventful) more with events (\(allocationsOfEvents) allocations, not counted)"
    }
}

/// A line and two zones, which some of the tracks touch.
private let rules: [FenceRule] = {
    guard let line = Polyline([Point(x: 0.5, y: 0.1), Point(x: 0.52, y: 0.95)]),
        let zone = Polygon([Point(x: 0.1, y: 0.3), Point(x: 0.4, y: 0.3), Point(x: 0.4, y: 0.8), Point(x: 0.1, y: 0.8)]
        ),
        let lineID = RuleID("line"), let zoneID = RuleID("zone")
    else { preconditionFailure("rules of the benchmark") }
    return [
        FenceRule(id: lineID, anchor: .foot, watch: .line(LineRule(line: line))),
        FenceRule(id: zoneID, anchor: .centre, watch: .zone(ZoneRule(area: zone, raises: [.occupied, .enter])))
    ]
}()

private func makeBook() -> AlertBook {
    guard let id = CameraID("bench") else { preconditionFailure("camera of the benchmark") }
    let camera = WatchedCamera(
        id: id,
        place: CameraPlace(
            site: "bench", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "bench", cameraClass: .b),
        rules: Dictionary(
            uniqueKeysWithValues: rules.map { ($0.id, WatchedCamera.Rule(revision: $0.revision, anchor: $0.anchor)) }),
        provenance: AlertDecision.Provenance(model: "", modelHash: "", configurationHash: ""))
    return AlertBook(camera: camera, localTime: { _ in "" })
}

/// A drawn scene through Vision, Rules and the alert book, at 25 pictures a second.
private final class DrawnChain {
    private let analyzer: FrameAnalyzer
    private var cadence = AnalysisCadence(analysisRate: 8)
    private var engine = RuleEngine(rules: rules)
    private var book = makeBook()
    private var scene: BusyScene

    init(model: DetectorModel, size: PictureSize) {
        analyzer = FrameAnalyzer(model: model, source: size, kernels: Kernels.best)
        scene = BusyScene(size: size, seed: 7)
    }

    func run(name: String, seconds: Double, warmUp: Double) -> AllocationTally {
        var tally = AllocationTally(name: name)
        for index in 0..<Int(seconds * 25) {
            let moment = Double(index) / 25
            scene.draw(at: moment)
            let before = allocation_count()
            let (tracks, isEventful) = analyze(at: .epoch + .seconds(moment))
            let count = allocation_count() - before
            if moment >= warmUp { tally.add(count, tracks: tracks, isEventful: isEventful) }
        }
        return tally
    }

    private func analyze(at time: MediaTime) -> (tracks: Int, isEventful: Bool) {
        guard cadence.wants(time) else { return (0, false) }
        let observation = scene.pixels.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { preconditionFailure("an empty picture") }
            let size = scene.size
            return analyzer.analyze(
                LumaPlane(base: base, width: size.width, height: size.height, stride: size.width), at: time)
        }
        cadence.analyzed(observation)
        let events = engine.events(for: observation)
        let decisions = book.handle(events, at: time)
        return (observation.tracks.count, !events.isEmpty || !decisions.isEmpty)
    }
}

/// Footage through a camera's whole analysis.
private final class FootageChain: PictureReceiver {
    private let analysis: CameraAnalysis
    private var book = makeBook()
    private let warmUp: Double
    private var first: MediaTime?
    private(set) var tally: AllocationTally
    private(set) var failure: (any Error)?

    init(name: String, model: DetectorModel, warmUp: Double) {
        analysis = CameraAnalysis(
            rules: rules, model: model, cadence: AnalysisCadence(analysisRate: 8), kernels: Kernels.best)
        tally = AllocationTally(name: name)
        self.warmUp = warmUp
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        first = anchor
        analysis.begin(size: stream.size)
    }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        do {
            let before = allocation_count()
            guard let result = try analysis.analyze(&picture, at: time) else { return }
            let decisions = book.handle(result.events, at: time)
            let count = allocation_count() - before
            guard let first, (time - first).seconds >= warmUp else { return }
            let isEventful = !result.events.isEmpty || !decisions.isEmpty
            tally.add(count, tracks: result.observation.tracks.count, isEventful: isEventful)
        } catch {
            failure = failure ?? error
        }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}
