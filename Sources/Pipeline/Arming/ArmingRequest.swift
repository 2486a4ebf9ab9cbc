import Rules
package import Scene

/// What a changing call asks: the body of `POST /v1/arm`, `/v1/disarm` and `/v1/hold`, read strictly.
package struct ArmingRequest: Hashable, Sendable, Codable {
    package enum Call: String, Sendable, CaseIterable {
        case arm
        case disarm
        case hold
    }

    package static let textLimit = 256
    /// An order for a time is one of at most a year, a hold one of at most a day.
    package static let longestSeconds = 366.0 * 86_400
    package static let longestHoldSeconds = 86_400.0

    package var camera: String?
    package var rule: String?
    package var until: String?
    package var seconds: Double?
    /// Arm only: the schedule decides again.
    package var schedule: Bool?
    /// Hold only: where the camera looks (from now, or from the end of the hold).
    package var preset: String?
    package var who: String?
    package var why: String?

    package init(
        camera: String? = nil, rule: String? = nil, until: String? = nil, seconds: Double? = nil,
        schedule: Bool? = nil, preset: String? = nil, who: String? = nil, why: String? = nil
    ) {
        self.camera = camera
        self.rule = rule
        self.until = until
        self.seconds = seconds
        self.schedule = schedule
        self.preset = preset
        self.who = who
        self.why = why
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case camera, rule, until, seconds, schedule, preset, who, why
    }

    package init(from decoder: any Decoder) throws {
        try refuseKeys(of: decoder, except: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        camera = try container.decodeIfPresent(String.self, forKey: .camera)
        rule = try container.decodeIfPresent(String.self, forKey: .rule)
        until = try container.decodeIfPresent(String.self, forKey: .until)
        seconds = try container.decodeIfPresent(Double.self, forKey: .seconds)
        schedule = try container.decodeIfPresent(Bool.self, forKey: .schedule)
        preset = try container.decodeIfPresent(String.self, forKey: .preset)
        who = try container.decodeIfPresent(String.self, forKey: .who)
        why = try container.decodeIfPresent(String.self, forKey: .why)
    }
}

/// What became of a request.
package enum ArmingOutcome: Hashable, Sendable {
    /// In the journal and in force.
    case done([ArmingOrder])
    /// Nothing was changed; one sentence a problem.
    case refused(problems: [String])
    /// The journal could not be written; nothing was changed.
    case failed(String)
}

/// Checks a request against the configuration that runs: all problems at once.
struct ArmingRequestReader {
    let configuration: SiteConfiguration
    let now: MediaTime

    func read(_ request: ArmingRequest, _ call: ArmingRequest.Call) -> ArmingOutcome {
        var problems: [String] = []
        let camera = readCamera(request, call, &problems)
        let rule = readRule(request, call, camera, &problems)
        let until = readEnd(request, call, &problems)
        let preset = readPreset(request, call, &problems)
        let who = readWords("who", request.who, example: "dispatcher-7", &problems)
        let why = readWords("why", request.why, example: "gate repaired until noon", &problems)
        if request.schedule != nil, call != .arm { problems.append("schedule: belongs to arm; leave it out here") }
        guard problems.isEmpty, let who, let why else { return .refused(problems: problems) }
        let order = { (act: ArmingOrder.Act, until: MediaTime?, preset: String?) in
            ArmingOrder(
                act: act, camera: camera, rule: rule, since: now, until: until, preset: preset, who: who, why: why)
        }
        switch call {
        case .disarm: return .done([order(.disarm, until, nil)])
        case .arm: return .done([request.schedule == true ? order(.schedule, nil, nil) : order(.arm, until, nil)])
        case .hold: return .done([order(.hold, until, nil)] + (preset.map { [order(.preset, nil, $0)] } ?? []))
        }
    }

    private func readCamera(
        _ request: ArmingRequest, _ call: ArmingRequest.Call, _ problems: inout [String]
    ) -> CameraID? {
        guard let text = request.camera else {
            if call == .hold { problems.append("camera: is missing; give the camera whose view moves") }
            return nil
        }
        guard let id = CameraID(text), configuration.camera(id) != nil else {
            problems.append("camera: \(quoted(text)) is not configured; see GET /v1/status for the cameras")
            return nil
        }
        return id
    }

    private func readRule(
        _ request: ArmingRequest, _ call: ArmingRequest.Call, _ camera: CameraID?, _ problems: inout [String]
    ) -> RuleID? {
        guard let text = request.rule else { return nil }
        guard call != .hold else {
            problems.append("rule: a hold is of the whole camera; leave it out")
            return nil
        }
        // Of a whole site: any camera that has a rule of this id.
        let cameras = camera.map { id in configuration.cameras.filter { $0.id == id } } ?? configuration.cameras
        let id = text == RuleID.signal.text ? RuleID.signal : RuleID(text)
        guard let id, id == .signal || cameras.contains(where: { $0.rules.contains { $0.id == id } }) else {
            let owner = camera.map { "camera \($0) has" } ?? "the site has"
            problems.append("rule: \(owner) no rule \(quoted(text)); see GET /v1/status for the rules")
            return nil
        }
        return id
    }

    private func readEnd(
        _ request: ArmingRequest, _ call: ArmingRequest.Call, _ problems: inout [String]
    ) -> MediaTime? {
        if request.schedule == true, request.until != nil || request.seconds != nil {
            problems.append("schedule: is given back for good; leave until and seconds out")
        }
        if request.until != nil, request.seconds != nil { problems.append("until: give until or seconds, not both") }
        if let seconds = request.seconds {
            let range = call == .hold ? 0...ArmingRequest.longestHoldSeconds : 1...ArmingRequest.longestSeconds
            guard range.contains(seconds) else {
                problems.append("seconds: \(seconds) is outside \(Int(range.lowerBound))…\(Int(range.upperBound))")
                return nil
            }
            return now + .seconds(seconds)
        }
        guard let text = request.until else {
            if call == .hold { problems.append("seconds: is missing; give how long the view moves, 0…86400") }
            return nil
        }
        guard call != .hold else {
            problems.append("until: belongs to arm and disarm; give seconds")
            return nil
        }
        guard let time = MediaTime(text) else {
            problems.append("until: \(quoted(text)) is not a UTC time like 2026-11-22T09:31:02Z")
            return nil
        }
        guard time > now, time <= now + .seconds(ArmingRequest.longestSeconds) else {
            problems.append("until: \(quoted(text)) is not within the next 366 days; give a later time, or none")
            return nil
        }
        return time
    }

    private func readPreset(
        _ request: ArmingRequest, _ call: ArmingRequest.Call, _ problems: inout [String]
    ) -> String? {
        guard let text = request.preset else { return nil }
        guard call == .hold else {
            problems.append("preset: belongs to hold; leave it out here")
            return nil
        }
        guard CameraID(text) != nil else {
            problems.append("preset: \(quoted(text)) is not a preset; use 1…64 of A–Z a–z 0–9 . _ -")
            return nil
        }
        return text
    }
}
