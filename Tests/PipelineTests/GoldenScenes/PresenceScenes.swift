import Scene

/// Standing still, counting, covering and stirring.
extension GoldenScene {
    static let stopping: [GoldenScene] = [stoppedSpans, stoppedTwice]
    static let counting: [GoldenScene] = [occupancyCounts, densityShares]
    static let motions: [GoldenScene] = [motionOfLeaves, motionOfAnObject]

    private static let bay = "points: [[0.55, 0.35], [0.9, 0.35], [0.9, 0.8], [0.55, 0.8]]"

    static let stoppedSpans = GoldenScene(
        name: "stopped-spans", seconds: 15,
        story: "One walks in, stands for four seconds and walks out; another passes below without stopping.",
        figures: [
            .way((2, -0.1, 0.6), (6, 0.7, 0.6), (10, 0.7, 0.6), (14, -0.1, 0.6)), .rightwards(row: 0.95, from: 5)
        ],
        fences: [
            .fence(
                "long-enough", "kind: stopped, \(bay), seconds: 3", [.held(.stopped, from: 6, to: 10, give: 0.5)],
                because: "it is at rest for 4 s"),
            .silent("too-short", "kind: stopped, \(bay), seconds: 6", because: "it is at rest for 4 s only"),
            .silent(
                "passing", "kind: stopped, points: [[0.1, 0.85], [0.9, 0.85], [0.9, 0.98], [0.1, 0.98]], seconds: 1",
                because: "the lower one does not stop"),
            .silent(
                "elsewhere", "kind: stopped, points: [[0.1, 0.35], [0.5, 0.35], [0.5, 0.8], [0.1, 0.8]], seconds: 1",
                because: "it stops outside")
        ])

    static let stoppedTwice = GoldenScene(
        name: "stopped-twice", seconds: 28,
        story:
            "One comes in, stands for three seconds, goes on a little, stands for three more and leaves; another does so, "
            + "once, when the alert of the first is closed.",
        figures: [
            .way((2, -0.1, 0.5), (4.5, 0.4, 0.5), (7.5, 0.4, 0.5), (9, 0.7, 0.5), (12, 0.7, 0.5), (14, 1.1, 0.5)),
            .way((19, 1.1, 0.9), (22, 0.5, 0.9), (25, 0.5, 0.9), (28, -0.1, 0.9))
        ],
        fences: [
            .fence(
                "yard", "kind: stopped, points: [[0.3, 0.3], [0.8, 0.3], [0.8, 0.98], [0.3, 0.98]], seconds: 2",
                [
                    Raise(occurrence: .stopped, at: 4.5, until: 12, give: 0.5),
                    .held(.stopped, from: 9, to: 12, give: 0.5),
                    .held(.stopped, from: 22, to: 25, give: 0.5)
                ], because: "the first comes to rest twice, in one episode, the second once, in another")
        ])

    static let occupancyCounts = GoldenScene(
        name: "occupancy-counts", seconds: 20,
        story:
            "Three come in one after the other and stand: one is there from 4.5 s, two from 6.5 s, three from 8.5 s; they "
            + "leave in the same order at 11.5, 13.5 and 15.5 s.",
        figures: [
            .way((2, -0.1, 0.37), (5, 0.5, 0.37), (11, 0.5, 0.37), (14, 1.1, 0.37)).sized(0.1, 0.26),
            .way((4, -0.1, 0.68), (7, 0.5, 0.68), (13, 0.5, 0.68), (16, 1.1, 0.68)).sized(0.1, 0.26),
            .way((6, -0.1, 0.97), (9, 0.5, 0.97), (15, 0.5, 0.97), (18, 1.1, 0.97)).sized(0.1, 0.26)
        ],
        fences: [
            .fence(
                "one",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], above: 0, seconds: 1",
                [.held(.crowded, from: 4.5, to: 15.5, give: 0.4)], because: "somebody is there"),
            .fence(
                "two",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], above: 1, seconds: 1",
                [.held(.crowded, from: 6.5, to: 13.5, give: 0.4)], because: "two or three are there"),
            .fence(
                "three",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], above: 2, seconds: 1",
                [.held(.crowded, from: 8.5, to: 11.5, give: 0.4)], because: "three are there"),
            .silent(
                "four",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], above: 3, seconds: 1",
                because: "four never are"),
            .silent(
                "three-for-long",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], above: 2, seconds: 4",
                because: "three are there for 3 s only"),
            .fence(
                "unattended",
                "kind: occupancy, points: [[0.4, 0.05], [0.6, 0.05], [0.6, 0.99], [0.4, 0.99]], below: 1, seconds: 2",
                [
                    Raise(occurrence: .tooFew, at: 1, until: 4.5, give: 1),
                    .held(.tooFew, from: 15.5, to: 19.9, give: 0.5)
                ], because: "nobody is there before the first and after the last; eleven seconds make it two alerts")
        ])

    static let densityShares = GoldenScene(
        name: "density-shares", seconds: 16,
        story:
            "Two stand inside side by side from 5 s to 9 s, then one of them goes. Each covers about a tenth of the zone.",
        figures: [
            .way((2, -0.1, 0.7), (5, 0.5, 0.7), (9, 0.5, 0.7), (12, -0.1, 0.7)),
            .way((2, 1.1, 0.7), (4, 0.7, 0.7), (12, 0.7, 0.7), (14, 1.1, 0.7))
        ],
        fences: [
            .fence(
                "both",
                "kind: density, points: [[0.35, 0.3], [0.85, 0.3], [0.85, 0.9], [0.35, 0.9]], share: 0.17, seconds: 2",
                [.held(.dense, from: 4.6, to: 9.4, give: 0.6)], because: "two of them cover a fifth"),
            .silent(
                "three",
                "kind: density, points: [[0.35, 0.3], [0.85, 0.3], [0.85, 0.9], [0.35, 0.9]], share: 0.3, seconds: 2",
                because: "it would take three"),
            .fence(
                "one",
                "kind: density, points: [[0.35, 0.3], [0.85, 0.3], [0.85, 0.9], [0.35, 0.9]], share: 0.08, seconds: 2",
                [.held(.dense, from: 3.5, to: 12.6, give: 0.7)], because: "one is enough")
        ])

    static let motionOfLeaves = GoldenScene(
        name: "motion-of-leaves", seconds: 12,
        story: "A patch of leaves stirs from 4 s to 8 s; nothing moves that could be followed.",
        ground: .leaves(Box(x: 0.6, y: 0.3, width: 0.15, height: 0.2), during: 4..<8),
        fences: [
            .fence(
                "leaves", "kind: motion, points: [[0.5, 0.2], [0.85, 0.2], [0.85, 0.6], [0.5, 0.6]], share: 0.05",
                [Raise(occurrence: .motion, at: 4, until: 6.5, give: 0.8)],
                because: "a fifth of it stirs, until the background has learnt that the place is restless"),
            .silent(
                "beside", "kind: motion, points: [[0.1, 0.2], [0.45, 0.2], [0.45, 0.6], [0.1, 0.6]], share: 0.01",
                because: "nothing stirs there"),
            .silent(
                "most", "kind: motion, points: [[0.5, 0.2], [0.85, 0.2], [0.85, 0.6], [0.5, 0.6]], share: 0.6",
                because: "not three fifths of it stir"),
            .silent("objects", "kind: zone, \(everywhere), raise: [enter, leave]", because: "leaves go nowhere")
        ])

    static let motionOfAnObject = GoldenScene(
        name: "motion-of-an-object", seconds: 12, story: "One walks through the picture.", figures: [.rightwards()],
        fences: [
            .fence(
                "middle", "kind: motion, points: [[0.4, 0.3], [0.6, 0.3], [0.6, 0.7], [0.4, 0.7]], share: 0.1",
                [.held(.motion, from: 3.9, to: 6.2, give: 0.5)], because: "it is under way there"),
            .silent(
                "below", "kind: motion, points: [[0.2, 0.75], [0.8, 0.75], [0.8, 0.95], [0.2, 0.95]], share: 0.01",
                because: "no part of it comes there"),
            .silent(
                "for-long",
                "kind: motion, points: [[0.4, 0.3], [0.6, 0.3], [0.6, 0.7], [0.4, 0.7]], share: 0.1, seconds: 5",
                because: "it is there for less than 3 s")
        ])
}
