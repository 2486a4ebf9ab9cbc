/// Where a track was at one analysed frame.
package struct TrackPoint: Hashable, Sendable {
    package let time: MediaTime
    package let box: Box
    /// False where the place was predicted because nothing was seen there on this frame.
    package let isMeasured: Bool

    package init(time: MediaTime, box: Box, isMeasured: Bool) {
        self.time = time
        self.box = box
        self.isMeasured = isMeasured
    }
}

/// A moving region that is followed from frame to frame and has moved and persisted enough to count.
package struct Track: Hashable, Sendable {
    package var id: TrackID
    package var firstSeen: MediaTime
    /// Points not reported before, oldest first; the last one belongs to the observation's frame.
    /// On the frame that confirms a track this is its whole past, so that rules judge it from its true start.
    package var path: [TrackPoint]
    /// Straight distance from where the track began, in shares of the picture diagonal.
    package var displacement: Double

    package init(id: TrackID, firstSeen: MediaTime, path: [TrackPoint], displacement: Double) {
        self.id = id
        self.firstSeen = firstSeen
        self.path = path
        self.displacement = displacement
    }
}

/// What Vision says of one analysed frame. A track that is missing here has ended.
package struct Observation: Hashable, Sendable {
    package let time: MediaTime
    package let tracks: [Track]
    /// False while the background is being learnt or held (start, reconnect, light switch): nothing may be raised.
    package let isSettled: Bool
    /// True while a candidate or a track lives: the next frames are wanted at full rate.
    package let isStirring: Bool
    /// What is wrong with the picture as a whole. Rules on it are judged also while the picture is not settled.
    package let health: SceneHealth
    /// How much stirs where, before anything is followed; nil where nobody measured it.
    package let motion: MotionGrid?
    /// What differs from the background and keeps its place.
    package let resting: [RestingRegion]

    package init(
        time: MediaTime, tracks: [Track], isSettled: Bool, isStirring: Bool, health: SceneHealth = .good,
        motion: MotionGrid? = nil, resting: [RestingRegion] = []
    ) {
        self.time = time
        self.tracks = tracks
        self.isSettled = isSettled
        self.isStirring = isStirring
        self.health = health
        self.motion = motion
        self.resting = resting
    }
}
