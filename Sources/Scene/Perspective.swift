/// How tall an upright person appears on each row of a camera's picture, from two references, and what follows for
/// lengths on flat ground.
///
/// A pinhole camera that stands upright at height C over flat ground shows the horizon at row y₀, a foot at distance z
/// on row y = y₀ + f C/z, and a person of height H there f H/z tall. Without z: h(y) = (y - y₀) H/C, a straight line
/// (Hoiem, Efros, Hebert, "Putting Objects in Perspective", IJCV 80, 2008, equation 4). Two references give this line,
/// hence the horizon, the camera's height and, since a person's height is a known length at every row, the scale.
/// Distances along the ground also need f, the vertical field of view.
///
/// Limits: a camera that looks down steeply (more than about 20°), a strongly curved (fisheye) picture, stairs and
/// slopes do not follow a straight line; it is then right near the references only. Above the horizon nothing stands on
/// the ground. Where both references are equally tall the view is parallel: one scale everywhere, no horizon.
///
/// Rows and heights are shares of the picture's height, lengths metres, pixels square. Plain arithmetic only, so that
/// every processor gives the same figures.
package struct Perspective: Hashable, Sendable {
    /// A person's height in the picture where the foot stands on row `row`.
    package struct Reference: Hashable, Sendable {
        package let row: Double
        package let height: Double

        package init(row: Double, height: Double) {
            self.row = row
            self.height = height
        }
    }

    /// A place on the ground: metres to the right of the picture's middle, metres from the camera.
    package struct GroundPosition: Hashable, Sendable {
        package let x: Double
        package let z: Double
    }

    /// What makes two references no perspective.
    package enum Flaw: Error, Hashable, Sendable {
        case rowOutside(Double)
        case heightOutside(Double)
        case rowsTooClose
        case shrinksDownwards
        case personOutside
        case viewOutside
    }

    package static let heights = 0.01...1.0
    package static let personHeights = 0.5...2.5
    /// Degrees from the picture's upper to its lower edge.
    package static let views = 5.0...120.0
    /// Nearer rows would let a pixel of inaccuracy turn the line.
    package static let leastRowDistance = 0.1

    /// The reference further from the camera, higher up in the picture.
    package let far: Reference
    package let near: Reference
    /// Height of the person of the references, in metres.
    package let personHeight: Double
    package let verticalViewDegrees: Double?

    /// What the height grows by from row to row: H/C.
    private let growth: Double
    /// Focal length as a share of the picture's height.
    private let focalLength: Double?

    /// - Parameter verticalViewDegrees: the picture's vertical field of view; without it there are no distances along
    ///   the ground and no speeds.
    /// - Throws: the first ``Flaw``.
    package init(
        far: Reference, near: Reference, personHeight: Double = 1.7, verticalViewDegrees: Double? = nil
    ) throws(Flaw) {
        for reference in [far, near] {
            guard (0...1).contains(reference.row) else { throw .rowOutside(reference.row) }
            guard Self.heights.contains(reference.height) else { throw .heightOutside(reference.height) }
        }
        guard near.row - far.row >= Self.leastRowDistance else { throw .rowsTooClose }
        guard near.height >= far.height else { throw .shrinksDownwards }
        guard Self.personHeights.contains(personHeight) else { throw .personOutside }
        if let verticalViewDegrees, !Self.views.contains(verticalViewDegrees) { throw .viewOutside }
        self.far = far
        self.near = near
        self.personHeight = personHeight
        self.verticalViewDegrees = verticalViewDegrees
        growth = (near.height - far.height) / (near.row - far.row)
        focalLength = verticalViewDegrees.map { 0.5 / tangent(degrees: $0 / 2) }
    }

    /// Row of the horizon, which may lie above the picture; nil for a parallel view. Always above the far reference.
    package var horizon: Double? { growth > 0 ? far.row - far.height / growth : nil }

    /// The camera's height over the ground in metres; nil for a parallel view.
    package var cameraHeight: Double? { growth > 0 ? personHeight / growth : nil }

    /// Height in the picture of an upright person whose foot is on this row; 0 at and above the horizon.
    package func personHeight(atRow row: Double) -> Double {
        max(0, far.height + growth * (row - far.row))
    }

    /// Length in metres of something upright that is `height` of the picture tall and stands on this row; nil where
    /// a person would be less than ``heights`` allow, near the horizon.
    package func metres(of height: Double, atRow row: Double) -> Double? {
        scale(atRow: row).map { height * $0 }
    }

    /// Length in metres of something across the picture, as a share of its width, at this foot row.
    package func metres(across width: Double, atRow row: Double, in size: PictureSize) -> Double? {
        scale(atRow: row).map { width * aspect(size) * $0 }
    }

    /// Where a foot point lies on the ground; nil near or above the horizon, without a field of view, and in a parallel
    /// view, where distances cannot be told.
    ///
    /// z = f C/(y - y₀) = f H/h(y); x is the distance from the picture's middle at the scale of that row.
    package func groundPosition(of foot: Point, in size: PictureSize) -> GroundPosition? {
        guard growth > 0, let focalLength, let scale = scale(atRow: foot.y) else { return nil }
        return GroundPosition(x: (foot.x - 0.5) * aspect(size) * scale, z: focalLength * scale)
    }

    /// Mean speed over the ground of the foot between two points of a track, along the straight way, in metres a
    /// second; nil where either place cannot be told or the points are of one time.
    package func speed(from start: TrackPoint, to end: TrackPoint, in size: PictureSize) -> Double? {
        let seconds = (end.time - start.time).seconds
        guard seconds > 0, let from = groundPosition(of: start.box.foot, in: size),
            let to = groundPosition(of: end.box.foot, in: size)
        else { return nil }
        let (x, z) = (to.x - from.x, to.z - from.z)
        return (x * x + z * z).squareRoot() / seconds
    }

    /// Metres for the whole height of the picture at a foot row: H/h(y).
    private func scale(atRow row: Double) -> Double? {
        let height = personHeight(atRow: row)
        return height >= Self.heights.lowerBound ? personHeight / height : nil
    }

    private func aspect(_ size: PictureSize) -> Double { Double(size.width) / Double(size.height) }
}

/// Tangent by Lambert's continued fraction x/(1 - x²/(3 - x²/(5 - …))): only the four basic operations, so that no
/// library's choice of code decides the last digit. Exact to 1e-14 up to 60°.
private func tangent(degrees: Double) -> Double {
    let x = degrees * .pi / 180
    var tail = 25.0
    for odd in stride(from: 23.0, through: 1, by: -2) { tail = odd - x * x / tail }
    return x / tail
}
