package import Scene

/// What the rules must know of a session's pictures besides what they show.
package struct PictureShape: Sendable {
    /// Width over height, in pixels: directions are weighed as one sees them.
    package let aspect: Double
    /// Of a calibrated camera.
    package let ground: GroundMeasure?

    /// A square picture of a camera without calibration where nothing is given.
    package init(aspect: Double = 1, ground: GroundMeasure? = nil) {
        self.aspect = aspect
        self.ground = ground
    }
}

/// What a calibrated camera can tell of the ground: the only thing that rules know of perspective.
///
/// Both functions must depend on their arguments only and use no transcendental functions.
package struct GroundMeasure: Sendable {
    /// Metres a second of an object that stood at the foot of the first point and then at that of the second; nil
    /// where a foot lies above the horizon.
    package let speed: @Sendable (_ from: TrackPoint, _ to: TrackPoint) -> Double?
    /// Height in metres of an object that stands on the ground; nil where its foot lies above the horizon.
    package let height: @Sendable (_ box: Box) -> Double?

    package init(
        speed: @escaping @Sendable (_ from: TrackPoint, _ to: TrackPoint) -> Double?,
        height: @escaping @Sendable (_ box: Box) -> Double?
    ) {
        self.speed = speed
        self.height = height
    }
}
