import Scene

/// What one rule remembers of each track that lives. Bounded by ``RuleEngine/trackLimit``, because the engine
/// shows a rule no more tracks than that and says which have ended. Short arrays searched from the front: no order
/// that depends on hashing can reach a decision. The numbers stand by themselves, so that a search reads little memory.
struct TrackTable<State: Sendable>: Sendable {
    private var tracks: [TrackID] = []
    private var states: [State] = []

    /// So many tracks need no memory later on; a crowd makes the table grow, once. Small, so that the tables of many rules
    /// lie close together.
    private static var room: Int { 24 }

    init() {
        tracks.reserveCapacity(Self.room)
        states.reserveCapacity(Self.room)
    }

    var count: Int { tracks.count }
    /// A copy, for what happens seldom.
    var ids: [TrackID] { tracks }

    func track(slot: Int) -> TrackID { tracks[slot] }

    subscript(track: TrackID) -> State? {
        get { slot(of: track).map { states[$0] } }
        set {
            switch (slot(of: track), newValue) {
            case (let slot?, let state?): states[slot] = state
            case (let slot?, nil):
                tracks.remove(at: slot)
                states.remove(at: slot)
            case (nil, let state?):
                tracks.append(track)
                states.append(state)
            case (nil, nil): break
            }
        }
    }

    /// Where the track's state lies until an entry is removed; a new track gets `first`.
    mutating func slot(of track: TrackID, first: @autoclosure () -> State) -> Int {
        if let slot = slot(of: track) { return slot }
        tracks.append(track)
        states.append(first())
        return tracks.count - 1
    }

    func slot(of track: TrackID) -> Int? {
        for slot in tracks.indices where tracks[slot].number == track.number { return slot }
        return nil
    }

    /// Changed where it lies: a state that holds a list is not copied.
    subscript(slot slot: Int) -> State {
        @inline(__always) _read { yield states[slot] }
        @inline(__always) _modify { yield &states[slot] }
    }

    /// By the age of the entry.
    func first(where predicate: (TrackID, State) -> Bool) -> (track: TrackID, state: State)? {
        for slot in tracks.indices where predicate(tracks[slot], states[slot]) { return (tracks[slot], states[slot]) }
        return nil
    }

    func last(where predicate: (State) -> Bool) -> (track: TrackID, state: State)? {
        states.lastIndex(where: predicate).map { (tracks[$0], states[$0]) }
    }

    func count(where predicate: (State) -> Bool) -> Int { states.count(where: predicate) }

    func contains(where predicate: (State) -> Bool) -> Bool { states.contains(where: predicate) }

    mutating func removeAll() {
        tracks.removeAll(keepingCapacity: true)
        states.removeAll(keepingCapacity: true)
    }
}
