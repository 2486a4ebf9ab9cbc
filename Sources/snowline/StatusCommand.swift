import ArgumentParser
import Console
import Foundation
import Ingest
import Journal
import Pipeline
import Scene

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Ask the running daemon how it is.",
        discussion: "Ends with 2 if no daemon answers.")

    @Option(help: "The daemon's configuration, whose `listen` is asked; else 127.0.0.1:8600.") var site: String?
    @Flag(help: "Print the daemon's own JSON object.") var json = false

    func run() async throws {
        let answer = try await ConsoleClient(address: try daemonAddress(site)).get("/v1/status")
        guard answer.status == 200 else { throw ValidationError("the daemon answered \(answer.status)") }
        if json {
            print(answer.text, terminator: "")
        } else {
            print(try DecisionCoder.decode(SiteStatus.self, from: answer.text).lines.joined(separator: "\n"))
        }
    }
}

/// Where the daemon of a configuration listens; by default where none is given.
func daemonAddress(_ site: String?) throws -> SiteConfiguration.ListenAddress {
    guard let site else { return SiteConfiguration.ListenAddress(host: "127.0.0.1", port: 8600) }
    return try readSite(site, .standard()).listen
}

extension SiteStatus {
    /// The status as a person reads it.
    fileprivate var lines: [String] {
        let head =
            "site \(site) \(siteName): \(streamingCount) of \(cameras.count) cameras streaming, "
            + "up \(Int(uptime.seconds)) s, \(journaledAlerts) alert versions journaled, snowlined \(version)"
        let cameraLines = cameras.flatMap { camera in
            let stream = camera.codec.map { " \($0) \(camera.size ?? "")" } ?? ""
            let failure = camera.phase == "streaming" ? "" : camera.failure.map { ": \($0)" } ?? ""
            let wrong = camera.conditions.map { "\($0.condition.rawValue) since \($0.since)" }
            let picture = wrong.isEmpty ? "" : ", picture " + wrong.joined(separator: ", ")
            let state = "\(camera.decoding.words)\(camera.load.words)\(camera.clock.words)\(picture)\(failure)"
            let line =
                "camera \(camera.id) (\(camera.name), class \(camera.cameraClass.rawValue)): \(camera.phase)\(stream), "
                + "\(camera.pictures) pictures, \(camera.analyzed) analysed, \(camera.corrupt) damaged, "
                + "\(camera.reconnects) reconnects, \(camera.alerts) alerts\(state)"
            return [line] + camera.rules.map(\.line)
        }
        let sinkLines = sinks.map { sink in
            let error = sink.lastError.map { ", last error: \($0)" } ?? ""
            let unconfirmed = sink.unconfirmedSeconds.map {
                ", \(sink.unconfirmed) of them unconfirmed (oldest \(Int($0)) s)"
            }
            return "sink \(sink.id) (\(sink.kind ?? "?")): \(sink.state), \(sink.confirmed) confirmed, "
                + "\(sink.pending) pending\(unconfirmed ?? ""), \(sink.failedAttempts) failed attempts\(error)"
        }
        return [head, load.line] + journal.lines + orders.map { "order: \($0.sentence)" } + cameraLines + sinkLines
    }
}

extension SiteStatus.Load {
    fileprivate var line: String {
        let shedding = lightened == 0 ? "" : ", less is done for \(lightened) cameras"
        let state = isOverloaded ? ", overloaded" : ""
        let off = shed == "off" ? ", shedding is off" : ""
        return "load: \(String(format: "%.2f", usedCores)) cores in use\(state)\(shedding)\(off); \(sentence)"
    }
}

extension SiteStatus.CameraLoad {
    /// Of a camera for which less is done than is configured, or that is behind.
    fileprivate var words: String {
        let lightened = step == "full" ? "" : ", load shed to \(step)"
        return lightened + (behindSeconds < 1 ? "" : ", \(String(format: "%.1f", behindSeconds)) s behind")
    }
}

extension SiteStatus.Clock {
    /// Where the camera's clock is off by what people would notice.
    fileprivate var words: String {
        let offset = offsetSeconds.map { abs($0) < 1 ? "" : ", its clock \(String(format: "%+.1f", $0)) s" } ?? ""
        let drift = driftPPM.map { abs($0) < 500 ? "" : ", its stamps drift by \(Int($0.rounded())) ppm" } ?? ""
        return offset + drift
    }
}

extension SiteStatus.Journal {
    /// Only where something is or was wrong.
    fileprivate var lines: [String] {
        let alarm =
            state == "working"
            ? [] : ["journal \(state) since \(since): \(waiting) alert versions wait in memory; \(detail ?? "")"]
        return alarm
            + setAside.map { aside in
                "journal damaged at \(aside.time): set aside as \(aside.name), \(aside.savedVersions) alert versions "
                    + "and \(aside.savedDeliveries) deliveries saved; \(aside.finding)"
            }
    }
}

extension SiteStatus.Decoding {
    /// Of a dense camera only.
    fileprivate var words: String {
        guard mode == .dense else { return "" }
        if let fallback { return ", decoded in full: \(fallback.headline)" }
        return ", dense (\(state), \(wakes) wakes, \(falseWakes) in vain)"
    }
}

extension SiteStatus.Rule {
    fileprivate var line: String {
        let end = until.map { " until \($0)" } ?? ""
        let sight = coverage.map { ", \($0.rawValue)" } ?? ""
        let reason = order.map { ", by \($0.who): \($0.why)" } ?? ""
        return "  rule \(id): \(standing.rawValue)\(end)\(sight)\(reason)"
    }
}
