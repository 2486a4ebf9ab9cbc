/// Every drawn scene, by what it is about. To add one: a scene in one of these lists, then `make golden`.
extension GoldenScene {
    static let all: [GoldenScene] =
        lines + zones + dwelling + appearing + wrongWays + speeds + sequences + stopping + resting + counting + motions
        + health
        + conditions + schedules + lights

    /// A line up the middle, so that its right is the picture's right.
    static let middle = "points: [[0.5, 0.95], [0.5, 0.05]]"
    /// The lower right of the picture, away from its border.
    static let yard = "points: [[0.4, 0.4], [0.9, 0.4], [0.9, 0.95], [0.4, 0.95]]"
    /// Nearly the whole picture.
    static let everywhere = "points: [[0.02, 0.05], [0.98, 0.05], [0.98, 0.98], [0.02, 0.98]]"
}
