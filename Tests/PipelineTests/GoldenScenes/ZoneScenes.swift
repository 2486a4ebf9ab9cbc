import Scene

/// Zones, stays in them, and objects that appear and vanish inside.
extension GoldenScene {
    static let zones: [GoldenScene] = [enterStandLeave, zoneGrazed, zoneEdge, zoneShared, zoneBehindPost, zoneAtBorder]
    static let dwelling: [GoldenScene] = [dwellSpans, dwellAwayAndBack, dwellTakingTurns, dwellBehindPost]
    static let appearing: [GoldenScene] = [appearAtDoor, appearPassing]

    /// In from the left, three seconds at rest on the right, out again.
    private static let visit = Figure.way((2, -0.1, 0.65), (6, 0.7, 0.65), (9, 0.7, 0.65), (13, -0.1, 0.65))

    static let enterStandLeave = GoldenScene(
        name: "zone-enter-stand-leave", seconds: 15,
        story: "One walks in from the left, stands for three seconds and walks out the way it came.", figures: [visit],
        fences: [
            .fence(
                "yard", "kind: zone, \(yard), raise: [enter, leave, occupied]",
                [
                    .once(.entered, at: 4.5), .held(.occupied, from: 4.5, to: 10.5), .once(.left, at: 10.5)
                ], because: "its foot is inside from 4.5 s to 10.5 s, also while nothing moves"),
            .fence(
                "entries", "kind: zone, \(yard), raise: [enter]", [.once(.entered, at: 4.5)], because: "it goes in once"
            ),
            .fence(
                "exits", "kind: zone, \(yard), raise: [leave]", [.once(.left, at: 10.5)], because: "it goes out once")
        ])

    static let zoneGrazed = GoldenScene(
        name: "zone-grazed", seconds: 9, story: "One walks past below a zone, its body over it and its foot outside.",
        figures: [.rightwards()],
        fences: [
            .silent(
                "by-foot",
                "kind: zone, points: [[0.3, 0.3], [0.7, 0.3], [0.7, 0.6], [0.3, 0.6]], raise: [enter, leave, occupied]",
                because: "the foot never comes in"),
            .fence(
                "by-centre",
                "kind: zone, points: [[0.3, 0.3], [0.7, 0.3], [0.7, 0.6], [0.3, 0.6]], anchor: centre, raise: [enter, leave, occupied]",
                [.once(.entered, at: 4), .held(.occupied, from: 4, to: 6), .once(.left, at: 6)],
                because: "its centre goes through"),
            .silent(
                "corner", "kind: zone, points: [[0.5, 0.67], [0.9, 0.8], [0.5, 0.9]]",
                because: "the corner of the zone is below the foot")
        ])

    static let zoneEdge = GoldenScene(
        name: "zone-edge", seconds: 12,
        story:
            "One walks up to the edge of a zone and sways over it from picture to picture for four seconds, a little more "
            + "outside than inside, and goes back. A second zone has its edge where it is a little more inside.",
        figures: [.way((2, -0.1, 0.65), (4.9, 0.48, 0.65), (9, 0.48, 0.65), (11.9, -0.1, 0.65)).swaying(0.025)],
        fences: [
            .silent(
                "mostly-outside",
                "kind: zone, points: [[0.5, 0.3], [0.9, 0.3], [0.9, 0.9], [0.5, 0.9]], raise: [enter, leave, occupied]",
                because: "a foot that trembles over the edge has not come in"),
            .fence(
                "mostly-inside",
                "kind: zone, points: [[0.46, 0.3], [0.9, 0.3], [0.9, 0.9], [0.46, 0.9]], raise: [enter, leave, occupied]",
                [
                    .once(.entered, at: 4.8), .held(.occupied, from: 4.8, to: 9.1), .once(.left, at: 9.1)
                ], because: "it comes in once and goes out once, however it trembles between")
        ])

    static let zoneShared = GoldenScene(
        name: "zone-shared", seconds: 13,
        story: "One walks through the zone from the left; before it has left, another comes from the right.",
        figures: [.rightwards(row: 0.6), .leftwards(row: 0.93, from: 4.5)],
        fences: [
            .fence(
                "yard",
                "kind: zone, points: [[0.3, 0.3], [0.7, 0.3], [0.7, 0.98], [0.3, 0.98]], raise: [enter, leave, occupied]",
                [
                    .once(.entered, at: 4), .once(.left, at: 6), .once(.entered, at: 6.5), .once(.left, at: 8.5),
                    .held(.occupied, from: 4, to: 8.5)
                ], because: "two go in and out; the half second between them does not end the occupation")
        ])

    static let zoneBehindPost = GoldenScene(
        name: "zone-behind-post", seconds: 9,
        story: "One walks through a zone and is hidden by a post in the middle of it for a moment.",
        figures: [.rightwards()], posts: [Box(x: 0.43, y: 0.2, width: 0.14, height: 0.6)],
        fences: [
            .fence(
                "yard",
                "kind: zone, points: [[0.25, 0.4], [0.75, 0.4], [0.75, 0.9], [0.25, 0.9]], raise: [enter, leave, occupied]",
                [.once(.entered, at: 3.75), .held(.occupied, from: 3.75, to: 6.25), .once(.left, at: 6.25)],
                because: "who is hidden inside has neither left nor entered again")
        ])

    static let zoneAtBorder = GoldenScene(
        name: "zone-at-border", seconds: 9,
        story: "One comes in over the picture's border, which is a zone's edge too.",
        figures: [.rightwards()],
        fences: [
            .fence(
                "gateway",
                "kind: zone, points: [[0, 0.3], [0.3, 0.3], [0.3, 0.9], [0, 0.9]], raise: [enter, leave, occupied]",
                [.held(.occupied, from: 2.4, to: 4, give: 0.4), .once(.left, at: 4)],
                because: "it is first seen inside: it occupies the zone and leaves it, and has not entered over an edge"
            ),
            .fence(
                "exit",
                "kind: zone, points: [[0.7, 0.3], [1, 0.3], [1, 0.9], [0.7, 0.9]], raise: [enter, leave, occupied]",
                [.once(.entered, at: 6), .held(.occupied, from: 6, to: 7.7, give: 0.4)],
                because: "it goes out of the picture inside: it has entered, and left no edge")
        ])

    static let dwellSpans = GoldenScene(
        name: "dwell-spans", seconds: 15,
        story: "One walks in from the left, stands for three seconds and walks out: its foot is inside for 4.5 s.",
        figures: [visit],
        fences: [
            .fence(
                "long-enough", "kind: dwell, points: [[0.55, 0.35], [0.9, 0.35], [0.9, 0.8], [0.55, 0.8]], seconds: 4",
                [.held(.dwelling, from: 5.25, to: 9.75)], because: "4.5 s are more than 4 s"),
            .silent(
                "too-short", "kind: dwell, points: [[0.55, 0.35], [0.9, 0.35], [0.9, 0.8], [0.55, 0.8]], seconds: 5",
                because: "4.5 s are less than 5 s"),
            .silent(
                "elsewhere", "kind: dwell, points: [[0.1, 0.35], [0.4, 0.35], [0.4, 0.8], [0.1, 0.8]], seconds: 2",
                because: "it only passes there, twice 1.5 s with seven seconds between")
        ])

    static let dwellAwayAndBack = GoldenScene(
        name: "dwell-away-and-back", seconds: 16,
        story: "One stands inside for two seconds, steps out for 1.5 s, and comes back for two more.",
        figures: [
            .way(
                (2, -0.1, 0.65), (5.5, 0.6, 0.65), (7, 0.6, 0.65), (7.5, 0.4, 0.65), (8, 0.4, 0.65), (8.5, 0.6, 0.65),
                (10.5, 0.6, 0.65), (14, -0.1, 0.65))
        ],
        fences: [
            .fence(
                "patient",
                "kind: dwell, points: [[0.5, 0.35], [0.9, 0.35], [0.9, 0.8], [0.5, 0.8]], seconds: 5, gap: 3",
                [.held(.dwelling, from: 5, to: 11)],
                because: "an absence shorter than the gap does not interrupt a stay"),
            .silent(
                "strict",
                "kind: dwell, points: [[0.5, 0.35], [0.9, 0.35], [0.9, 0.8], [0.5, 0.8]], seconds: 5, gap: 0.5",
                because: "an absence longer than the gap ends one stay and the other is too short")
        ])

    static let dwellTakingTurns = GoldenScene(
        name: "dwell-taking-turns", seconds: 16,
        story: "One stands inside and leaves to the right just as another comes in from the left and stands there.",
        figures: [
            .way((2, -0.1, 0.6), (5, 0.5, 0.6), (7, 0.5, 0.6), (10, 1.1, 0.6)),
            .way((4.5, -0.1, 0.95), (7.5, 0.5, 0.95), (9.5, 0.5, 0.95), (12.5, 1.1, 0.95))
        ],
        fences: [
            .silent(
                "one-of-them",
                "kind: dwell, points: [[0.35, 0.3], [0.65, 0.3], [0.65, 0.98], [0.35, 0.98]], seconds: 5",
                because: "neither stays for 5 s; the zone is not empty for 6 s, but dwelling is one object's"),
            .fence(
                "any",
                "kind: occupancy, points: [[0.35, 0.3], [0.65, 0.3], [0.65, 0.98], [0.35, 0.98]], above: 0, seconds: 5",
                [.held(.crowded, from: 4.25, to: 10.25, give: 0.4)], because: "somebody is there all the time")
        ])

    static let dwellBehindPost = GoldenScene(
        name: "dwell-behind-post", seconds: 15,
        story: "One strolls through a zone in five seconds and is hidden by a post for a moment on the way.",
        figures: [.way((2, -0.1, 0.65), (4, 0.3, 0.65), (9, 0.7, 0.65), (11, 1.1, 0.65))],
        posts: [Box(x: 0.44, y: 0.2, width: 0.13, height: 0.6)],
        fences: [
            .fence(
                "yard", "kind: dwell, points: [[0.28, 0.4], [0.72, 0.4], [0.72, 0.9], [0.28, 0.9]], seconds: 4",
                [.held(.dwelling, from: 3.9, to: 9.1, give: 0.4)],
                because: "a track that is lost inside and found within its own size goes on with its stay")
        ])

    static let appearAtDoor = GoldenScene(
        name: "appear-at-door", seconds: 20,
        story:
            "One comes out from behind a door in the middle of the picture and leaves to the right. Later another comes "
            + "from the left, goes behind the door and stays there.",
        figures: [
            .way((2, 0.5, 0.65), (5, 1.1, 0.65)), .way((9, -0.1, 0.65), (12, 0.5, 0.65), (19.9, 0.5, 0.65))
        ], posts: [Box(x: 0.44, y: 0.3, width: 0.12, height: 0.4)],
        fences: [
            .fence(
                "door",
                "kind: appear, points: [[0.3, 0.4], [0.7, 0.4], [0.7, 0.8], [0.3, 0.8]], raise: [appear, disappear]",
                [.once(.appeared, at: 2.3, give: 0.5), .once(.disappeared, at: 11.7, give: 0.5)],
                because: "the first is first seen there, the second is last seen there"),
            .fence(
                "out", "kind: appear, points: [[0.3, 0.4], [0.7, 0.4], [0.7, 0.8], [0.3, 0.8]]",
                [.once(.appeared, at: 2.3, give: 0.5)], because: "only what appears is asked for"),
            .silent(
                "elsewhere",
                "kind: appear, points: [[0.1, 0.75], [0.9, 0.75], [0.9, 0.95], [0.1, 0.95]], raise: [appear, disappear]",
                because: "nothing begins or ends there")
        ])

    static let appearPassing = GoldenScene(
        name: "appear-passing", seconds: 9, story: "One walks through the picture, in and out over its borders.",
        figures: [.rightwards()],
        fences: [
            .silent(
                "hatch",
                "kind: appear, points: [[0.3, 0.4], [0.7, 0.4], [0.7, 0.9], [0.3, 0.9]], raise: [appear, disappear]",
                because: "who walks through neither appears nor vanishes inside"),
            .silent(
                "all", "kind: appear, points: [[0, 0.02], [1, 0.02], [1, 0.98], [0, 0.98]], raise: [appear, disappear]",
                because: "who comes and goes over the border comes from outside the view")
        ])
}
