import Scene

/// Direction, speed and order.
extension GoldenScene {
    static let wrongWays: [GoldenScene] = [wrongWayBoth, wrongWaySlant, wrongWayTurn]
    static let speeds: [GoldenScene] = [speedLimits]
    static let sequences: [GoldenScene] = [sequenceOrder, sequenceTwoPeople, sequenceLostAndFound, sequenceRestarted]

    /// A person is 1.7 m and half as tall as its foot's row: 7 m across the picture at the row 0.65.
    static let calibrated =
        "perspective: { far: { y: 0.3, height: 0.15 }, near: { y: 0.9, height: 0.45 }, view_degrees: 60 }"

    static let wrongWayBoth = GoldenScene(
        name: "wrong-way-both", seconds: 10,
        story: "Two walk through the picture, the upper one to the right, the lower one to "
            + "the left.",
        figures: [.rightwards(row: 0.4), .leftwards(row: 0.9, from: 3)],
        fences: [
            .fence(
                "keep-right", "kind: wrong_way, \(everywhere), allowed: [[0.2, 0.5], [0.8, 0.5]]",
                [.once(.wrongWay, at: 3.9, give: 0.4)], because: "the lower one goes against it"),
            .fence(
                "keep-left", "kind: wrong_way, \(everywhere), allowed: [[0.8, 0.5], [0.2, 0.5]]",
                [.once(.wrongWay, at: 2.9, give: 0.4)], because: "the upper one goes against it"),
            .silent(
                "keep-up", "kind: wrong_way, \(everywhere), allowed: [[0.5, 0.8], [0.5, 0.2]]",
                because: "both go across it, neither against it"),
            .silent(
                "elsewhere",
                "kind: wrong_way, points: [[0.05, 0.45], [0.95, 0.45], [0.95, 0.7], [0.05, 0.7]], allowed: [[0.2, 0.5], [0.8, 0.5]]",
                because: "no foot comes into it")
        ])

    static let wrongWaySlant = GoldenScene(
        name: "wrong-way-slant", seconds: 10, story: "One walks in from the right and slantwise down to the left.",
        figures: [.way((2, 1.1, 0.5), (4, 0.7, 0.5), (7, 0.3, 0.73), (9, -0.1, 0.73))],
        fences: [
            .fence(
                "wide",
                "kind: wrong_way, points: [[0.35, 0.4], [0.65, 0.4], [0.65, 0.9], [0.35, 0.9]], allowed: [[0.2, 0.5], [0.8, 0.5]], tolerance: 50",
                [.once(.wrongWay, at: 4.8, give: 0.5)], because: "about 25° off the opposite are within 50°"),
            .silent(
                "narrow",
                "kind: wrong_way, points: [[0.35, 0.4], [0.65, 0.4], [0.65, 0.9], [0.35, 0.9]], allowed: [[0.2, 0.5], [0.8, 0.5]], tolerance: 12",
                because: "about 25° off the opposite are more than 12°")
        ])

    static let wrongWayTurn = GoldenScene(
        name: "wrong-way-turn", seconds: 12,
        story:
            "One walks in to the right, sways where it stands, goes back a fifth of the picture and turns to the right again.",
        figures: [
            .way((2, -0.1, 0.65), (5.5, 0.6, 0.65), (7.5, 0.6, 0.65), (8.5, 0.4, 0.65), (12, 1.1, 0.65)).swaying(0.0063)
        ],
        fences: [
            .fence(
                "keep-right", "kind: wrong_way, \(everywhere), allowed: [[0.2, 0.5], [0.8, 0.5]]",
                [.once(.wrongWay, at: 7.8, give: 0.3)],
                because:
                    "a twentieth of the picture against the arrow is enough, from where it was farthest; swaying is not"
            ),
            .silent(
                "far", "kind: wrong_way, \(everywhere), allowed: [[0.2, 0.5], [0.8, 0.5]], distance: 0.3",
                because: "it comes back by 0.2 only")
        ])

    static let speedLimits = GoldenScene(
        name: "speed-limits", seconds: 26,
        story: "One strolls to the right at 2.5 km/h; when it has gone, another runs to the left at 7.5 km/h.",
        figures: [.rightwards(speed: 0.1), .leftwards(from: 16, speed: 0.3)], camera: [calibrated],
        fences: [
            .fence(
                "no-running", "kind: speed, \(everywhere), above_kmh: 5, seconds: 1",
                [.once(.tooFast, at: 17.5, give: 0.5)],
                because: "7.5 km/h are more than 5, and 2.5 are not"),
            .fence(
                "no-loitering", "kind: speed, \(everywhere), below_kmh: 4, seconds: 1",
                [.once(.tooSlow, at: 4, give: 0.9)],
                because: "2.5 km/h are less than 4, and 7.5 are not"),
            .silent(
                "neither", "kind: speed, \(everywhere), above_kmh: 10, below_kmh: 1.5, seconds: 1",
                because: "both are between 1.5 and 10 km/h"),
            .silent(
                "not-for-long", "kind: speed, \(everywhere), above_kmh: 5, seconds: 5",
                because: "the runner is in the picture for less than 5 s")
        ])

    private static let first = "{ shape: line, points: [[0.3, 0.95], [0.3, 0.05]], direction: left_to_right }"
    private static let second = "{ shape: line, points: [[0.6, 0.95], [0.6, 0.05]], direction: left_to_right }"
    private static let firstRoom = "{ shape: zone, points: [[0.15, 0.4], [0.35, 0.4], [0.35, 0.9], [0.15, 0.9]] }"
    private static let secondRoom = "{ shape: zone, points: [[0.6, 0.4], [0.85, 0.4], [0.85, 0.9], [0.6, 0.9]] }"

    static let sequenceOrder = GoldenScene(
        name: "sequence-order", seconds: 10,
        story: "One walks through from the left: it needs 1.5 s from the first line to the second.",
        figures: [.rightwards()],
        fences: [
            .fence(
                "in-order", "kind: sequence, within: [0.5, 3], stages: [\(first), \(second)]",
                [.once(.passedInOrder, at: 5.5)],
                because: "first one line, then the other, 1.5 s later"),
            .silent(
                "reversed", "kind: sequence, within: [0, 60], stages: [\(second), \(first)]",
                because: "it passes the second stage before the first"),
            .silent(
                "too-late", "kind: sequence, within: [0, 1], stages: [\(first), \(second)]",
                because: "1.5 s are more than 1 s"),
            .silent(
                "too-early", "kind: sequence, within: [3, 60], stages: [\(first), \(second)]",
                because: "1.5 s are less than 3 s"),
            .fence(
                "rooms", "kind: sequence, within: [0.5, 3], stages: [\(firstRoom), \(secondRoom)]",
                [.once(.passedInOrder, at: 5.5)], because: "it goes out of one zone and 1.25 s later into the other"),
            .fence(
                "room-and-line", "kind: sequence, within: [0.5, 3], stages: [\(firstRoom), \(second)]",
                [.once(.passedInOrder, at: 5.5)], because: "a zone and a line can follow one another"),
            .silent(
                "rooms-reversed", "kind: sequence, within: [0, 60], stages: [\(secondRoom), \(firstRoom)]",
                because: "it passes the second stage before the first")
        ])

    static let sequenceTwoPeople = GoldenScene(
        name: "sequence-two-people", seconds: 14,
        story:
            "One passes the first line and turns back; another comes from the right as far as the second line and goes "
            + "back over it.",
        figures: [
            .way((2, -0.1, 0.4), (4.75, 0.45, 0.4), (7.5, -0.1, 0.4)),
            .way((2, 1.1, 0.9), (5, 0.5, 0.9), (8, 1.1, 0.9))
        ],
        fences: [
            .silent(
                "one-object", "kind: sequence, within: [0, 10], stages: [\(first), \(second)]",
                because: "both lines are passed in order, but not by one object"),
            .fence(
                "first", "kind: line, points: [[0.3, 0.95], [0.3, 0.05]], direction: left_to_right",
                [.crossed(.leftToRight, at: 4)], because: "the first line is passed"),
            .fence(
                "second", "kind: line, points: [[0.6, 0.95], [0.6, 0.05]], direction: left_to_right",
                [.crossed(.leftToRight, at: 5.5)], because: "and then the second, by somebody else")
        ])

    static let sequenceLostAndFound = GoldenScene(
        name: "sequence-lost-and-found", seconds: 10,
        story: "One walks through and is out of sight for half a second between the two lines.",
        figures: [.way((2, -0.1, 0.65), (4.5, 0.4, 0.65)), .way((5, 0.5, 0.65), (8, 1.1, 0.65))],
        fences: [
            .fence(
                "in-order", "kind: sequence, within: [0.5, 3], stages: [\(first), \(second)]",
                [.once(.passedInOrder, at: 5.5)], because: "a track that is found again is the same object")
        ])

    static let sequenceRestarted = GoldenScene(
        name: "sequence-restarted", seconds: 16,
        story:
            "One passes the first line, waits beyond it for five seconds, goes back over it, passes it again and goes on "
            + "over the second.",
        figures: [
            .way((2, -0.1, 0.65), (4.5, 0.4, 0.65), (8, 0.4, 0.65), (9, 0.2, 0.65), (13.5, 1.1, 0.65))
        ],
        fences: [
            .fence(
                "in-order", "kind: sequence, within: [0.5, 3], stages: [\(first), \(second)]",
                [.once(.passedInOrder, at: 11)],
                because: "passing the first stage again counts anew: 1.5 s, not 7")
        ])
}
