import CFFmpeg
import Glibc
import Synchronization

/// Ends blocking calls of FFmpeg from outside: by ``cancel()`` from any thread, or by a deadline armed before the call.
///
/// What ended a call is read from here and not from FFmpeg's code, which says "invalid data" as often as "exit".
package final class Interrupt: Sendable {
    package enum State: Sendable, Hashable {
        case clear
        case cancelled
        case timedOut
    }

    private static let never = Int64.max
    private let cancelled = Atomic<Bool>(false)
    private let deadlineNanoseconds = Atomic<Int64>(Interrupt.never)
    /// A pipe whose writing end ``cancel()`` closes, so that ``sleep(for:)`` ends at once; -1 where the system gave none.
    private let sleepDescriptor: Int32
    private let wakeDescriptor: Atomic<Int32>

    package init() {
        var ends: [2 of Int32] = [-1, -1]
        let code = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress!) }
        if code == 0 {
            for index in 0..<2 { _ = fcntl(ends[index], F_SETFD, FD_CLOEXEC) }
        }
        sleepDescriptor = code == 0 ? ends[0] : -1
        wakeDescriptor = Atomic(code == 0 ? ends[1] : -1)
    }

    deinit {
        closeWake()
        if sleepDescriptor >= 0 { close(sleepDescriptor) }
    }

    package var state: State {
        if cancelled.load(ordering: .acquiring) { return .cancelled }
        let deadline = deadlineNanoseconds.load(ordering: .relaxed)
        return deadline != Self.never && Self.monotonicNanoseconds() >= deadline ? .timedOut : .clear
    }

    package var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Ends the running call, every later one, and a sleep, for good.
    package func cancel() {
        cancelled.store(true, ordering: .releasing)
        closeWake()
    }

    /// Gives the next blocking call this long.
    package func arm(_ limit: Duration) {
        deadlineNanoseconds.store(Self.monotonicNanoseconds() + limit.nanoseconds, ordering: .relaxed)
    }

    package func disarm() {
        deadlineNanoseconds.store(Self.never, ordering: .relaxed)
    }

    /// Blocks the calling thread; call it only from a thread of one's own.
    /// - Returns: false when it was cut short by ``cancel()``.
    package func sleep(for duration: Duration) -> Bool {
        let end = Self.monotonicNanoseconds() + duration.nanoseconds
        while !isCancelled {
            let left = end - Self.monotonicNanoseconds()
            guard left > 0 else { return true }
            var descriptor = pollfd(fd: sleepDescriptor, events: Int16(POLLIN), revents: 0)
            // Rounded up, so that the last millisecond is not spun away; without a descriptor, look every 100 ms.
            let milliseconds = Int32(clamping: (left + 999_999) / 1_000_000)
            _ = poll(&descriptor, 1, sleepDescriptor >= 0 ? milliseconds : min(milliseconds, 100))
        }
        return false
    }

    /// Blocks until a descriptor is ready.
    /// - Returns: false where it was cut short by ``cancel()`` or by the deadline.
    func wait(for descriptor: Int32, events: Int16) -> Bool {
        while state == .clear {
            let deadline = deadlineNanoseconds.load(ordering: .relaxed)
            let left = deadline == Self.never ? Int64.max : max(0, deadline - Self.monotonicNanoseconds())
            let milliseconds = left == .max ? Int32(60_000) : Int32(clamping: (left + 999_999) / 1_000_000)
            var waited: [2 of pollfd] = [
                pollfd(fd: descriptor, events: events, revents: 0),
                pollfd(fd: sleepDescriptor, events: Int16(POLLIN), revents: 0)
            ]
            let count = withUnsafeMutableBytes(of: &waited) {
                poll(
                    $0.assumingMemoryBound(to: pollfd.self).baseAddress!, 2,
                    sleepDescriptor >= 0 ? milliseconds : min(milliseconds, 100))
            }
            // Trouble of the connection is told by whoever uses it.
            if count > 0, waited[0].revents != 0 { return state == .clear }
        }
        return false
    }

    /// The callback FFmpeg asks; the interrupt must outlive the context that holds it.
    var callback: AVIOInterruptCB {
        AVIOInterruptCB(
            callback: { opaque in
                guard let opaque else { return 0 }
                return Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue().state == .clear ? 0 : 1
            },
            opaque: Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// The error a failed call means: this interrupt's doing first, FFmpeg's code only after.
    func error(_ code: Int32, _ operation: String) -> MediaError {
        switch state {
        case .cancelled: MediaError(.cancelled, operation, code: code, text: "cancelled")
        case .timedOut: MediaError(.timedOut, operation, code: code, text: "no answer in time")
        case .clear: MediaError(code: code, operation)
        }
    }

    private func closeWake() {
        let descriptor = wakeDescriptor.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func monotonicNanoseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}

extension Duration {
    /// Whole nanoseconds, held to what 64 bits can add to a clock.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(0, min(seconds, 1_000_000_000)) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
