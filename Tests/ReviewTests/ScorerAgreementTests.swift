import Foundation
import Scene
import TestSupport
import Testing

@testable import Review

/// Our score against the independent scorer, number by number, on random fences and alerts.
@Suite("The score agrees with the independent scorer")
struct ScorerAgreementTests {
    @Test(
        "every total and every row", .enabled(if: PublicScorer.isAvailable, PublicScorer.requirement),
        arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func everyNumber(seed: UInt64) throws {
        var corpus = RandomCorpus(seed: seed)
        try compare(corpus.make(footages: 12, fencesEach: 8), "seed \(seed)")
    }

    @Test("cases at the edges", .enabled(if: PublicScorer.isAvailable, PublicScorer.requirement))
    func edges() throws {
        try compare(EdgeCases.corpus, "edge cases")
    }

    @Test("a corpus without one alert", .enabled(if: PublicScorer.isAvailable, PublicScorer.requirement))
    func silence() throws {
        var random = RandomCorpus(seed: 77)
        var corpus = random.make(footages: 3, fencesEach: 4)
        corpus.alerts = []
        try compare(corpus, "no alerts")
    }

    private func compare(_ corpus: DrawnCorpus, _ name: String) throws {
        let scratch = try ScratchFolder()
        try corpus.write(to: scratch)
        let theirs = try PublicScorer.score(corpus: scratch.file("corpus"), alerts: scratch.file("alerts.jsonl"))
        let ours = try JSONSerialization.jsonObject(with: Data(corpus.score(in: scratch).json().utf8))
        let (our, their) = (try #require(ours as? NSDictionary), try #require(theirs as? NSDictionary))
        #expect(our["total"] as? NSDictionary == their["total"] as? NSDictionary, "\(name): totals")
        let (ourRows, theirRows) = (our["rows"] as? [NSDictionary] ?? [], their["rows"] as? [NSDictionary] ?? [])
        #expect(ourRows.count == theirRows.count && !ourRows.isEmpty, "\(name)")
        for (our, their) in zip(ourRows, theirRows) {
            #expect(our == their, "\(name): \(our["footage"] ?? "") \(our["rule"] ?? "")")
        }
    }
}

/// Fences with events and the alerts raised on them, as the public scorer reads them.
struct DrawnCorpus {
    /// By footage: the objects of its fences.json.
    var fences: [String: [[String: Any]]] = [:]
    var alerts: [ScoredAlert] = []

    func write(to scratch: ScratchFolder) throws {
        for (footage, list) in fences {
            let folder = URL(fileURLWithPath: scratch.file("corpus/\(footage)"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: folder.appendingPathComponent("meta.json"))
            try JSONSerialization.data(withJSONObject: list).write(to: folder.appendingPathComponent("fences.json"))
        }
        let lines = alerts.map { alert in
            let direction = alert.direction.map { "\"\($0.rawValue)\"" } ?? "null"
            let end = alert.end.map { "\($0)" } ?? "null"
            return """
                {"footage": "\(alert.footage)", "rule": "\(alert.rule)", "start_s": \(alert.start), "end_s": \(end), \
                "direction": \(direction)}

                """
        }
        try Files.write(Array(lines.joined().utf8), to: scratch.file("alerts.jsonl"))
    }

    /// Reads the written fences as `evaluate` does.
    func score(in scratch: ScratchFolder) throws -> CorpusScore {
        let folders = try CorpusFolder.folders(in: URL(fileURLWithPath: scratch.file("corpus")))
        return CorpusScore(
            rows: folders.flatMap { folder in
                folder.fences.map { fence in
                    FenceScore(
                        footage: folder.name, fence: fence,
                        alerts: alerts.filter { $0.footage == folder.name && $0.rule == fence.id })
                }
            })
    }
}

/// Random fences with events in order, and alerts that mostly lie near them.
struct RandomCorpus {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func make(footages: Int, fencesEach: Int) -> DrawnCorpus {
        var corpus = DrawnCorpus()
        for footage in 0..<footages {
            let name = "footage\(footage)"
            corpus.fences[name] = (0..<fencesEach).map { index in
                let isLine = chance(0.4)
                let length = Double.random(in: 5...60, using: &random)
                let events = isLine ? lineEvents(until: length) : zoneEvents(until: length)
                corpus.alerts += alerts(
                    near: events, footage: name, rule: "fence\(index)", isLine: isLine, until: length)
                return fence("fence\(index)", isLine: isLine, events: events, length: length)
            }
        }
        return corpus
    }

    private mutating func fence(
        _ id: String, isLine: Bool, events: [[String: Any]], length: Double
    ) -> [String: Any] {
        var fence: [String: Any] = [
            "id": id, "kind": isLine ? "line" : "zone", "points": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]],
            "anchor": "foot", "events": events, "judged_from_s": chance(0.7) ? 0 : tenths(0...4),
            "judged_to_s": chance(0.7) ? length : length / 2
        ]
        if chance(0.6) { fence["tolerance_s"] = tenths(0...1.5) }
        return fence
    }

    private mutating func lineEvents(until length: Double) -> [[String: Any]] {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in
            let cross = hundredths(0...length)
            var event: [String: Any] = ["start_s": max(0, cross - tenths(0...2)), "end_s": cross + tenths(0...2)]
            if chance(0.85) { event["cross_s"] = cross }
            if chance(0.8) {
                event["direction"] = ["left_to_right", "right_to_left", "any"].randomElement(using: &random)
            }
            if chance(0.15) { event["optional"] = chance(0.8) }
            return event
        }.sorted { ($0["start_s"] as? Double ?? 0) < ($1["start_s"] as? Double ?? 0) }
    }

    private mutating func zoneEvents(until length: Double) -> [[String: Any]] {
        var events: [[String: Any]] = []
        var time = hundredths(0...3)
        while time < length, events.count < 8, chance(0.85) {
            let end = time + hundredths(0...6)
            var event: [String: Any] = ["start_s": time, "end_s": end]
            if chance(0.3) { event["first_touch_s"] = max(0, time - tenths(0...2)) }
            if chance(0.3) { event["last_touch_s"] = end + tenths(0...2) }
            if chance(0.15) { event["optional"] = true }
            events.append(event)
            time = end + hundredths(0...(chance(0.5) ? 2.2 : 8))
        }
        return events
    }

    private mutating func alerts(
        near events: [[String: Any]], footage: String, rule: String, isLine: Bool, until length: Double
    ) -> [ScoredAlert] {
        let near = events.flatMap { event in
            (0..<Int.random(in: 0...2, using: &random)).map { _ in
                (event["cross_s"] as? Double ?? event["start_s"] as? Double ?? 0) + hundredths(-2...2)
            }
        }
        let far = (0..<Int.random(in: 0...2, using: &random)).map { _ in hundredths(0...length) }
        return (near + far).map { start in
            let start = max(0, start)
            let end: Double? = isLine || chance(0.1) ? nil : start + hundredths(0...8)
            let direction = isLine && chance(0.8) ? CrossingDirection.allCases.randomElement(using: &random) : nil
            return ScoredAlert(footage: footage, rule: rule, start: start, end: end, direction: direction)
        }
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
    private mutating func tenths(_ range: ClosedRange<Double>) -> Double {
        (Double.random(in: range, using: &random) * 10).rounded() / 10
    }
    private mutating func hundredths(_ range: ClosedRange<Double>) -> Double {
        (Double.random(in: range, using: &random) * 100).rounded() / 100
    }
}

/// One footage, a fence for each edge of the scorer's rules.
enum EdgeCases {
    static var corpus: DrawnCorpus {
        var corpus = DrawnCorpus()
        corpus.fences["edges"] = cases.map { name, kind, events, _ in
            [
                "id": name, "kind": kind, "points": [[0, 0], [1, 0], [1, 1]], "anchor": "foot", "events": events,
                "judged_from_s": 0, "judged_to_s": 30
            ]
        }
        corpus.alerts = cases.flatMap { name, _, _, alerts in
            alerts.map {
                ScoredAlert(footage: "edges", rule: name, start: $0.0, end: $0.1, direction: $0.2)
            }
        }
        return corpus
    }

    private typealias Case = (String, String, [[String: Any]], [(Double, Double?, CrossingDirection?)])

    private static var cases: [Case] {
        [
            ("open-at-the-end", "zone", [event(10, 12)], [(10.2, nil, nil)]),
            ("open-long-before", "zone", [event(10, 12)], [(8.49, 12, nil)]),
            ("open-just-in-time", "zone", [event(10, 12)], [(8.5, 12, nil)]),
            ("gap-of-two-seconds", "zone", [event(5, 6), event(8, 9), event(11.1, 12)], [(5, 12, nil)]),
            ("three-on-one", "zone", [event(5, 15)], [(5, 6, nil), (8, 9, nil), (12, 13, nil)]),
            ("early-event", "zone", [event(0, 2.4), event(0, 2.5)], []),
            (
                "touched", "zone", [event(5, 6, ["first_touch_s": 3, "last_touch_s": 9])],
                [(2.4, 2.6, nil), (9.4, 9.5, nil)]
            ),
            ("optional", "zone", [event(5, 6, ["optional": true])], [(5, 6, nil), (20, 21, nil)]),
            ("control", "zone", [], [(4, 5, nil), (30.000001, 31, nil), (30.1, 31, nil)]),
            ("quiet-control", "zone", [], []),
            (
                "nearest-first", "line", [crossing(10), crossing(10.5)],
                [(10.4, nil, nil), (10.1, nil, nil), (10.6, nil, nil)]
            ),
            ("wrong-way", "line", [crossing(10, "left_to_right")], [(10, nil, .rightToLeft)]),
            ("either-way", "line", [crossing(10, "any")], [(10, nil, .rightToLeft)]),
            ("just-outside", "line", [crossing(10)], [(10.71, nil, nil), (9.3, nil, nil)]),
            ("early-crossing", "line", [crossing(1.99), crossing(2)], []),
            (
                "half-way-numbers", "line", [crossing(10.005)],
                [(10.01, nil, nil), (20.125, nil, nil), (21.375, nil, nil)]
            )
        ]
    }

    private static func event(_ start: Double, _ end: Double, _ more: [String: Any] = [:]) -> [String: Any] {
        more.merging(["start_s": start, "end_s": end]) { first, _ in first }
    }

    private static func crossing(_ time: Double, _ direction: String = "any") -> [String: Any] {
        ["start_s": time - 0.5, "end_s": time + 0.5, "cross_s": time, "direction": direction]
    }
}

/// The scorer beside the project, run as it is.
enum PublicScorer {
    static let requirement: Comment = "needs score_events.py (SNOWLINE_SCORER_DIR, default ../shared/tools) and python3"
    static let isAvailable = FileManager.default.fileExists(atPath: script)

    private static let script: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["SNOWLINE_SCORER_DIR"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared/tools").path
        return folder + "/score_events.py"
    }()
    private static let maskScript = script.replacingOccurrences(of: "score_events", with: "score_masks")

    /// It needs numpy, OpenCV and ffmpeg besides.
    static let canScoreMasks: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import cv2, numpy"]
        process.standardError = FileHandle.nullDevice
        guard FileManager.default.fileExists(atPath: maskScript), (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
    static let maskRequirement: Comment = "needs score_masks.py (SNOWLINE_SCORER_DIR) with numpy and OpenCV"

    static func score(corpus: String, alerts: String) throws -> Any {
        try run([script, corpus, alerts, "--json"])
    }

    static func score(corpus: String, masks: String, only: String) throws -> Any {
        try run([maskScript, corpus, masks, "--only", only, "--json"])
    }

    private static func run(_ arguments: [String]) throws -> Any {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the scorer refused the corpus")
        return try JSONSerialization.jsonObject(with: data)
    }
}
