/// Why a rule raised what it raised: the tests that had to hold, with their numbers, and where the object was.
package struct Explanation: Hashable, Sendable, Codable {
    /// What a test weighs. Units: shares of the picture (`beyondLine`, `against`, `area`), seconds, metres, metres a
    /// second, counts, or shares of a zone (`covered`, `stirring`).
    package enum Quantity: String, Sendable, Codable, CaseIterable {
        /// Distance of the anchor behind the line.
        case beyondLine = "beyond_line"
        /// How long the anchor has been on this side of a zone's edge.
        case settled = "settled_s"
        case stayed = "stayed_s"
        case rested = "rested_s"
        /// How long nobody was near.
        case unattended = "unattended_s"
        /// How long a condition has held.
        case held = "held_s"
        /// Time between the stages of a sequence.
        case between = "between_s"
        /// Way gone against the direction of a zone.
        case against
        /// Cosine of the angle between the way gone and the opposite of the direction.
        case heading = "heading_cos"
        case speed = "speed_mps"
        /// Straight way from where the track began, as a share of the picture's diagonal.
        case travelled
        case count
        case covered
        case stirring
        /// How long the object has been followed.
        case age = "age_s"
        /// Share of the picture that the object's box covers.
        case area
        case height = "height_m"
    }

    package enum Sense: String, Sendable, Codable {
        case atLeast = "at_least"
        case atMost = "at_most"
    }

    /// One comparison that held.
    package struct Test: Hashable, Sendable, Codable {
        package let quantity: Quantity
        package let value: Double
        package let sense: Sense
        package let limit: Double
        /// By how much it held; 0 is a close call.
        package let margin: Double

        package init(_ quantity: Quantity, _ value: Double, _ sense: Sense, _ limit: Double) {
            self.quantity = quantity
            self.value = value
            self.sense = sense
            self.limit = limit
            margin = sense == .atLeast ? value - limit : limit - value
        }
    }

    /// Where the anchor was and when.
    package struct Place: Hashable, Sendable, Codable {
        package let time: MediaTime
        package let point: Point

        package init(time: MediaTime, point: Point) {
            self.time = time
            self.point = point
        }
    }

    /// What the kind of the rule asked for, the most telling test first.
    package var tests: [Test]
    /// Conditions of the rule that the object passed; those that are not configured are not listed.
    package var filters: [Test]
    /// The anchor before, at and after what happened, as far as the kind knows them.
    package var path: [Place]
    /// Of what a person asked for by hand; nil for all else.
    package var request: ManualRequest?

    package init(_ tests: [Test], filters: [Test] = [], path: [Place] = [], request: ManualRequest? = nil) {
        self.tests = tests
        self.filters = filters
        self.path = path
        self.request = request
    }
}

/// What can keep a rule from raising what it would have raised.
package enum RuleFilter: String, Sendable, Codable, CaseIterable {
    /// The anchor stood inside an ignore mask.
    case ignoreMask = "ignore_mask"
    case sizeLeast = "size_min"
    case sizeMost = "size_max"
    case heightLeast = "height_min"
    case heightMost = "height_max"
    case persistence
    case coolDown = "cool_down"
    case rearm
}

/// Something that a rule would have raised but for one filter.
package struct SuppressedCandidate: Hashable, Sendable, Codable {
    package let rule: RuleID
    package let kind: RuleKind
    package let occurrence: Occurrence
    package let time: MediaTime
    package let decidedAt: MediaTime
    package let direction: CrossingDirection?
    package let track: TrackID?
    package let box: Box?
    package let point: Point?
    package let filter: RuleFilter
    /// What the filter measured and what it allows: shares of the picture, seconds or metres; for a mask 1 and 0.
    package let value: Double
    package let limit: Double

    package init(_ event: RuleEvent, filter: RuleFilter, value: Double, limit: Double) {
        rule = event.rule
        kind = event.kind
        occurrence = event.occurrence
        time = event.time
        decidedAt = event.decidedAt
        direction = event.direction
        track = event.track
        box = event.box
        point = event.point
        self.filter = filter
        self.value = value
        self.limit = limit
    }

    enum CodingKeys: String, CodingKey {
        case rule, kind, occurrence, time, direction, track, box, point, filter, value, limit
        case decidedAt = "decided_at"
    }
}
