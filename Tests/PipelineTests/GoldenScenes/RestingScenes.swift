import Scene
import TestSupport

/// What is left behind and what is carried off.
extension GoldenScene {
    static let resting: [GoldenScene] = [leftObject, attendedObject, removedObject, lightOnTheGround]

    private static let floor = "points: [[0, 0.2], [1, 0.2], [1, 1], [0, 1]]"

    static let leftObject = GoldenScene(
        name: "left-object", seconds: 30,
        story:
            "One comes in from the left with a bag, stands for two seconds, puts it down and goes out to the right. The bag "
            + "stays until 26 s.",
        ground: .pebbles,
        figures: [
            .way((3, -0.1, 0.75), (5.25, 0.35, 0.75), (7, 0.35, 0.75), (11, 1.15, 0.75)).sized(0.1, 0.4),
            .way((6.5, 0.36, 0.76), (26, 0.36, 0.76)).sized(0.08, 0.08).lit(35)
        ],
        fences: [
            .fence(
                "floor", "kind: left_object, \(floor), seconds: 4", [.held(.objectLeft, from: 7, to: 26, give: 0.5)],
                because: "once it has been alone for four seconds it has been left, dated to when it came to rest"),
            .silent(
                "shelf", "kind: removed_object, \(floor), seconds: 3",
                because: "what goes at 26 s did not belong to the scene")
        ])

    static let attendedObject = GoldenScene(
        name: "attended-object", seconds: 24, story: "One stands beside the bag for 14 seconds and takes it along.",
        ground: .pebbles,
        figures: [
            .way((3, -0.1, 0.75), (5.25, 0.35, 0.75), (20, 0.35, 0.75), (22.5, -0.15, 0.75)).sized(0.1, 0.4),
            .way((6.5, 0.45, 0.76), (19.9, 0.45, 0.76)).sized(0.08, 0.08).lit(35)
        ],
        fences: [
            .silent("floor", "kind: left_object, \(floor), seconds: 4", because: "somebody is near it all the time"),
            .silent("shelf", "kind: removed_object, \(floor), seconds: 3", because: "it did not belong to the scene")
        ])

    static let removedObject = GoldenScene(
        name: "removed-object", seconds: 30,
        story:
            "Something bright was there from the start. Somebody comes, stands before it and goes back; it is gone with him.",
        ground: .pebbles,
        figures: [
            .way((0, 0.54, 0.76), (15.9, 0.54, 0.76)).sized(0.08, 0.08).lit(230),
            .way((11, -0.1, 0.75), (14, 0.5, 0.75), (16, 0.5, 0.75), (19.25, -0.15, 0.75)).sized(0.1, 0.4).lit(40)
        ],
        fences: [
            .silent("floor", "kind: left_object, \(floor), seconds: 4", because: "who stood there has left nothing"),
            .fence(
                "shelf", "kind: removed_object, \(floor), seconds: 3", [.once(.objectRemoved, at: 16.4, give: 0.6)],
                because: "what belonged there has been gone for three seconds, dated to when it went")
        ])

    static let lightOnTheGround = GoldenScene(
        name: "light-on-the-ground", seconds: 20,
        story: "A lamp lights a part of a ground with stones from 6 s to 14 s.",
        ground: .spot(during: 6..<14),
        fences: [
            .silent(
                "floor", "kind: left_object, \(floor), seconds: 4",
                because: "the stones show through: nothing was put there"),
            .silent("shelf", "kind: removed_object, \(floor), seconds: 3", because: "and nothing was taken")
        ])
}

extension GoldenGround {
    /// No two places look alike: a camera that shakes is told from one that does not.
    static let pebbles = GoldenGround { _ in levels }

    /// The same with a part of it lit.
    static func spot(during: Range<Double>) -> GoldenGround {
        GoldenGround { during.contains($0) ? lit : levels }
    }

    private static let levels: [UInt8] = {
        let size = GoldenScene.size
        var random = SeededRandom(seed: 11)
        let stones = (0..<32 * 30).map { _ in UInt8(80 + random.next() % 60) }
        return (0..<size.width * size.height).map { stones[$0 / size.width / 4 * 32 + $0 % size.width / 5] }
    }()

    private static let lit = levels.indices.map { index in
        let (x, y) = (index % GoldenScene.size.width, index / GoldenScene.size.width)
        return (60..<96).contains(x) && (70..<96).contains(y) ? levels[index] + levels[index] / 2 : levels[index]
    }
}
