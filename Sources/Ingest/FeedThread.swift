import Glibc
import Synchronization

/// A thread of its own for calls that block: on the cooperative pool they would starve the whole process.
final class FeedThread: Sendable {
    /// Decoding and analysis of one camera stay well inside; the system's default would reserve 8 MiB for each.
    private static let stackBytes = 1 << 20

    private struct State {
        var body: (@Sendable () -> Void)?
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let name: String
    private let state: Mutex<State>

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        state = Mutex(State(body: body))
    }

    /// Does nothing the second time.
    func start() {
        guard let body = state.withLock({ $0.body.take() }) else { return }
        let entry = Entry(name: name) { [self] in
            body()
            markEnded()
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let opaque = Unmanaged.passRetained(entry).toOpaque()
        let code = pthread_create(&thread, &attributes, feedThreadMain, opaque)
        precondition(code == 0, "the system gives no more threads (code \(code)); raise TasksMax or ulimit -u")
    }

    /// Returns when the body has returned, at once if it was never started.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                // Never started and never will: nothing to wait for.
                if state.body.take() != nil { state.hasEnded = true }
                if !state.hasEnded { state.waiting.append(continuation) }
                return state.hasEnded
            }
            if isOver { continuation.resume() }
        }
    }

    private func markEnded() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

private final class Entry: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func feedThreadMain(_ opaque: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let entry = Unmanaged<Entry>.fromOpaque(opaque!).takeRetainedValue()
    nameThisThread(entry.name)
    entry.body()
    return nil
}

/// For `top -H` and debuggers; the kernel keeps 15 bytes. (Swift's Glibc module has no `pthread_setname_np`.)
private func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = Array(name.utf8.prefix(15))
    _ = write(file, bytes, bytes.count)
}
