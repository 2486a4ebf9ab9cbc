import Delivery
import Foundation
import Ingest
import Media
import Pipeline
import Rules
import Scene
import Testing

@Suite("Reading a configuration")
struct ConfigurationTests {
    private typealias Fixture = ConfigurationFixture

    @Test("defaults are filled in")
    func defaults() throws {
        let site = try Fixture.decode(Fixture.minimal)
        #expect(site.dataFolder == "/srv/snowline/data")
        #expect(site.listen.description == "127.0.0.1:8600")
        #expect(site.retention.days == 30 && site.retention.gigabytes == 20)
        #expect(site.site.timezone == "UTC" && site.site.language == .zh)
        let gate = try #require(CameraID("gate"))
        let camera = try #require(site.camera(gate))
        #expect(camera.name == "gate" && camera.cameraClass == .c && camera.transport == .tcp)
        #expect(camera.analysisRate == 8 && camera.model == "visible" && camera.decode == .strict)
        #expect(camera.place.site == "530302" && camera.place.grid == nil)
        #expect(camera.rules.map(\.id.text) == ["lawn", "path"])
        #expect(camera.rules.map(\.kind) == [.zone, .line])
        #expect(camera.rules.allSatisfy { $0.revision.count == 12 && $0.anchor == .foot })
        let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        #expect(
            try site.sinks.first?.target
                == .webhook(
                    WebhookTarget(
                        url: "http://127.0.0.1:9000/alerts", secret: WebhookSecret(secret) { _ in nil })))
    }

    @Test("every key arrives where it belongs")
    func everyKey() throws {
        let site = try Fixture.decode(try documentedExample())
        #expect(site.site.timezone == "Asia/Shanghai" && site.site.name == "麒麟区演示")
        let camera = try #require(site.cameras.first)
        #expect(
            camera.place
                == CameraPlace(
                    site: "530302", area: "530302", grid: "530302001001001", gbID: "53030200001320000001",
                    location: [103.79, 25.51], cameraName: "南门", cameraClass: .a))
        #expect(camera.address.revealed == "rtsp://127.0.0.1:8554/south-gate")
        #expect(camera.privacyMasks.count == 1)
        guard case .zone(let yard) = camera.rules[2].watch else {
            Issue.record("the third fence is a zone")
            return
        }
        #expect(yard.raises == [.enter, .leave])
        #expect(
            site.sinks.last?.target
                == .file(FileTarget(path: "/srv/snowline/data/alerts.jsonl", rotateBytes: 100 << 20)))
    }

    @Test("load is shed unless it is switched off, and the cores may be given")
    func load() throws {
        #expect(try Fixture.decode(Fixture.minimal).load == LoadPolicy())
        #expect(LoadPolicy().shed == .on && LoadPolicy().cores == nil)
        let site = try Fixture.decode(Fixture.changed("sinks:", to: "load: { shed: off, cores: 1.5 }\nsinks:"))
        #expect(site.load.shed == .off && site.load.cores == 1.5 && site.coreBudget == 1.5)
    }

    @Test("a sink's rate, burst and line")
    func flow() throws {
        func flow(_ keys: String) throws -> DeliveryFlow? {
            try Fixture.decode(Fixture.changed("id: dispatch,", to: "id: dispatch, \(keys)")).sinks.first?.flow
        }
        #expect(try flow("") == DeliveryFlow() && DeliveryFlow().rate == nil && DeliveryFlow().thinAbove == 10_000)
        #expect(try flow("rate_per_s: 2.5,")?.rate == DeliveryRate(perSecond: 2.5, burst: 5))
        #expect(
            try flow("rate_per_s: 20, burst: 500, thin_above: 0,")
                == DeliveryFlow(rate: DeliveryRate(perSecond: 20, burst: 500), thinAbove: 0))
    }

    @Test("ids written as numbers keep their digits")
    func leadingZeros() throws {
        let site = try Fixture.decode(Fixture.changed("id: \"530302\"", to: "id: 0530302"))
        #expect(site.site.id == "0530302")
    }

    @Test("who only looks at a site needs no variables of its service")
    func variablesMayBeMissing() throws {
        let text = Fixture.changed("rtsp://user:hunter2@127.0.0.1:8554/gate", to: "\"env:GATE\"")
        var surroundings = Fixture.surroundings(environment: [:])
        #expect(Fixture.problems(text, surroundings).count == 2)
        surroundings.noteMissingVariable = { _ in }
        let site = try Fixture.decode(text, surroundings)
        #expect(site.cameras.map(\.address.revealed) == ["rtsp://unset.invalid/"] && site.sinks.count == 1)
        let wrong = Fixture.changed("env:SECRET", to: "whsec_no")
        #expect(!Fixture.problems(wrong, surroundings).isEmpty, "what is wrong stays wrong")
    }

    @Test("addresses: streams, files and the environment")
    func addresses() throws {
        func address(_ url: String, _ environment: [String: String] = [:]) throws -> String? {
            var values = environment
            values["SECRET"] = Fixture.secret
            let text = Fixture.changed("rtsp://user:hunter2@127.0.0.1:8554/gate", to: url)
            return try Fixture.decode(text, Fixture.surroundings(environment: values)).cameras.first?.address.revealed
        }
        #expect(try address("./clips/a.mp4") == "/srv/snowline/clips/a.mp4")
        #expect(try address("/footage/a.mp4") == "/footage/a.mp4")
        #expect(try address("file:///footage/a.mp4") == "/footage/a.mp4")
        #expect(try address("rtsps://camera/1") == "rtsps://camera/1")
        #expect(try address("env:GATE", ["GATE": "rtsp://u:p@camera/1"]) == "rtsp://u:p@camera/1")
    }

    @Test("a file is read from disk and named by its last part")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("snowline-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("site.yaml").path
        try Fixture.minimal.write(toFile: path, atomically: true, encoding: .utf8)
        let site = try SiteConfiguration.load(
            path: path, environment: { _ in Fixture.secret }, modelNames: ["visible"])
        #expect(site.dataFolder == folder.standardizedFileURL.path + "/data")

        let missing = #expect(throws: ConfigurationError.self) {
            try SiteConfiguration.load(path: path + ".bak", modelNames: ["visible"])
        }
        #expect(missing?.lines == ["site.yaml.bak: no such file; check the path"])
        try Data(count: SiteConfiguration.fileLimitBytes + 1).write(to: URL(fileURLWithPath: path))
        let large = #expect(throws: ConfigurationError.self) {
            try SiteConfiguration.load(path: path, modelNames: ["visible"])
        }
        #expect(large?.lines == ["site.yaml: has more than 1048576 bytes; split the site"])
    }

    @Test("no description of a configuration shows a password or a secret")
    func nothingLeaks() throws {
        let site = try Fixture.decode(Fixture.minimal)
        var dumped = "\(site)"
        dump(site, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!dumped.contains(Fixture.secret) && !dumped.contains("7, 7, 7") && dumped.contains("***"))
    }

    @Test("revisions follow the meaning, not the spelling")
    func revisions() throws {
        let before = try #require(try Fixture.decode(Fixture.minimal).cameras.first)
        func camera(_ passage: String, _ replacement: String) throws -> CameraConfiguration {
            try #require(try Fixture.decode(Fixture.changed(passage, to: replacement)).cameras.first)
        }
        let spelled = try camera("id: gate\n", "id: gate\n    transport: tcp   # as ever\n    class: C\n")
        #expect(spelled.revision == before.revision && spelled.configurationHash == before.configurationHash)
        #expect(before.configurationHash.count == 64)

        let password = try camera("hunter2", "hunter3")
        #expect(password.revision != before.revision && password.configurationHash == before.configurationHash)

        let moved = try camera("[0.5,0.75]", "[0.5,0.76]")
        #expect(moved.configurationHash != before.configurationHash)
        #expect(moved.rules[0].revision == before.rules[0].revision)
        #expect(moved.rules[1].revision != before.rules[1].revision)
        for (passage, replacement) in [
            ("id: gate\n", "id: gate\n    analysis_fps: 12\n"), ("id: gate\n", "id: gate\n    model: thermal\n"),
            ("id: gate\n", "id: gate\n    privacy_masks: [[[0,0],[1,0],[0,1]]]\n"),
            (
                "id: gate\n",
                "id: gate\n    perspective: { far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.3 } }\n"
            ),
            ("id: gate\n", "id: gate\n    grid: \"1\"\n"), ("name: demo", "name: demo, area: \"5\"")
        ] {
            #expect(try camera(passage, replacement).configurationHash != before.configurationHash, "\(replacement)")
        }
    }

    @Test("a perspective is read with its defaults, and every part of it makes another revision")
    func perspective() throws {
        func camera(_ text: String) throws -> CameraConfiguration {
            let camera = Fixture.changed("id: gate\n", to: "id: gate\n    perspective: \(text)\n")
            return try #require(try Fixture.decode(camera).cameras.first)
        }
        let plain = try camera("{ far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.3 } }")
        let perspective = try #require(plain.perspective)
        #expect(perspective.far == .init(row: 0.3, height: 0.1) && perspective.near == .init(row: 0.9, height: 0.3))
        #expect(perspective.personHeight == 1.7 && perspective.verticalViewDegrees == nil)
        let spelled = try camera("{ near: { height: 0.30, y: 0.9 }, far: { y: 0.3, height: 0.1 }, person_m: 1.7 }")
        #expect(spelled.configurationHash == plain.configurationHash && spelled.revision == plain.revision)
        let others = try [
            "{ far: { y: 0.2, height: 0.1 }, near: { y: 0.9, height: 0.3 } }",
            "{ far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.4 } }",
            "{ far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.3 }, person_m: 1.6 }",
            "{ far: { y: 0.3, height: 0.1 }, near: { y: 0.9, height: 0.3 }, view_degrees: 40 }"
        ].map(camera)
        #expect(Set((others + [plain]).map(\.configurationHash)).count == 5)
        #expect(Set((others + [plain]).map(\.revision)).count == 5)
        #expect(others[3].perspective?.verticalViewDegrees == 40)
    }

    @Test("a reload knows which cameras it touches")
    func changes() throws {
        func site(_ cameras: [(String, String)], tail: String = "") throws -> SiteConfiguration {
            let list = cameras.map { "  - { id: \($0.0), url: \"rtsp://host/\($0.1)\" }" }.joined(separator: "\n")
            return try Fixture.decode("site: { id: s }\ncameras:\n\(list)\n\(tail)")
        }
        let old = try site([("a", "1"), ("b", "1"), ("c", "1")])
        let new = try site([("d", "1"), ("c", "1"), ("b", "2")], tail: "listen: 127.0.0.1:9999\nretention: { days: 1 }")
        let changes = SiteConfiguration.changes(from: old, to: new)
        #expect(changes.added.map(\.text) == ["d"])
        #expect(changes.removed.map(\.text) == ["a"])
        #expect(changes.changed.map(\.text) == ["b"])
        #expect(changes.kept.map(\.text) == ["c"])
        #expect(changes.needsRestart == ["listen"])
    }

    @Test("another time zone starts every camera anew: their sentences are written in it")
    func timezoneChange() throws {
        let old = try Fixture.decode(try documentedExample())
        let text = try documentedExample().replacingOccurrences(of: "Asia/Shanghai", with: "Europe/Berlin")
        let changes = SiteConfiguration.changes(from: old, to: try Fixture.decode(text))
        #expect(changes.kept.isEmpty && changes.changed == old.cameras.map(\.id))
    }
}

/// The yaml block of docs/configuration.md.
func documentedExample() throws -> String {
    let parts = try documentation().components(separatedBy: "```yaml\n")
    try #require(parts.count == 2, "one yaml example")
    return parts[1].components(separatedBy: "```")[0]
}

func documentation() throws -> String {
    let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
}
