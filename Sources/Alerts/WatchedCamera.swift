package import Scene

/// What an `AlertBook` must know of its camera: everything of an alert that no rule event carries.
package struct WatchedCamera: Hashable, Sendable {
    package struct Rule: Hashable, Sendable {
        /// Changes whenever the rule would decide otherwise; part of the alert id.
        package var revision: String
        package var anchor: Anchor?
        /// 1 (highest) … 4.
        package var severity: Int
        package var tags: [String]

        package init(revision: String, anchor: Anchor? = nil, severity: Int = 3, tags: [String] = []) {
            self.revision = revision
            self.anchor = anchor
            self.severity = severity
            self.tags = tags
        }
    }

    package var id: CameraID
    package var place: CameraPlace
    package var rules: [RuleID: Rule]
    package var provenance: AlertDecision.Provenance

    package init(
        id: CameraID, place: CameraPlace, rules: [RuleID: Rule], provenance: AlertDecision.Provenance
    ) {
        self.id = id
        self.place = place
        self.rules = rules
        self.provenance = provenance
    }

    /// Built-in rules (signal lost) are not configured; they have this revision.
    static let builtIn = Rule(revision: "built-in-1", severity: 2)
}

/// The times that shape episodes.
package struct EpisodeSettings: Hashable, Sendable {
    /// An episode closes when this much media time has passed since its newest finding or the end of its condition;
    /// what comes earlier continues it.
    package var quiet: MediaSpan
    /// How long after the first frame a condition that held before a restart may be found again under its old id.
    package var restoreWindow: MediaSpan

    package init(quiet: MediaSpan = .seconds(10), restoreWindow: MediaSpan = .seconds(30)) {
        self.quiet = quiet
        self.restoreWindow = restoreWindow
    }
}
