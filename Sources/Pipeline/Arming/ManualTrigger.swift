package import Scene

/// The body of `POST /v1/cameras/{camera}/rules/{rule}/trigger`, read strictly.
package struct TriggerRequest: Hashable, Sendable, Codable {
    package var who: String?
    package var why: String?

    package init(who: String? = nil, why: String? = nil) {
        self.who = who
        self.why = why
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case who, why
    }

    package init(from decoder: any Decoder) throws {
        try refuseKeys(of: decoder, except: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        who = try container.decodeIfPresent(String.self, forKey: .who)
        why = try container.decodeIfPresent(String.self, forKey: .why)
    }
}

/// What a person asks one camera for: the alarm of a rule of kind `manual`.
package struct ManualTrigger: Hashable, Sendable {
    package let rule: RuleID
    package let request: ManualRequest

    package init(rule: RuleID, request: ManualRequest) {
        self.rule = rule
        self.request = request
    }
}

/// The version of an alert that a request has raised.
package struct TriggerReceipt: Hashable, Sendable, Codable {
    package let alert: String
    package let version: Int
    /// Media time of the picture; the server's clock where there is none.
    package let time: MediaTime
    /// Whether a picture belongs to it.
    package let hasPicture: Bool

    package init(alert: String, version: Int, time: MediaTime, hasPicture: Bool) {
        self.alert = alert
        self.version = version
        self.time = time
        self.hasPicture = hasPicture
    }

    enum CodingKeys: String, CodingKey {
        case alert, version, time
        case hasPicture = "picture"
    }
}

/// What became of a request for an alarm. One sentence a problem.
package enum TriggerOutcome: Hashable, Sendable {
    /// In the journal.
    case raised(TriggerReceipt)
    /// No such camera or rule.
    case unknown(String)
    /// The rule does not raise anything now, or never by hand.
    case refused(String)
    /// The request itself is wrong.
    case malformed([String])
    /// Not in the journal, or not known to be.
    case failed(String)
}
