import ArgumentParser
import Console
import Journal
import Pipeline
import Scene

struct TriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger", abstract: "Raise an alarm by hand: a fence of kind manual of the running daemon.")

    @Option(help: "The camera.") var camera: String
    @Option(help: "The rule, of kind manual.") var rule: String
    @Option(help: "The daemon's configuration: its address and its control token.") var site: String
    @Option(help: "Why; part of the alert.") var why: String
    @Option(help: "Who; part of the alert.") var who: String
    @Flag(help: "Print the daemon's own JSON object.") var json = false

    func run() async throws {
        guard let camera = CameraID(camera), let rule = RuleID(rule) else {
            throw ValidationError("--camera, --rule: names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        let configuration = try readSite(site, .standard())
        let token = try ControlToken.read(in: configuration.dataFolder)
        let answer = try await ConsoleClient(address: configuration.listen).post(
            "/v1/cameras/\(camera)/rules/\(rule)/trigger", token: token,
            body: try DecisionCoder.text(TriggerRequest(who: who, why: why)))
        guard answer.status == 200 else { throw answer.trouble }
        if json { return print(answer.text, terminator: "") }
        let receipt = try DecisionCoder.decode(TriggerReceipt.self, from: answer.text)
        let picture = receipt.hasPicture ? "" : ", without a picture"
        print("alert \(receipt.alert), version \(receipt.version), at \(receipt.time)\(picture)")
    }
}

struct SuppressedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressed",
        abstract: "What a camera's fences would have raised but for a filter, and which one killed it.",
        discussion: "Asks the running daemon for the newest 64. Of footage: snowline replay --suppressed FILE.")

    @Option(help: "The camera.") var camera: String
    @Option(help: "The daemon's configuration, whose `listen` is asked; else 127.0.0.1:8600.") var site: String?
    @Flag(help: "Print the daemon's own JSON object.") var json = false

    func run() async throws {
        guard let camera = CameraID(camera) else {
            throw ValidationError("--camera \(camera): names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        let answer = try await ConsoleClient(address: try daemonAddress(site)).get("/v1/cameras/\(camera)/suppressed")
        guard answer.status == 200 else { throw answer.trouble }
        if json { return print(answer.text, terminator: "") }
        for entry in try DecisionCoder.decode(SuppressedReport.self, from: answer.text).suppressed {
            print("\(entry.candidate.time)  \(entry.reason.en)")
        }
    }
}
