import Foundation
import Scene
import TestSupport
import Testing

@Suite("Names and records as JSON")
struct RecordTests {
    @Test(
        "camera and rule ids",
        arguments: [
            ("south-gate", true), ("a", true), ("A.b_9-", true), (String(repeating: "x", count: 64), true),
            ("", false), (".hidden", false), (String(repeating: "x", count: 65), false), ("a b", false), ("a/b", false),
            ("..", false), ("南门", false), ("a\n", false), ("é", false)
        ])
    func names(text: String, isGood: Bool) throws {
        #expect((CameraID(text) != nil) == isGood && (RuleID(text) != nil) == isGood)
        let json = try JSONEncoder().encode([text])
        if isGood {
            #expect(try JSONDecoder().decode([CameraID].self, from: json).first?.text == text)
        } else {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode([CameraID].self, from: json) }
            #expect(throws: DecodingError.self) { try JSONDecoder().decode([RuleID].self, from: json) }
        }
    }

    @Test("an alert survives JSON, with and without what is optional", arguments: [true, false])
    func roundTrip(isFull: Bool) throws {
        let alert = sample(isFull: isFull)
        #expect(try JSONDecoder().decode(Alert.self, from: JSONEncoder().encode(alert)) == alert)
    }

    @Test("the keys are those of docs/alerts.md, exactly")
    func keys() throws {
        let object = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(sample(isFull: true))) as? [String: Any])
        #expect(object.keys.sorted() == ["decision", "reception", "verified"])
        let decision = try #require(object["decision"] as? [String: Any])
        #expect(
            decision.keys.sorted() == [
                "anchor", "camera", "codes", "count", "end", "explanation", "findings", "holding", "id", "kind", "last",
                "measures", "occurrence", "place", "provenance", "reason", "rule", "rule_revision", "severity",
                "start", "state", "summary", "tags", "version"
            ])
        let reception = try #require(object["reception"] as? [String: Any])
        #expect(reception.keys.sorted() == ["evidence", "latency_ms", "replay", "sequence", "server_time"])
        let parts: [(Any?, [String])] = [
            ((decision["findings"] as? [Any])?.first, ["box", "direction", "occurrence", "point", "time", "track"]),
            (decision["place"], ["area", "camera_class", "camera_name", "gb_id", "grid", "location", "site"]),
            (decision["provenance"], ["configuration_hash", "model", "model_hash"]),
            (decision["summary"], ["en", "zh"]), (decision["reason"], ["en", "zh"]),
            (decision["codes"], ["event_type", "method", "onvif", "type"]),
            (decision["explanation"], ["filters", "path", "tests"]),
            (
                ((decision["explanation"] as? [String: Any])?["tests"] as? [Any])?.first,
                ["limit", "margin", "quantity", "sense", "value"]
            ),
            (
                (reception["evidence"] as? [Any])?.first,
                ["bytes", "height", "kind", "media_time", "path", "sha256", "width"]
            )
        ]
        for (part, keys) in parts { #expect((part as? [String: Any])?.keys.sorted() == keys) }
        let page = try #require(Files.text(inProject: "docs/alerts.md"))
        for key in decision.keys where key != "end" {
            #expect(page.contains("\"\(key)\"") || page.contains("`\(key)`"), "docs/alerts.md does not name \(key)")
        }
        for key in reception.keys { #expect(page.contains("\"\(key)\""), "docs/alerts.md does not name \(key)") }
    }

    @Test("what has no value is left out, and shapes are plain lists")
    func shapes() throws {
        let text = String(decoding: try JSONEncoder().encode(sample(isFull: false)), as: UTF8.self)
        #expect(!text.contains("null") && !text.contains("\"end\"") && !text.contains("\"anchor\""))
        let box = try JSONEncoder().encode(Box(x: 0.25, y: 0.5, width: 0.125, height: 1))
        #expect(String(decoding: box, as: UTF8.self) == "[0.25,0.5,0.125,1]")
        #expect(try JSONDecoder().decode(Point.self, from: Data("[0.5,1]".utf8)) == Point(x: 0.5, y: 1))
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Box.self, from: Data("[0.5,1]".utf8)) }
    }

    private func sample(isFull: Bool) -> Alert {
        let time = MediaTime(microseconds: 1_795_339_862_120_000)
        let finding = AlertDecision.Finding(
            time: time, occurrence: .crossed, direction: isFull ? .leftToRight : nil, track: isFull ? TrackID(17) : nil,
            box: isFull ? Box(x: 0.21, y: 0.55, width: 0.06, height: 0.2) : nil,
            point: isFull ? Point(x: 0.24, y: 0.75) : nil)
        let evidence = AlertReception.Evidence(
            kind: .clean, path: "stills/a.jpg", sha256: "00", bytes: 1, width: 704, height: 576, mediaTime: time)
        return Alert(
            decision: AlertDecision(
                id: "a", version: 2, state: .closed, camera: CameraID("gate")!,
                place: CameraPlace(
                    site: "1", area: isFull ? "2" : nil, grid: isFull ? "3" : nil, gbID: isFull ? "4" : nil,
                    location: isFull ? [103.79, 25.51] : nil, cameraName: "南门", cameraClass: .a),
                rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed,
                anchor: isFull ? .foot : nil, start: time, last: time, end: isFull ? time : nil, count: 1,
                findings: [finding], measures: ["distance": 0.1], summary: .init(zh: "越线", en: "crossed"),
                explanation: isFull
                    ? Explanation(
                        [.init(.beyondLine, 0.1, .atLeast, 0.05)],
                        path: [.init(time: time, point: Point(x: 0.5, y: 0.5))]) : nil,
                reason: isFull ? .init(zh: "因为", en: "because") : nil, severity: isFull ? 2 : nil,
                tags: isFull ? ["night"] : nil, codes: isFull ? Occurrence.entered.alarmCode : nil,
                provenance: .init(model: "visible", modelHash: "m", configurationHash: "c")),
            reception: AlertReception(
                serverTime: time, latencyMilliseconds: 180, sequence: 4711, evidence: isFull ? [evidence] : [],
                isReplay: false),
            verified: isFull)
    }
}
