import Delivery
import Foundation
import Journal
import Logging
import Scene
import Synchronization
import TestSupport
import Testing

/// A data folder of its own for one test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "snowline-delivery-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

let sampleKey = Data((0..<32).map { UInt8($0 &* 7 &+ 3) })
let sampleSecretText = "whsec_" + sampleKey.base64EncodedString()

func sampleSecret() throws -> WebhookSecret {
    try WebhookSecret(sampleSecretText, environment: { _ in nil })
}

/// Back-off short enough for tests; the shape is the same.
let quickRetry = RetrySettings(
    floor: .milliseconds(5), ceiling: .milliseconds(40), failuresToOpen: 3, refusedFloor: .milliseconds(30),
    retryAfterLimit: .seconds(2))

func webhook(
    _ url: String, id: String = "dispatch", retry: RetrySettings = quickRetry, totalTimeout: Duration = .seconds(10)
) throws -> SinkConfiguration {
    SinkConfiguration(
        id: id,
        target: .webhook(
            try WebhookTarget(url: url, secret: sampleSecret(), connectTimeout: .seconds(2), totalTimeout: totalTimeout)
        ),
        retry: retry)
}

func sampleAlert(
    id: String, version: Int = 1, state: AlertState = .opened, camera: String = "south-gate",
    cameraClass: CameraClass = .b, severity: Int? = nil
) -> Alert {
    let start = MediaTime(microseconds: 52_000_000)
    return Alert(
        decision: AlertDecision(
            id: id, version: version, state: state, camera: CameraID(camera)!,
            place: CameraPlace(
                site: "530302", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "南门",
                cameraClass: cameraClass),
            rule: RuleID("lawn")!, ruleRevision: "r1", kind: .zone, occurrence: .occupied, anchor: .foot,
            start: start, last: start, end: nil, isHolding: true, count: 1, findings: [], measures: ["dwell_s": 1.25],
            summary: .init(zh: "有目标/进入", en: "something/inside"),
            severity: severity, provenance: .init(model: "visible", modelHash: "m", configurationHash: "c")),
        reception: AlertReception(
            serverTime: start, latencyMilliseconds: 12, sequence: 0, evidence: [], isReplay: false))
}

/// A journal and a running dispatcher; `stop()` ends it as SIGTERM would.
final class Desk: Sendable {
    let folder: TemporaryFolder
    let journal: AlertJournal
    let dispatcher: Dispatcher
    private let task: Task<Void, any Error>

    init(_ sinks: [SinkConfiguration], journal existing: AlertJournal? = nil, folder: TemporaryFolder? = nil) throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        let journal = try existing ?? AlertJournal(folder: folder.path)
        self.journal = journal
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let dispatcher = Dispatcher(journal: journal, sinks: sinks, logger: logger)
        self.dispatcher = dispatcher
        task = Task { try await dispatcher.run() }
    }

    func append(_ alerts: Alert...) async throws {
        try journal.append(alerts, sinks: await dispatcher.sinkIDs)
    }

    func stop() async throws {
        task.cancel()
        try await task.value
    }

    func status(_ id: String = "dispatch") async throws -> SinkStatus? {
        try await dispatcher.snapshot().first { $0.id == id }
    }

    func pending(_ id: String = "dispatch") throws -> Int {
        try journal.reader.outbox().first { $0.sink == id }?.pending ?? 0
    }

    func drained(_ id: String = "dispatch", _ location: SourceLocation = #_sourceLocation) async throws {
        try await eventually("sink \(id) is drained", location) { try self.pending(id) == 0 }
    }
}

/// Waits until the condition holds; the limit only ends a test that fails. (Whole replays run beside these tests and
/// hold the few threads of the pool for many seconds.)
func eventually(
    _ what: String, _ location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let limit = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < limit {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("never: \(what)", sourceLocation: location)
}

func independentSignature(id: String, timestamp: String, body: String) -> String {
    StandardWebhooks.signature(key: sampleKey, id: id, timestamp: timestamp, body: body)
}
