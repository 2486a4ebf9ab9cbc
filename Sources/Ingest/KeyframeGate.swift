/// Lets pictures through only while everything they are predicted from was sound: from a keyframe on, until damage.
struct KeyframeGate {
    /// Streams with intra refresh never send a keyframe. After this many sound pictures in a row the damage has been
    /// refreshed away, or will not be.
    let patiencePictures: Int

    private var isOpen = false
    private var soundPictures = 0

    /// - Parameter frameRate: pictures a second as the stream announces it: few of them are waited for by time, because a
    ///   connection that gives no picture is given up after half a minute.
    init(frameRate: Double?) {
        patiencePictures = frameRate.map { Int(min(300, max(25, $0 * 12))) } ?? 120
    }

    /// A packet was lost or refused: what is predicted from it is wrong.
    mutating func damaged() {
        isOpen = false
        soundPictures = 0
    }

    mutating func admits(isKeyframe: Bool) -> Bool {
        guard !isOpen else { return true }
        soundPictures += 1
        isOpen = isKeyframe || soundPictures > patiencePictures
        return isOpen
    }
}

/// Presentation times of the newest packets that came damaged, by which their pictures are known.
struct SpoiltStamps {
    /// More than any decoder holds back.
    private static let limit = 16

    private var stamps: [Int64] = []

    mutating func note(_ ticks: Int64?) {
        guard let ticks else { return }
        if stamps.count == Self.limit { stamps.removeFirst() }
        stamps.append(ticks)
    }

    func holds(_ ticks: Int64?) -> Bool {
        guard !stamps.isEmpty, let ticks else { return false }
        return stamps.contains(ticks)
    }
}
