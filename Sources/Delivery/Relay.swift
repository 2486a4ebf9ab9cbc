import Journal
import Logging
import Scene
import Synchronization

/// Carries the outbox rows of one sink: cameras with something grave first, then the oldest, one at a time for each
/// camera in its order, several cameras at once.
///
/// The rows stay in the journal until the sink has confirmed them; the relay holds nothing that a kill could lose.
actor Relay {
    private struct Result: Sendable {
        let row: OutboxRow
        let outcome: SinkOutcome
        /// When the sink had answered, by the server's clock.
        let time: MediaTime
    }

    /// Longest time the relay sleeps without looking at the journal, whatever it was told.
    private static let lookAgain: Duration = .seconds(30)

    let configuration: SinkConfiguration
    private let sink: any Sink
    private let journal: AlertJournal
    private let environment: SinkEnvironment
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let news = Atomic<Bool>(false)
    private var breaker: CircuitBreaker
    private var bucket: TokenBucket?
    private var shelf = ReadyShelf()
    private var inFlight: Set<String> = []
    private var results: [Result] = []
    private var tallies = RelayCounters()
    private var timer: Task<Void, Never>?

    init(
        configuration: SinkConfiguration, sink: any Sink, journal: AlertJournal, environment: SinkEnvironment,
        logger: Logger
    ) {
        self.configuration = configuration
        self.sink = sink
        self.journal = journal
        self.environment = environment
        self.logger = logger
        breaker = CircuitBreaker(configuration.retry)
        bucket = configuration.flow.rate.map { TokenBucket($0, at: environment.clock()) }
        (wakes, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that the journal has something new. Never blocks.
    nonisolated func wake() {
        news.store(true, ordering: .relaxed)
        wakeUp.yield()
    }

    var state: SinkStatus.State {
        switch breaker.state {
        case .closed: .working
        case .open(let until): .backingOff(until: until)
        case .disabled(let reason): .disabled(reason: reason)
        }
    }

    var counters: RelayCounters { tallies }

    /// Works until cancelled, then waits for what is on its way (which cancellation ends) and closes the sink.
    func run() async {
        await withDiscardingTaskGroup { group in
            await expedite()
            for await _ in wakes {
                await step(in: &group)
                if Task.isCancelled { break }
            }
            group.cancelAll()
        }
        timer?.cancel()
        // Not in the cancelled task: what has ended meanwhile is still written down.
        await Task { await settle() }.value
        await sink.close()
    }

    /// One round: write down how attempts ended, start what is due, arrange the next wake.
    private func step(in group: inout DiscardingTaskGroup) async {
        do {
            try await record()
            let now = environment.clock()
            let tokens = bucket?.available(at: now) ?? .max
            let allowance = breaker.allowance(at: now, inFlight: inFlight.count)
            if allowance > 0 {
                try await stock(at: now, tokens: tokens)
                let rows = shelf.take(min(allowance, tokens))
                bucket?.take(rows.count)
                for row in rows { start(row, in: &group) }
            }
            try await arrangeWake()
        } catch is CancellationError {
            // Asked to stop: the journal is fine, and what has ended is written down when the relay ends.
        } catch {
            shelf.clear()
            logger.error("outbox cannot be read or written", metadata: ["error": "\(error)"])
            wake(after: .seconds(1))
        }
    }

    /// Fetches what is due, some at a time: a look at the outbox steps over all cameras that wait. Where more is due
    /// than may go, the updates that newer versions replace are passed over first.
    private func stock(at now: MediaTime, tokens: Int) async throws {
        guard shelf.isStale(at: now, hasNews: news.load(ordering: .relaxed)) else { return }
        try await fill(at: now)
        guard configuration.flow.mayThin else { return }
        let isShort = tokens < shelf.count
        guard shelf.mayThin(at: now) || isShort && !shelf.isCrowded else { return }
        let id = configuration.id
        var isCrowded = isShort
        if !isCrowded { isCrowded = try await journal.isCrowded(sink: id, above: configuration.flow.thinAbove) }
        let count = isCrowded ? try await journal.thin(sink: id) : 0
        let wasCrowded = shelf.isCrowded
        shelf.looked(isCrowded: isCrowded, isDone: count < AlertJournal.thinningBatch, at: now)
        tallies.superseded += Int64(count)
        if count > 0 || isCrowded != wasCrowded { try await fill(at: now) }
    }

    private func fill(at now: MediaTime) async throws {
        news.store(false, ordering: .relaxed)
        let rows = try await journal.dueRows(
            sink: configuration.id, at: now, excluding: inFlight, isCrowded: shelf.isCrowded,
            limit: ReadyShelf.capacity)
        shelf.fill(rows, at: now)
    }

    private func start(_ row: OutboxRow, in group: inout DiscardingTaskGroup) {
        inFlight.insert(row.camera)
        group.addTask {
            let outcome: SinkOutcome
            do {
                outcome = await self.sink.deliver(try CloudEvent.delivery(of: row))
            } catch {
                outcome = .refused(reason: "the journaled alert cannot be read: \(error)")
            }
            await self.ended(Result(row: row, outcome: outcome, time: self.environment.clock()))
        }
    }

    private func ended(_ result: Result) {
        results.append(result)
        wakeUp.yield()
    }
}

// Outcomes.
extension Relay {
    /// Marks the ended attempts in one transaction; their cameras are free only when that is on disk.
    private func record() async throws {
        let ended = results
        guard !ended.isEmpty else { return }
        let before = breaker
        var marks: [(row: Int64, mark: OutboxMark)] = []
        var isBack = false
        for result in ended {
            marks.append((row: result.row.number, mark: judge(result, isBack: &isBack)))
        }
        do {
            try await journal.mark(marks)
        } catch {
            breaker = before
            throw error
        }
        results.removeFirst(ended.count)
        for result in ended { inFlight.remove(result.row.camera) }
        breaker.remaining(inFlight.count)
        for result in ended { noteLatency(result) }
        if isBack {
            try await journal.expedite(sink: configuration.id)
            shelf.clear()
        }
    }

    private func judge(_ result: Result, isBack: inout Bool) -> OutboxMark {
        let now = environment.clock()
        switch result.outcome {
        case .confirmed:
            succeeded(at: now, isBack: &isBack)
            tallies.confirmed += 1
            return .confirmed
        case .acknowledged:
            succeeded(at: now, isBack: &isBack)
            switch configuration.duty {
            case .untilTaken:
                tallies.confirmed += 1
                return .confirmed
            case .untilReceipt(let resendAfter): return .acknowledged(resendAt: now + resendAfter.span)
            }
        case .failed(let reason, let retryAfter):
            note(reason, of: result)
            let next = breaker.failed(
                at: now, attempts: result.row.attempts, retryAfter: retryAfter, share: environment.random())
            return .failed(error: reason, nextAttempt: next)
        case .refused(let reason):
            note(reason, of: result)
            if breaker.refused(at: now, again: result.row.isRefused, share: environment.random()) { isBack = true }
            return .refused(error: reason, nextAttempt: now + refusedWait(result.row).span)
        case .gone(let reason):
            note(reason, of: result)
            disable(reason)
            return .failed(error: reason, nextAttempt: now)
        }
    }

    /// How long an alert took from the picture that decided it until its receiver had it; of its first version only,
    /// since the others wait for what happens.
    private func noteLatency(_ result: Result) {
        let row = result.row
        switch result.outcome {
        case .confirmed: break
        // Said again each time it is published again: only the first counts.
        case .acknowledged where row.attempts == 0: break
        case .acknowledged, .failed, .refused, .gone: return
        }
        guard row.version == 1, let captured = row.captured else { return }
        tallies.freshLatencies.append((result.time - captured).microseconds / 1000)
        let excess = tallies.freshLatencies.count - RelayCounters.freshLatencyLimit
        if excess > 0 { tallies.freshLatencies.removeFirst(excess) }
    }

    /// Milliseconds from the deciding picture to the sink's word that no metric has taken yet.
    func takeLatencies() -> [Int64] {
        defer { tallies.freshLatencies.removeAll(keepingCapacity: true) }
        return tallies.freshLatencies
    }

    private func succeeded(at now: MediaTime, isBack: inout Bool) {
        if breaker.succeeded(at: now) {
            isBack = true
            logger.notice("sink is back")
        }
        tallies.lastError = nil
    }

    private func refusedWait(_ row: OutboxRow) -> Duration {
        let settings = configuration.retry
        return settings.refusedFloor + settings.wait(afterFailures: row.attempts + 1, share: environment.random())
    }

    private func disable(_ reason: String) {
        guard case .disabled = breaker.state else {
            breaker.disable(reason: reason)
            logger.error("sink disabled by its receiver", metadata: ["reason": "\(reason)"])
            let id = configuration.id
            do {
                try journal.record(.sinkDisabled, detail: ["sink": id, "reason": reason])
            } catch {
                logger.error("change cannot be journaled", metadata: ["error": "\(error)"])
            }
            return
        }
    }

    private func note(_ reason: String, of result: Result) {
        tallies.failedAttempts += 1
        // Said once for each new reason, not for each of a thousand attempts.
        if tallies.lastError != reason {
            logger.warning(
                "delivery failed", metadata: ["reason": "\(reason)", "alert": "\(result.row.alertID)"])
        }
        tallies.lastError = reason
    }

    private func settle() async {
        do {
            try await record()
        } catch {
            logger.warning("last outcomes not recorded; they are sent again", metadata: ["error": "\(error)"])
        }
    }
}

// Waiting.
extension Relay {
    private func expedite() async {
        do {
            try await journal.expedite(sink: configuration.id)
        } catch is CancellationError {
            // Asked to stop before it had begun.
        } catch {
            logger.error("outbox cannot be written", metadata: ["error": "\(error)"])
        }
        wake()
    }

    /// Sleeps until the next row or probe is due; an append or an ended attempt comes earlier by itself.
    private func arrangeWake() async throws {
        let now = environment.clock()
        let earliest: MediaTime
        switch breaker.state {
        case .disabled:
            return
        case .open(let until):
            guard breaker.allowance(at: max(now, until), inFlight: inFlight.count) > 0 else { return }
            earliest = until
        case .closed:
            guard inFlight.count < configuration.retry.window else { return }
            earliest = now
        }
        if shelf.count > 0 {
            let wait = max(earliest + (bucket?.wait() ?? .zero), now) - now
            return wake(after: wait.duration)
        }
        guard let due = try await journal.nextDue(sink: configuration.id, excluding: inFlight) else { return }
        wake(after: (max(due, earliest) - now).duration)
    }

    /// There is one timer; a new one takes the place of the old.
    private func wake(after wait: Duration) {
        let bounded = min(max(wait, .milliseconds(1)), Self.lookAgain)
        let sleep = environment.sleep
        timer?.cancel()
        timer = Task {
            do {
                try await sleep(bounded)
                wakeUp.yield()
            } catch {
                // Replaced or ended.
            }
        }
    }
}
