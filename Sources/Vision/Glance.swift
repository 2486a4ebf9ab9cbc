package import Scene

/// What a first look at a picture shows, without anything being followed or learnt.
package struct Glance: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        case watching
        /// The scene is not known yet, or not known any more.
        case learning
        /// Most of the picture changed at once, and light does not explain it.
        case flooded
        /// Most of the picture changed at once, by light.
        case relit
    }

    package let state: State
    /// What the tracker would begin to follow, in shares of the picture.
    package let regions: [Box]
    package let motion: MotionGrid

    package init(_ state: State, regions: [Box] = [], motion: MotionGrid = MotionGrid()) {
        self.state = state
        self.regions = regions
        self.motion = motion
    }
}
