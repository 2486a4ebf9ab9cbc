/// Kinds of rules, the names of the configuration and of alerts. One case here, one file in `Rules/Kinds/`.
package enum RuleKind: String, Sendable, Codable, CaseIterable {
    /// A tripwire (绊线).
    case line
    /// A region that is entered, left or occupied (区域入侵).
    case zone
    /// An object stays in a region (徘徊, the object, never the person).
    case dwell
    /// An object begins or ends to be seen inside a region.
    case appear
    /// An object moves against the direction of a region (逆行).
    case wrongWay = "wrong_way"
    /// An object is faster or slower than it may be (超速, 慢行).
    case speed
    /// One object passes lines or regions in an order within a time.
    case sequence
    /// A moving object comes to rest in a region (停车).
    case stopped
    /// Something stays behind without who brought it (物品遗留).
    case leftObject = "left_object"
    /// Something that belonged to the scene is gone (物品搬移).
    case removedObject = "removed_object"
    /// How many objects a region holds (人数).
    case occupancy
    /// How much of a region is covered by objects (密度).
    case density
    /// Something stirs in a region, followed or not (移动侦测).
    case motion
    /// What is wrong with a camera's picture as a whole. Signal lost is built in; needs no fence.
    case sceneHealth = "scene_health"
    /// Raised by a person's request (手动报警).
    case manual

    /// Whether a point of an object's box decides.
    package var hasAnchor: Bool {
        switch self {
        case .motion, .sceneHealth, .manual: false
        case .line, .zone, .dwell, .appear, .wrongWay, .speed, .sequence, .stopped, .leftObject, .removedObject,
            .occupancy, .density:
            true
        }
    }
}

/// What a rule saw happen.
package enum Occurrence: String, Sendable, Codable, CaseIterable {
    case crossed
    case entered = "enter"
    case left = "leave"
    case occupied
    case dwelling
    case appeared = "appear"
    case disappeared = "disappear"
    case wrongWay = "wrong_way"
    case tooFast = "too_fast"
    case tooSlow = "too_slow"
    case passedInOrder = "in_order"
    case stopped
    case objectLeft = "object_left"
    case objectRemoved = "object_removed"
    case crowded
    case tooFew = "too_few"
    case dense
    case motion
    case covered
    case tooDark = "too_dark"
    case tooBright = "too_bright"
    case blurred
    case moved
    case frozen
    case lightingJump = "lighting_jump"
    case infraredSwitch = "infrared_switch"
    case signalLost = "signal_lost"
    case manual
}

extension SceneCondition {
    package var occurrence: Occurrence {
        switch self {
        case .covered: .covered
        case .tooDark: .tooDark
        case .tooBright: .tooBright
        case .blurred: .blurred
        case .moved: .moved
        case .frozen: .frozen
        case .lightingJump: .lightingJump
        case .infraredSwitch: .infraredSwitch
        case .signalLost: .signalLost
        }
    }
}
