package import Scene
import Synchronization

/// Bounds how many cameras of a site catch up at one time: when lightning wakes the city, decoding everything that was
/// kept at once would starve all of them. Who waits keeps its packets and asks again with each that comes; class A goes
/// before B and B before C, and within a class the first to come is the first to go.
package final class WakeGate: Sendable {
    package struct Ticket: Hashable, Sendable {
        fileprivate let number: Int
        fileprivate let cameraClass: CameraClass
    }

    private struct Waiting {
        let number: Int
        let cameraClass: CameraClass
        var asked: ContinuousClock.Instant
    }

    private struct State {
        var next = 0
        var limit: Int
        var inside: Set<Int> = []
        var queue: [Waiting] = []
    }

    /// Whoever has not asked for so long has no packets and holds nobody up.
    private static let patience = Duration.seconds(1)

    private let state: Mutex<State>

    /// - Parameter limit: cameras inside at one time.
    package init(limit: Int) {
        precondition(limit > 0, "a gate that lets nobody in")
        state = Mutex(State(limit: limit))
    }

    /// Cameras inside at one time; who is inside stays where it gets smaller.
    package var limit: Int {
        get { state.withLock { $0.limit } }
        set {
            precondition(newValue > 0, "a gate that lets nobody in")
            state.withLock { $0.limit = newValue }
        }
    }

    package func ticket(_ cameraClass: CameraClass = .c) -> Ticket {
        state.withLock { state in
            state.next += 1
            return Ticket(number: state.next, cameraClass: cameraClass)
        }
    }

    /// - Returns: whether the holder is inside now; else it is in the queue.
    package func enters(_ ticket: Ticket) -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if state.inside.contains(ticket.number) { return true }
            if let index = state.queue.firstIndex(where: { $0.number == ticket.number }) {
                state.queue[index].asked = now
            } else {
                // Within a class in order of asking; before those of the lower classes.
                let place =
                    state.queue.firstIndex { $0.cameraClass.rawValue > ticket.cameraClass.rawValue }
                    ?? state.queue.endIndex
                state.queue.insert(
                    Waiting(number: ticket.number, cameraClass: ticket.cameraClass, asked: now), at: place)
            }
            let alive = state.queue.filter { now - $0.asked <= Self.patience }
            guard alive.prefix(max(0, state.limit - state.inside.count)).contains(where: { $0.number == ticket.number })
            else {
                return false
            }
            state.queue.removeAll { $0.number == ticket.number }
            state.inside.insert(ticket.number)
            return true
        }
    }

    /// The holder is done, or gone.
    package func leave(_ ticket: Ticket) {
        state.withLock { state in
            state.inside.remove(ticket.number)
            state.queue.removeAll { $0.number == ticket.number }
        }
    }

    /// Cameras inside and in the queue.
    package var load: (inside: Int, waiting: Int) {
        state.withLock { ($0.inside.count, $0.queue.count) }
    }
}
