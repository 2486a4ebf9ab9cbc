package import Scene

/// A fence of `fences.json` with the events a person marked on it. Times are media seconds from the first picture.
package struct AnnotatedFence: Sendable, Decodable {
    package enum Kind: String, Sendable, Decodable {
        case zone
        case line
    }

    package struct Event: Sendable, Decodable {
        let start: Double
        let end: Double?
        let cross: Double?
        let firstTouch: Double?
        let lastTouch: Double?
        let direction: String?
        let isOptional: Bool?

        enum CodingKeys: String, CodingKey {
            case direction
            case start = "start_s"
            case end = "end_s"
            case cross = "cross_s"
            case firstTouch = "first_touch_s"
            case lastTouch = "last_touch_s"
            case isOptional = "optional"
        }
    }

    package let id: String
    package let kind: Kind
    package let points: [Point]
    package let direction: String?
    package let anchor: Anchor
    package let judgedFrom: Double
    package let judgedTo: Double
    package let tolerance: Double?
    package let events: [Event]

    enum CodingKeys: String, CodingKey {
        case id, kind, points, direction, anchor, events
        case judgedFrom = "judged_from_s"
        case judgedTo = "judged_to_s"
        case tolerance = "tolerance_s"
    }
}
