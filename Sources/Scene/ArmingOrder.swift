/// Something that a person (or a platform on a person's behalf) told the running daemon about its watch.
package struct ArmingOrder: Hashable, Sendable, Codable {
    package enum Act: String, Sendable, Codable, CaseIterable {
        /// Armed, whatever the schedule says (布防).
        case arm
        /// Disarmed, whatever the schedule says (撤防).
        case disarm
        /// Given back to the schedule.
        case schedule
        /// The camera's view moves: nothing is raised until `until`.
        case hold
        /// The camera looks at the preset of this name now.
        case preset
    }

    package var act: Act
    /// Nil for the whole site.
    package var camera: CameraID?
    /// Nil for all rules of the camera or site.
    package var rule: RuleID?
    /// Holds from here on, by the server's clock; pictures are judged by their own time.
    package var since: MediaTime
    /// The first moment at which it no longer holds; nil until the next order.
    package var until: MediaTime?
    package var preset: String?
    package var who: String
    package var why: String

    package init(
        act: Act, camera: CameraID? = nil, rule: RuleID? = nil, since: MediaTime, until: MediaTime? = nil,
        preset: String? = nil, who: String, why: String
    ) {
        self.act = act
        self.camera = camera
        self.rule = rule
        self.since = since
        self.until = until
        self.preset = preset
        self.who = who
        self.why = why
    }

    /// Orders of one scope take each other's place: arm, disarm and schedule of the same camera and rule; holds of a
    /// camera; presets of a camera.
    package var scope: String {
        let family =
            switch act {
            case .arm, .disarm, .schedule: "arming"
            case .hold: "hold"
            case .preset: "preset"
            }
        return "\(family)/\(camera?.text ?? "")/\(rule?.text ?? "")"
    }

    package func isInForce(at time: MediaTime) -> Bool {
        since <= time && until.map { time < $0 } ?? true
    }

    /// The camera's own loss of signal is raised also while the camera or the site is disarmed: only an order that
    /// names this rule reaches it.
    package func covers(_ other: RuleID) -> Bool {
        if let rule { return rule == other }
        return other != .signal
    }
}
