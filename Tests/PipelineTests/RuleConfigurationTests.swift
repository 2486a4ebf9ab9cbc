import Foundation
import Pipeline
import Rules
import Scene
import Testing

@Suite("Fences of every kind in the configuration")
struct RuleConfigurationTests {
    private typealias Fixture = ConfigurationFixture

    static let perspective =
        "perspective: { far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.4 }, view_degrees: 40 }"
    static let area = "points: [[0.2,0.2],[0.8,0.2],[0.8,0.8],[0.2,0.8]]"

    /// A site whose first fence stands on line 6.
    static func site(_ fence: String, camera: String = perspective) -> String {
        let lines = fence.split(separator: "\n")
        let block = lines.enumerated().map { ($0.offset == 0 ? "      - " : "        ") + $0.element }
        return """
            site: { id: s }
            cameras:
              - id: gate
                url: rtsp://host/1
                \(camera)
                fences:
            \(block.joined(separator: "\n"))
            """
    }

    @Test("the documentation has an example of every kind, and each is right")
    func examples() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/rules.md"), encoding: .utf8)
        let examples = page.components(separatedBy: "```fence\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
        var kinds: [RuleKind] = []
        for example in examples {
            let text = Self.site(example)
            let problems = Fixture.problems(text)
            #expect(problems == [], "\(example)")
            kinds += try Fixture.decode(text).cameras[0].rules.map(\.kind)
        }
        #expect(kinds == RuleKind.allCases)
        // The table of codes says what the programs say.
        for occurrence in Occurrence.allCases {
            let code = occurrence.alarmCode
            let event = code.eventType.map { " / \($0)" } ?? ""
            let row = page.split(separator: "\n").first { line in
                line.hasPrefix("|") && line.contains("`\(occurrence.rawValue)`")
                    && line.contains(" | \(code.method) / ")
            }
            let cells = "| \(code.method) / \(code.type)\(event) | `\(code.onvif)` |"
            #expect(row?.hasSuffix(cells) == true, "\(occurrence.rawValue): \(cells)")
        }
    }

    @Test("every parameter arrives where it belongs")
    func parameters() throws {
        func watch(_ fence: String) throws -> FenceRule.Watch {
            try #require(try Fixture.decode(Self.site(fence)).cameras.first?.rules.first).watch
        }
        let area = try #require(
            Polygon([Point(x: 0.2, y: 0.2), Point(x: 0.8, y: 0.2), Point(x: 0.8, y: 0.8), Point(x: 0.2, y: 0.8)]))
        #expect(
            try watch("{ id: a, kind: loitering, \(Self.area), seconds: 30, gap: 0 }")
                == .dwell(DwellRule(area: area, leastSpan: .seconds(30), gap: .zero)))
        #expect(
            try watch("{ id: a, kind: speed, \(Self.area), above_kmh: 36, below_kmh: 18, seconds: 1 }")
                == .speed(SpeedRule(area: area, above: 10, below: 5, leastSpan: .seconds(1))))
        #expect(
            try watch("{ id: a, kind: occupancy, \(Self.area), above: 3, below: 1, seconds: 2 }")
                == .occupancy(OccupancyRule(area: area, above: 3, below: 1, leastSpan: .seconds(2))))
        #expect(
            try watch(
                "{ id: a, kind: wrong_way, \(Self.area), allowed: [[0.5,0.9],[0.5,0.1]], distance: 0.1, tolerance: 30 }"
            )
                == .wrongWay(
                    WrongWayRule(
                        area: area, from: Point(x: 0.5, y: 0.9), to: Point(x: 0.5, y: 0.1), leastWay: 0.1, tolerance: 30
                    )))
        #expect(
            try watch("{ id: a, kind: scene_health, conditions: [frozen], seconds: 9 }")
                == .sceneHealth(SceneHealthRule(conditions: [.frozen], leastSpan: .seconds(9))))
        #expect(
            try watch("{ id: a, kind: density, \(Self.area), share: 0.3 }")
                == .density(DensityRule(area: area, leastShare: 0.3, leastSpan: .seconds(5))))
        #expect(
            try watch("{ id: a, kind: motion, \(Self.area), share: 0.1 }")
                == .motion(MotionRule(area: area, leastShare: 0.1)))
    }

    @Test("conditions arrive, and what decides nothing changes no revision")
    func conditions() throws {
        func camera(_ more: String) throws -> CameraConfiguration {
            try Fixture.decode(Self.site("{ id: a, kind: zone, \(Self.area)\(more) }")).cameras[0]
        }
        let plain = try camera("")
        let full = try camera(
            ", size: { min: 0.001, max: 0.2 }, height_m: { min: 0.5 }, persistence: 2, sensitivity: 80, cool_down: 30, "
                + "rearm: 5, severity: 1, tags: [night, 夜间]")
        #expect(
            full.rules[0].conditions
                == RuleConditions(
                    area: .init(least: 0.001, most: 0.2), height: .init(least: 0.5), persistence: .seconds(2),
                    sensitivity: 80, coolDown: .seconds(30), rearm: .seconds(5), severity: 1, tags: ["night", "夜间"]))
        #expect(full.rules[0].revision != plain.rules[0].revision)
        let labelled = try camera(", severity: 1, tags: [night]")
        #expect(labelled.rules[0].revision == plain.rules[0].revision)
        #expect(labelled.configurationHash != plain.configurationHash, "it is in every alert")
    }

    @Test(
        "a fence that cannot fire, and values that make no sense, are one line each",
        arguments: [
            ("kind: dwell, \(area)", "fences[0].seconds: is missing; give for example seconds: 60"),
            ("kind: dwell, \(area), seconds: 0.5", "fences[0].seconds: 0.5 is outside 1…86400 seconds"),
            (
                "kind: zone, \(area), size: { min: 0.5 }",
                "fences[0].size: the zone covers 0.36 of the picture, less than"
            ),
            ("kind: zone, \(area), size: { min: 0.2, max: 0.1 }", "fences[0].size: min 0.2 is not below max 0.1"),
            ("kind: zone, \(area), size: {}", "fences[0].size: gives no limit"),
            ("kind: zone, \(area), sensitivity: 0", "fences[0].sensitivity: 0 is outside 1…100"),
            ("kind: zone, \(area), severity: 5", "fences[0].severity: 5 is outside 1…4"),
            ("kind: zone, \(area), tags: [a, a]", "fences[0].tags: [a,a] names one tag twice"),
            ("kind: zone, \(area), seconds: 3", "fences[0].seconds: belongs to kinds dwell, speed, stopped"),
            ("kind: scene_health, \(area)", "fences[0].points: belongs to kinds line, zone"),
            ("kind: scene_health, sensitivity: 50", "fences[0].sensitivity: belongs to kinds"),
            ("kind: scene_health, conditions: [signal_lost]", "fences[0].conditions: signal_lost is raised for every"),
            ("kind: scene_health, conditions: []", "fences[0].conditions: is empty, so the fence could never"),
            ("kind: occupancy, \(area)", "fences[0]: an occupancy fence needs a limit"),
            ("kind: occupancy, \(area), above: 2, below: 5", "fences[0]: above 2 and below 5 leave no number"),
            ("kind: speed, \(area)", "fences[0]: a speed fence needs a limit"),
            ("kind: speed, \(area), above_kmh: 5, below_kmh: 9", "fences[0]: below_kmh is more than above_kmh"),
            ("kind: wrong_way, \(area), allowed: [[0,0],[1,1],[0,1]]", "fences[0].allowed: 3 given, a direction is"),
            ("kind: wrong_way, \(area), allowed: [[0,0],[0,0]]", "fences[0].allowed[1]: [0,0] repeats the point"),
            ("kind: sequence, within: [0, 5], stages: []", "fences[0].stages: 0 given, a sequence needs at least 2"),
            (
                "kind: sequence, within: [5, 5], stages: [{ shape: zone, \(area) }, { shape: zone, \(area) }]",
                "fences[0].within: [5,5] leaves no time"
            ),
            (
                "kind: sequence, within: [0, 5], stages: [{ shape: zone, \(area) }, { shape: zone, \(area), direction: any }]",
                "fences[0].stages[1].direction: belongs to stages of shape line"
            ),
            (
                "kind: sequence, within: [0, 5], stages: [{ shape: zone, \(area) }, { shape: line, points: [[0,0],[1,0]] }]",
                "fences[0].stages[1].points: lies on the border of the picture"
            )
        ])
    func impossible(fence: String, problem: String) {
        let lines = Fixture.problems(Self.site("{ id: a, \(fence) }"))
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.hasPrefix("site.yaml:7: cameras[0].\(problem)") == true, "\(lines)")
    }

    @Test("metres and speeds need a calibrated camera")
    func calibration() {
        let speed = "{ id: a, kind: speed, \(Self.area), above_kmh: 20 }"
        let height = "{ id: a, kind: zone, \(Self.area), height_m: { min: 1 } }"
        let noView = "perspective: { far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.4 } }"
        for (fence, camera, problem) in [
            (speed, "class: C", "kind: speed needs a calibrated camera"), (speed, noView, "kind: speed needs a"),
            (height, "class: C", "height_m: needs a calibrated camera")
        ] {
            let lines = Fixture.problems(Self.site(fence, camera: camera))
            #expect(lines.count == 1 && lines[0].hasPrefix("site.yaml:7: cameras[0].fences[0].\(problem)"), "\(lines)")
        }
        #expect(Fixture.problems(Self.site(height, camera: noView)) == [])
        #expect(Fixture.problems(Self.site(speed)) == [])
    }

    @Test("a mask that covers a fence, alone or with others")
    func covered() {
        let zone = "{ id: a, kind: zone, \(Self.area) }"
        let line = "{ id: a, kind: line, points: [[0.3,0.3],[0.3,0.7]] }"
        func problems(_ fence: String, _ masks: String) -> [String] {
            Fixture.problems(Self.site(fence, camera: masks))
        }
        let left = "[[0,0],[0.5,0],[0.5,1],[0,1]]", right = "[[0.5,0],[1,0],[1,1],[0.5,1]]"
        #expect(problems(zone, "privacy_masks: [\(left)]") == [])
        #expect(problems(zone, "ignore_masks: [\(right)]") == [])
        #expect(
            problems(line, "privacy_masks: [\(right), \(left)]") == [
                "site.yaml:7: cameras[0].fences[0].points: lies wholly under cameras[0].privacy_masks[1], so nothing can be "
                    + "seen there; make the mask smaller or move the fence"
            ])
        let both = problems(zone, "ignore_masks: [\(left), \(right)]")
        #expect(both.count == 1 && both[0].contains("lies wholly under the masks of the camera together"))
    }

    @Test("ignore masks arrive and count for the configuration's hash")
    func ignoreMasks() throws {
        let masked = try Fixture.decode(
            Self.site("{ id: a, kind: scene_health }", camera: "ignore_masks: [[[0,0],[1,0],[0,1]]]"))
        let plain = try Fixture.decode(Self.site("{ id: a, kind: scene_health }", camera: "class: C"))
        #expect(masked.cameras[0].ignoreMasks.count == 1 && masked.cameras[0].privacyMasks.isEmpty)
        #expect(masked.cameras[0].configurationHash != plain.cameras[0].configurationHash)
        let wrong = Fixture.problems(
            Self.site("{ id: a, kind: scene_health }", camera: "ignore_masks: [[[0,0],[1,0]]]"))
        #expect(wrong.count == 1 && wrong[0].contains("ignore_masks[0]: 2 given, an ignore mask needs at least 3"))
    }
}
