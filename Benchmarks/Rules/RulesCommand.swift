import ArgumentParser
import CAllocationCount
import CDispatch
import Glibc
import Kernels
import Pipeline
import Rules
import Scene
import Vision

/// What fifty rules add to the analysis of a camera; verified before it is believed.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Time fifty rules of all kinds on five objects beside the analysis of a busy picture.",
        discussion: """
            Picture by picture, in turn: the analysis of a drawn busy scene of 704x576, then the rules on an observation \
            of five objects, each in CPU of the thread less what reading that clock takes. Ends with 1 where the rules \
            add more than --most percent, raise anything else than what the objects did, or allocate on a picture on \
            which nothing happens.
            """)

    /// Pictures that do not count: the background is learnt, memory is touched.
    static let warmUp = 50

    @Flag(help: "Print JSON instead of lines.")
    var json = false

    @Option(help: "Rounds, each with a new analyser and new rules.")
    var rounds = 7

    @Option(help: "End with 1 where the rules add more, in percent.")
    var most = 5.0

    @Option(help: "Detector model.")
    var model = "visible"

    func validate() throws {
        guard rounds > 0, most > 0 else { throw ValidationError("--rounds and --most must be above 0") }
    }

    func run() throws {
        let model = try ModelLibrary.standard().load(model).model
        let sequence = PictureSequence.drawn(
            isBusy: true, size: PictureSize(width: 704, height: 576), limit: RuleYard.pictureCount)
        let yard = RuleYard()
        let passes = (0..<rounds).map { _ in
            RulePass(yard, sequence, FrameAnalyzer(model: model, source: sequence.size, kernels: Kernels.best))
        }
        let report = RulesReport(yard, passes, most: most)
        print(json ? report.json : report.text)
        for problem in report.problems { print("error: \(problem)") }
        if !report.problems.isEmpty { throw ExitCode(1) }
    }
}

/// One round over all pictures.
struct RulePass {
    /// Milliseconds of CPU a picture, mean after the warm-up.
    private(set) var analysis = 0.0
    private(set) var rules = 0.0
    private(set) var counts: [RuleID: Int] = [:]
    private(set) var eventCount = 0
    /// Pictures on which nothing happened, and what the rules allocated on them.
    private(set) var quietPictures = 0
    private(set) var allocations: UInt64 = 0
    /// Bytes of heap that the rules hold at the end.
    private(set) var heldBytes = 0

    init(_ yard: RuleYard, _ sequence: PictureSequence, _ analyzer: FrameAnalyzer) {
        let before = allocation_bytes_held()
        var engine = RuleEngine(rules: yard.rules)
        engine.fit(PictureShape(aspect: 704.0 / 576, ground: RuleYard.ground))
        var (ofAnalysis, ofRules) = (0, 0)
        let request = ManualRequest(who: "bench", why: "a benchmark")
        let button = yard.rules.first { $0.kind == .manual }?.id
        for index in yard.observations.indices {
            let begin = Self.threadNanoseconds()
            _ = analyzer.analyze(sequence.luma(index), at: sequence.times[index])
            let middle = Self.threadNanoseconds()
            let suppressed = engine.suppressedCount
            let allocated = allocation_count()
            var events = engine.events(for: yard.observations[index])
            let allocatedByRules = allocation_count() - allocated
            if let button, RuleYard.requests.contains(index) {
                events += engine.trigger(button, request, at: RuleYard.time(index))
            }
            let end = Self.threadNanoseconds()
            count(events)
            guard index >= RulesCommand.warmUp else { continue }
            ofAnalysis += middle - begin
            ofRules += end - middle
            // A visitor comes every 125 pictures, and what is kept of one grows at first.
            // A candidate that a filter suppressed is an event as well, with all that is told of it.
            if events.isEmpty, engine.suppressedCount == suppressed, index % 125 > 60 {
                quietPictures += 1
                allocations += allocatedByRules
            }
        }
        count(engine.finish(at: RuleYard.time(RuleYard.pictureCount - 1)))
        heldBytes = Int(allocation_bytes_held()) - Int(before)
        let pictures = Double(yard.observations.count - RulesCommand.warmUp)
        let clock = Self.clockNanoseconds()
        analysis = (Double(ofAnalysis) / pictures - clock) / 1e6
        rules = (Double(ofRules) / pictures - clock) / 1e6
    }

    private mutating func count(_ events: [RuleEvent]) {
        for event in events where event.phase != .ended { counts[event.rule, default: 0] += 1 }
        eventCount += events.count
    }

    /// What reading the clock adds to a measured time: it asks the kernel, and some fifty rules take little longer.
    private static func clockNanoseconds() -> Double {
        let times = (0..<999).map { _ in
            let begin = threadNanoseconds()
            return threadNanoseconds() - begin
        }
        return Double(times.sorted()[times.count / 2])
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// What all rounds say.
struct RulesReport {
    private let passes: [RulePass]
    private let ruleCount: Int
    private let kindCount: Int
    private let most: Double
    private let raisesAsExpected: Bool
    let problems: [String]

    init(_ yard: RuleYard, _ passes: [RulePass], most: Double) {
        self.passes = passes
        self.most = most
        ruleCount = yard.rules.count
        kindCount = Set(yard.rules.map(\.kind)).count
        var problems: [String] = []
        for (round, pass) in passes.enumerated() {
            for item in yard.items where pass.counts[item.rule.id, default: 0] != item.count {
                problems.append(
                    "round \(round + 1): rule \(item.rule.id) raised \(pass.counts[item.rule.id, default: 0]) times, "
                        + "\(item.count) times something happened")
            }
            if pass.quietPictures == 0 || pass.allocations > 0 {
                problems.append(
                    "round \(round + 1): \(pass.allocations) allocations on \(pass.quietPictures) pictures without event"
                )
            }
        }
        if ruleCount != 50 || kindCount != RuleKind.allCases.count {
            problems.append(
                "\(ruleCount) rules of \(kindCount) kinds; there should be 50 of all \(RuleKind.allCases.count)")
        }
        let added = Self.median(passes.map { 100 * $0.rules / $0.analysis })
        if added > most { problems.append("the rules add \(Self.text(added, 2)) %, more than \(most) %") }
        self.problems = problems
        raisesAsExpected = passes.allSatisfy { pass in
            yard.items.allSatisfy { pass.counts[$0.rule.id, default: 0] == $0.count }
        }
    }

    /// Median of the rounds: analysis and rules of one round were measured in turn.
    private var added: Double { Self.median(passes.map { 100 * $0.rules / $0.analysis }) }
    private var analysis: Double { Self.median(passes.map(\.analysis)) }
    private var rules: Double { Self.median(passes.map(\.rules)) }

    var text: String {
        let shares = passes.map { 100 * $0.rules / $0.analysis }
        return """
            \(ruleCount) rules of \(kindCount) kinds on \(RuleYard.liveTracks) objects: \(Self.text(1000 * rules, 2)) µs a \
            picture beside \(Self.text(analysis, 4)) ms of analysis: \(Self.text(added, 2)) % more \
            (rounds \(Self.text(shares.min() ?? 0, 2)) to \(Self.text(shares.max() ?? 0, 2)) %)
            \(passes[0].eventCount) events, as expected: \(raisesAsExpected); \(passes[0].allocations) allocations on \
            \(passes[0].quietPictures) pictures without event; \(passes[0].heldBytes / 1024) KiB of heap held
            """
    }

    var json: String {
        """
        {"rules":\(ruleCount),"kinds":\(kindCount),"tracks":\(RuleYard.liveTracks),"rounds":\(passes.count),\
        "analysis_ms":\(Self.text(analysis, 5)),"rules_ms":\(Self.text(rules, 5)),"added_percent":\(Self.text(added, 3)),\
        "added_percent_rounds":[\(passes.map { Self.text(100 * $0.rules / $0.analysis, 3) }.joined(separator: ","))],\
        "events":\(passes[0].eventCount),"allocations":\(passes[0].allocations),"heap_bytes":\(passes[0].heldBytes),\
        "verified":\(problems.isEmpty)}
        """
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func text(_ value: Double, _ places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        return "\((value * scale).rounded() / scale)"
    }
}
