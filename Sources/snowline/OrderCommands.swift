import ArgumentParser
import Console
import Foundation
import Journal
import Pipeline
import Scene

/// Who orders what, and why: the same for every changing command.
struct OrderOptions: ParsableArguments {
    @Option(help: "The daemon's configuration: its address and its control token.") var site: String
    @Option(help: "Why; kept in the journal.") var why: String
    @Option(help: "Who; kept in the journal.") var who: String

    /// Asks the daemon; says what it answered, and ends with 2 where it refused.
    func send(_ call: ArmingRequest.Call, _ request: ArmingRequest) async throws {
        var request = request
        request.who = who
        request.why = why
        let configuration = try readSite(site, .standard())
        let token = try ControlToken.read(in: configuration.dataFolder)
        let answer = try await ConsoleClient(address: configuration.listen)
            .post("/v1/\(call.rawValue)", token: token, body: try DecisionCoder.text(request))
        guard answer.status == 200 else { throw answer.trouble }
        for order in try DecisionCoder.decode(Orders.self, from: answer.text).orders { print(order.sentence) }
    }

    private struct Orders: Decodable {
        let orders: [ArmingOrder]
    }
}

/// Which rules an order is about, and for how long.
struct OrderScope: ParsableArguments {
    @Option(help: "Only this camera; else the whole site.") var camera: String?
    @Option(help: "Only this rule; else all of the camera or site.") var rule: String?
    @Option(help: "Holds until this time (UTC); else until the next order.") var until: String?
    @Option(name: .customLong("for"), help: "Holds so long: 90s, 30m, 2h, 1d.") var length: String?

    func validate() throws {
        guard until == nil || length == nil else { throw ValidationError("give --until or --for, not both") }
        if let length, seconds(length) == nil { throw ValidationError("--for \(length): give 90s, 30m, 2h or 1d") }
    }

    var request: ArmingRequest {
        ArmingRequest(camera: camera, rule: rule, until: until, seconds: length.flatMap(seconds))
    }
}

struct ArmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arm", abstract: "Arm fences of the running daemon, whatever their schedule says.")

    @OptionGroup var scope: OrderScope
    @Flag(help: "Give them back to their schedule.") var bySchedule = false
    @OptionGroup var options: OrderOptions

    func run() async throws {
        var request = scope.request
        if bySchedule { request.schedule = true }
        try await options.send(.arm, request)
    }
}

struct DisarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disarm", abstract: "Disarm fences of the running daemon: they raise nothing.")

    @OptionGroup var scope: OrderScope
    @OptionGroup var options: OrderOptions

    func run() async throws { try await options.send(.disarm, scope.request) }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Hold a camera whose view moves, and tell which preset it goes to.")

    @Option(help: "The camera.") var camera: String
    @Option(name: .customLong("for"), help: "How long the view moves: 8s; 0s only tells the preset.") var length: String
    @Option(help: "The preset it looks at afterwards.") var preset: String?
    @OptionGroup var options: OrderOptions

    func validate() throws {
        guard seconds(length) != nil else { throw ValidationError("--for \(length): give 8s or 1m") }
    }

    func run() async throws {
        try await options.send(.hold, ArmingRequest(camera: camera, seconds: seconds(length), preset: preset))
    }
}

extension ConsoleClient.Answer {
    private struct Refusal: Decodable {
        let problems: [String]
    }

    /// What the daemon says is wrong.
    var trouble: UsageTrouble {
        let problems = try? DecisionCoder.decode(Refusal.self, from: text).problems
        return UsageTrouble(
            description: problems?.joined(separator: "\nsnowline: ") ?? "the daemon answered \(status)")
    }
}

/// `90s`, `30m`, `2h`, `1d`.
func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()) else { return nil }
    return Double(count) * unit
}

extension ArmingOrder {
    /// The order as a person reads it.
    var sentence: String {
        let place = camera.map { "camera \($0)" } ?? "the site"
        let object = rule.map { "rule \($0) of \(place)" } ?? place
        let end = until.map { " until \($0)" } ?? ""
        let act =
            switch act {
            case .arm: "\(object) armed\(end)"
            case .disarm: "\(object) disarmed\(end)"
            case .schedule: "\(object) given back to the schedule"
            case .hold: "\(object) held\(end)"
            case .preset: "\(object) looks at preset \(preset ?? "?")"
            }
        return "\(act), since \(since), by \(who): \(why)"
    }
}
