import Delivery
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// What is really sent is what docs/schemas says, and what docs/schemas says has room for nothing more.
@Suite(.enabled(if: Schemas.areAvailable, "\(Schemas.requirement)"), .timeLimit(.minutes(5)))
struct SchemaTests {
    @Test func schemasAreSoundAndClosed() async throws {
        let said = try Schemas.run("schemas")
        #expect(said.isRight && said.text.contains("all closed"), "\(said.text)")
    }

    /// Decisions of drawn footage, of every kind of rule that draws any, through every sink.
    @Test(.enabled(if: Broker.areAvailable, "\(Broker.requirement)"))
    func whatEachSinkGetsFits() async throws {
        let folder = try TemporaryFolder()
        let receiver = try await Receiver()
        let (mqtt, nats) = (try Broker.mqtt(folder: folder.path), try Broker.nats(folder: folder.path))
        let ear = try MQTTSubscriber(port: mqtt.port, topic: "snowline/#", file: folder.path + "/heard")
        let listener = try NATSListener(port: nats.port)
        let desk = try Desk(
            [
                try webhook(receiver.url, id: "webhook"),
                SinkConfiguration(id: "file", target: .file(FileTarget(path: folder.path + "/alerts.jsonl"))),
                SinkConfiguration(
                    id: "mqtt", target: .mqtt(try MQTTTarget(host: "127.0.0.1", port: mqtt.port)), retry: quickRetry),
                SinkConfiguration(id: "nats", target: .nats(try natsTarget(nats)), duty: .untilTaken, retry: quickRetry)
            ], folder: folder)
        try await eventually("somebody listens") { try ear.lines.contains { $0.body == "online" } }
        let alerts = try GoldenAlerts.all().prefix(60)
        #expect(alerts.count >= 40 && Set(alerts.map(\.decision.kind)).count >= 8)
        try desk.journal.append(Array(alerts), sinks: await desk.dispatcher.sinkIDs)
        for sink in ["webhook", "file", "mqtt", "nats"] { try await desk.drained(sink) }
        try await eventually("all is heard") {
            try ear.lines.count { $0.topic.contains("/alerts/") } >= alerts.count
                && listener.bodies.count >= alerts.count
        }
        try await desk.stop()
        let bodies = receiver.accepted.map(\.body).sorted()
        #expect(bodies.count == alerts.count)
        let lines = try String(contentsOfFile: folder.path + "/alerts.jsonl", encoding: .utf8).split(separator: "\n")
        #expect(Set(lines.map(String.init)) == Set(bodies))
        #expect(Set(try ear.lines.filter { $0.topic.contains("/alerts/") }.map(\.body)) == Set(bodies))
        #expect(Set(listener.bodies) == Set(bodies))
        let said = try Schemas.run("messages", "alert-event.json", bodies)
        #expect(said.isRight && said.text.hasPrefix("\(alerts.count) messages fit"), "\(said.text)")
        let heard = try ear.lines.filter { $0.topic == "snowline/availability" }.map { "\"\($0.body)\"" }
        let availability = try Schemas.run("messages", "availability.json", heard)
        #expect(availability.isRight, "\(availability.text)")
        await receiver.stop()
    }

    private static let receipts = [
        #"{"receipts":["k7dw3mzn5ld2qv4xgh6tay2bce.1"]}"#, #"{"receipts":["abc.12"],"sink":"bus"}"#,
        #"{"verdicts":[{"alert":"abc","verdict":"false","cause":"rain","why":"heavy shower","who":"desk 3"}]}"#,
        #"{"receipts":[],"verdicts":[{"alert":"abc","verdict":"true","who":"desk 3"}]}"#,
        #"{"verdicts":[{"alert":"abc","verdict":"duplicate","who":"desk 3"}]}"#
    ]
    private static let wrongReceipts = [
        #"{"receipts":["abc"]}"#, #"{"receipts":["abc.0"]}"#, #"{"receipts":[7]}"#, #"{"receipts":["a.1"],"face":"x"}"#,
        #"{"verdicts":[{"alert":"a","who":"x"}]}"#, #"{"verdicts":[{"alert":"a","verdict":"maybe","who":"x"}]}"#,
        #"{"verdicts":[{"alert":"a","verdict":"true","cause":"rain","who":"x"}]}"#,
        #"{"verdicts":[{"alert":"a","verdict":"true","who":""}]}"#,
        #"{"verdicts":[{"alert":"a","verdict":"true","who":"x","plate":"云D12345"}]}"#,
        #"{"verdicts":[{"alert":"a","verdict":"true","who":"x","identity":"somebody"}]}"#
    ]

    /// Schema and daemon agree on what they take and what they refuse.
    @Test func receiptsFitAndWrongOnesDoNot() throws {
        for text in Self.receipts { _ = try ReceiptMessage(json: Data(text.utf8)) }
        for text in Self.wrongReceipts {
            #expect(throws: SinkProblem.self, "\(text)") { try ReceiptMessage(json: Data(text.utf8)) }
        }
        let fit = try Schemas.run("messages", "receipts.json", Self.receipts)
        #expect(fit.isRight, "\(fit.text)")
        let refused = try Schemas.run("refuses", "receipts.json", Self.wrongReceipts)
        #expect(refused.isRight, "\(refused.text)")
    }

    @Test func answersAndVerdictsFit() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["bus"])
        try journal.append([sampleAlert(id: "abc"), sampleAlert(id: "def")], sinks: ["bus"])
        let report = try journal.take(
            try ReceiptMessage(
                json: Data(
                    #"{"receipts":["abc.1","no.1"],"verdicts":[{"alert":"abc","verdict":"false","cause":"fog","who":"x"}]}"#
                        .utf8)))
        let answers = try Schemas.run("messages", "receipts-report.json", [DecisionCoder.text(report)])
        #expect(answers.isRight, "\(answers.text)")
        let verdicts = try journal.reader.verdicts().map { try DecisionCoder.text($0) }
        let kept = try Schemas.run("messages", "verdict.json", verdicts)
        #expect(verdicts.count == 1 && kept.isRight, "\(kept.text)")
        let reconciled = try DecisionCoder.text(journal.reader.reconcile(at: .now))
        let compared = try Schemas.run("messages", "reconciliation.json", [reconciled])
        #expect(reconciled.contains("def.1") && compared.isRight, "\(compared.text)")
    }

    @Test func requestsToSendAgainFitAndWrongOnesDoNot() throws {
        let right = [
            #"{"ids":["abc","def.2"],"sink":"bus","who":"desk 3","why":"asked for"}"#,
            #"{"camera":"south-gate","rule":"lawn","since":"2026-11-22T01:31:02.000000Z","unconfirmed":true}"#
        ]
        let wrong = [#"{"camara":"south-gate"}"#, #"{"ids":"abc"}"#, "[]", #"{"ids":["a"],"identity":"x"}"#]
        for text in right { _ = try ResendRequest(json: Data(text.utf8)) }
        for text in wrong {
            #expect(throws: ResendProblem.self, "\(text)") { try ResendRequest(json: Data(text.utf8)) }
        }
        let fit = try Schemas.run("messages", "resend.json", right)
        #expect(fit.isRight, "\(fit.text)")
        let refused = try Schemas.run("refuses", "resend.json", wrong)
        #expect(refused.isRight, "\(refused.text)")
    }

    /// The example in docs/alerts.md, with its shortened hashes written out.
    @Test func aCheckThatCannotFailIsNone() throws {
        let good = try #require(try GoldenAlerts.all().first)
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        let stored = try DecisionCoder.text(try #require(try journal.append([good], sinks: []).first))
        let naked = try Schemas.run("messages", "alert-event.json", [stored])
        #expect(!naked.isRight && naked.text.contains("required property"), "\(naked.text)")
        #expect(try !Schemas.run("refuses", "receipts.json", Self.receipts).isRight)
    }
}

/// The check of scripts/schema_check.py, in the virtual environment that scripts/python.sh makes.
enum Schemas {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static let python = root + "/.venv/bin/python"
    static let areAvailable =
        FileManager.default.isExecutableFile(atPath: python)
        && FileManager.default.fileExists(atPath: root + "/.venv/bin/jsonschema")
    static let requirement = "needs .venv with jsonschema (scripts/python.sh makes it)"

    static func run(_ mode: String, _ schema: String, _ messages: [String]) throws -> (isRight: Bool, text: String) {
        let folder = try TemporaryFolder()
        let file = folder.path + "/messages.jsonl"
        try Data((messages.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
        return try run(mode, schema, file)
    }

    static func run(_ arguments: String...) throws -> (isRight: Bool, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [root + "/scripts/schema_check.py"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus == 0, String(decoding: data, as: UTF8.self))
    }
}

/// Alerts with the decisions of the golden replays.
enum GoldenAlerts {
    private struct Line: Decodable {
        let decision: AlertDecision
    }

    static func all() throws -> [Alert] {
        let folder = Schemas.root + "/Tests/PipelineTests/Golden"
        var known: Set<String> = []
        var alerts: [Alert] = []
        for scene in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let file = "\(folder)/\(scene)/expected.jsonl"
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
            for line in text.split(separator: "\n") {
                let decision = try DecisionCoder.decode(Line.self, from: String(line)).decision
                guard known.insert("\(decision.id).\(decision.version)").inserted else { continue }
                alerts.append(
                    Alert(
                        decision: decision,
                        reception: AlertReception(
                            serverTime: decision.last, latencyMilliseconds: 120, sequence: 0,
                            evidence: [still(of: decision)], isReplay: false)))
            }
        }
        // Some of every scene, not all of the first.
        return alerts.enumerated().sorted { ($0.offset % 7, $0.offset) < ($1.offset % 7, $1.offset) }.map(\.element)
    }

    private static func still(of decision: AlertDecision) -> AlertReception.Evidence {
        AlertReception.Evidence(
            kind: .clean, path: "stills/\(decision.camera)/\(decision.id).jpg",
            sha256: String(repeating: "0a", count: 32),
            bytes: 4711, width: 704, height: 576, mediaTime: decision.last)
    }
}
