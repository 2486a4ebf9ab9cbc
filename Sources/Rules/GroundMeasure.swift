package import Scene

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
