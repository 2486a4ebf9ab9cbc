import Scene

/// What one rule remembers of each track that lives. Bounded by ``RuleEngine/trackLimit``, because the engine
/// shows a rule no more tracks than that and the table is pruned with them. A short array searched from the
/// front: no order that depends on hashing can reach a decision.
struct TrackTable<State: Sendable>: Sendable {
    private var entries: [(track: TrackID, state: State)] = []

    init() { entries.reserveCapacity(Self.room) }

    /// Between two prunings there may be a whole frame's tracks that ended and a whole frame's that are new.
    private static var room: Int { 2 * RuleEngine.trackLimit }

    var count: Int { entries.count }

    subscript(track: TrackID) -> State? {
        get { entries.first { $0.track == track }?.state }
        set {
            let index = entries.firstIndex { $0.track == track }
            switch (index, newValue) {
            case (let index?, let state?): entries[index].state = state
            case (let index?, nil): entries.remove(at: index)
            case (nil, let state?): entries.append((track, state))
            case (nil, nil): break
            }
        }
    }

    mutating func keepOnly(_ tracks: ArraySlice<Track>) {
        entries.removeAll { entry in !tracks.contains { $0.id == entry.track } }
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }
}
