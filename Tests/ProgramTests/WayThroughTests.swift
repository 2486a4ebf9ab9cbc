import Crypto
import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// Camera → alert → receiver, with the real programs.
@Suite(
    .enabled(if: SimulatedCamera.isAvailable, Comment(rawValue: SimulatedCamera.requirement)), .timeLimit(.minutes(3)))
struct WayThroughTests {
    @Test func anAlertReachesTheReceiverAndEveryFaceTellsOfIt() async throws {
        let receiver = try await Receiver()
        let camera = try Scenes.camera("gate")
        let site = try Site([.init(id: "gate", url: camera.address("gate"))], webhook: receiver.url)
        let daemon = try await Daemon.running(site)
        let opened = try await receiver.event("yard occupied", log: daemon.log) {
            $0.decision.rule.text == "yard" && $0.decision.state == .opened
        }
        expectContract(opened)
        try expectStills(opened.data, in: site)
        try await expectFaces(of: daemon)
        try await expectTimes(of: daemon)
        let closed = try await receiver.event("yard closed", log: daemon.log) {
            $0.decision.id == opened.decision.id && $0.decision.state == .closed
        }
        #expect(closed.decision.isHolding == false && closed.decision.end == closed.decision.last)
        try await expectCommandLine(closed, of: site, receiver)
        try await daemon.stop()
        try receiver.expectSound()
        expectWhole(try site.journaled())
        await receiver.stop()
    }

    private func expectContract(_ event: DeliveredEvent) {
        #expect(event.specversion == "1.0")
        #expect(event.type == "org.snowline.alert.zone.opened.v1")
        #expect(event.source == "urn:snowline:530302/camera/gate")
        #expect(event.subject == "yard")
        #expect(event.time == event.decision.last.description)
        #expect(event.data.verified == false)
        #expect(event.decision.place.cameraName == "南门")
        #expect(event.decision.provenance.model == "visible")
        #expect(event.decision.summary.zh.contains("yard") && event.decision.summary.zh.contains("南门"))
        let reception = event.data.reception
        // A picture may come a little before its stamp says (senders burst); the limit above is that of a loaded machine.
        #expect(reception.latencyMilliseconds > -1000 && reception.latencyMilliseconds < 10_000)
        let toServer = (reception.serverTime - event.decision.start).seconds
        #expect(toServer > -1 && toServer < 10, "\(toServer) s")
        print("latency: \(reception.latencyMilliseconds) ms picture to journal, \(toServer) s start to journal")
    }

    private func expectStills(_ alert: Alert, in site: Site) throws {
        #expect(alert.reception.evidence.map(\.kind) == [.clean, .annotated])
        for still in alert.reception.evidence {
            let bytes = try #require(Files.read("\(site.data)/\(still.path)"), "\(still.path)")
            #expect(JPEG.size(of: bytes) == Scenes.size)
            #expect(bytes.count == still.bytes)
            #expect(SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined() == still.sha256)
            #expect(still.width == Scenes.size.width && still.height == Scenes.size.height)
        }
        #expect(Set(alert.reception.evidence.map(\.sha256)).count == 2)
    }

    private func expectFaces(of daemon: Daemon) async throws {
        let health = try await daemon.get("/healthz")
        #expect(health.status == 200 && health.text.contains("\"journal_writable\":true"))
        #expect(health.text.contains("\"cameras_connected\":1"))
        let pictures = "snowline_camera_pictures_total{camera=\"gate\"}"
        let first = try await daemon.metric(pictures)
        let before = try #require(first)
        #expect(try await waits { try await daemon.metric(pictures) ?? 0 > before })
        #expect(try await daemon.metric("snowline_camera_alerts_total{camera=\"gate\"}") ?? 0 >= 2)
        #expect(try await waits { try await daemon.status().sink("dispatch")?.confirmed ?? 0 >= 2 })
        let status = try await daemon.status()
        #expect(status.camera("gate")?.phase == "streaming" && status.camera("gate")?.sessions == 1)
        let told = try await Programs.snowline("status", "--site", daemon.site.file)
        #expect(told.status == 0 && told.errors.isEmpty)
        #expect(told.output.contains("1 of 1 cameras streaming") && told.output.contains("sink dispatch (webhook)"))
        let object = try await Programs.snowline("status", "--site", daemon.site.file, "--json")
        #expect(try DecisionCoder.decode(Daemon.Status.self, from: object.output).site == "530302")
    }

    /// The histograms hold what took place, in seconds that a loaded machine may take, and the camera's clock is known.
    private func expectTimes(of daemon: Daemon) async throws {
        for (name, label) in [
            ("snowline_alert_journal_latency_seconds", ""),
            ("snowline_alert_delivery_latency_seconds", "sink=\"dispatch\"")
        ] {
            let labels = label.isEmpty ? "" : "{\(label)}"
            let count = try #require(try await daemon.metric("\(name)_count\(labels)"), "\(name)")
            let sum = try #require(try await daemon.metric("\(name)_sum\(labels)"))
            #expect(count >= 1 && sum > -count && sum < 10 * count, "\(name): \(count), \(sum) s")
            let within = try await daemon.metric("\(name)_bucket{\(label.isEmpty ? "" : label + ",")le=\"60\"}")
            #expect(try #require(within) >= count, "\(name)")
        }
        // It is this machine's clock, told by RTCP.
        let isKnown = try await waits {
            let offset = try await daemon.metric("snowline_camera_clock_offset_seconds{camera=\"gate\"}")
            return offset.map { abs($0) < 3 } ?? false
        }
        #expect(isKnown)
    }

    private func expectCommandLine(_ closed: DeliveredEvent, of site: Site, _ receiver: Receiver) async throws {
        let list = try await Programs.snowline("alerts", "list", "--site", site.file, "--rule", "yard", "--json")
        #expect(list.status == 0, "\(list.errors)")
        let body = try #require(receiver.requests.first { $0.id == closed.id }?.body)
        #expect(list.lines.contains { body.contains("\"data\":\($0),") }, "\(list.output)\n\(body)")
        let show = try await Programs.snowline("alerts", "show", closed.decision.id, "--data", site.data)
        #expect(show.status == 0 && show.output.contains(closed.decision.summary.zh))
        #expect(show.output.contains("version \(closed.decision.version), closed"))
        #expect(show.output.contains("sha256 \(closed.data.reception.evidence.first?.sha256.prefix(12) ?? "none")"))
        let versions = try await Programs.snowline("alerts", "show", closed.decision.id, "--data", site.data, "--json")
        #expect(versions.lines.count == closed.decision.version)
        #expect(Array(Files.read(site.alertFile) ?? []).count > body.utf8.count, "the file sink wrote")
    }
}
