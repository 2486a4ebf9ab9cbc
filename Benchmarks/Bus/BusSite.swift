import Alerts
import Evidence
import Foundation
import Journal
import Kernels
import Logging
import Pipeline
import Rules
import Scene
import Synchronization
import Vision

/// A site whose cameras raise alarms by hand: the daemon's own way from a rule event to the journal, without a picture.
struct BusSite: Sendable {
    let journal: AlertJournal
    let sinks: SharedSinks
    private let rules: [FenceRule]
    private let model: DetectorModel
    private let localTime: LocalTime
    private let silent = Logger(label: "bus", factory: { _ in SwiftLogNoOpLogHandler() })

    /// - Parameter ruleCount: of kind `manual`, a camera; each raised once is an alert of its own.
    init(journal: AlertJournal, sinks: [String], ruleCount: Int) throws {
        guard let utc = LocalTime(identifier: "UTC") else { throw BusProblem("the system knows no time zone UTC") }
        self.journal = journal
        self.sinks = SharedSinks(sinks)
        localTime = utc
        model = try ModelLibrary.standard().load("visible").model
        rules = (0..<ruleCount).compactMap { number in
            RuleID("m\(number)").map { FenceRule(id: $0, anchor: .foot, watch: .manual, revision: "bus") }
        }
        try journal.configureSinks(sinks)
    }

    /// Confined to the thread that makes it, as a camera's pipeline is.
    func makeCamera(_ number: Int) -> BusCamera {
        guard let id = CameraID("c\(number)") else { preconditionFailure("c\(number) is a camera's name") }
        let place = CameraPlace(
            site: "bus", area: "530302", grid: "530302001001001", gbID: nil, location: [103.79, 25.51],
            cameraName: "camera \(number)", cameraClass: number % 3 == 0 ? .a : .b)
        let localTime = localTime
        let watched = WatchedCamera(
            id: id, place: place,
            rules: Dictionary(uniqueKeysWithValues: rules.map { ($0.id, WatchedCamera.Rule(revision: $0.revision)) }),
            provenance: AlertDecision.Provenance(
                model: "visible", modelHash: String(repeating: "0", count: 64),
                configurationHash: String(repeating: "1", count: 64)))
        let counters = CameraCounters()
        let outlet = JournalOutlet(
            camera: id, journal: journal, sinks: sinks, store: EvidenceStore(folder: journal.folder), restoring: [],
            clock: { .now }, counters: counters, logger: silent)
        let pipeline = CameraPipeline(
            camera: id, rules: rules,
            analysis: CameraAnalysis(
                rules: rules, model: model, cadence: AnalysisCadence(analysisRate: 8), kernels: Kernels.best),
            book: AlertBook(camera: watched, localTime: { localTime.text($0) }), outlet: outlet, counters: counters,
            clock: { .now }, logger: silent)
        return BusCamera(pipeline: pipeline, rules: rules.map(\.id))
    }
}

struct BusCamera {
    private let pipeline: CameraPipeline
    private let rules: [RuleID]

    fileprivate init(pipeline: CameraPipeline, rules: [RuleID]) {
        self.pipeline = pipeline
        self.rules = rules
    }

    /// Raises the rule; returns the message's id once the journal has it.
    func raise(_ rule: Int) throws -> String {
        let request = ManualRequest(who: "bench", why: "a measurement")
        switch pipeline.trigger(ManualTrigger(rule: rules[rule], request: request)) {
        case .raised(let receipt): return "\(receipt.alert).\(receipt.version)"
        case let outcome: throw BusProblem("an alarm by hand was not raised: \(outcome)")
        }
    }
}

/// What keeps a measurement from being believed.
struct BusProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Threads that begin together, one a camera, as in the daemon.
final class CameraThreads: Sendable {
    private let ready = DispatchGroup()
    private let gate = DispatchGroup()
    private let finished = DispatchGroup()
    private let begin = Mutex(ContinuousClock.now)
    private let problem = Mutex<String?>(nil)

    /// When the gate was opened; ask after ``arrive()``.
    var began: ContinuousClock.Instant { begin.withLock { $0 } }

    /// Waits at the gate.
    func arrive() {
        ready.leave()
        gate.wait()
    }

    /// Runs `body` for each number on a thread of its own and returns when all have ended. Blocks: not for the threads of
    /// Swift's tasks. Each body must call ``arrive()`` once.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int, CameraThreads) throws -> Void) throws -> Duration {
        let threads = CameraThreads()
        threads.gate.enter()
        for number in 0..<count {
            threads.ready.enter()
            threads.finished.enter()
            let thread = Thread {
                do { try body(number, threads) } catch { threads.problem.withLock { $0 = "\(error)" } }
                threads.finished.leave()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        threads.ready.wait()
        threads.begin.withLock { $0 = .now }
        threads.gate.leave()
        threads.finished.wait()
        if let problem = threads.problem.withLock({ $0 }) { throw BusProblem(problem) }
        return .now - threads.began
    }
}

/// Runs what blocks on a thread of its own.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
    }
}
