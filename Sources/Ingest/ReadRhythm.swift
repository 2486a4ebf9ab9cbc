import Scene

/// When the reader of a camera may sleep between two packets, so that many of them are read in one go: being woken for
/// each costs more than all that is done with one of an idle camera, and pictures that are decoded one after the other
/// find their references in the processor's cache. What comes meanwhile waits in the system's buffer for the connection.
///
/// A nap is shorter than what is read between two of them, so that reading never falls behind, whatever the camera's
/// clock does; and it is taken only by who has read everything that had come. A pure value.
struct ReadRhythm: Hashable, Sendable {
    /// Media time that is read between two naps, and bytes: far less than any connection's buffer holds.
    static let span = MediaSpan.milliseconds(300)
    static let bytesMost: Int64 = 64 << 10
    private static let share = 0.8
    /// Of a reader that knows when it is dry, while nothing but a keyframe now and then is wanted.
    static let idleNap = MediaSpan.milliseconds(250)
    /// The same while every picture is decoded and something stirs: the most by which an alert is later for it.
    static let awakeNap = MediaSpan.milliseconds(160)
    /// The same while every picture is decoded and nothing stirs. What begins to stir meanwhile is seen later by it, but
    /// nothing is raised until it has been followed for about as long.
    static let quietNap = MediaSpan.milliseconds(320)
    private static let leastNap = MediaSpan.milliseconds(5)
    /// Clocks are measured by packets that were waited for: so often there is no nap before one.
    static let watchSpan = MediaSpan.seconds(3)

    private struct Mark: Hashable, Sendable {
        let presentation: MediaSpan
        let bytes: Int64
        let instant: ContinuousClock.Instant
    }

    /// What is known of a reader that knows when it is dry.
    private struct Dry: Hashable, Sendable {
        /// Read when the last nap began; nil where nothing follows from what has been read since.
        var bytes: Int64?
        /// How long that nap was, and how long one may be for ``bytesMost`` to come meanwhile.
        var nap = MediaSpan.zero
        var most = MediaSpan.milliseconds(20)
        /// Since a packet was waited for.
        var slept = MediaSpan.zero
    }

    private var mark: Mark?
    private var dry = Dry()

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
    /// - Parameter longest: ``idleNap``, ``awakeNap`` or ``quietNap``.
    /// - Returns: nil where the next packet is to be waited for.
    mutating func napWhenDry(_ longest: MediaSpan, bytes: Int64) -> Duration? {
        if let before = dry.bytes {
            // Of a stream that sends much only as much may wait as a connection's buffer holds.
            let most = dry.nap.microseconds * Self.bytesMost / max(1, bytes - before)
            dry.most = max(Self.leastNap, MediaSpan(microseconds: most))
        }
        guard dry.slept < Self.watchSpan else {
            dry.slept = .zero
            dry.bytes = nil
            return nil
        }
        dry.nap = min(longest, dry.most)
        dry.slept = dry.slept + dry.nap
        dry.bytes = bytes
        return .microseconds(dry.nap.microseconds)
    }

    /// Reading goes on without naps.
    mutating func stop() {
        mark = nil
        dry.bytes = nil
    }
}
