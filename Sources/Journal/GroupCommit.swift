import Foundation

/// Folds the writes of many threads into few transactions.
///
/// A caller queues its entry; the first one that finds no leader becomes it, takes everything that waits and commits
/// that at once; the others sleep until their entry is done. While a commit is on its way to the disk the next batch
/// gathers, so the deeper the queue the larger the batch. The queue needs no limit of its own: each caller has one
/// entry in it and waits.
final class GroupCommit<Entry: Sendable, Outcome: Sendable>: @unchecked Sendable {
    private final class Ticket {
        let entry: Entry
        var result: Result<Outcome, any Error>?

        init(_ entry: Entry) { self.entry = entry }
    }

    /// Commits all entries in one transaction; one result for each. If it throws, each caller gets that error.
    private let commit: @Sendable ([Entry]) throws -> [Result<Outcome, any Error>]
    private let batchLimit: Int
    private let condition = NSCondition()
    // Guarded by `condition`.
    private var waiting: [Ticket] = []
    private var hasLeader = false
    private var commitCount: Int64 = 0

    init(
        batchLimit: Int = 512, commit: @escaping @Sendable ([Entry]) throws -> [Result<Outcome, any Error>]
    ) {
        self.batchLimit = batchLimit
        self.commit = commit
    }

    /// Blocks the calling thread until its entry is on disk or has failed.
    func submit(_ entry: Entry) throws -> Outcome {
        let ticket = Ticket(entry)
        condition.lock()
        waiting.append(ticket)
        while ticket.result == nil {
            if hasLeader {
                condition.wait()
            } else {
                lead()
            }
        }
        let result = ticket.result
        condition.unlock()
        guard let result else { preconditionFailure("a ticket left the queue without a result") }
        return try result.get()
    }

    /// Transactions begun so far, successful or not.
    var commitsMade: Int64 {
        condition.withLock { commitCount }
    }

    /// Commits one batch. Called and left with the condition locked.
    private func lead() {
        hasLeader = true
        let batch = Array(waiting.prefix(batchLimit))
        waiting.removeFirst(batch.count)
        condition.unlock()
        let results: [Result<Outcome, any Error>]
        do {
            results = try commit(batch.map(\.entry))
            precondition(results.count == batch.count, "a commit must answer each entry")
        } catch {
            results = batch.map { _ in .failure(error) }
        }
        condition.lock()
        for (ticket, result) in zip(batch, results) { ticket.result = result }
        hasLeader = false
        commitCount += 1
        condition.broadcast()
    }
}
