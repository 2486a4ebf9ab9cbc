package import Journal
package import Logging
import Scene
import Synchronization

/// Brings journaled alerts to the configured sinks: one relay for each, woken by the journal, none waiting for another.
package actor Dispatcher {
    private struct Station {
        let configuration: SinkConfiguration
        /// Nil where the sink could not be set up.
        var relay: Relay?
        var task: Task<Void, Never>?
        var problem: String?
    }

    private let journal: AlertJournal
    private let environment: SinkEnvironment
    private let logger: Logger
    private let wakers = WakeList()
    private var configurations: [SinkConfiguration]
    private var stations: [String: Station] = [:]
    private var isRunning = false

    package init(
        journal: AlertJournal, sinks: [SinkConfiguration], environment: SinkEnvironment = SinkEnvironment(),
        logger: Logger
    ) {
        self.journal = journal
        var environment = environment
        environment.receipts = { message in try journal.take(message) }
        self.environment = environment
        self.logger = logger
        configurations = sinks
        let wakers = wakers
        journal.onAppend { wakers.wakeAll() }
    }

    /// The ids to hand to `AlertJournal.append`.
    package var sinkIDs: [String] { configurations.map(\.id) }

    /// Delivers until the task is cancelled; then attempts on their way are ended and their rows stay in the journal.
    ///
    /// A sink that cannot be set up does not stop the others; it is reported by ``snapshot()``.
    /// - Throws: `JournalError` when the journal cannot be written at the start.
    package func run() async throws {
        isRunning = true
        try await apply(configurations)
        let (never, hold) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        hold.finish()
        isRunning = false
        for id in stations.keys.sorted() { await stop(id) }
    }

    /// Takes another configuration: unchanged sinks go on, changed ones start anew, removed ones stop and keep their
    /// rows; a sink that its receiver had disabled is tried again.
    package func reload(_ sinks: [SinkConfiguration]) async throws {
        configurations = sinks
        guard isRunning else { return }
        try await apply(sinks)
    }

    /// Where each sink stands, by id; also sinks that are no longer configured but have rows.
    package func snapshot() async throws -> [SinkStatus] {
        let now = environment.clock()
        var statuses: [SinkStatus] = []
        for standing in try journal.reader.outbox() {
            let station = stations[standing.sink]
            let counters = await station?.relay?.counters ?? RelayCounters()
            guard station != nil || standing.pending > 0 else { continue }
            statuses.append(
                SinkStatus(
                    id: standing.sink, kind: station?.configuration.kind, state: await state(of: station),
                    pending: standing.pending, refused: standing.refused, unconfirmed: standing.unconfirmed,
                    superseded: standing.superseded, oldestAge: standing.oldest.map { now - $0 },
                    unconfirmedAge: standing.oldestUnconfirmed.map { now - $0 }, confirmed: counters.confirmed,
                    failedAttempts: counters.failedAttempts, supersededTotal: counters.superseded,
                    lastError: counters.lastError ?? standing.lastError))
        }
        return statuses
    }

    /// Of each sink, milliseconds from the deciding picture to the sink's word, since this was asked last.
    package func takeLatencies() async -> [String: [Int64]] {
        var latencies: [String: [Int64]] = [:]
        for (id, station) in stations { latencies[id] = await station.relay?.takeLatencies() }
        return latencies
    }

    private func state(of station: Station?) async -> SinkStatus.State {
        guard let station else { return .removed }
        guard let relay = station.relay else { return .unusable(reason: station.problem ?? "not set up") }
        return await relay.state
    }

    private func apply(_ sinks: [SinkConfiguration]) async throws {
        try journal.configureSinks(sinks.map(\.id))
        for id in stations.keys.sorted() {
            guard let station = stations[id] else { continue }
            let isKept = sinks.contains(station.configuration)
            if isKept, case .working = await state(of: station) { continue }
            if isKept, case .backingOff = await state(of: station) { continue }
            await stop(id)
        }
        for sink in sinks where stations[sink.id] == nil { start(sink) }
    }

    private func start(_ sink: SinkConfiguration) {
        var logger = logger
        logger[metadataKey: "sink"] = "\(sink.id)"
        do {
            let relay = Relay(
                configuration: sink, sink: try sink.makeSink(environment, logger: logger), journal: journal,
                environment: environment,
                logger: logger)
            wakers.add(relay, id: sink.id)
            stations[sink.id] = Station(configuration: sink, relay: relay, task: Task { await relay.run() })
        } catch {
            logger.error("sink cannot be set up", metadata: ["error": "\(error)"])
            stations[sink.id] = Station(configuration: sink, problem: "\(error)")
        }
    }

    private func stop(_ id: String) async {
        guard let station = stations.removeValue(forKey: id) else { return }
        wakers.remove(id: id)
        station.task?.cancel()
        await station.task?.value
    }
}

/// The relays to wake after an append; usable from the appending threads.
private final class WakeList: Sendable {
    private let relays = Mutex<[String: Relay]>([:])

    func add(_ relay: Relay, id: String) {
        relays.withLock { $0[id] = relay }
    }

    func remove(id: String) {
        relays.withLock { $0[id] = nil }
    }

    func wakeAll() {
        for relay in relays.withLock({ Array($0.values) }) { relay.wake() }
    }
}
