import Dispatch
package import Ingest
package import Media
package import Scene
import Synchronization

/// One camera's pipeline with an inbox for what people ask of it: the feed's thread brings pictures, any task brings
/// requests, one at a time reaches the pipeline.
///
/// A request waits for the next picture, so that its alert shows it. Where none comes within ``pictureWait`` it goes
/// without, and at once where the camera has no session: an alarm by hand does not depend on a camera that works.
package final class CameraDesk: PictureReceiver, Sendable {
    /// Requests that wait at once; further ones are refused.
    package static let inboxLimit = 8
    package static let pictureWait: Duration = .seconds(2)
    /// A request that is not journaled by then is answered all the same; the alarm is not given up.
    package static let answerLimit: Duration = .seconds(8)

    private struct Inbox {
        var waiting: [Waiting] = []
        var isClosed = false
    }

    private let pipeline: Mutex<CameraPipeline?>
    private let inbox = Mutex(Inbox())
    private let isStreaming = Atomic(false)
    /// One thread at most that may have to wait for the journal.
    private let queue = DispatchQueue(label: "snowline.camera-desk")

    package init(_ pipeline: sending CameraPipeline) { self.pipeline = Mutex(pipeline) }

    package func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
        pipeline.withLock { $0?.sessionBegan(stream, anchor: anchor) }
        isStreaming.store(true, ordering: .relaxed)
    }

    package func receive(_ picture: inout Picture, at time: MediaTime) {
        let waiting = takeWaiting()
        pipeline.withLock { pipeline in
            pipeline?.receive(&picture, at: time)
            for entry in waiting {
                entry.answer(pipeline?.trigger(entry.trigger, on: &picture, at: time) ?? Self.stopped)
            }
        }
    }

    package var attention: PictureAttention { pipeline.withLock { $0?.attention ?? .quiet } }

    package func stirs(in picture: inout Picture, at time: MediaTime) -> Bool {
        pipeline.withLock { $0?.stirs(in: &picture, at: time) ?? false }
    }

    package func leftOut(until time: MediaTime) {
        pipeline.withLock { $0?.leftOut(until: time) }
    }

    package func missed(until time: MediaTime) {
        pipeline.withLock { $0?.missed(until: time) }
    }

    package func lightened(to step: LoadStep) {
        pipeline.withLock { $0?.lightened(to: step) }
    }

    package func caughtUp(after wait: Duration) {
        pipeline.withLock { $0?.caughtUp(after: wait) }
    }

    package func decoding(_ standing: DecodeStanding, at time: MediaTime) {
        pipeline.withLock { $0?.decoding(standing, at: time) }
    }

    package func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
        isStreaming.store(false, ordering: .relaxed)
        pipeline.withLock { $0?.sessionEnded(failure, at: time) }
    }

    /// Raises a rule of kind `manual`; returns once its alert is in the journal, or is not.
    package func trigger(_ trigger: ManualTrigger) async -> TriggerOutcome {
        await withCheckedContinuation { continuation in
            let entry = Waiting(trigger, continuation)
            if let problem = put(entry) { return entry.answer(problem) }
            let wait = isStreaming.load(ordering: .relaxed) ? Self.pictureWait : .zero
            queue.asyncAfter(deadline: .now() + wait.timeInterval) { self.raiseWithoutPicture() }
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.answerLimit.timeInterval) {
                entry.answer(
                    .failed("the alarm is not in the journal yet; it is tried again until it is, see the log"))
            }
        }
    }

    /// Requests that wait now.
    var waitingCount: Int { inbox.withLock { $0.waiting.count } }

    /// Gives the pipeline up: whoever comes now is too late. The feed has ended before.
    package func close() {
        let waiting = inbox.withLock { inbox in
            inbox.isClosed = true
            defer { inbox.waiting = [] }
            return inbox.waiting
        }
        for entry in waiting { entry.answer(Self.stopped) }
        pipeline.withLock { $0 = nil }
    }

    private static let stopped = TriggerOutcome.failed("the camera is being stopped or started anew; try again")

    /// - Returns: why it cannot wait.
    private func put(_ entry: Waiting) -> TriggerOutcome? {
        inbox.withLock { inbox in
            if inbox.isClosed { return Self.stopped }
            guard inbox.waiting.count < Self.inboxLimit else {
                return .failed("\(Self.inboxLimit) alarms by hand wait for this camera already; try again")
            }
            inbox.waiting.append(entry)
            return nil
        }
    }

    private func takeWaiting() -> [Waiting] {
        inbox.withLock { inbox in
            defer { inbox.waiting.removeAll() }
            return inbox.waiting
        }
    }

    private func raiseWithoutPicture() {
        pipeline.withLock { pipeline in
            for entry in takeWaiting() { entry.answer(pipeline?.trigger(entry.trigger) ?? Self.stopped) }
        }
    }
}

/// A request and whoever waits for its answer: the first answer counts.
private final class Waiting: Sendable {
    let trigger: ManualTrigger
    private let continuation: Mutex<CheckedContinuation<TriggerOutcome, Never>?>

    init(_ trigger: ManualTrigger, _ continuation: CheckedContinuation<TriggerOutcome, Never>) {
        self.trigger = trigger
        self.continuation = Mutex(continuation)
    }

    func answer(_ outcome: TriggerOutcome) {
        continuation.withLock { $0.take() }?.resume(returning: outcome)
    }
}

extension Duration {
    fileprivate var timeInterval: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
