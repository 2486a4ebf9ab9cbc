import Scene

/// What one rule remembers of each track that lives. Bounded by ``RuleEngine/trackLimit``, because the engine
/// shows a rule no more tracks than that and says which have ended. A short array searched from the front: no order
/// that depends on hashing can reach a decision.
struct TrackTable<State: Sendable>: Sendable {
    private var entries: [(track: TrackID, state: State)] = []

    init() { entries.reserveCapacity(Self.room) }

    /// Between two prunings there may be a whole frame's tracks that ended and a whole frame's that are new.
    private static var room: Int { 2 * RuleEngine.trackLimit }

    var count: Int { entries.count }
    /// A copy, for what happens seldom.
    var ids: [TrackID] { entries.map(\.track) }

    func track(slot: Int) -> TrackID { entries[slot].track }

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

    /// Where the track's state lies until an entry is removed; a new track gets `first`.
    mutating func slot(of track: TrackID, first: @autoclosure () -> State) -> Int {
        if let index = entries.firstIndex(where: { $0.track == track }) { return index }
        entries.append((track, first()))
        return entries.count - 1
    }

    func slot(of track: TrackID) -> Int? { entries.firstIndex { $0.track == track } }

    /// Changed where it lies: a state that holds a list is not copied.
    subscript(slot slot: Int) -> State {
        get { entries[slot].state }
        _modify { yield &entries[slot].state }
    }

    /// By the age of the entry.
    func first(where predicate: (TrackID, State) -> Bool) -> (track: TrackID, state: State)? {
        entries.first { predicate($0.track, $0.state) }
    }

    func count(where predicate: (State) -> Bool) -> Int {
        entries.count { predicate($0.state) }
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }
}
