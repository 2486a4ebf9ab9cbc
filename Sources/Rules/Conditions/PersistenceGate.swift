import Scene

/// Holds the paths of objects that have not been followed for long enough. Once one has, its past goes through with
/// it, so that a rule judges it from its true start; one that ends before goes through refused, so that what it would
/// have raised can be told.
struct PersistenceGate: Sendable {
    /// Points held of one track; beyond it the oldest are let go.
    static let pointLimit = 1024

    private struct Memory: Sendable {
        let firstSeen: MediaTime
        var isOpen = false
        var held: [PathStep] = []
    }

    private let span: MediaSpan
    private var tracks = TrackTable<Memory>()

    init(span: MediaSpan) { self.span = span }

    func firstSeen(of track: TrackID) -> MediaTime? { tracks[track]?.firstSeen }

    /// - Parameter pass: takes what the rule may judge now, oldest first.
    mutating func admit(_ step: PathStep, pass: (PathStep) -> Void) {
        let slot = tracks.slot(of: step.track, first: Memory(firstSeen: step.firstSeen))
        if !tracks[slot: slot].isOpen, step.point.time - step.firstSeen >= span {
            tracks[slot: slot].isOpen = true
            for held in tracks[slot: slot].held { pass(held) }
            tracks[slot: slot].held = []
        }
        if tracks[slot: slot].isOpen { return pass(step) }
        if tracks[slot: slot].held.count == Self.pointLimit { tracks[slot: slot].held.removeFirst() }
        tracks[slot: slot].held.append(step)
    }

    /// The track has ended.
    mutating func end(_ track: TrackID, pass: (PathStep) -> Void) {
        defer { tracks[track] = nil }
        guard let memory = tracks[track], !memory.isOpen, let newest = memory.held.last else { return }
        let age = (newest.point.time - memory.firstSeen).seconds
        for var step in memory.held {
            step.refusal = step.refusal ?? Refusal(filter: .persistence, value: age, limit: span.seconds)
            pass(step)
        }
    }

    mutating func finish(pass: (PathStep) -> Void) {
        for track in tracks.ids { end(track, pass: pass) }
        tracks.removeAll()
    }

    /// Forgets a track without judging it.
    mutating func forget(_ track: TrackID) { tracks[track] = nil }
}
