import Foundation

/// A thread that writes the clips of many cameras, so that no camera waits for a disk or an encoder. It looks after each
/// camera that has something to write, again and again, and sleeps while none has.
package final class ClipWorker: @unchecked Sendable {
    /// Between two looks: a camera's ring holds seconds.
    private static let interval: TimeInterval = 0.25

    private let condition = NSCondition()
    // Guarded by `condition`.
    private var busy: [ObjectIdentifier: AlertClips] = [:]
    private var jobs: [@Sendable () -> Void] = []
    private var isRunning = false
    private let name: String
    private let isPatient: Bool

    /// - Parameter isPatient: everything else on the machine goes first (encoding).
    package init(name: String, isPatient: Bool) {
        self.name = name
        self.isPatient = isPatient
    }

    /// The camera has something to write until its ``AlertClips/pump()`` says otherwise.
    func wake(_ clips: AlertClips) {
        condition.withLock {
            busy[ObjectIdentifier(clips)] = clips
            start()
            condition.signal()
        }
    }

    /// Runs `job` on the worker's thread.
    func run(_ job: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            condition.withLock {
                jobs.append {
                    job()
                    continuation.resume()
                }
                start()
                condition.signal()
            }
        }
    }

    private func start() {
        guard !isRunning else { return }
        isRunning = true
        let thread = Thread { self.work() }
        thread.name = name
        thread.start()
    }

    private func work() {
        // On Linux 0 means the calling thread alone.
        if isPatient { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }
        while let (jobs, cameras) = next() {
            for job in jobs { job() }
            for camera in cameras where !camera.pump() {
                condition.withLock { if !camera.hasWork { busy[ObjectIdentifier(camera)] = nil } }
            }
        }
    }

    /// What is to be done now; nil, and the thread ends, where there is nothing and nothing to wait for.
    private func next() -> (jobs: [@Sendable () -> Void], cameras: [AlertClips])? {
        condition.withLock {
            if jobs.isEmpty, !busy.isEmpty { _ = condition.wait(until: Date(timeIntervalSinceNow: Self.interval)) }
            guard !jobs.isEmpty || !busy.isEmpty else {
                isRunning = false
                return nil
            }
            defer { jobs = [] }
            return (jobs, Array(busy.values))
        }
    }
}
