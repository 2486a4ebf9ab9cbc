import Scene

/// The conditions that every rule can carry, schedules, and what light must not do.
extension GoldenScene {
    static let conditions: [GoldenScene] = [
        sizeLimits, heightLimits, persistence, sensitivity, coolDown, coolDownOfACondition, ignoreMask, privacyMask
    ]
    static let schedules: [GoldenScene] = [scheduleOpens, scheduleCloses]
    static let lights: [GoldenScene] = [noiseOnly, lightingStep, lampWhileCrossing]

    static let sizeLimits = GoldenScene(
        name: "size-limits", seconds: 10,
        story: "A small one and, a second later, a large one cross the line: 0.8 % and 4 % of the picture.",
        figures: [
            .rightwards(row: 0.4).sized(0.06, 0.14), .rightwards(row: 0.9, from: 3).sized(0.11, 0.38)
        ],
        fences: [
            .fence(
                "all", "kind: line, \(middle)", [.crossed(.leftToRight, at: 5), .crossed(.leftToRight, at: 6)],
                because: "both cross"),
            .fence(
                "large", "kind: line, \(middle), size: { min: 0.025 }", [.crossed(.leftToRight, at: 6)],
                because: "the small one is too small"),
            .fence(
                "small", "kind: line, \(middle), size: { max: 0.025 }", [.crossed(.leftToRight, at: 5)],
                because: "the large one is too large"),
            .silent(
                "medium", "kind: line, \(middle), size: { min: 0.015, max: 0.03 }", because: "neither is of that size")
        ])

    static let heightLimits = GoldenScene(
        name: "height-limits", seconds: 10,
        story:
            "On a calibrated camera one of 0.9 m and, a second later, one of 1.6 m cross the line in the same row; the "
            + "nearer the camera, the larger they look.",
        figures: [
            .rightwards(row: 0.9).sized(0.12, 0.24), .rightwards(row: 0.5, from: 3).sized(0.1, 0.235)
        ], camera: [calibrated],
        fences: [
            .fence(
                "adults", "kind: line, \(middle), height_m: { min: 1.3 }", [.crossed(.leftToRight, at: 6)],
                because: "as tall in the picture as the other, but farther away"),
            .fence(
                "children", "kind: line, \(middle), height_m: { max: 1.3 }", [.crossed(.leftToRight, at: 5)],
                because: "near the camera it looks as tall and is not")
        ])

    static let persistence = GoldenScene(
        name: "persistence", seconds: 13,
        story:
            "One walks through the picture. Below it one comes out from behind a door, crosses a line at once and goes "
            + "behind another door.",
        figures: [.rightwards(row: 0.4), .way((5, 0.3, 0.9), (8, 0.75, 0.9), (12.9, 0.75, 0.9))],
        posts: [Box(x: 0.24, y: 0.55, width: 0.12, height: 0.4), Box(x: 0.69, y: 0.55, width: 0.12, height: 0.4)],
        fences: [
            .fence(
                "any", "kind: line, \(middle)",
                [.crossed(.leftToRight, at: 5), .crossed(.leftToRight, at: 6.33, give: 0.3)], because: "both cross it"),
            .fence(
                "lasting", "kind: line, \(middle), persistence: 4", [.crossed(.leftToRight, at: 5)],
                because: "the other one is followed for less than 4 s"),
            .fence(
                "early", "kind: line, points: [[0.2, 0.5], [0.2, 0.05]], persistence: 4",
                [.crossed(.leftToRight, at: 3.5)],
                because: "what was crossed before the four seconds were over is raised with its true time")
        ])

    static let sensitivity = GoldenScene(
        name: "sensitivity", seconds: 10, story: "One steps 2 % of the picture over the line and goes back.",
        figures: [.way((2, -0.1, 0.65), (5.1, 0.52, 0.65), (6, 0.52, 0.65), (9, -0.1, 0.65))],
        fences: [
            .fence(
                "usual", "kind: line, \(middle), direction: left_to_right", [.crossed(.leftToRight, at: 5)],
                because: "2 % are beyond the dead band of 8 % of the object"),
            .fence(
                "keen", "kind: line, \(middle), direction: left_to_right, sensitivity: 100",
                [.crossed(.leftToRight, at: 5)],
                because: "the dead band is half of it"),
            .silent(
                "dull", "kind: line, \(middle), direction: left_to_right, sensitivity: 1",
                because: "the dead band is twice as wide")
        ])

    static let coolDown = GoldenScene(
        name: "cool-down", seconds: 20, story: "Four cross the line one after the other, at 4, 7, 10 and 16 s.",
        figures: [0, 3, 6, 12].map { .rightwards(from: $0 + 1) },
        fences: [
            .fence(
                "each", "kind: line, \(middle)", [4, 7, 10, 16].map { .crossed(.leftToRight, at: $0) },
                because: "there is no condition"),
            .fence(
                "cooled", "kind: line, \(middle), cool_down: 5", [4, 10, 16].map { .crossed(.leftToRight, at: $0) },
                because: "the second comes 3 s after the first that was raised, the third 6 s"),
            .fence(
                "rearmed", "kind: line, \(middle), rearm: 5", [4, 16].map { .crossed(.leftToRight, at: $0) },
                because: "it takes 5 s without any crossing, raised or not")
        ])

    static let coolDownOfACondition = GoldenScene(
        name: "cool-down-of-a-condition", seconds: 20,
        story: "One walks through the zone from 3.5 s to 4.5 s; another comes at 7 s and stays inside until 15 s.",
        figures: [
            .rightwards(row: 0.45, from: 1), .way((4.5, -0.1, 0.9), (7.5, 0.5, 0.9), (14.5, 0.5, 0.9), (17.5, 1.1, 0.9))
        ],
        fences: [
            .fence(
                "cooled", "kind: zone, points: [[0.4, 0.2], [0.6, 0.2], [0.6, 0.98], [0.4, 0.98]], cool_down: 6",
                [
                    Raise(occurrence: .occupied, at: 3.5, until: 15, give: 0.4),
                    .held(.occupied, from: 7, to: 15, give: 0.4)
                ], because: "the second stay begins during the cool-down and still holds when that is over"),
            .fence(
                "cold", "kind: zone, points: [[0.4, 0.2], [0.6, 0.2], [0.6, 0.98], [0.4, 0.98]], cool_down: 15",
                [.held(.occupied, from: 3.5, to: 4.5, give: 0.4)],
                because: "the second stay is over before the cool-down is")
        ])

    static let ignoreMask = GoldenScene(
        name: "ignore-mask", seconds: 10,
        story: "Two cross, one above the other; the upper one's foot is inside an ignore mask.",
        figures: [.rightwards(row: 0.4), .rightwards(row: 0.9, from: 3)],
        camera: ["ignore_masks:", "  - [[0, 0.05], [1, 0.05], [1, 0.5], [0, 0.5]]"],
        fences: [
            .fence(
                "path", "kind: line, \(middle)", [.crossed(.leftToRight, at: 6)], because: "the upper one is ignored"),
            .fence(
                "yard", "kind: zone, points: [[0.3, 0.2], [0.7, 0.2], [0.7, 0.95], [0.3, 0.95]]",
                [.held(.occupied, from: 5, to: 7)], because: "the lower one alone occupies it"),
            .fence(
                "stir", "kind: motion, points: [[0.4, 0.1], [0.6, 0.1], [0.6, 0.95], [0.4, 0.95]], share: 0.1",
                [.held(.motion, from: 5.4, to: 6.6, give: 0.3)], because: "motion leaves the area of the mask out")
        ])

    /// The same walk as ``leftToRight``, all of it behind the mask.
    static let privacyMask = GoldenScene(
        name: "privacy-mask", seconds: 10,
        story:
            "One walks through the picture behind a privacy mask. Without the mask it is raised; a test shows that too.",
        figures: [.rightwards()],
        camera: ["privacy_masks:", "  - [[0, 0.3], [1, 0.3], [1, 0.7], [0, 0.7]]"],
        fences: [
            .silent("path", "kind: line, \(middle)", because: "the pixels are black before anything looks at them"),
            .silent(
                "right", "kind: line, points: [[0.6, 0.95], [0.6, 0.05]], direction: left_to_right", because: "the same"
            ),
            .silent(
                "stir", "kind: motion, points: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.95], [0.1, 0.95]]", because: "the same")
        ])

    static let scheduleOpens = GoldenScene(
        name: "schedule-opens", seconds: 20, start: .epoch + .seconds(86_390),
        story:
            "It is 07:59:50 in Shanghai at the first picture. One crosses at 5 s, one at 14 s, and one stands in the zone "
            + "from 8 s to 17 s.",
        figures: [
            .rightwards(row: 0.4), .rightwards(row: 0.4, from: 11),
            .way((5, -0.1, 0.9), (8, 0.5, 0.9), (16, 0.5, 0.9), (18, 0.1, 0.9), (19, -0.1, 0.9))
        ],
        site: ["schedules:", "  - { id: days, periods: [{ days: [daily], from: \"08:00\", to: \"20:00\" }] }"],
        fences: [
            .fence(
                "always", "kind: line, points: [[0.5, 0.5], [0.5, 0.05]]",
                [.crossed(.leftToRight, at: 5), .crossed(.leftToRight, at: 14)], because: "it has no schedule"),
            .fence(
                "by-day", "kind: line, points: [[0.5, 0.5], [0.5, 0.05]], schedule: days",
                [.crossed(.leftToRight, at: 14)],
                because: "at 5 s it is not armed yet, at 14 s it is"),
            .silent(
                "yard-by-day",
                "kind: zone, points: [[0.4, 0.55], [0.6, 0.55], [0.6, 0.98], [0.4, 0.98]], schedule: days",
                because: "who stands inside when it is armed came before")
        ])

    static let scheduleCloses = GoldenScene(
        name: "schedule-closes", seconds: 16, start: .epoch + .seconds(86_390),
        story: "It is 07:59:50 in Shanghai at the first picture. One stands in the zone from 4.5 s to 13.5 s.",
        figures: [.way((2, -0.1, 0.65), (5, 0.5, 0.65), (13, 0.5, 0.65), (16, -0.1, 0.65))],
        site: ["schedules:", "  - { id: nights, periods: [{ days: [daily], from: \"20:00\", to: \"08:00\" }] }"],
        fences: [
            .fence(
                "always", "kind: zone, points: [[0.4, 0.4], [0.7, 0.4], [0.7, 0.9], [0.4, 0.9]]",
                [.held(.occupied, from: 4.5, to: 13.5)], because: "it has no schedule"),
            .fence(
                "by-night", "kind: zone, points: [[0.4, 0.4], [0.7, 0.4], [0.7, 0.9], [0.4, 0.9]], schedule: nights",
                [.held(.occupied, from: 4.5, to: 10)], because: "the alert is closed when the fence is no longer armed"),
            .silent(
                "too-late",
                "kind: dwell, points: [[0.4, 0.4], [0.7, 0.4], [0.7, 0.9], [0.4, 0.9]], seconds: 7, schedule: nights",
                because: "the seven seconds would be over after the armed time")
        ])

    static let noiseOnly = GoldenScene(
        name: "noise-only", seconds: 10,
        story: "A still wall under sensor noise of −8…+7 grey levels on every pixel, watched all over.", ground: .noisy,
        fences: [
            .silent("path", "kind: line, \(middle)", because: "noise is no object"),
            .silent(
                "all", "kind: zone, points: [[0, 0.02], [1, 0.02], [1, 0.98], [0, 0.98]]", because: "noise is no object"
            ),
            .silent(
                "stir", "kind: motion, points: [[0, 0.02], [1, 0.02], [1, 0.98], [0, 0.98]], share: 0.005",
                because: "noise does not stir")
        ])

    static let lightingStep = GoldenScene(
        name: "lighting-step", seconds: 12,
        story:
            "The whole picture becomes 70 grey levels brighter at 4 s and goes back at 8 s, as when a lamp is switched.",
        ground: .lamp(4..<8),
        fences: [
            .silent("path", "kind: line, \(middle)", because: "light is no object"),
            .silent(
                "all", "kind: zone, points: [[0, 0.02], [1, 0.02], [1, 0.98], [0, 0.98]]", because: "light is no object"
            )
        ])

    static let lampWhileCrossing = GoldenScene(
        name: "lamp-while-crossing", seconds: 10,
        story:
            "Two objects cross from either side, in two rows. At 5.5 s, just as one crosses the line `left` and the other "
            + "the line `right`, a lamp makes the right half of the picture half as bright again, and goes out at 8 s.",
        ground: .halfLamp(5.5..<8), figures: [.rightwards(row: 0.4), .leftwards(row: 0.9)],
        fences: [
            .fence(
                "path", "kind: line, \(middle)", [.crossed(.leftToRight, at: 5), .crossed(.rightToLeft, at: 5)],
                because: "both cross before the lamp"),
            .fence(
                "right", "kind: line, points: [[0.6, 0.95], [0.6, 0.05]], direction: left_to_right",
                [.crossed(.leftToRight, at: 5.5)], because: "one crosses in the half that is lit"),
            .fence(
                "left", "kind: line, points: [[0.4, 0.95], [0.4, 0.05]], direction: right_to_left",
                [.crossed(.rightToLeft, at: 5.5)], because: "the other in the half that stays as it was")
        ])
}
