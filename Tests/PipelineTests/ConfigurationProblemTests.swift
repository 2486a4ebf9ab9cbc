import Foundation
import Pipeline
import Testing

@Suite("Problems of a configuration")
struct ConfigurationProblemTests {
    private typealias Fixture = ConfigurationFixture

    @Test("the contract's own example")
    func contract() {
        let text = Fixture.changed("[[0.5,0.75],[0.5,0.2]]", to: "[[2,2],[0.5,0.2]]")
        #expect(
            Fixture.problems(text) == [
                "site.yaml:7: cameras[0].fences[1].points[0]: [2,2] is outside 0…1; give shares of the picture"
            ])
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let passage: String
        let replacement: String
        let problem: String
        var testDescription: String { replacement }

        init(_ passage: String, _ replacement: String, _ problem: String) {
            self.passage = passage
            self.replacement = replacement
            self.problem = problem
        }
    }

    static let inCamera = "id: gate\n"
    static let url = "rtsp://user:hunter2@127.0.0.1:8554/gate"
    static let line = "[[0.5,0.75],[0.5,0.2]]"
    static let zone = "[[0,0.6],[0.3,0.66],[0.66,1],[0,1]]"
    static let secret = "\"env:SECRET\""
    static let sinkKeys = "kind: webhook, url: \"http://127.0.0.1:9000/alerts\", secret: \"env:SECRET\""

    static let siteCases: [Case] = [
        Case("name: demo", "nam: demo", "1: site.nam: unknown key; did you mean name?"),
        Case("site: { id: \"530302\", name: demo }", "site: gate", "1: site: gate is not a site; give a mapping"),
        Case("id: \"530302\"", "id: \"a b\"", "1: site.id: \"a b\" is not a site id; use 1…64 of"),
        Case("name: demo", "timezone: Asia/Atlantis", "1: site.timezone: Asia/Atlantis is not a known time zone"),
        Case("name: demo", "language: fr", "1: site.language: fr is not known; allowed: zh, en"),
        Case("name: demo", "name:", "1: site.name: is empty; give a text or leave the key out"),
        Case("sinks:", "listen: localhost\nsinks:", "8: listen: localhost has no port; give host:port"),
        Case("sinks:", "listen: \"::1:80\"\nsinks:", "8: listen: \"::1:80\" is ambiguous"),
        Case("sinks:", "listen: localhost:99999\nsinks:", "8: listen: localhost:99999 is not an address"),
        Case("sinks:", "retention: { days: 0.5 }\nsinks:", "8: retention.days: 0.5 is not a whole number; give days"),
        Case("sinks:", "retention: { days: \"3\" }\nsinks:", "8: retention.days: \"3\" is not a whole number"),
        Case("sinks:", "decode: dense\nsinks:", "8: decode: dense is not a policy of decoding; give a mapping with A,"),
        Case("sinks:", "decode: { C: fast }\nsinks:", "8: decode.C: fast is not known; allowed: strict, dense"),
        Case("sinks:", "decode: { quiet_s: 0 }\nsinks:", "8: decode.quiet_s: 0 is outside 0.5…60 seconds"),
        Case("sinks:", "load: 4\nsinks:", "8: load: 4 is not a policy of load; give a mapping with shed, cores"),
        Case("sinks:", "load: { shed: no }\nsinks:", "8: load.shed: no is not known; allowed: on, off"),
        Case("sinks:", "load: { cores: 0 }\nsinks:", "8: load.cores: 0 is outside 0.05…1024 cores"),
        Case("sinks:", "decode: { wakes: 0 }\nsinks:", "8: decode.wakes: 0 is outside 1…256 cameras"),
        Case("sinks:", "retention: { gigabytes: 0 }\nsinks:", "8: retention.gigabytes: 0 is outside 0.1…1000000")
    ]

    static let cameraCases: [Case] = [
        Case(
            inCamera, "id: gate\n    privacy_mask: []\n",
            "4: cameras[0].privacy_mask: unknown key; did you mean privacy_masks?"),
        Case(inCamera, "id: gate\n    colour: red\n", "4: cameras[0].colour: unknown key; allowed: id, name,"),
        Case("    url: \(url)\n", "", "3: cameras[0].url: is missing; give for example url: rtsp://"),
        Case(inCamera, "id: gate\n    id: other\n", "3: id is given more than once in one mapping; keep one"),
        Case(
            inCamera, "id: gate\n    decode: fast\n", "4: cameras[0].decode: fast is not known; allowed: strict, dense"),
        Case(inCamera, "id: gate\n    mode: strict\n", "4: cameras[0].mode: this key is now called decode"),
        Case(inCamera, "id: gate\n    class: D\n", "4: cameras[0].class: D is not known; allowed: A, B, C"),
        Case(
            inCamera, "id: gate\n    analysis_fps: 4\n", "4: cameras[0].analysis_fps: 4 is outside 5…30 frames a second"
        ),
        Case(inCamera, "id: gate\n    analysis_fps: .inf\n", "4: cameras[0].analysis_fps: .inf is not a number"),
        Case(
            inCamera, "id: gate\n    model: night\n",
            "4: cameras[0].model: night is not a model; known: thermal, visible"),
        Case(inCamera, "id: gate\n    gb_id: \"123\"\n", "4: cameras[0].gb_id: \"123\" is not a GB/T 28181 id"),
        Case(inCamera, "id: gate\n    location: [25.5, 103.8]\n", "4: cameras[0].location: [25.5,103.8] is outside"),
        Case(url, "ftp://host/x", "4: cameras[0].url: the scheme ftp is not supported"),
        Case(url, "user:hunter2@host/x", "4: cameras[0].url: has no scheme"),
        Case(url, "\"env:GATE\"", "4: cameras[0].url: the environment variable GATE is not set"),
        Case(url, "\"rtsp:///x\"", "4: cameras[0].url: has no host")
    ]

    static let perspectiveCases: [Case] = [
        ("{ far: { y: 0.3, height: 0.08 } }", ".near: is missing; give for example near: { y: 0.9, height: 0.35 }"),
        ("{ far: { y: 0.3 }, near: { y: 0.9, height: 0.35 } }", ".far.height: is missing; give for example height: "),
        (
            "{ far: { y: 0.3, height: 0.08 }, near: 0.9 }",
            ".near: 0.9 is not a reference; give a mapping with y, height"
        ),
        (
            "{ far: { y: 0.3, height: 0.001 }, near: { y: 0.9, height: 0.35 } }",
            ".far.height: 0.001 is outside 0.01…1 of the picture's height"
        ),
        (
            "{ far: { y: 0.3, height: 0.08 }, near: { y: 1.2, height: 0.35 } }",
            ".near.y: 1.2 is outside 0…1 of the picture's height"
        ),
        (
            "{ far: { y: 0.8, height: 0.08 }, near: { y: 0.85, height: 0.35 } }",
            ": near.y is 0.85 and far.y 0.8; near.y must be larger by at least 0.1, so measure"
        ),
        (
            "{ far: { y: 0.3, height: 0.4 }, near: { y: 0.9, height: 0.35 } }",
            ": a person is 0.4 tall at far and 0.35 at near; who is nearer cannot look smaller"
        ),
        (
            "{ far: { y: 0.3, height: 0.08 }, near: { y: 0.9, height: 0.35 }, person_m: 17 }",
            ".person_m: 17 is outside 0.5…2.5 metres"
        ),
        (
            "{ far: { y: 0.3, height: 0.08 }, near: { y: 0.9, height: 0.35 }, view_degrees: 180 }",
            ".view_degrees: 180 is outside 5…120 degrees"
        ),
        (
            "{ far: { y: 0.3, height: 0.08 }, near: { y: 0.9, height: 0.35 }, person: 1.7 }",
            ".person: unknown key; did you mean person_m?"
        ),
        ("[0.3, 0.9]", ": [0.3,0.9] is not a perspective; give a mapping with far, near, person_m, view_degrees")
    ].map { Case(inCamera, "id: gate\n    perspective: \($0.0)\n", "4: cameras[0].perspective\($0.1)") }

    static let fenceCases: [Case] = [
        Case("id: lawn", "id: signal", "6: cameras[0].fences[0].id: signal is the built-in rule for a lost signal"),
        Case("id: path", "id: lawn", "7: cameras[0].fences[1].id: lawn is already the id of cameras[0].fences[0]"),
        Case(
            zone, "[[0,0],[1,1],[1,0],[0,1]]",
            "6: cameras[0].fences[0].points: crosses itself: the edge after point 0 meets the edge after point 2"),
        Case(zone, "[[0,0],[0.5,0.5],[1,1]]", "6: cameras[0].fences[0].points: crosses itself"),
        Case(zone, "[[0,0],[0.001,0],[0.001,0.001]]", "6: cameras[0].fences[0].points: encloses no area"),
        Case(zone, "[[0,0],[1,0],[0.5,1],[0,0]]", "6: cameras[0].fences[0].points: repeats its first point at the end"),
        Case(zone, "[[0,0],[1,0]]", "6: cameras[0].fences[0].points: 2 given, a zone needs at least 3 points"),
        Case(zone, "[[0,0],[1,0],[1]]", "6: cameras[0].fences[0].points[2]: [1] is not a point; give [x, y]"),
        Case(zone, "[[0,0],[1,0],[a,1]]", "6: cameras[0].fences[0].points[2]: [a,1] is not a point"),
        Case(zone, "nowhere", "6: cameras[0].fences[0].points: nowhere is not a list"),
        Case(line, "[[0.5,0.5],[0.5,0.5]]", "7: cameras[0].fences[1].points[1]: [0.5,0.5] repeats the point before it"),
        Case(line, "[[0,1],[1,1]]", "7: cameras[0].fences[1].points: lies on the border of the picture"),
        Case(line, "[[0.5,0.75]]", "7: cameras[0].fences[1].points: 1 given, a line needs at least 2 points"),
        Case(
            "kind: zone,", "kind: zone, direction: any,",
            "6: cameras[0].fences[0].direction: belongs to kind line; leave it out for zone"),
        Case(
            "kind: line,", "kind: line, raise: [enter],",
            "7: cameras[0].fences[1].raise: belongs to kinds zone, appear; leave it"),
        Case(
            "kind: zone,", "kind: zone, raise: [],", "6: cameras[0].fences[0].raise: is empty, so the fence could never"
        ),
        Case(
            "kind: zone,", "kind: zone, raise: [enter, enter],",
            "6: cameras[0].fences[0].raise: [enter,enter] names one"),
        Case("kind: zone,", "kind: circle,", "6: cameras[0].fences[0].kind: circle is not known; allowed: line, zone"),
        Case(
            "kind: zone,", "kind: zone, anchor: head,",
            "6: cameras[0].fences[0].anchor: head is not known; allowed: foot")
    ]

    static let sinkCases: [Case] = [
        Case(secret, "hunter2", "9: sinks[0].secret: secret does not begin with whsec_; make one: "),
        Case(secret, "whsec_c2hvcnQ=", "9: sinks[0].secret: secret holds a key of 5 bytes, not 24…64"),
        Case(secret, "\"env:NOPE\"", "9: sinks[0].secret: the environment variable NOPE is not set"),
        Case(secret, "\"env:no-pe\"", "9: sinks[0].secret: the name after env: is not one of an environment variable"),
        Case("\"http://127.0.0.1:9000/alerts\"", "\"mqtt://host\"", "9: sinks[0].url: is not an address for a webhook"),
        Case("kind: webhook,", "kind: webhook, path: x,", "9: sinks[0].path: belongs to kind file; leave it out for"),
        Case("kind: webhook,", "kind: webhook, timeout_s: 0,", "9: sinks[0].timeout_s: 0 is outside 1…120"),
        Case("kind: webhook,", "kind: webhook, ca: nowhere.pem,", "9: sinks[0].ca: nowhere.pem cannot be read"),
        Case(
            "kind: webhook,", "kind: webhook, user: x,", "9: sinks[0].user: belongs to kinds mqtt, nats; leave it out"),
        Case(
            sinkKeys, "kind: mqtt, url: \"http://x\"", "9: sinks[0].url: is not the address of a broker; give mqtt://"),
        Case(sinkKeys, "kind: mqtt, url: \"mqtt://u:p@x\"", "9: sinks[0].url: carries a login; give it as `user`"),
        Case(sinkKeys, "kind: mqtt, url: \"mqtt://x\", user: u", "9: sinks[0].user: has no password; give `password`"),
        Case(
            sinkKeys, "kind: mqtt, url: \"mqtt://x\", topic: \"a/#\"",
            "9: sinks[0].topic: topic: \"a/#\" is not a topic"),
        Case(sinkKeys, "kind: nats, servers: []", "9: sinks[0]: servers: name at least one"),
        Case(
            sinkKeys, "kind: nats, servers: [\"tcp://x\"]",
            "9: sinks[0]: servers: \"tcp://x\" does not begin with nats://"),
        Case(
            sinkKeys, "kind: nats, servers: [\"nats://x\"], confirm: nobody", "9: sinks[0].confirm: nobody is not known"
        ),
        Case(
            sinkKeys, "kind: nats, servers: [\"nats://x\"], confirm: broker, resend_s: 60",
            "9: sinks[0].resend_s: nothing is sent again with confirm: broker"),
        Case(sinkKeys, "kind: nats, servers: [\"nats://x\"], replicas: 9", "9: sinks[0].replicas: 9 is outside 1…5"),
        Case(
            sinkKeys, "kind: file, path: x, rate_per_s: 0",
            "9: sinks[0].rate_per_s: 0 is outside 0.1…100000 messages a second"),
        Case(sinkKeys, "kind: file, path: x, rate_per_s: fast", "9: sinks[0].rate_per_s: fast is not a number"),
        Case(
            sinkKeys, "kind: file, path: x, burst: 9",
            "9: sinks[0].burst: means nothing without a rate; give `rate_per_s`"),
        Case(
            sinkKeys, "kind: file, path: x, rate_per_s: 5, burst: 0",
            "9: sinks[0].burst: 0 is outside 1…1000000 messages"),
        Case(
            sinkKeys, "kind: file, path: x, thin_above: -1",
            "9: sinks[0].thin_above: -1 is outside 0…1000000 alert versions")
    ]

    @Test(
        "one wrong thing is one line that says where, what and what to do",
        arguments: siteCases + cameraCases + perspectiveCases + fenceCases + sinkCases)
    func single(_ example: Case) throws {
        let lines = Fixture.problems(Fixture.changed(example.passage, to: example.replacement))
        try #require(lines.count == 1, "\(lines)")
        #expect(lines[0].hasPrefix("site.yaml:" + example.problem), "\(lines[0])")
        #expect(!lines[0].contains("hunter2"))
    }

    @Test("all problems are told at once, by line")
    func allAtOnce() {
        let text = """
            site: { id: s, timezone: Mars/Base }
            cameras:
              - id: a
                url: gopher://host
                fences:
                  - { id: z, kind: zone, points: [[0,0],[2,0],[0,3]], colour: red }
              - { id: a, url: rtsp://host/2, class: Z }
            sinks: [ { id: x, kind: webhook } ]
            data: ""
            """
        let lines = Fixture.problems(text)
        let numbers = lines.compactMap { Int($0.split(separator: ":")[1]) }
        #expect(numbers == [1, 4, 6, 6, 6, 7, 7, 8, 8, 9], "\(lines)")
    }

    @Test("limits hold")
    func limits() {
        func cameras(_ count: Int) -> String {
            "site: { id: s }\ncameras:\n"
                + (0..<count).map { "  - { id: c\($0), url: \"rtsp://h/\($0)\" }" }.joined(separator: "\n")
        }
        #expect(Fixture.problems(cameras(512)).isEmpty)
        #expect(Fixture.problems(cameras(513)) == ["site.yaml:3: cameras: holds 513 cameras, at most 512 are allowed"])
        let many = "[" + Array(repeating: "[0.1,0.1]", count: 65).joined(separator: ",") + "]"
        #expect(
            Fixture.problems(Fixture.changed(Self.line, to: many)) == [
                "site.yaml:7: cameras[0].fences[1].points: holds 65 points, at most 64 are allowed"
            ])
        let nonsense = (0..<900).map { "key\($0): 1" }.joined(separator: "\n")
        #expect(Fixture.problems(nonsense).count == 201)
    }

    @Test("references are refused before they are unfolded")
    func references() {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        for (previous, letter) in zip(letters, letters.dropFirst()) {
            bomb +=
                "\(letter): &\(letter) [" + Array(repeating: "*\(previous)", count: 9).joined(separator: ",") + "]\n"
        }
        let lines = Fixture.problems(bomb)
        #expect(lines.count == 26)
        #expect(lines[0] == "site.yaml:1: YAML anchors and aliases (& and *) are not supported; write the value out")
        // Where the marks mean nothing they are let through.
        let harmless = Fixture.changed("name: demo", to: "name: \"*&\", area: Tom & Jerry").replacingOccurrences(
            of: "8554/gate", with: "8554/gate?a=1&b=*2  # &comment *too")
        #expect(Fixture.problems(harmless) == [])
    }

    @Test("what is not YAML is told with its line and without its text")
    func notYAML() {
        let lines = Fixture.problems("site: { id: s\ncameras: [\nurl: rtsp://u:hunter2@h\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("is not YAML") == true)
        #expect(lines.first?.contains("hunter2") == false)
        #expect(Fixture.problems("") == ["site.yaml: is empty; begin with docs/configuration.md"])
        #expect(Fixture.problems("just text").count == 1)
        #expect(Fixture.problems(String(repeating: "[", count: 5000)).count == 1)
    }

    @Test("garbage never traps", arguments: UInt64(1)...20)
    func garbage(seed: UInt64) {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let marks = Array("[]{}:,-#&*\"'\n 0a.~".utf8)
        var bytes = Array(Fixture.minimal.utf8)
        for _ in 0..<(1 + next(8)) { bytes[next(bytes.count)] = marks[next(marks.count)] }
        // Whatever it is, the answer is a configuration or problems; the argument of a failing test is its seed.
        _ = Fixture.problems(String(decoding: bytes, as: UTF8.self))
    }
}

@Suite("The documentation of the configuration")
struct ConfigurationDocumentationTests {
    @Test("its example is right")
    func example() throws {
        #expect(ConfigurationFixture.problems(try documentedExample()) == [])
    }

    @Test("it describes every key", arguments: ConfigurationKeys.allPaths)
    func everyKey(path: String) throws {
        #expect(try documentation().contains("| `\(path)` |"))
    }

    @Test("it describes no key that does not exist")
    func noOtherKey() throws {
        let rows = try documentation().split(separator: "\n").filter { $0.hasPrefix("| `") }
        let described = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(Set(described) == Set(ConfigurationKeys.allPaths))
    }
}
