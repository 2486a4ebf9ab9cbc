import Scene

/// When a camera that is idle may sleep between two packets, so that many of them are read in one go: being woken for
/// each costs more than all that is done with it. What comes meanwhile waits in the system's buffer for the connection.
///
/// A nap is shorter than what is read between two of them, so that reading never falls behind, whatever the camera's
/// clock does; and it is taken only by who has read everything that had come. A pure value.
struct IdleRhythm: Hashable, Sendable {
    /// Media time that is read between two naps, and bytes: far less than any connection's buffer holds.
    static let span = MediaSpan.milliseconds(300)
    static let bytesMost: Int64 = 64 << 10
    private static let share = 0.8
    /// Of a reader that knows when it is dry.
    private static let dryNap = MediaSpan.milliseconds(250)

    private struct Mark: Hashable, Sendable {
        let presentation: MediaSpan
        let bytes: Int64
        let instant: ContinuousClock.Instant
    }

    private var mark: Mark?
    /// Read when the last nap of a reader began that knows when it is dry.
    private var dryBytes: Int64?

    /// - Parameters:
    ///   - presentation: of the packet that was read last.
    ///   - bytes: read so far.
    /// - Returns: how long to sleep now; nil for not at all.
    mutating func nap(after presentation: MediaSpan?, bytes: Int64, now: ContinuousClock.Instant) -> Duration? {
        guard let presentation else { return nil }
        guard let mark, presentation >= mark.presentation else {
            mark = Mark(presentation: presentation, bytes: bytes, instant: now)
            return nil
        }
        let read = presentation - mark.presentation
        guard read >= Self.span || bytes - mark.bytes >= Self.bytesMost else { return nil }
        self.mark = Mark(presentation: presentation, bytes: bytes, instant: now)
        let elapsed = now - mark.instant
        // Faster than it was sent: there is more to read.
        guard elapsed >= .microseconds(read.microseconds) * 0.9 else { return nil }
        return .microseconds(min(read, Self.span).microseconds) * Self.share
    }

    /// The same where it is known that everything that had come has been read: no pace has to be measured.
    mutating func napWhenDry(bytes: Int64) -> Duration {
        let read = dryBytes.map { bytes - $0 } ?? 0
        dryBytes = bytes
        // Of a stream that sends much only as much may wait as a connection's buffer holds.
        let share = min(1, Double(Self.bytesMost) / Double(max(1, read)))
        return .microseconds(Self.dryNap.microseconds) * share
    }

    /// Reading goes on without naps.
    mutating func stop() {
        mark = nil
        dryBytes = nil
    }
}
