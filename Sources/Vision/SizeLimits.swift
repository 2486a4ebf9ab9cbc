internal import Scene

/// From what size and way on something counts, by the row that it stands on, in grid pixels.
///
/// Without a perspective these are the model's limits, the same everywhere. With one they are shares of a person's
/// size on that row: small persons far away count, an insect or a cat close to the camera does not. Above the horizon,
/// where nothing stands, the model's limits stay.
struct SizeLimits {
    private let perspective: Perspective?
    private let plainArea: Double
    private let plainPieceArea: Double
    private let plainTravel: Double
    private let plainShift: Double
    private let plainBigArea: Double
    private let gridHeight: Double
    private let rowOfPicture: Double

    // Shares of a person's height (or its square): an upright person covers 0.19 h² from the side, a big dog 0.09, a
    // cat 0.03. A third of a person still counts, for whoever stands behind a wall or blends with the ground.
    private static let areaShare = 0.06
    private static let bigAreaShare = 0.3
    private static let travelShare = 0.5
    private static let shiftShare = 0.15
    // What noise does on any grid.
    private static let leastArea = 12.0
    private static let leastTravel = 6.0
    private static let leastShift = 2.0

    /// - Parameter rowOfPicture: share of the picture's height that one row of the grid stands for.
    init(model: DetectorModel, layout: GridLayout, rowOfPicture: Double, perspective: Perspective?) {
        let (width, height) = (Double(layout.width), Double(layout.height))
        let diagonal = distance(width, height)
        plainArea = model.areaLeast * width * height
        plainPieceArea = model.areaLeast * Double(layout.width * layout.height)
        plainTravel = model.travelLeast * diagonal
        plainShift = model.shiftLeast * diagonal
        plainBigArea = model.bigArea * width * height
        gridHeight = height
        self.rowOfPicture = rowOfPicture
        self.perspective = perspective
    }

    /// Foreground pixels of an object with this lower edge.
    func area(bottom: Double) -> Double {
        person(bottom).map { max(Self.leastArea, Self.areaShare * $0 * $0) } ?? plainArea
    }

    /// Foreground pixels of a piece that may be part of an object, on whatever row.
    func pieceArea() -> Int {
        let least = perspective == nil ? plainPieceArea : min(plainPieceArea, area(bottom: highestGround))
        return max(4, Int(least / 6))
    }

    /// Straight way from the start that a candidate goes before it is a track.
    func travel(bottom: Double) -> Double {
        person(bottom).map { max(Self.leastTravel, Self.travelShare * $0) } ?? plainTravel
    }

    /// The same for both of its opposite edges.
    func shift(bottom: Double) -> Double {
        person(bottom).map { max(Self.leastShift, Self.shiftShare * $0) } ?? plainShift
    }

    /// Box area from which something that grew is a track without having gone anywhere.
    func bigArea(bottom: Double) -> Double {
        person(bottom).map { max(Self.leastArea, Self.bigAreaShare * $0 * $0) } ?? plainBigArea
    }

    /// Height in grid pixels of a person who stands on this row; nil without a perspective and above the horizon.
    private func person(_ bottom: Double) -> Double? {
        guard let perspective else { return nil }
        let height = perspective.personHeight(atRow: min(bottom * rowOfPicture, 1))
        return height > 0 ? height / rowOfPicture : nil
    }

    private var highestGround: Double {
        guard let horizon = perspective?.horizon else { return 0 }
        return max(horizon / rowOfPicture + 1e-6, 0)
    }
}
