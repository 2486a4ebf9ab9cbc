import Scene

/// How far reading is behind the camera, and what to do about it: newest wins. Whoever is more than ``most`` behind
/// lets go of everything up to a keyframe that is not, so that what is analysed is never old. A pure value.
///
/// The time that a read had to wait is not the reader's doing: lateness that grows by no more than that is the network's
/// or the camera's. What grows beyond it is waiting to be read. A reader that naps does not wait for packets; it knows when
/// nothing has come that it has not read (``emptied()``).
struct StreamBacklog: Hashable, Sendable {
    /// Behind by more, packets are let go of.
    static let most = MediaSpan.seconds(2)
    /// Decoding goes on with the first keyframe that is behind by no more.
    static let resumed = MediaSpan.milliseconds(500)
    /// Stamps that differ by so much from one packet to the next belong to another time.
    private static let jump = MediaSpan.seconds(10)

    /// Lateness grows by one part in so many where a camera's clock is slow, however it is read.
    private static let leak: Int64 = 1000

    /// Steady clock minus presentation of a packet that is read when it comes.
    private var baseline: MediaSpan?
    private var newest: MediaSpan?
    private var newestRead: MediaSpan?
    /// How much waited to be read when the newest packet was.
    private(set) var behind = MediaSpan.zero
    private(set) var isDropping = false

    /// Nothing has come that has not been read: what was read last had not waited, however late its stamp says it is.
    mutating func emptied() {
        guard let newest, let newestRead else { return }
        baseline = newestRead - newest
        behind = .zero
    }

    /// - Parameters:
    ///   - waited: for how long the packet had not come yet when it was asked for.
    ///   - now: a steady clock that began anywhere.
    /// - Returns: whether the packet is to be left out.
    mutating func leavesOut(presentation: MediaSpan?, isKeyframe: Bool, waited: MediaSpan, now: MediaSpan) -> Bool {
        guard let presentation else { return isDropping }
        if let newest, presentation - newest > Self.jump || newest - presentation > Self.jump { baseline = nil }
        newest = presentation
        let elapsed = now - (newestRead ?? now)
        newestRead = now
        let lag = now - presentation
        // What waited before the first packet shows only by getting smaller.
        let allowed = waited + MediaSpan(microseconds: elapsed.microseconds / Self.leak)
        let least = min(baseline.map { $0 + allowed } ?? lag, lag)
        baseline = least
        behind = lag - least
        if behind > Self.most {
            isDropping = true
        } else if isDropping, isKeyframe, behind <= Self.resumed {
            isDropping = false
        }
        return isDropping
    }
}
