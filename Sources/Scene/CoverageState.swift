/// What a moment of a rule's time was: watched, not asked for, or blind and why. Every moment of an account is exactly
/// one of these, so that the sums of a day are the day.
package enum CoverageState: String, Sendable, Codable, CaseIterable {
    /// Armed, and the picture was analysed (看守中).
    case watched
    /// Not armed by its schedule.
    case offSchedule = "off_schedule"
    /// Disarmed by hand (撤防).
    case disarmed
    /// Held while the view moves, or the camera looks at another preset than the rule's.
    case held
    /// Pictures came and were left out because the machine had too much to do.
    case shed
    /// The background is being learnt; nothing may be raised.
    case learning
    /// No picture came (信号丢失).
    case lost
    case covered
    case moved
    case blurred
    case tooDark = "too_dark"
    case tooBright = "too_bright"
    case frozen
    /// The daemon did not run.
    case notRunning = "not_running"

    /// Whether the fence was asked to watch at all.
    package var isArmed: Bool { self != .offSchedule && self != .disarmed }
    /// Armed, and yet nothing could have been raised with trust.
    package var isBlind: Bool { isArmed && self != .watched }

    /// What the whole picture's health means for the coverage; nil where it hides nothing. A change of light does not:
    /// objects are followed through it, and where they cannot be, the observation is not settled.
    package init?(_ health: SceneHealth) {
        for (condition, state) in Self.byCondition where health.holds(condition) {
            self = state
            return
        }
        return nil
    }

    /// The gravest first.
    private static let byCondition: [(SceneCondition, CoverageState)] = [
        (.signalLost, .lost), (.frozen, .frozen), (.covered, .covered), (.moved, .moved), (.tooDark, .tooDark),
        (.tooBright, .tooBright), (.blurred, .blurred)
    ]
}

/// How long a rule was in one state within one hour of the site's clock.
package struct CoverageHour: Hashable, Sendable {
    package var camera: CameraID
    package var rule: RuleID
    /// Beginning of the hour.
    package var hour: MediaTime
    package var state: CoverageState
    package var span: MediaSpan

    package init(camera: CameraID, rule: RuleID, hour: MediaTime, state: CoverageState, span: MediaSpan) {
        self.camera = camera
        self.rule = rule
        self.hour = hour
        self.state = state
        self.span = span
    }
}

/// One stretch in which an armed rule was blind.
package struct CoverageGap: Hashable, Sendable {
    package var camera: CameraID
    package var rule: RuleID
    package var state: CoverageState
    package var start: MediaTime
    package var end: MediaTime

    package init(camera: CameraID, rule: RuleID, state: CoverageState, start: MediaTime, end: MediaTime) {
        self.camera = camera
        self.rule = rule
        self.state = state
        self.start = start
        self.end = end
    }
}

/// What one camera's account has gained since it was written last.
package struct CoverageBatch: Hashable, Sendable {
    package var camera: CameraID
    /// To be added to what is there.
    package var hours: [CoverageHour] = []
    /// To take the place of what is there under the same beginning.
    package var gaps: [CoverageGap] = []
    /// Up to which moment each rule's time is accounted for, with this batch.
    package var accountedUntil: [RuleID: MediaTime] = [:]

    package init(camera: CameraID) { self.camera = camera }
}
