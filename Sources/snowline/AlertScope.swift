import ArgumentParser
import Journal
import Scene

/// Which alerts a command is about.
struct AlertScope: ParsableArguments {
    @Option(help: "Only this camera.") var camera: String?
    @Option(help: "Only this rule.") var rule: String?
    @Option(help: "Only what went on at or after this time (UTC).") var since: String?
    @Option(help: "Only what started before this time (UTC).") var until: String?
    @Option(help: "Only of this severity, 1 (gravest) to 4; may be given more than once.") var severity: [Int] = []
    @Option(help: "Only what was judged so last: true, false, duplicate; or none, which nobody judged.")
    var verdict: VerdictChoice?

    func validate() throws {
        for number in severity where !(1...4).contains(number) {
            throw ValidationError("--severity \(number): give 1 (gravest) to 4")
        }
    }

    func filter() throws -> AlertFilter {
        var filter = try named()
        filter.severities = Set(severity)
        filter.judged = verdict?.judged
        return filter
    }

    private func named() throws -> AlertFilter {
        AlertFilter(
            camera: try camera.map { try name($0, "--camera", CameraID.init) },
            rule: try rule.map { try name($0, "--rule") { $0 == RuleID.signal.text ? .signal : RuleID($0) } },
            since: try since.map { try time($0, "--since") }, until: try until.map { try time($0, "--until") })
    }

    private func name<Name>(_ text: String, _ option: String, _ make: (String) -> Name?) throws -> Name {
        guard let name = make(text) else {
            throw ValidationError("\(option) \(text): names are 1…64 of A–Z a–z 0–9 . _ -")
        }
        return name
    }

    private func time(_ text: String, _ option: String) throws -> MediaTime {
        guard let time = MediaTime(text) else {
            throw ValidationError("\(option) \(text): give a UTC time like 2026-11-22T09:31:02Z")
        }
        return time
    }
}

/// What a person decided, or that nobody has.
enum VerdictChoice: String, CaseIterable, ExpressibleByArgument {
    case `true`
    case `false`
    case duplicate
    case none

    var judged: AlertFilter.Judged {
        switch self {
        case .true: .as(.confirmed)
        case .false: .as(.refuted)
        case .duplicate: .as(.duplicate)
        case .none: .not
        }
    }
}
