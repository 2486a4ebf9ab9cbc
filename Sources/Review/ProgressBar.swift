import Foundation
import Synchronization

/// A progress bar on stderr, drawn only where stderr is a terminal and only once the work has taken two seconds.
package final class ProgressBar: Sendable {
    private struct State {
        var lastDrawn: ContinuousClock.Instant?
        var isDrawn = false
        var isFinished = false
    }

    private static let quietStart: Duration = .seconds(2)
    private static let redrawInterval: Duration = .milliseconds(200)
    private static let barWidth = 30

    private let title: String
    private let isEnabled: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    package init(_ title: String, isEnabled: Bool = isatty(STDERR_FILENO) == 1) {
        self.title = title
        self.isEnabled = isEnabled
    }

    /// - Parameter share: done so far, 0…1.
    package func update(_ share: Double, note: String = "") {
        guard isEnabled else { return }
        let now = ContinuousClock.now
        guard now - start >= Self.quietStart else { return }
        state.withLock { state in
            guard !state.isFinished else { return }
            if let last = state.lastDrawn, now - last < Self.redrawInterval { return }
            state.lastDrawn = now
            state.isDrawn = true
            let filled = Int(min(max(share, 0), 1) * Double(Self.barWidth))
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
            Self.write("\r\u{1B}[K\(title) [\(bar)] \(Int(share * 100)) % \(note)")
        }
    }

    /// Fills the bar by the clock until the task is cancelled, for work that takes a known time.
    package func fill(over duration: Duration) -> Task<Void, Never> {
        Task.detached {
            let start = ContinuousClock.now
            while !Task.isCancelled {
                self.update(min((ContinuousClock.now - start) / duration, 1))
                try? await Task.sleep(for: Self.redrawInterval)
            }
        }
    }

    /// Clears the bar for good; call it before anything else is written to the terminal.
    package func finish() {
        state.withLock { state in
            if state.isDrawn { Self.write("\r\u{1B}[K") }
            state.isDrawn = false
            state.isFinished = true
        }
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
