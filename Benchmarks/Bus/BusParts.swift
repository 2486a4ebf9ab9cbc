import Delivery
import Foundation
import Journal
import Logging
import Pipeline
import Scene
import Synchronization

/// Where the parts measure, each in a folder of its own.
struct BusBed: Sendable {
    static let sink = "dispatch"

    let folder: String

    /// A journal with the site on it.
    func site(_ part: String, rules: Int) throws -> BusSite {
        try BusSite(journal: AlertJournal(folder: folder + "/" + part), sinks: [Self.sink], ruleCount: rules)
    }

    /// Runs `body` while what it journals is delivered to a receiver in this process.
    func delivering<Result>(_ site: BusSite, _ body: (BusReceiver) async throws -> Result) async throws -> Result {
        let receiver = BusReceiver()
        let port = try await receiver.start()
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        let target = try WebhookTarget(
            url: "http://127.0.0.1:\(port)/alerts",
            secret: WebhookSecret("whsec_" + key.base64EncodedString(), environment: { _ in nil }))
        let dispatcher = Dispatcher(
            journal: site.journal, sinks: [SinkConfiguration(id: Self.sink, target: .webhook(target))],
            logger: Logger(label: "bus", factory: { _ in SwiftLogNoOpLogHandler() }))
        let delivery = Task { try await dispatcher.run() }
        defer { delivery.cancel() }
        let result = try await body(receiver)
        delivery.cancel()
        _ = await delivery.result
        await receiver.stop()
        return result
    }

    /// Closes the journal, opens it anew and holds what it has against what it promised: every alert, one outbox row for
    /// each version, and every camera's numbers without a gap (the journal lets none come twice).
    static func verify(_ site: BusSite, _ promised: [String]) throws {
        try site.journal.close()
        let reader = try JournalReader(folder: site.journal.folder)
        // Each by its newest version: on a slow machine the first of a camera's alerts are closed before its last comes.
        let alerts = try reader.alerts(AlertFilter())
        let ids = Set(alerts.map { "\($0.decision.id).1" })
        guard promised.count == Set(promised).count, ids == Set(promised), alerts.count == promised.count else {
            throw BusProblem("the journal has \(ids.count) alerts, not the \(promised.count) that were promised")
        }
        let versions = alerts.reduce(0) { $0 + $1.decision.version }
        let rows = try reader.outbox().first { $0.sink == sink }.map { $0.pending + $0.confirmed } ?? 0
        guard rows == versions else { throw BusProblem("\(rows) outbox rows for \(versions) versions of alerts") }
        for (camera, own) in Dictionary(grouping: alerts, by: \.decision.camera) {
            let count = own.reduce(0) { $0 + $1.decision.version }
            guard own.map(\.reception.sequence).max() == Int64(count) else {
                throw BusProblem("the numbers of camera \(camera) have a gap")
            }
        }
    }
}

/// Alerts a second into the journal, each with an outbox row, stills off: one thread a camera, each waiting for the disk.
struct BusThroughput: Codable {
    let cameras: Int
    let alerts: Int
    let seconds: Double
    let alertsPerSecond: Double
    let alertsPerCommit: Double
    /// Of the whole process: what a machine with nothing else to do is measured by.
    let cpuMicrosecondsPerAlert: Double

    /// - Parameter rules: alerts of each camera.
    init(_ bed: BusBed, cameras: Int, rules: Int) throws {
        let site = try bed.site("throughput", rules: rules)
        let promised = Mutex<[String]>([])
        let cpu = Mutex(0.0)
        let taken = try CameraThreads.run(cameras) { number, gate in
            let camera = site.makeCamera(number)
            gate.arrive()
            if number == 0 { cpu.withLock { $0 = ProcessorTime.ofProcess } }
            let ids = try (0..<rules).map { try camera.raise($0) }
            promised.withLock { $0 += ids }
        }
        let processor = ProcessorTime.ofProcess - cpu.withLock { $0 }
        let commits = site.journal.snapshot().commits
        let ids = promised.withLock { $0 }
        try BusBed.verify(site, ids)
        self.cameras = cameras
        alerts = ids.count
        seconds = taken.inSeconds
        alertsPerSecond = Double(ids.count) / seconds
        alertsPerCommit = Double(ids.count) / Double(max(commits, 1))
        cpuMicrosecondsPerAlert = processor * 1e6 / Double(max(ids.count, 1))
    }
}

/// Every camera raises one alarm within one second, while a webhook is served.
struct BusStorm: Codable {
    let cameras: Int
    let journaledSeconds: Double
    let deliveredSeconds: Double
    let residentBefore: Double
    let residentPeak: Double

    init(_ bed: BusBed, cameras: Int) async throws {
        let site = try bed.site("storm", rules: 1)
        let promised = Mutex<[String]>([])
        let memory = Mutex(0.0)
        self.cameras = cameras
        (journaledSeconds, deliveredSeconds) = try await bed.delivering(site) { receiver in
            let begin = Mutex(ContinuousClock.now)
            let taken = try await blocking {
                try CameraThreads.run(cameras) { number, gate in
                    let camera = site.makeCamera(number)
                    gate.arrive()
                    if number == 0 {
                        begin.withLock { $0 = gate.began }
                        // All cameras stand: what comes now is the storm's.
                        memory.withLock { $0 = ResidentMemory.now }
                        ResidentMemory.forgetPeak()
                    }
                    let due = gate.began + .microseconds(number * 1_000_000 / cameras)
                    Thread.sleep(forTimeInterval: max(0, (due - .now).inSeconds))
                    let id = try camera.raise(0)
                    promised.withLock { $0.append(id) }
                }
            }
            try await receiver.wait(for: cameras, within: .seconds(300))
            let last = receiver.answered.values.max() ?? .now
            let ids = promised.withLock { Set($0) }
            guard Set(receiver.answered.keys) == ids, receiver.repeats == 0 else {
                throw BusProblem(
                    "the receiver has \(receiver.answered.count) messages, \(receiver.repeats) of them twice")
            }
            return (taken.inSeconds, (last - begin.withLock { $0 }).inSeconds)
        }
        residentBefore = memory.withLock { $0 }
        residentPeak = ResidentMemory.peak
        try BusBed.verify(site, promised.withLock { $0 })
    }
}

/// From the rule event to the webhook's answer, alerts coming evenly, beside what the disk takes meanwhile.
struct BusLatency: Codable {
    private static let threads = 10

    let alertsPerSecond: Double
    let alerts: Int
    let p50, p95, p99, most: Double
    let diskSyncs: Int
    let diskP50, diskP99: Double

    init(_ bed: BusBed, rate: Double, seconds: Double) async throws {
        let each = max(Int(rate * seconds) / Self.threads, 1)
        let site = try bed.site("latency", rules: 1)
        let raised = Mutex<[String: ContinuousClock.Instant]>([:])
        let probe = try DiskProbe(folder: bed.folder)
        let taken: [Double] = try await bed.delivering(site) { receiver in
            _ = try await blocking {
                try CameraThreads.run(Self.threads) { thread, gate in
                    // Each alert is another camera's, so that none waits for the one before it.
                    let cameras = (0..<each).map { site.makeCamera(thread * each + $0) }
                    gate.arrive()
                    for (index, camera) in cameras.enumerated() {
                        let due = gate.began + .seconds(Double(index * Self.threads + thread) / rate)
                        Thread.sleep(forTimeInterval: max(0, (due - .now).inSeconds))
                        let event = ContinuousClock.now
                        let id = try camera.raise(0)
                        raised.withLock { $0[id] = event }
                    }
                }
            }
            let events = raised.withLock { $0 }
            try await receiver.wait(for: events.count, within: .seconds(60))
            return try events.map { id, event in
                guard let answered = receiver.answered[id] else { throw BusProblem("\(id) never came") }
                return (answered - event).inMilliseconds
            }
        }
        let syncs = probe.stop()
        try BusBed.verify(site, raised.withLock { Array($0.keys) })
        alertsPerSecond = rate
        alerts = taken.count
        (p50, p95, p99, most) = (taken.quantile(0.5), taken.quantile(0.95), taken.quantile(0.99), taken.max() ?? 0)
        (diskSyncs, diskP50, diskP99) = (syncs.count, syncs.quantile(0.5), syncs.quantile(0.99))
    }
}
