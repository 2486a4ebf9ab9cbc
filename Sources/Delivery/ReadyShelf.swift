import Journal
import Scene

/// Rows that a relay has fetched and not started yet, at most one a camera, in the order in which they go. A pure value.
struct ReadyShelf: Sendable {
    /// Rows of one look at the outbox.
    static let capacity = 256
    /// What has come meanwhile is looked at no sooner than this after a look, so that a storm of small appends does not
    /// cost a look each; what is grave waits no longer than this for a free place.
    static let newsPause = MediaSpan.milliseconds(50)
    /// Without news.
    static let keptAtMost = MediaSpan.milliseconds(1000)
    static let thinningPause = MediaSpan.milliseconds(1000)

    private var rows: ArraySlice<OutboxRow> = []
    private var filled: MediaTime?
    private var nextThinning: MediaTime?
    /// Whether the newest look found a full house: more due than there are tokens for, or too many waiting.
    private(set) var isCrowded = false

    var count: Int { rows.count }

    func isStale(at now: MediaTime, hasNews: Bool) -> Bool {
        guard let filled, !rows.isEmpty, now >= filled else { return true }
        return now - filled >= (hasNews ? Self.newsPause : Self.keptAtMost)
    }

    mutating func fill(_ fresh: [OutboxRow], at now: MediaTime) {
        rows = fresh[...]
        filled = now
    }

    mutating func take(_ most: Int) -> [OutboxRow] {
        let taken = rows.prefix(max(most, 0))
        rows.removeFirst(taken.count)
        return Array(taken)
    }

    mutating func clear() {
        rows = []
        filled = nil
    }

    func mayThin(at now: MediaTime) -> Bool {
        guard let nextThinning else { return true }
        return now >= nextThinning || nextThinning - now > Self.thinningPause
    }

    /// - Parameter isDone: false where there may be more to pass over at once.
    mutating func looked(isCrowded: Bool, isDone: Bool, at now: MediaTime) {
        self.isCrowded = isCrowded
        nextThinning = isDone ? now + Self.thinningPause : now
    }
}
