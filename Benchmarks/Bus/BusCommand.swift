package import ArgumentParser
import Foundation

/// What the way from a rule event to the dispatch platform carries, on this machine and disk; verified before it is said.
package struct BusCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "bus",
        abstract: "Alerts a second into the journal, a storm of all cameras, milliseconds to the webhook's answer.",
        discussion: """
            The daemon's own path without pictures: rule event, alert, journal with its outbox row on disk, webhook. Each \
            part opens its journal anew and holds ids, rows and numbers against what was promised. The p99 of fdatasync on \
            the same disk in the same run stands beside the latency: no alert can be faster than the disk. Ends with 1 where \
            a limit is missed or something does not add up.
            """)

    @Flag(help: "Print JSON instead of lines.")
    var json = false

    @Option(help: "Folder on the disk that is to be measured; what is put there is taken away again.")
    var folder = ".build/bench/bus"

    @Option(help: "Cameras that journal at once.")
    var cameras = 320

    @Option(help: "Alerts of each of them.")
    var alerts = 64

    @Option(help: "Cameras of the storm, all within one second.")
    var storm = 5000

    @Option(help: "Alerts a second while the latency is measured.")
    var rate = 50.0

    @Option(help: "Seconds of it.")
    var seconds = 30.0

    @Option(help: "End with 1 below so many alerts a second.")
    var leastRate = 3000.0

    @Option(help: "End with 1 where the storm adds more MiB to the process.")
    var mostMemory = 256.0

    @Option(help: "End with 1 where the p99 of the latency is more, in milliseconds.")
    var mostLatency = 100.0

    package init() {}

    package func validate() throws {
        guard (1...5000).contains(cameras), (1...1000).contains(alerts), (1...10_000).contains(storm) else {
            throw ValidationError("allowed: --cameras 1…5000, --alerts 1…1000, --storm 1…10000")
        }
        guard (1...1000).contains(rate), (1...3600).contains(seconds) else {
            throw ValidationError("allowed: --rate 1…1000, --seconds 1…3600")
        }
    }

    package func run() async throws {
        let own = folder + "/run-\(getpid())"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: own) }
        let bed = BusBed(folder: own)
        let report: BusReport
        do {
            let (cameras, alerts) = (cameras, alerts)
            report = BusReport(
                latency: try await BusLatency(bed, rate: rate, seconds: seconds),
                throughput: try await blocking { try BusThroughput(bed, cameras: cameras, rules: alerts) },
                storm: try await BusStorm(bed, cameras: storm))
        } catch let problem as BusProblem {
            print("error: \(problem)")
            throw ExitCode(1)
        }
        print(json ? try report.json() : report.text)
        let problems = report.problems(
            leastRate: leastRate, mostMemory: mostMemory, mostLatency: mostLatency)
        for problem in problems { FileHandle.standardError.write(Data("error: \(problem)\n".utf8)) }
        if !problems.isEmpty { throw ExitCode(1) }
    }
}

struct BusReport: Codable {
    let latency: BusLatency
    let throughput: BusThroughput
    let storm: BusStorm

    var text: String {
        """
        journal   \(whole(throughput.alertsPerSecond)) alerts/s: \(throughput.alerts) of \(throughput.cameras) cameras in \
        \(short(throughput.seconds)) s, \(short(throughput.alertsPerCommit)) a commit, \(whole(throughput.cpuMicrosecondsPerAlert)) µs of CPU each; all in the \
        journal, numbers without a gap
        storm     \(storm.cameras) cameras in 1 s: journaled after \(short(storm.journaledSeconds)) s, the webhook has all after \
        \(short(storm.deliveredSeconds)) s, each once; resident \(whole(storm.residentBefore)) MiB before, \
        \(whole(storm.residentPeak)) MiB at most
        latency   rule event to webhook answer at \(whole(latency.alertsPerSecond)) alerts/s, \(latency.alerts) alerts: \
        p50 \(short(latency.p50)) ms, p95 \(short(latency.p95)) ms, p99 \(short(latency.p99)) ms, most \(short(latency.most)) ms
        disk      fdatasync of 4 KiB meanwhile, \(latency.diskSyncs) times: p50 \(short(latency.diskP50)) ms, \
        p99 \(short(latency.diskP99)) ms
        """
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func problems(leastRate: Double, mostMemory: Double, mostLatency: Double) -> [String] {
        var problems: [String] = []
        if throughput.alertsPerSecond < leastRate {
            problems.append("\(whole(throughput.alertsPerSecond)) alerts/s, at least \(whole(leastRate)) are wanted")
        }
        let grown = storm.residentPeak - storm.residentBefore
        if grown > mostMemory {
            problems.append("the storm added \(whole(grown)) MiB, at most \(whole(mostMemory)) are wanted")
        }
        if latency.p99 > mostLatency {
            problems.append("p99 of \(short(latency.p99)) ms, at most \(whole(mostLatency)) are wanted")
        }
        return problems
    }

    private func whole(_ value: Double) -> String { String(format: "%.0f", value) }
    private func short(_ value: Double) -> String { String(format: "%.1f", value) }
}
