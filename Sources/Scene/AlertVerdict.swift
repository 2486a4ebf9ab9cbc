/// What a person decided of an alert, which is a lead until then (核查结论).
///
/// It is about the alert, never about who was seen: there is no field for that.
package struct AlertVerdict: Hashable, Sendable, Codable {
    package enum Judgement: String, Sendable, Codable, CaseIterable {
        /// Something did what the rule watches for (真实).
        case confirmed = "true"
        /// Nothing did (误报).
        case refuted = "false"
        /// It was told by another alert already (重复).
        case duplicate
    }

    /// What a false alert came from.
    package enum Cause: String, Sendable, Codable, CaseIterable {
        case animal
        case insect
        case vegetation
        case rain
        case snow
        case fog
        case shadow
        case light
        case reflection
        case cameraShake = "camera_shake"
        case damagedPicture = "damaged_picture"
        /// The rule did what it was told and should be told something else.
        case configuration
        /// Somebody who may be there.
        case authorised
        case other
    }

    /// Characters of `who` and `why`.
    package static let textLimit = 200

    package var alert: String
    package var judgement: Judgement
    /// Only of a false alert.
    package var cause: Cause?
    package var why: String?
    /// The reviewer or the platform that speaks for one.
    package var who: String
    /// By the server's clock; nil until it is journaled.
    package var time: MediaTime?

    package init(
        alert: String, judgement: Judgement, cause: Cause? = nil, why: String? = nil, who: String,
        time: MediaTime? = nil
    ) {
        self.alert = alert
        self.judgement = judgement
        self.cause = cause
        self.why = why
        self.who = who
        self.time = time
    }

    /// What is wrong with it, as `<field>: <what>`; nil where nothing is.
    package var problem: String? {
        if who.isEmpty || who.count > Self.textLimit {
            return "who: give who decided, in 1…\(Self.textLimit) characters"
        }
        if (why?.count ?? 0) > Self.textLimit { return "why: at most \(Self.textLimit) characters" }
        if cause != nil, judgement != .refuted { return "cause: only a false alert has a cause" }
        return nil
    }

    enum CodingKeys: String, CodingKey {
        case alert, cause, why, who, time
        case judgement = "verdict"
    }
}
