import Crypto
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// `snowline replay --republish` with real receivers.
@Suite(.timeLimit(.minutes(3)))
struct RepublishTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func replay(_ site: Site, _ options: String...) async throws -> Programs.Outcome {
        try await RunningProgram(
            "snowline",
            ["replay", Scenes.walk(), "--site", site.file, "--camera", "gate", "--start", "2026-11-22T09:31:02Z"]
                + options,
            environment: Site.environment
        ).outcome()
    }

    private func site(_ webhook: String) throws -> Site {
        try Site([.init(id: "gate", url: "rtsp://127.0.0.1:1/gate")], webhook: webhook)
    }

    /// All versions in the journal of a replay.
    private func journaled(_ name: String) throws -> [Alert] {
        let reader = try JournalReader(folder: folder.file(name))
        return try reader.alerts().flatMap { try reader.alert(id: $0.decision.id) }
            .sorted { $0.reception.sequence < $1.reception.sequence }
    }

    private func text(_ name: String) -> String { String(decoding: Files.read(folder.file(name)) ?? [], as: UTF8.self) }

    private func name(_ alert: Alert) -> String { "\(alert.decision.id).\(alert.decision.version)" }

    @Test func everyVersionArrivesOnceAndIsMarked() async throws {
        let receiver = try await Receiver()
        let site = try site(receiver.url)
        let sent = folder.file("sent")
        let one = try await replay(
            site, "--republish", sent, "--evidence", sent, "--alerts", folder.file("alerts.jsonl"))
        #expect(one.status == 0, "\(one.output)\n\(one.errors)")
        let versions = try journaled("sent")
        expectWhole(versions)
        #expect(versions.count >= 5 && Set(versions.map(\.decision.rule.text)) == ["path", "yard"])
        #expect(one.output.contains("sink dispatch (webhook): \(versions.count) of \(versions.count) delivered\n"))
        #expect(one.output.contains("sink paper (file): \(versions.count) of \(versions.count) delivered\n"))
        try expectMarked(receiver, versions)
        let paper = String(decoding: Files.read(site.alertFile) ?? [], as: UTF8.self).split(separator: "\n")
        #expect(paper.map(String.init) == receiver.accepted.map(\.body), "every sink gets the same bytes")
        try expectEvidence(of: versions, in: sent)
        // What was decided is what the replay writes down; the versions that only name a clip come besides.
        let written = text("alerts.jsonl").split(separator: "\n")
        let decisions = try versions.map { "{\"decision\":\(try DecisionCoder.text($0.decision))}" }
        #expect(written.allSatisfy { decisions.contains(String($0)) } && written.count <= decisions.count)

        let two = try await replay(site, "--republish", sent, "--evidence", sent)
        #expect(two.status == 0 && two.output.contains("delivered, \(versions.count) of them before"), "\(two.output)")
        #expect(receiver.requests.count == versions.count, "nothing is sent twice from one folder")

        let three = try await replay(site, "--republish", folder.file("again"), "--sink", "dispatch")
        #expect(three.status == 0 && !three.output.contains("sink paper"), "\(three.output)\n\(three.errors)")
        let again = receiver.accepted.dropFirst(versions.count).map(\.id)
        #expect(Set(again).isDisjoint(with: versions.map(\.decision.id)) && Set(again).count == again.count)
        #expect(Set(again).isDisjoint(with: receiver.accepted.prefix(versions.count).map(\.id)), "another rehearsal")
        await receiver.stop()
    }

    private func expectMarked(_ receiver: Receiver, _ versions: [Alert]) throws {
        let names = versions.map(name)
        #expect(receiver.accepted.count == names.count && receiver.requests.count == names.count)
        var runs: Set<Substring> = []
        for (request, name) in zip(receiver.accepted, names) {
            let parts = request.id.split(separator: ".", maxSplits: 1)
            #expect(parts.count == 2 && parts[0].hasPrefix("replay-") && String(parts[1]) == name, "\(request.id)")
            runs.insert(parts[0])
            let object = try #require(try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
            #expect(object["replay"] as? Bool == true && object["id"] as? String == request.id)
            let event = try DecisionCoder.decode(DeliveredEvent.self, from: request.body)
            #expect(event.data.reception.isReplay)
            #expect(
                request.signature
                    == StandardWebhooks.signature(
                        key: Site.key, id: request.id, timestamp: request.timestamp, body: request.body))
        }
        #expect(runs.count == 1, "one name a rehearsal")
    }

    private func expectEvidence(of versions: [Alert], in sent: String) throws {
        let kinds = Set(versions.flatMap(\.reception.evidence).map(\.kind))
        #expect(kinds == [.clean, .annotated, .clip])
        for item in versions.flatMap(\.reception.evidence) {
            let bytes = try #require(Files.read("\(sent)/\(item.path)"), "\(item.path)")
            #expect(SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined() == item.sha256)
        }
    }

    @Test func whatADeadReceiverDidNotGetIsNamedAndSentByTheSameCommand() async throws {
        let port = try FreePort.take()
        let site = try site("http://127.0.0.1:\(port)/alerts?token=path-secret")
        let dead = try await replay(site, "--republish", folder.file("sent"), "--patience", "15")
        let versions = try journaled("sent")
        #expect(dead.status == 1 && versions.count >= 4, "\(dead.output)\n\(dead.errors)")
        #expect(dead.output.contains("sink dispatch (webhook): 0 of \(versions.count) delivered\n"))
        for version in versions {
            #expect(dead.output.contains("  not \(name(version)): not delivered, "), "\(dead.output)")
        }
        #expect(dead.output.contains("connection refused") && !(dead.output + dead.errors).contains("path-secret"))
        #expect(dead.output.contains("sink paper (file): \(versions.count) of \(versions.count) delivered\n"))
        let receiver = try await Receiver(port: port)
        let back = try await replay(site, "--republish", folder.file("sent"))
        #expect(back.status == 0, "\(back.output)\n\(back.errors)")
        #expect(back.output.contains("sink dispatch (webhook): \(versions.count) of \(versions.count) delivered\n"))
        try expectMarked(receiver, versions)
        let paper = String(decoding: Files.read(site.alertFile) ?? [], as: UTF8.self).split(separator: "\n")
        #expect(paper.map(String.init) == receiver.accepted.map(\.body), "the same names as at the first time")
        await receiver.stop()
    }

    @Test func aReceiverThatWantsNothingIsNotWaitedFor() async throws {
        let receiver = try await Receiver()
        receiver.answer { _, _ in .status(401) }
        let site = try site(receiver.url)
        let begin = ContinuousClock.now
        let refused = try await replay(site, "--republish", folder.file("refused"), "--patience", "3600")
        #expect(refused.status == 1 && refused.output.contains("refused by the receiver, 1 attempts, last error"))
        #expect(refused.output.contains("the same secret") && ContinuousClock.now - begin < .seconds(120))
        receiver.answer { _, _ in .status(410) }
        let gone = try await replay(site, "--republish", folder.file("gone"), "--patience", "3600")
        #expect(gone.status == 1 && gone.output.contains("answered 410 (gone)"), "\(gone.output)")
        await receiver.stop()
    }

    @Test func foldersOfOthersAndWhatCannotBeSentAreRefusedBeforeTheReplay() async throws {
        let receiver = try await Receiver()
        let site = try site(receiver.url)
        try FileManager.default.createDirectory(atPath: site.data, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: site.data)
        for place in [site.data, site.data + "/../data/", folder.file("link")] {
            for option in ["--republish", "--evidence"] {
                let outcome = try await replay(site, option, place)
                #expect(outcome.status == 2 && outcome.output.isEmpty)
                #expect(outcome.errors.contains("\(place): this is the daemon's data folder"), "\(outcome.errors)")
            }
        }
        let other = try AlertJournal(folder: folder.file("other"))
        let live = Alert(
            decision: try #require(try await oneDecision(site)),
            reception: AlertReception(
                serverTime: .now, latencyMilliseconds: 1, sequence: 0, evidence: [], isReplay: false))
        try other.append([live], sinks: [])
        try other.close()
        let daemons = try await replay(site, "--republish", folder.file("other"))
        #expect(daemons.status == 2 && daemons.errors.contains("holds alerts of a daemon"), "\(daemons.errors)")
        let stranger = try await replay(site, "--republish", folder.file("sent"), "--sink", "nobody")
        #expect(stranger.status == 2 && stranger.errors.contains("there are paper, dispatch"), "\(stranger.errors)")
        let alone = try await replay(site, "--sink", "paper")
        #expect(alone.status == 2 && alone.errors.contains("means nothing without --republish"), "\(alone.errors)")
        let secretless = try await RunningProgram(
            "snowline",
            ["replay", Scenes.walk(), "--site", site.file, "--camera", "gate", "--republish", folder.file("sent")]
        ).outcome()
        #expect(secretless.status == 2 && secretless.errors.contains(Site.secretVariable), "\(secretless.errors)")
        #expect(receiver.requests.isEmpty && Files.read(site.alertFile) == nil)
        await receiver.stop()
    }

    private func oneDecision(_ site: Site) async throws -> AlertDecision? {
        struct Line: Decodable { let decision: AlertDecision }
        let file = folder.file("one.jsonl")
        #expect(try await replay(site, "--alerts", file).status == 0)
        let line = text("one.jsonl").split(separator: "\n").first.map(String.init)
        return try line.map { try DecisionCoder.decode(Line.self, from: $0).decision }
    }

    @Test func whatIsNotAsExpectedIsNotSentAndAnotherReplayGetsAnotherFolder() async throws {
        let receiver = try await Receiver()
        let site = try site(receiver.url)
        let golden = folder.file("golden.jsonl")
        try Files.write([], to: golden)
        let other = try await replay(site, "--expect", golden, "--republish", folder.file("sent"))
        #expect(
            other.status == 1 && receiver.requests.isEmpty && !other.output.contains("delivered"), "\(other.output)")
        #expect(try await replay(site, "--republish", folder.file("sent")).status == 0)
        let count = receiver.requests.count
        let part = try await replay(site, "--republish", folder.file("sent"), "--to", "8")
        #expect(part.status == 2 && part.errors.contains("holds the alerts of another replay"), "\(part.errors)")
        #expect(count > 0 && receiver.requests.count == count)
        await receiver.stop()
    }
}
